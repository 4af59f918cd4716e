"""A citation opened: in place of the answer in private, as a reply in a group, and from there by a link in private.

Its page is as it was when the answer was given; what has become of the document since is told above it.
"""

import asyncio
import secrets
from dataclasses import replace
from urllib.parse import quote as percent_encoded

from telegram import CallbackQuery, ChatMember, Message, Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, filters

from bot import texts
from bot.conversations import KeptAnswer, KeptCitation
from bot.folding import fold_line, shortened
from bot.languages import Say
from bot.originals import NoOriginalError, Original, Originals
from bot.pages import CAPTION_UNITS, Button, Page, styled, utf16_length
from bot.render import TITLE_LENGTH, page_of
from bot.telegram.addressing import asker_of
from bot.telegram.callbacks import callback_parts
from bot.telegram.desk import Desk
from bot.telegram.patience import patiently
from bot.telegram.places import Place, Target
from bot.telegram.updates import begun_before
from index.types import Source

Context = ContextTypes.DEFAULT_TYPE

OPEN, FILE, COPY = "open", "file", "copy"
"""What else can be done with an opened citation, by the word in its button."""

COPIED_UNITS = 256
"""The longest text that a button copies, in UTF-16 units."""

PAYLOAD = "c"
"""How the payload of a link to a citation begins."""

FRAGMENT_WORDS = 6
"""Of the quote's beginning and end, by which a browser finds it in the page."""

GONE = frozenset({ChatMember.LEFT, ChatMember.BANNED})


class Opening:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._originals = Originals(desk.seeds)

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """Before /start without a payload, and before other taps."""
        new = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
        application.add_handler(CommandHandler("start", self.start, filters=new & LinkToCitation(), has_args=1))
        pattern = f"^c:[\\w-]+:({OPEN}|{FILE}|{COPY})-\\d+$"
        application.add_handler(CallbackQueryHandler(self.step, pattern=pattern))

    async def start(self, update: Update, context: Context) -> None:
        """Someone followed a link "Open in private"."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        say = await self._desk.say_to(message.from_user)
        answer_id, number = read_payload((context.args or [""])[0])
        kept = await self._desk.conversations.answer(answer_id)
        if kept is None or kept.citation(number) is None:
            await self._desk.tell(message, texts.ASK_AGAIN)
        elif not await may_see(kept.chat, message, context):
            await self._desk.tell(message, texts.NOT_YOURS)
        else:
            own = replace(kept, id=secrets.token_urlsafe(9), chat=message.chat.id, thread=None, replies=())
            own = replace(own, question=message.message_id, asker=asker_of(message), words="")
            own = replace(own, page=without_votes(kept.page))
            await self._desk.conversations.keep(own)
            page = await self.page(own, number, say)
            sent = await self._desk.delivery.reply((page,), to=Target.of(message), answer_id=own.id)
            await self._desk.conversations.sent(own.id, sent)

    async def step(self, update: Update, _: Context) -> None:
        """Open source, the whole file, or a quote to copy that is too long for a button."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        say = await self._desk.say_to(query.from_user)
        answer_id, action = callback_parts(query.data or "")
        verb, _dash, number = action.partition("-")
        kept = await self._desk.conversations.answer(answer_id)
        citation = kept.citation(int(number)) if kept and kept.chat == query.message.chat.id else None
        if citation is None:
            await self._desk.delivery.acknowledge(query.id, say(texts.ASK_AGAIN))
        elif verb == COPY:
            await self._desk.delivery.acknowledge(query.id)
            page = styled(citation.quote, "code")
            await self._desk.delivery.reply((page,), to=Target(Place(query.message.chat.id), query.message.message_id))
        else:
            await self._send(query, citation, answer_id, number, whole=verb == FILE, say=say)

    async def in_group(self, kept: KeptAnswer, number: int, query: CallbackQuery, say: Say, *, me: str) -> None:
        """The citation as a reply to the answer, once: a group is not flooded by everyone who taps."""
        citation = kept.citation(number)
        if citation is None or query.message is None:
            return
        if not await self._desk.conversations.open(kept.id, number) and not begun_before.get():
            await self._desk.delivery.acknowledge(query.id, say(texts.OPEN_ALREADY), alert=False)
            return
        await self._desk.delivery.acknowledge(query.id)
        page = await self._noted(citation, say)
        link = Button(say(texts.OPEN_IN_PRIVATE), url=f"https://t.me/{me}?start={payload(kept.id, number)}")
        current = await self._desk.moves.current(query.message.chat.id)
        moved = current != query.message.chat.id  # in the supergroup that the group became, the answer has no id
        target = Target(Place(current, kept.thread), None if moved else query.message.message_id)
        sent: tuple[int, ...] = ()
        try:
            sent = await self._desk.delivery.reply((replace(page, buttons=((link,),)),), to=target, answer_id=kept.id)
        finally:
            if not sent:  # nobody knows whether it is there: one may try again
                await self._desk.conversations.close(kept.id, number)

    async def page(self, kept: KeptAnswer, number: int, say: Say) -> Page:
        """The opened citation with all its buttons, and what has become of its document."""
        citation = kept.citation(number)
        assert citation
        page = await self._noted(citation, say)
        return replace(page, buttons=(*page.buttons, steps(citation, number, say)))

    async def _noted(self, citation: KeptCitation, say: Say) -> Page:
        text = await asyncio.to_thread(self._desk.answers.text, citation.source.document)
        note = change(citation, text)
        return styled(say(note), "italic") + Page("\n\n") + citation.page if note else citation.page

    async def _send(
        self, query: CallbackQuery, citation: KeptCitation, answer_id: str, number: str, *, whole: bool, say: Say
    ) -> None:
        try:
            source = citation.source
            original = await (self._originals.file(source) if whole else self._originals.shown(source, citation.quote))
        except NoOriginalError as error:
            await self._desk.delivery.acknowledge(query.id, say(str(error)))
            return
        await self._desk.delivery.acknowledge(query.id)
        assert query.message
        await self._desk.delivery.send_file(
            original.name,
            original.content,
            caption=caption(citation, original, number, say),
            to=Target(Place(query.message.chat.id), query.message.message_id),
            answer_id=answer_id,
            as_photo=original.is_picture,
        )


