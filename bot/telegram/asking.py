"""What people write to the bot: a question is answered, anything else is told what to do."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from telegram import Message, Update, User
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot import texts
from bot.considering import Considered, considered
from bot.conversations import KeptAnswer, KeptCitation
from bot.database import now
from bot.followups import REMEMBERED, Turn, short_of, standalone
from bot.languages import Say
from bot.pages import MESSAGE_UNITS, MOST_PARTS, Page, split
from bot.reasons import reason_in
from bot.render import (
    answer_page,
    beginning_of_answer,
    citation_page,
    note_line,
    understood_page,
    whole_answer,
)
from bot.telegram.addressing import Heard, Kind, asker_of, hear, replied_message
from bot.telegram.delivery import notice
from bot.telegram.desk import Desk
from bot.telegram.holding import check_hold
from bot.telegram.places import Place, Target
from bot.telegram.profile import nearest_command
from bot.telegram.underway import Waiting, Work
from bot.telegram.updates import begun_before
from bot.telegram.voting import with_votes
from index.errors import QuestionError, StoppedError
from index.stages import stage
from index.types import Answer, Citation

logger = logging.getLogger(__name__)

CITATION_UNITS = MESSAGE_UNITS - 200
"""Of a citation's page: what has become of its document since may have to be told above it."""

EMPTY = Page("")

FOLLOWING = timedelta(minutes=10)
"""A question so soon after an answer may go on from it."""

ANSWER_FILE = "answer.txt"

