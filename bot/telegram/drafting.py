"""What a person sees of an answer while a language model writes it.

In a private chat drafts show what stands of it, from the first sentence on, each in place of the one before. Drafts
carry no buttons: an answer that is not there within a few seconds also gets a short message with a button to stop it,
which is taken away again when the answer is there. A draft is gone with the next message of the bot, so it is sent
again after that one. Whatever goes wrong with them is nobody's trouble: the answer comes without.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from telegram import Bot, ReplyParameters
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot import texts
from bot.folding import fold
from bot.outages import OUTAGE_SECONDS
from bot.pages import Button, Page, split
from bot.telegram.budget import Budget, Clock
from bot.telegram.connecting import until
from bot.telegram.delivery import Delivery
from bot.telegram.markup import to_entities, to_keyboard
from bot.telegram.patience import PATIENCE_SECONDS, Sleep, pause_asked_for
from bot.telegram.underway import HURRY_SECONDS, STOP_SECONDS, UnderWay, Waiting, Work
from index.writer import Hear

logger = logging.getLogger(__name__)

STOP = "stop"
"""What stands for an answer's id in the button that stops one."""

END_SECONDS = 1.0
"""A draft under way may hold the answer back so long, lest it shows after the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """`note_seconds`: an answer that is there so soon needs no button, which would only flash past. `draft_seconds`:
    between two drafts; Telegram names no limit, and a message a second is what it lets through otherwise.
    `refresh_seconds`: a draft that has not changed is sent again after so long, since it shows for thirty seconds.
    `hurry_seconds`: as of UnderWay. `stop_seconds`: the end of the bot may take so long. `patience_seconds`: as of
    bot.outages."""

    note_seconds: float = 3.0
    draft_seconds: float = 1.5
    refresh_seconds: float = 20.0
    hurry_seconds: float = HURRY_SECONDS
    stop_seconds: float = STOP_SECONDS
    patience_seconds: float = OUTAGE_SECONDS


TEMPO = Tempo()


class Drafting:
    def __init__(
        self,
        bot: Bot,
        *,
        delivery: Delivery,
        budget: Budget,
        under_way: UnderWay,
        tempo: Tempo = TEMPO,
        writes: bool = True,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`writes` is False where there is no language model, and nothing to be shown of its writing."""
        self._bot = bot
        self._delivery = delivery
        self._budget = budget
        self._under_way = under_way
        self._tempo = tempo
        self._writes = writes
        self._clock = clock
        self._sleep = sleep
        self._held: dict[int, float] = {}
        """Until when Telegram wants no drafts in a chat."""

    @asynccontextmanager
    async def showing(self, work: Work) -> AsyncIterator[Hear | None]:
        """Within the block it is shown; what is yielded wants to hear the answer as it grows. After the block no draft
        is sent any more."""
        waiting = work.waiting
        if not self._writes or waiting is None or not waiting.is_told:
            yield None
            return
        shown = Shown(work, waiting)
        showing = asyncio.create_task(self._show(shown))
        try:
            yield shown.hear if waiting.sees_drafts else None
        finally:
            showing.cancel()
            await report_failure(showing)  # calls are shielded: it ends at once, and none begins any more
            await self._end(shown)

    async def _show(self, shown: "Shown") -> None:
        async with asyncio.TaskGroup() as showing:
            showing.create_task(self._offer_to_stop(shown))
            if shown.waiting.sees_drafts:
                showing.create_task(self._draft_on(shown))

    async def _offer_to_stop(self, shown: "Shown") -> None:
        await self._sleep(self._tempo.note_seconds)
        while not self._budget.spare(shown.chat):
            await self._sleep(self._tempo.draft_seconds)
        shown.note = asyncio.create_task(self._send_note(shown))
        await asyncio.shield(shown.note)
        if shown.is_heard:
            shown.changed.set()

    async def _draft_on(self, shown: "Shown") -> None:
        await shown.changed.wait()
        await self._pause(shown.chat)
        while await self._draft(shown):
            await self._pause(shown.chat, self._tempo.draft_seconds)
            await until(shown.changed, self._sleep_for(self._tempo.refresh_seconds))

    async def _end(self, shown: "Shown") -> None:
        if shown.note:
            self._under_way.tidy(self._take_away(shown.note, shown))
        if shown.draft and not shown.draft.done():
            await asyncio.wait((shown.draft,), timeout=END_SECONDS)
            shown.draft.cancel()

    async def _draft(self, shown: "Shown") -> bool:
        """The newest text; False where another would be refused, too."""
        shown.changed.clear()
        shown.draft = asyncio.create_task(self._send_draft(shown))
        return await asyncio.shield(shown.draft)

    async def _send_draft(self, shown: "Shown") -> bool:
        place, page = shown.waiting.to.place, shown.page()
        try:
            await self._bot.send_message_draft(
                place.chat,
                shown.draft_id,
                page.text,
                message_thread_id=place.thread,
                entities=to_entities(page),
            )
        except RetryAfter as error:
            self._hold(place.chat, pause_asked_for(error))
        except TelegramError as error:
            logger.debug("no draft for chat %s: %s", place.chat, error)
            return isinstance(error, NetworkError) and not isinstance(error, BadRequest)
        return True

    async def _send_note(self, shown: "Shown") -> int | None:
        """Its id, if it has surely arrived. Tried once, in a turn that was free."""
        say, to = shown.waiting.say, shown.waiting.to
        page = Page(say(texts.WRITING), buttons=((Button(say(texts.STOP), shown.work.id),),))
        try:
            message = await self._bot.send_message(
                to.place.chat,
                page.text,
                message_thread_id=to.place.thread,
                reply_parameters=ReplyParameters(to.message, allow_sending_without_reply=True) if to.message else None,
                reply_markup=to_keyboard(page, answer_id=STOP),
                disable_notification=True,
            )
        except RetryAfter as error:
            pause = pause_asked_for(error)
            if pause <= PATIENCE_SECONDS:
                self._budget.hold(to.place.chat, pause)
        except TelegramError as error:
            logger.debug("no button to stop the answer in chat %s: %s", to.place.chat, error)
        else:
            return message.message_id
        finally:
            self._budget.done(to.place.chat)
        return None

    async def _take_away(self, note: asyncio.Task[int | None], shown: "Shown") -> None:
        message = await note
        if message is not None:
            with suppress(TelegramError):
                await self._delivery.delete(message, place=shown.waiting.to.place)

    def _hold(self, chat: int, seconds: float) -> None:
        now = self._clock()
        self._held = {each: until for each, until in self._held.items() if until > now} | {chat: now + seconds}

    async def _pause(self, chat: int, at_least_seconds: float = 0.0) -> None:
        await self._sleep(max(at_least_seconds, self._held.get(chat, 0.0) - self._clock()))

    async def _sleep_for(self, seconds: float) -> None:
        await self._sleep(seconds)


class Shown:
    """Of one answer: what of it was heard last, and the calls that show it."""

    def __init__(self, work: Work, waiting: Waiting) -> None:
        self.work = work
        self.waiting = waiting
        self.chat = waiting.to.place.chat
        self.draft_id = waiting.to.message or 1
        """One for each answer; 0 is refused."""
        self.changed = asyncio.Event()
        self.note: asyncio.Task[int | None] | None = None
        self.draft: asyncio.Task[bool] | None = None
        self._text = ""
        self._loop = asyncio.get_running_loop()

    def hear(self, text: str) -> None:
        """In any thread."""
        self._loop.call_soon_threadsafe(self._take, text)

    @property
    def is_heard(self) -> bool:
        return bool(self._text)

    def page(self) -> Page:
        """As much of it as a message may hold."""
        return split(self.waiting.head + Page(fold(self._text)))[0]

    def _take(self, text: str) -> None:
        self._text = text
        self.changed.set()


async def report_failure(showing: asyncio.Task[None]) -> None:
    """A bug in showing an answer must not keep it back."""
    (result,) = await asyncio.gather(showing, return_exceptions=True)
    if isinstance(result, Exception):
        logger.error("an answer could not be shown as it was written (%s)", type(result).__qualname__)