class LinkToCitation(filters.MessageFilter):
    def filter(self, message: Message) -> bool:
        return read_payload((message.text or "").partition(" ")[2])[1] > 0


def payload(answer_id: str, number: int) -> str:
    """Of a link to a citation; `read_payload` is its reverse."""
    return f"{PAYLOAD}{answer_id}-{number}"


def read_payload(text: str) -> tuple[str, int]:
    """The answer's id and the citation's number; 0 where the text is no such payload."""
    answer_id, _, number = text.strip().removeprefix(PAYLOAD).rpartition("-")
    valid = text.startswith(PAYLOAD) and number.isascii() and number.isdigit() and len(number) < 4
    return (answer_id, int(number)) if valid else ("", 0)


async def may_see(chat: int, message: Message, context: Context) -> bool:
    """Whether who writes may see what was answered in a chat: their own, or one that they are in."""
    person = message.from_user
    if person is None or chat == message.chat.id:
        return person is not None
    try:
        member = await patiently(
            lambda: context.bot.get_chat_member(chat, person.id), repeatable=True, sleep=asyncio.sleep
        )
    except (BadRequest, Forbidden):
        return False
    return member.status not in GONE and getattr(member, "is_member", True)


def change(citation: KeptCitation, text: str | None) -> str | None:
    """What has become of the document since: one of bot.texts, nothing where all stands as it stood."""
    if text is None:
        return texts.DOCUMENT_REMOVED
    if citation.quote not in text:
        return texts.QUOTE_GONE
    return None if citation.context in text else texts.AROUND_CHANGED


def steps(citation: KeptCitation, number: int, say: Say) -> tuple[Button, ...]:
    """Open source and copy quote."""
    source = citation.source
    opened = (
        Button(say(texts.OPEN_SOURCE), url=with_fragment(source.url, citation.quote))
        if source.url
        else Button(say(texts.OPEN_SOURCE), f"{OPEN}-{number}")
    )
    short = utf16_length(citation.quote) <= COPIED_UNITS
    copied = (
        Button(say(texts.COPY_QUOTE), copied=citation.quote)
        if short
        else Button(say(texts.COPY_QUOTE), f"{COPY}-{number}")
    )
    return (opened, copied)


def with_fragment(url: str, quote: str) -> str:
    """The address with a text fragment, by which browsers scroll to the quote and mark it
    (source: URL Fragment Text Directives, WICG)."""
    words = quote.split()
    ends = [words] if len(words) <= 2 * FRAGMENT_WORDS else [words[:FRAGMENT_WORDS], words[-FRAGMENT_WORDS:]]
    fragment = ",".join(percent_encoded(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    return f"{url}{'' if '#' in url else '#'}:~:text={fragment}"


def caption(citation: KeptCitation, original: Original, number: str, say: Say) -> Page:
    """Below a file or a picture: where the quote stands, and its words."""
    head = styled(where(citation.source, say), "bold") + Page("\n\n")
    page = head + styled(shortened(citation.quote, units=CAPTION_UNITS - utf16_length(head.text)), "quote")
    button = Button(say(texts.WHOLE_FILE), f"{FILE}-{number}")
    return replace(page, buttons=((button,),)) if original.is_picture else page


def without_votes(page: Page) -> Page:
    """The last row of an answer's page is for votes, which are its own chat's."""
    return replace(page, buttons=page.buttons[:-1])


def where(source: Source, say: Say) -> str:
    """Title and page, in one line."""
    title = shortened(fold_line(source.title or source.document), TITLE_LENGTH)
    return ", ".join(part for part in (title, page_of(source, say)) if part)
