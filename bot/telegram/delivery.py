"""Pages out to Telegram: as text with entities and buttons, to the right topic, whole, and once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import zip_longest
from typing import TypeVar

from telegram import (
    Bot,
    InlineQueryResultsButton,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError

from bot import texts
from bot.languages import Say
from bot.offers import Offer
from bot.pages import CAPTION_UNITS, CLOSE_ACTION, Button, Page, split
from bot.telegram.budget import Budget
from bot.telegram.holding import check_hold
from bot.telegram.markup import to_article, to_entities, to_keyboard
from bot.telegram.patience import PATIENCE_SECONDS, MaybeDoneError, Sleep, patiently, pause_asked_for
from bot.telegram.places import Place, Target

logger = logging.getLogger(__name__)

T = TypeVar("T")

TYPING_SECONDS = 4.0
"""Telegram shows the action for about five."""

TYPING_END_SECONDS = 1.0
"""A typing action under way may hold the reply back so long, lest it shows after the reply."""

Post = Callable[[Place, ReplyParameters | None], Awaitable[Message]]
"""Sends something to a place, as a reply where it quotes a message."""

INLINE_START = "inline"
"""What /start is told where a person comes by way of the button above inline offers."""


class Delivery:
    """Sends, edits and acknowledges. Keeps within Telegram's limits, waits as it asks, and gives up quietly on those
    who blocked the bot.

    Where the connection breaks after a message went out, nobody can know whether it arrived. It is not sent again:
    a short notice follows with a button that turns the notice into the answer, so that a person who sees none has
    it in one tap, and one who does has it once.

    Every method that says something raises TakenOverError where another worker has taken over what is being handled.
    """

    def __init__(
        self,
        bot: Bot,
        *,
        sleep: Sleep = asyncio.sleep,
        budget: Budget | None = None,
        typing_seconds: float = TYPING_SECONDS,
    ) -> None:
        self._bot = bot
        self._budget = budget or Budget()
        self._sleep = sleep
        self._typing_seconds = typing_seconds

    async def reply(
        self, pages: Sequence[Page], *, to: Target, answer_id: str = "", notice: Page | None = None
    ) -> tuple[int, ...]:
        """Send the pages, the first as a reply; the ids of the messages, none where the chat cannot be reached."""
        return await self.replace((), pages, to=to, answer_id=answer_id, notice=notice)

    async def send(self, page: Page, *, to: Place) -> bool:
        """Say something to nobody's message; False where the chat cannot be reached."""
        try:
            return bool(await self._send(self._post_page(page, answer_id=""), to=Target(to, None), quoting=False))
        except UnreachableError as error:
            logger.info("chat %s cannot be reached: %s", to.chat, error)
            return False

    async def replace(
        self,
        earlier: Sequence[int],
        pages: Sequence[Page],
        *,
        to: Target,
        answer_id: str = "",
        notice: Page | None = None,
        strict: bool = False,
    ) -> tuple[int, ...]:
        """Let earlier messages say this instead: edited in place, missing ones sent, surplus ones deleted. The notice
        follows where one may be lost. Raises UnreachableError where `strict`."""
        shown: list[int] = []
        lost = False
        try:
            for page, message in zip_longest(pages, earlier):
                if page is None:
                    await self.delete(message, place=to.place)
                elif message and await self._edit(page, message=message, to=to.place, answer_id=answer_id):
                    shown.append(message)
                else:
                    quoting = page is pages[0] or page is pages[-1]
                    sent = await self._send(self._post_page(page, answer_id=answer_id), to=to, quoting=quoting)
                    shown.extend(sent)
                    lost = lost or not sent
            if lost and notice:  # two notices do no harm, none would
                post = self._post_page(notice, answer_id=answer_id)
                shown.extend(await self._send(post, to=to, quoting=True, repeatable=True))
        except UnreachableError as error:
            logger.info("chat %s cannot be reached: %s", to.place.chat, error)
            if strict:
                raise
        return tuple(shown)

    async def send_file(
        self,
        name: str,
        content: bytes,
        *,
        caption: Page,
        to: Target,
        answer_id: str = "",
        as_photo: bool = False,
        notice: Page | None = None,
    ) -> tuple[int, ...]:
        """Send a file, or a picture to be seen at once, as a reply; the id of its message, none where the chat cannot
        be reached, or where the connection broke and nobody can know whether it arrived: it is not sent again, but the
        notice follows.

        Of a caption longer than CAPTION_UNITS the beginning is shown. The content must not be empty.
        """
        post = self._post_photo if as_photo else self._post_file
        try:
            sent = await self._send(post(name, content, caption=caption, answer_id=answer_id), to=to, quoting=True)
            if not sent and notice:
                await self._send(self._post_page(notice, answer_id=""), to=to, quoting=True, repeatable=True)
        except UnreachableError as error:
            logger.info("chat %s cannot be reached: %s", to.place.chat, error)
            return ()
        return sent

    async def edit(self, page: Page, *, message: int, to: Place, answer_id: str = "") -> bool:
        """Let the message show the page; False where there is no such message any more, or no way to it."""
        try:
            return await self._edit(page, message=message, to=to, answer_id=answer_id)
        except UnreachableError as error:
            logger.info("chat %s cannot be reached: %s", to.chat, error)
            return False

    async def _edit(self, page: Page, *, message: int, to: Place, answer_id: str) -> bool:
        try:
            await self._in_turn(
                to.chat,
                lambda: self._bot.edit_message_text(
                    page.text,
                    chat_id=to.chat,
                    message_id=message,
                    entities=to_entities(page),
                    reply_markup=to_keyboard(page, answer_id=answer_id),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                ),
                repeatable=True,
            )
        except (BadRequest, Forbidden) as error:
            if says(error, NOT_MODIFIED):
                return True
            if says(error, MESSAGE_GONE):
                return False
            raise_if_unreachable(error)
            raise
        except ChatMigrated:  # what the bot said in the group before it became a supergroup cannot be edited
            return False
        return True

    async def download(self, file_id: str) -> bytes:
        """What a file that someone sent holds, fetched again where the connection breaks. Raises TelegramError."""

        async def fetch() -> bytes:
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())

        return await patiently(fetch, repeatable=True, sleep=self._sleep)

    async def delete(self, message: int, *, place: Place) -> None:
        """Take a message of the bot away. One that cannot be deleted (after 48 hours) stays."""
        with suppress(BadRequest, Forbidden, ChatMigrated):
            await patiently(lambda: self._bot.delete_message(place.chat, message), repeatable=True, sleep=self._sleep)

    async def acknowledge(self, query_id: str, text: str | None = None, *, alert: bool = True) -> None:
        """Answer a tap, with a sentence where there is one to say: in a box over the chat, or without `alert` at its
        top for a moment. A tap that is too old needs none."""
        with suppress(BadRequest):
            await patiently(
                lambda: self._bot.answer_callback_query(query_id, text=text, show_alert=alert and text is not None),
                repeatable=True,
                sleep=self._sleep,
            )

    async def offer(
        self, query_id: str, offers: Sequence[Offer], *, button: str | None = None, cache_seconds: int = 0
    ) -> None:
        """Answer an inline query. The button stands above the offers and leads to the chat with the bot. Telegram keeps
        the answer so long for the same person; a query that is too old needs none."""
        leading = InlineQueryResultsButton(button, start_parameter=INLINE_START) if button else None
        with suppress(BadRequest):
            await patiently(
                lambda: self._bot.answer_inline_query(
                    query_id,
                    [to_article(offer) for offer in offers],
                    cache_time=cache_seconds,
                    is_personal=True,
                    button=leading,
                ),
                repeatable=True,
                sleep=self._sleep,
            )

    @asynccontextmanager
    async def typing(self, place: Place) -> AsyncIterator[None]:
        """Show that the bot is at work, from now to the end of the block."""
        done = asyncio.Event()
        showing = asyncio.create_task(self._show_typing(place, until=done))
        try:
            yield
        finally:
            done.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(showing, TYPING_END_SECONDS)

    async def _show_typing(self, place: Place, *, until: asyncio.Event) -> None:
        while not until.is_set():
            try:
                await self._bot.send_chat_action(place.chat, ChatAction.TYPING, message_thread_id=place.typing_thread)
            except TelegramError as error:
                logger.debug("no typing action for chat %s: %s", place.chat, error)
                if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
                    return
            with suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), self._typing_seconds)

    async def _send(self, post: Post, *, to: Target, quoting: bool, repeatable: bool = False) -> tuple[int, ...]:
        """The id of the message; nothing where nobody can know whether it was sent. Raises UnreachableError."""
        quoted = ReplyParameters(to.message, allow_sending_without_reply=True) if quoting and to.message else None
        try:
            try:
                message = await self._posted(post, to.place, quoted, repeatable=repeatable)
            except ChatMigrated as error:  # in a supergroup the ids begin anew: the message's is another's there
                message = await self._posted(post, Place(error.new_chat_id), None, repeatable=repeatable)
        except MaybeDoneError as error:
            logger.warning("the connection broke; a message to chat %s may be lost: %s", to.place.chat, error.__cause__)
            return ()
        except (BadRequest, Forbidden) as error:
            raise_if_unreachable(error)
            raise
        return (message.message_id,)

    async def _posted(self, post: Post, place: Place, quoted: ReplyParameters | None, *, repeatable: bool) -> Message:
        return await self._in_turn(place.chat, lambda: post(place, quoted), repeatable=repeatable)

    def _post_page(self, page: Page, *, answer_id: str) -> Post:
        return lambda place, quoted: self._bot.send_message(
            place.chat,
            page.text,
            entities=to_entities(page),
            message_thread_id=place.thread,
            reply_parameters=quoted,
            reply_markup=to_keyboard(page, answer_id=answer_id),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    def _post_file(self, name: str, content: bytes, *, caption: Page, answer_id: str) -> Post:
        return self._post_upload(self._bot.send_document, name, content, caption=caption, answer_id=answer_id)

    def _post_photo(self, name: str, content: bytes, *, caption: Page, answer_id: str) -> Post:
        return self._post_upload(self._bot.send_photo, name, content, caption=caption, answer_id=answer_id)

    def _post_upload(
        self,
        upload: Callable[..., Awaitable[Message]],
        name: str,
        content: bytes,
        *,
        caption: Page,
        answer_id: str,
    ) -> Post:
        beginning = split(caption, limit=CAPTION_UNITS)[0]
        return lambda place, quoted: upload(
            place.chat,
            content,
            filename=name,
            caption=beginning.text or None,
            caption_entities=to_entities(beginning),
            message_thread_id=place.thread,
            reply_parameters=quoted,
            reply_markup=to_keyboard(caption, answer_id=answer_id),
        )

    async def _in_turn(self, chat: int, call: Callable[[], Awaitable[T]], *, repeatable: bool) -> T:
        """`patiently`, each try when the chat's turn has come; where Telegram asks for a pause, the chat keeps it."""

        async def attempt() -> T:
            await self._budget.turn(chat)
            try:
                await check_hold()
                return await call()
            except RetryAfter as error:
                pause = pause_asked_for(error)
                if pause <= PATIENCE_SECONDS:
                    self._budget.hold(chat, pause)
                raise
            finally:
                self._budget.done(chat)

        return await patiently(attempt, repeatable=repeatable, sleep=self._sleep)


class UnreachableError(Exception):
    """Nothing can be said in this chat: the bot is blocked, removed or muted, or the topic is closed."""


NOT_MODIFIED = ("message is not modified",)
MESSAGE_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_WAY_IN = (
    "chat not found",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "message thread not found",
    "topic_closed",
    "topic_deleted",
)


def says(error: TelegramError, phrases: Sequence[str]) -> bool:
    return any(phrase in error.message.lower() for phrase in phrases)


def raise_if_unreachable(error: BadRequest | Forbidden) -> None:
    if isinstance(error, Forbidden) or says(error, NO_WAY_IN):
        raise UnreachableError(error.message) from error


def notice(pages: Sequence[Page], say: Say) -> Page:
    """What is said when a message may be lost. Its button shows an answer of one message; a longer one is too much."""
    if len(pages) > 1:
        return Page(say(texts.CONNECTION_BROKE_LONG))
    return Page(say(texts.CONNECTION_BROKE), buttons=((Button(say(texts.SHOW_ANSWER), CLOSE_ACTION),),))
