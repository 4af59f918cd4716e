"""What nobody foresaw: the log gets the story under an id, the person gets the id."""

import logging
import secrets
import traceback

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationHandlerStop, ContextTypes

from bot import texts
from bot.errors import BotError, ConversationsError
from bot.languages import say_in
from bot.pages import Page
from bot.telegram.addressing import is_addressed
from bot.telegram.delivery import Delivery
from bot.telegram.holding import TakenOverError
from bot.telegram.places import Target
from bot.telegram.updates import again
from index.errors import IndexAwayError, IndexingError

logger = logging.getLogger(__name__)


class Failing:
    """Needs no database, which may be what failed."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        application.add_error_handler(self.handle)

    async def handle(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log an error and tell the person, if they can be told. Of a database that is away nobody is told while the
        update can be handled again. A second error goes no further: the library would log it whole, and with it the
        first one, which may quote what was asked."""
        try:
            await self.error(update, context)
        except TakenOverError as error:
            logger.warning("another worker has taken over %s: what it says, this one does not say", error)
        except TelegramError as error:
            logger.warning("nobody could be told of the error (%s)", type(error).__name__)
        except Exception as error:
            logger.error("nobody could be told of the error\n%s", frames_and_types(error))
        raise ApplicationHandlerStop  # else the handlers of later groups would meet the same failure, and say so again

    async def error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        if isinstance(context.error, TakenOverError):
            raise context.error
        error_id = secrets.token_hex(4)
        logger.error("error %s\n%s", error_id, frames_and_types(context.error))
        logger.debug("error %s says: %s", error_id, context.error)
        if not isinstance(update, Update):
            return
        if isinstance(context.error, ConversationsError) and (another := again.get()):
            another.wanted = True
            return
        person = update.effective_user
        say = say_in(person.language_code if person else None)
        sentence = say(apology(context.error), error=error_id)
        message = update.effective_message
        if update.callback_query is not None:
            await self._delivery.acknowledge(update.callback_query.id, sentence)
        elif update.inline_query is not None:
            await self._delivery.offer(update.inline_query.id, (), button=say(texts.OFFERING_FAILED, error=error_id))
        elif message is not None and is_addressed(message, me=context.bot.bot):
            await self._delivery.reply((Page(sentence),), to=Target.of(message))


def apology(error: BaseException | None) -> str:
    if isinstance(error, IndexAwayError):
        return texts.DOCUMENTS_AWAY
    return texts.DOCUMENTS_UNREADABLE if isinstance(error, IndexingError) else texts.WENT_WRONG


def frames_and_types(error: BaseException | None) -> str:
    """Where the error and those behind it arose, and what they are.

    Their texts are left out, for they may quote what was asked, which is nobody's business but the asker's. A
    sentence about the index or the bot's database, written for the owner, stays.
    """
    if error is None:
        return ""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    sentence = f": {error}" if isinstance(error, IndexingError | BotError) else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{frames_and_types(behind)}{frames}{type(error).__qualname__}{sentence}\n"
