"""What people write to the bot: a question is answered, anything else is told what to do."""

import asyncio
import logging
import secrets

from telegram import Message, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot import texts
from bot.conversations import KeptAnswer, KeptCitation
from bot.languages import Say
from bot.pages import MOST_PARTS, Page, split
from bot.render import answer_page, beginning_of_answer, citation_page, whole_answer
from bot.telegram.addressing import Albums, Kind, asker_of, hear
from bot.telegram.delivery import notice
from bot.telegram.desk import Desk
from bot.telegram.places import Target
from bot.telegram.voting import with_votes
from index.errors import QuestionError
from index.types import Answer

logger = logging.getLogger(__name__)

ANSWER_FILE = "answer.txt"

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
        heard = hear(message, me=context.bot.bot) if message is not None else None
        edited = update.edited_message is not None
        if message is None or heard is None or not self._answers_album(message):
            return
        if heard.kind is Kind.QUESTION:
            if await self._desk.admits(message):
                await self._answer(message, heard.question, edited=edited)
        elif not edited:
            await self._desk.tell(message, REPLIES[heard.kind])

    async def _answer(self, message: Message, question: str, *, edited: bool) -> None:
        """Kept before it is sent, so that its buttons work from the first moment."""
        conversations, delivery = self._desk.conversations, self._desk.delivery
        chat, asked = message.chat.id, message.message_id
        earlier = await conversations.answer_to(chat=chat, question=asked) if edited else None
        replies = earlier.replies if earlier else ()
        target = Target.of(message)
        async with delivery.typing(target.place):
            await conversations.meet(chat, kind=message.chat.type)
            say = await self._desk.say_to(message.from_user)
            answer = await self._answered(question)
        page, citations = (Page(answer), ()) if isinstance(answer, str) else composed(answer, say)
        pages, whole = split(page), ""
        if len(pages) > MOST_PARTS and isinstance(answer, Answer):
            pages, whole = (with_votes(beginning_of_answer(answer, say)),), whole_answer(answer, say)
        kept = KeptAnswer(
            id=earlier.id if earlier else secrets.token_urlsafe(9),
            chat=chat,
            thread=target.place.thread,
            question=asked,
            page=pages[-1],
            citations=citations,
            replies=replies,
            asker=asker_of(message),
            words=question,
        )
        await conversations.keep(kept)
        if isinstance(answer, Answer):
            await self._desk.feedback.note(kept.id, answer)
        sent = await delivery.replace(replies, pages, to=target, answer_id=kept.id, notice=notice(pages, say))
        if earlier and earlier.file:
            await delivery.delete(earlier.file, place=target.place)
        file = await self._desk.send_text(ANSWER_FILE, whole, to=target, say=say) if whole else ()
        await conversations.sent(kept.id, sent, file=file[0] if file else None)

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
    citations = tuple(
        KeptCitation(
            citation_page(each, say, numbers=numbers), each.quote.text, each.quote.context.text, each.quote.source
        )
        for each in answer.citations
    )
    return with_votes(answer_page(answer, say)), citations