REPLIES = {
    Kind.NO_WORDS: texts.NO_QUESTION,
    Kind.NOT_TEXT: texts.TEXT_ONLY,
    Kind.VOICE: texts.VOICE_UNHEARD,
    Kind.UNKNOWN_COMMAND: texts.UNKNOWN_COMMAND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that is kept, and what to send: its pages, and where they show its beginning only, the whole of it."""

    kept: KeptAnswer
    pages: tuple[Page, ...]
    whole: str
    to: Target
    say: Say


Unanswered = QuestionError | StoppedError
"""Why there is no answer; its text is the sentence to say."""


class Asking:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._under_way = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """After all commands: the rest of what people write is for `message`, /ask and edits included."""
        application.add_handler(MessageHandler(filters.UpdateType.MESSAGES, self.message))

    async def message(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A text, a picture, a sticker, …, new or edited."""
        message = update.effective_message
        if message is None:
            return
        place = Place.of(message)
        heard = hear(message, me=context.bot.bot, mode=await self._desk.modes.mode(place.chat, place.topic))
        edited = update.edited_message is not None
        if heard is None or not await self._answers_album(message):
            return
        if heard.kind is Kind.QUESTION:
            if await self._desk.admits(message, silently=not heard.addressed):
                await self._respond(message, heard, me=context.bot.bot, edited=edited)
        elif not edited and (command := nearest_command(heard.command)):
            await self._desk.tell(message, texts.DID_YOU_MEAN, command=command)
        elif not edited:
            await self._desk.tell(message, REPLIES[heard.kind])

    async def ask(self, message: Message, question: str) -> None:
        """Answer a question that came another way than as a message of its own."""
        await self._respond(message, Heard(Kind.QUESTION, question), edited=False)

    async def _respond(self, message: Message, heard: Heard, *, edited: bool, me: User | None = None) -> None:
        """It may go on from what was said before where `me` is there. One stop ends it, whether it is being completed
        or answered."""
        waiting = Waiting(
            to=Target.of(message),
            asker=asker_of(message),
            say=await self._desk.say_to(message.from_user),
            is_told=heard.addressed,
        )
        if not edited and await self.answered_before(waiting.to, waiting.say):
            return
        reply = None
        with self._desk.under_way.work(waiting) as work:
            try:
                question = await self._understood(message, heard, me=me, work=work) if me else heard.question
                work.stop.check()
            except StoppedError:
                await self._desk.tell(message, texts.REASON_ENDED)
            else:
                reply = await self._reply(message, heard, question, waiting=waiting, work=work, edited=edited)
        if reply is not None:
            await self.send(reply)

    async def _reply(
        self, message: Message, heard: Heard, question: str, *, waiting: Waiting, work: Work, edited: bool
    ) -> Reply | None:
        """What was only overheard is answered with quotes, by quotation, or not at all. `question` is what was heard,
        completed."""
        chat, to, say, asker = message.chat.id, waiting.to, waiting.say, waiting.asker
        earlier = await self._desk.conversations.answer_to(chat=chat, question=message.message_id) if edited else None
        is_new = earlier is None or earlier.words != question
        if earlier and not is_new and not earlier.replies and begun_before.get():
            await self.offer(earlier, to=to, say=say)
            return None
        if is_new and heard.addressed and not await self._desk.grants(message):
            return None
        async with self._desk.delivery.typing(to.place) if heard.addressed else nullcontext():
            await self._desk.conversations.meet(chat, kind=message.chat.type)
            head = understood_page(question, say) if question != heard.question else EMPTY
            shown = replace(waiting, head=head, in_place=earlier is not None)
            payer = asker if waiting.is_told else None
            answer = await self.answered(question, payer=payer, waiting=shown, work=work)
        if not (heard.addressed or earlier or (isinstance(answer, Answer) and answer.answered)):
            return None
        if is_new and not heard.addressed and not await self._desk.takes(asker):
            return None
        return await self.keep(answer, words=question, to=to, say=say, asker=asker, earlier=earlier, head=head)

    async def answered_before(self, to: Target, say: Say) -> bool:
        """Whether a worker that died has answered the message. Where nobody can know whether the answer has arrived, it
        is offered with a button."""
        if not begun_before.get():
            return False
        kept = await self._desk.conversations.answer_to(chat=to.place.chat, question=to.message or 0)
        if kept is not None and not kept.replies:
            await self.offer(kept, to=to, say=say)
        return kept is not None

    async def offer(self, kept: KeptAnswer, *, to: Target, say: Say) -> None:
        """Of an answer that may have been sent or not, a notice whose button shows it."""
        sent = await self._desk.delivery.reply((notice((kept.page,), say),), to=to, answer_id=kept.id)
        await self._desk.conversations.sent(kept.id, sent)

    async def answered(
        self,
        question: str,
        *,
        payer: int | None = None,
        waiting: Waiting | None = None,
        work: Work | None = None,
    ) -> Answer | Unanswered:
        """The answer, or why there is none: this is no question, or it was stopped. Without a payer the
        language model is not asked. Whoever waits for it may stop it, and sees it being written; `work` is there where
        that has begun before."""
        logger.debug("question: %s", question)
        self._under_way += 1
        self._quiet.clear()
        try:
            begun = nullcontext(replace(work, waiting=waiting)) if work else self._desk.under_way.work(waiting)
            with begun as working:
                async with self._desk.drafting.showing(working) as hear:
                    return await self._desk.paid.answer(question, payer=payer, hear=hear, stop=working.stop)
        except (QuestionError, StoppedError) as error:
            return error
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._quiet.set()

    async def quiet(self, *, at_most_seconds: float) -> None:
        """Returns when nobody waits for an answer, or after so long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._quiet.wait(), at_most_seconds)

    async def keep(
        self,
        answer: Answer | Unanswered,
        *,
        words: str,
        to: Target,
        say: Say,
        asker: int,
        earlier: KeptAnswer | None = None,
        head: Page = EMPTY,
        foot: Page = EMPTY,
    ) -> Reply:
        """Kept before it is sent, so that its buttons work from the first moment; in place of an earlier answer, if
        there is one. `head` and `foot` stand above and below it."""
        page, citations = composed(answer, say)
        pages, whole = split(head + page + foot), ""
        if len(pages) > MOST_PARTS and isinstance(answer, Answer):
            pages = split(head + with_votes(beginning_of_answer(answer, say)) + foot)
            whole = whole_answer(answer, say)
        kept = KeptAnswer(
            id=earlier.id if earlier else secrets.token_urlsafe(9),
            chat=to.place.chat,
            thread=to.place.thread,
            question=to.message or 0,
            page=pages[-1],
            citations=citations,
            replies=earlier.replies if earlier else (),
            file=earlier.file if earlier else None,
            asker=asker,
            words=words,
            notes=tuple(note_line(each, say) for each in answer.notes) if isinstance(answer, Answer) else (),
            short=short_of(answer) if isinstance(answer, Answer) else "",
            considered=found_for(answer),
            writing=None if isinstance(answer, QuestionError) else answer.writing,
        )
        await check_hold()
        await self._desk.conversations.keep(kept)
        if isinstance(answer, Answer):
            await self._desk.feedback.note(kept.id, answer)
        return Reply(kept=kept, pages=pages, whole=whole, to=to, say=say)

    async def send(self, reply: Reply, *, strict: bool = False) -> None:
        """As Delivery.replace does it."""
        kept, lost = reply.kept, notice(reply.pages, reply.say)
        with stage("sending"):
            sent = await self._desk.delivery.replace(
                kept.replies, reply.pages, to=reply.to, answer_id=kept.id, notice=lost, strict=strict
            )
        if kept.file:
            await self._desk.delivery.delete(kept.file, place=reply.to.place)
        file = await self._desk.send_text(ANSWER_FILE, reply.whole, to=reply.to, say=reply.say) if reply.whole else ()
        await self._desk.conversations.sent(kept.id, sent, file=file[0] if file else None)

    async def _understood(self, message: Message, heard: Heard, *, me: User, work: Work) -> str:
        """The question with what it lacks. It goes on from the answer that it replies to, else from what the same
        person asked there just before; what was only overheard is left as it is."""
        if not heard.addressed:
            return heard.question
        replied, asker, place = await self._desk.replied(message, me=me), asker_of(message), Place.of(message)
        if replied is None and replied_message(message) is not None:
            return heard.question
        turns = await self._desk.conversations.turns(
            chat=place.chat,
            thread=place.thread,
            asker=replied.asker if replied else asker,
            before=replied.question if replied else message.message_id,
            since=now() - FOLLOWING,
            most=REMEMBERED,
        )
        before = [as_turn(kept) for kept in (*turns, replied) if kept]
        return await self._completed(heard.question, before, asker=asker, place=place, work=work)

    async def _completed(self, question: str, turns: Sequence[Turn], *, asker: int, place: Place, work: Work) -> str:
        """By the language model where it may help, unless its writer may not ask it."""
        completing = self._desk.completing
        if not completing.asks_model(question, turns) or not await self._desk.may_take(asker):
            return standalone(question, turns)
        async with self._desk.delivery.typing(place):
            return await self._desk.paid.complete(question, turns, payer=asker, completing=completing, stop=work.stop)

    async def _answers_album(self, message: Message) -> bool:
        """Whether this is no album, or the part of one to answer: the part with words, else the first."""
        album = message.media_group_id
        return album is None or await self._desk.albums.is_first(album, message.message_id) or bool(message.caption)


def composed(answer: Answer | Unanswered, say: Say) -> tuple[Page, tuple[KeptCitation, ...]]:
    """The answer's page, and its citations."""
    if not isinstance(answer, Answer):
        return Page(reason_in(str(answer), say)), ()
    numbers = [citation.number for citation in answer.citations]
    return with_votes(answer_page(answer, say)), tuple(as_kept(each, numbers, say) for each in answer.citations)


def found_for(answer: Answer | Unanswered) -> tuple[Considered, ...] | None:
    """None where it was stopped: what had been found by then is not known."""
    if isinstance(answer, Answer):
        return considered(answer)
    return None if isinstance(answer, StoppedError) else ()


def as_kept(citation: Citation, numbers: Sequence[int], say: Say) -> KeptCitation:
    page = citation_page(citation, say, numbers=numbers, limit=CITATION_UNITS)
    quote = citation.quote
    return KeptCitation(page, quote.text, quote.context.text, quote.source)


def as_turn(kept: KeptAnswer) -> Turn:
    return Turn(kept.words, kept.short, tuple(each.quote for each in kept.citations))
