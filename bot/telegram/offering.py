"""Inline mode: whoever writes the bot's name and a question in any chat is offered cited answers to send there."""

import asyncio
import logging
from weakref import WeakValueDictionary

from telegram import InlineQuery, Update
from telegram.ext import Application, ContextTypes, InlineQueryHandler

from bot import texts
from bot.languages import Say
from bot.offers import Remembered, offers
from bot.telegram.desk import Desk
from bot.telegram.order import TYPED
from bot.telegram.updates import in_hand
from index.errors import QuestionError
from index.types import Answer

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.3
"""Telegram sends what is typed letter by letter; who stops for so long may have finished."""

TELEGRAM_KEEPS_SECONDS = 60
"""Telegram itself answers the same query of the same person so long: a little, since documents change."""


class Offering:
    def __init__(self, desk: Desk, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._desk = desk
        self._pause_seconds = pause_seconds
        self._remembered: Remembered[Answer] = Remembered()
        self._newest: dict[int, str] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        application.add_handler(InlineQueryHandler(self.query))

    async def query(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.inline_query
        if query is None:
            return
        person = query.from_user.id
        self._newest[person] = query.id  # before anything is waited for, lest a later query come before an earlier one
        try:
            await self._offer(query)
        finally:
            if self._newest.get(person) == query.id:
                del self._newest[person]

    async def _offer(self, query: InlineQuery) -> None:
        delivery, say, person = self._desk.delivery, await self._desk.say_to(query.from_user), query.from_user.id
        question = " ".join(query.query.split())
        if not await self._desk.allows(asker=person, chat=person):
            await delivery.offer(query.id, (), button=say(texts.OFFERING_NO_ACCESS))
            return
        try:
            answer = await self._answer(query, question, say) if question else None
        except QuestionError:
            question, answer = "", None
        if not question:
            await delivery.offer(query.id, (), button=say(texts.OFFERING_HINT))
        elif answer is not None:
            await delivery.offer(query.id, offers(answer, say), cache_seconds=TELEGRAM_KEEPS_SECONDS)

    async def _answer(self, query: InlineQuery, question: str, say: Say) -> Answer | None:
        """What is remembered at once, anything else once the person pauses, one at a time; None where they typed on, or
        may ask no more today, which is told. By quotation: a language model would be paid for every pause."""
        generation = (await asyncio.to_thread(self._desk.answers.status)).generation
        if known := self._remembered.get(question, generation=generation):
            return known
        await asyncio.sleep(self._pause_seconds)
        person = query.from_user.id
        async with self._turns.setdefault(person, asyncio.Lock()):
            if self._newest.get(person) != query.id or await self._has_typed_on(person):
                return None
            if not await self._desk.takes(person):
                await self._desk.delivery.offer(query.id, (), button=say(texts.OFFERING_NO_MORE))
                return None
            logger.debug("inline question: %s", question)
            answer = await self._desk.paid.answer(question, payer=None)
        self._remembered.put(question, answer, generation=generation)
        return answer

    async def _has_typed_on(self, person: int) -> bool:
        """To another worker."""
        number = in_hand.get()
        return number is not None and await self._desk.mailbox.has_later(number, person=person, kind=TYPED)
