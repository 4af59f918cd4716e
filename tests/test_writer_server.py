"""A language model's server is left while it is being asked."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from config import Settings
from index.errors import WriterError
from index.prose.offer import Message
from index.types import Fallback
from index.wiring import build_writer
from index.writer import Writer
from tests import llm
from tests.llm import LlmServer

ASKED = (Message("user", "When was the lamp lit?"),)
AT_ONCE = 16
ROUNDS = 10


def reason_for_silence(writer: Writer, at_once: Barrier, messages: Sequence[Message] = ASKED) -> Fallback:
    at_once.wait()
    with pytest.raises(WriterError) as failed, closing(writer.stream(messages)) as pieces:
        list(pieces)
    return failed.value.reason


def closed(writer: Writer, at_once: Barrier) -> None:
    at_once.wait()
    writer.close()


@pytest.mark.timeout(60)
def test_whoever_asks_while_it_is_being_closed_is_not_left_waiting(model: LlmServer, model_settings: Settings) -> None:
    model.answer_by(lambda _: llm.Reply("Never.", gate=llm.Gate()))
    for _ in range(ROUNDS):
        writer, at_once = build_writer(model_settings), Barrier(AT_ONCE + 2)
        assert writer
        with ThreadPoolExecutor(AT_ONCE + 2) as threads:
            asking = [threads.submit(reason_for_silence, writer, at_once) for _ in range(AT_ONCE)]
            for ending in [threads.submit(closed, writer, at_once) for _ in range(2)]:
                ending.result()
            assert {each.result() for each in asking} == {Fallback.UNREACHABLE}


def test_once_it_is_closed_it_says_that_it_cannot_be_reached(model: LlmServer, model_settings: Settings) -> None:
    writer = build_writer(model_settings)
    assert writer
    writer.close()
    assert reason_for_silence(writer, Barrier(1)) is Fallback.UNREACHABLE
    assert not model.requests
