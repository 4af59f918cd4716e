"""An exchange with a language model that is about no passages, and takes a short time or none."""

import logging
from collections.abc import Sequence
from contextlib import closing
from threading import Timer

from index.errors import StoppedError, WriterError
from index.prose.offer import Message
from index.stop import Stop
from index.types import Fallback, Writing
from index.writer import Spoken, Writer
from index.writing import LONGEST, Reply

logger = logging.getLogger(__name__)


def exchange(messages: Sequence[Message], *, writer: Writer, seconds: float, stop: Stop | None = None) -> Spoken:
    """What the model says to the messages. A model that is not done after so many seconds is left.

    Never raises for what the model or its server does: the Writing tells why there is no text. Raises StoppedError,
    which tells what it had cost, where it is stopped.
    """
    reply, ends = Reply(messages), Stop()
    late = Timer(seconds, ends.give, [WriterError(Fallback.SLOW)])
    late.daemon = True
    late.start()
    try:
        with (stop or Stop()).told(ends.give), closing(writer.stream(messages, ends)) as pieces:
            for piece in pieces:
                reply.add(piece)
                if len(reply.text) > LONGEST:
                    break
    except WriterError as error:
        logger.warning("the language model was asked in vain: %s", error.reason)
        return Spoken("", Writing(writer.name, error.reason, *reply.tokens(error.reason)))
    except StoppedError as error:
        raise StoppedError(Writing(writer.name, None, *reply.tokens(), stopped=True)) from error
    finally:
        late.cancel()
    reason = None if reply.text.strip() else Fallback.NONSENSE
    return Spoken(reply.text, Writing(writer.name, reason, *reply.tokens()))
