"""What people write to the bot: a question is answered, anything else is told what to do."""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from contextlib import nullcontext

from telegram import Message, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot import texts
from bot.conversations import KeptAnswer, KeptCitation
from bot.languages import Say
from bot.pages import MESSAGE_UNITS, Page, split
from bot.render import answer_page, citation_page
from bot.telegram.addressing import Albums, Heard, Kind, asker_of, hear
from bot.telegram.delivery import notice
from bot.telegram.desk import Desk
from bot.telegram.places import Place, Target
from bot.telegram.voting import with_votes
from index.errors import QuestionError
from index.types import Answer, Citation

logger = logging.getLogger(__name__)

CITATION_UNITS = MESSAGE_UNITS - 200
"""Of a citation's page: what has become of its document since may have to be told above it."""

REPLIES = {
    Kind.NO_WORDS: texts.NO_QUESTION,
    Kind.NOT_TEXT: texts.TEXT_ONLY,
    Kind.UNKNOWN_COMMAND: texts.UNKNOWN_COMMAND,
}


class Asking:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._albums = Albums()

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
        if heard is None or not self._answers_album(message):
            return
        if heard.kind is Kind.QUESTION:
            if await self._desk.admits(message, silently=not heard.addressed):
                await self._answer(message, heard, edited=edited)
        elif not edited:
            await self._desk.tell(message, REPLIES[heard.kind])

    async def ask(self, message: Message, question: str) -> None:
        """Answer a question that came another way than as a message of its own."""
        await self._answer(message, Heard(Kind.QUESTION, question), edited=False)

    async def _answer(self, message: Message, heard: Heard, *, edited: bool) -> None:
        """Kept before it is sent, so that its buttons work from the first moment. What was only overheard is answered
        with quotes or not at all."""
        conversations, delivery = self._desk.conversations, self._desk.delivery
        chat, asked = message.chat.id, message.message_id
        earlier = await conversations.answer_to(chat=chat, question=asked) if edited else None
        is_new = earlier is None or earlier.words != heard.question
        if is_new and not await self._desk.grants(message, silently=not heard.addressed):
            return
        replies = earlier.replies if earlier else ()
        target = Target.of(message)
        async with delivery.typing(target.place) if heard.addressed else nullcontext():
            await conversations.meet(chat, kind=message.chat.type)
            say = await self._desk.say_to(message.from_user)
            answer = await self._answered(heard.question)
        if not (heard.addressed or replies or (isinstance(answer, Answer) and answer.answered)):
            return
        page, citations = (Page(answer), ()) if isinstance(answer, str) else composed(answer, say)
        pages = split(page)
        kept = KeptAnswer(
            id=earlier.id if earlier else secrets.token_urlsafe(9),
            chat=chat,
            thread=target.place.thread,
            question=asked,
            page=pages[-1],
            citations=citations,
            replies=replies,
            asker=asker_of(message),
            words=heard.question,
        )
        await conversations.keep(kept)
        if isinstance(answer, Answer):
            await self._desk.feedback.note(kept.id, answer)
        sent = await delivery.replace(replies, pages, to=target, answer_id=kept.id, notice=notice(pages, say))
        await conversations.sent(kept.id, sent)

    async def _answered(self, question: str) -> Answer | str:
        """The answer, or the sentence why this is no question."""
        logger.debug("question: %s", question)
        try:
            return await asyncio.to_thread(self._desk.answers.answer, question)
        except QuestionError as error:
            return str(error)

    def _answers_album(self, message: Message) -> bool:
        """Whether this is no album, or the part of one to answer: the part with words, else the first."""
        return self._albums.is_new(message) or bool(message.caption)


def composed(answer: Answer, say: Say) -> tuple[Page, tuple[KeptCitation, ...]]:
    """The answer's page, and its citations."""
    numbers = [citation.number for citation in answer.citations]
    return with_votes(answer_page(answer, say)), tuple(as_kept(each, numbers, say) for each in answer.citations)


def as_kept(citation: Citation, numbers: Sequence[int], say: Say) -> KeptCitation:
    page = citation_page(citation, say, numbers=numbers, limit=CITATION_UNITS)
    quote = citation.quote
    return KeptCitation(page, quote.text, quote.context.text, quote.source)
