"""What the bot does with what people send: receive, call one thing, send."""

import asyncio
import logging
import secrets
import traceback

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, Update, User
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot import texts
from bot.answers import Answers
from bot.conversations import Conversations, KeptAnswer
from bot.errors import BotError
from bot.feedback import Feedback
from bot.pages import Page, split
from bot.render import answer_page, citation_page, sources_page
from bot.telegram.access import Access
from bot.telegram.addressing import Albums, Kind, asker_of, hear
from bot.telegram.callbacks import read_callback
from bot.telegram.delivery import Delivery
from bot.telegram.places import Place, Target
from bot.telegram.voting import BAD, GOOD, REASONS, read_vote, with_reasons, with_votes
from index.errors import IndexingError, QuestionError
from index.types import Answer

logger = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE

REPLIES = {
    Kind.NO_WORDS: texts.NO_QUESTION,
    Kind.NOT_TEXT: texts.TEXT_ONLY,
    Kind.UNKNOWN_COMMAND: texts.UNKNOWN_COMMAND,
}


class Handlers:
    """Everything that the bot reacts to, with what it needs for that."""

    def __init__(
        self,
        *,
        answers: Answers,
        conversations: Conversations,
        feedback: Feedback,
        access: Access,
        delivery: Delivery,
    ) -> None:
        self._answers = answers
        self._conversations = conversations
        self._feedback = feedback
        self._access = access
        self._delivery = delivery
        self._albums = Albums()

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """The commands come first; the rest of what people write is for `message`, /ask and edits included."""
        new = filters.UpdateType.MESSAGE
        application.add_handler(CommandHandler("start", self.start, filters=new))
        application.add_handler(CommandHandler("help", self.help, filters=new))
        application.add_handler(CommandHandler("sources", self.sources, filters=new))
        application.add_handler(MessageHandler(filters.UpdateType.MESSAGES, self.message))
        application.add_handler(CallbackQueryHandler(self.tap))
        application.add_error_handler(self.error)

    async def start(self, update: Update, _: Context) -> None:
        await self._tell(update.effective_message, Page(texts.START))

    async def help(self, update: Update, _: Context) -> None:
        await self._tell(update.effective_message, Page(texts.HELP))

    async def sources(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None and await self._admitted(message):
            sources = await asyncio.to_thread(self._answers.sources)
            await self._delivery.reply(split(sources_page(sources)), to=Target.of(message))

    async def message(self, update: Update, context: Context) -> None:
        """A text, a picture, a sticker, …, new or edited."""
        message = update.effective_message
        heard = hear(message, me=context.bot.bot) if message is not None else None
        edited = update.edited_message is not None
        if message is None or heard is None or not self._answers_album(message):
            return
        if heard.kind is Kind.QUESTION:
            if await self._admitted(message):
                await self._answer(message, heard.question, edited=edited)
        elif not edited:
            await self._tell(message, Page(REPLIES[heard.kind]))

    async def tap(self, update: Update, context: Context) -> None:
        """A number opens a citation in place of the answer; the open one, or Close, brings the answer back. A thumb is
        a vote."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        chat = query.message.chat.id
        if not self._access.allows(asker=query.from_user.id, chat=chat):
            told = await self._conversations.deny(query.from_user.id)
            await self._delivery.acknowledge(query.id, texts.no_access(query.from_user.id) if told else None)
            return
        if vote := read_vote(query.data or ""):
            await self._voted(query, *vote, me=context.bot.bot)
            return
        answer_id, page = await self._tapped(query)
        await self._delivery.acknowledge(query.id, texts.ASK_AGAIN if page is None else None)
        if page is not None:
            await self._delivery.edit(page, message=query.message.message_id, to=Place(chat), answer_id=answer_id)

    async def error(self, update: object, context: Context) -> None:
        """The one place for what nobody foresaw: the log gets the story under an id, the person gets the id."""
        error_id = secrets.token_hex(4)
        logger.error("error %s\n%s", error_id, frames_and_types(context.error))
        logger.debug("error %s says: %s", error_id, context.error)
        if not isinstance(update, Update):
            return
        unreadable = isinstance(context.error, IndexingError)
        sentence = texts.documents_unreadable(error_id) if unreadable else texts.went_wrong(error_id)
        if update.callback_query is not None:
            await self._delivery.acknowledge(update.callback_query.id, sentence)
        elif update.effective_message is not None:
            await self._delivery.reply((Page(sentence),), to=Target.of(update.effective_message))

    async def _answer(self, message: Message, question: str, *, edited: bool) -> None:
        """Kept before it is sent, so that its buttons work from the first moment."""
        chat, asked = message.chat.id, message.message_id
        earlier = await self._conversations.answer_to(chat=chat, question=asked) if edited else None
        replies = earlier.replies if earlier else ()
        target = Target.of(message)
        async with self._delivery.typing(target.place):
            await self._conversations.meet(chat, kind=message.chat.type)
            answer = await self._answered(question)
        page, citations = (Page(answer), ()) if isinstance(answer, str) else composed(answer)
        pages = split(page)
        kept = KeptAnswer(
            id=earlier.id if earlier else secrets.token_urlsafe(9),
            chat=chat,
            thread=target.place.thread,
            question=asked,
            page=pages[-1],
            citations=citations,
            replies=replies,
        )
        await self._conversations.keep(kept)
        if isinstance(answer, Answer):
            await self._feedback.note(kept.id, answer)
        sent = await self._delivery.replace(replies, pages, to=target, answer_id=kept.id)
        await self._conversations.sent(kept.id, sent)

    async def _answered(self, question: str) -> Answer | str:
        """The answer, or the sentence why this is no question."""
        logger.debug("question: %s", question)
        try:
            return await asyncio.to_thread(self._answers.answer, question)
        except QuestionError as error:
            return str(error)

    async def _tapped(self, query: CallbackQuery) -> tuple[str, Page | None]:
        """The page behind the button, if the answer is still kept and belongs to this chat."""
        read = read_callback(query.data or "")
        if read is None:
            return "", None
        answer_id, number = read
        kept = await self._kept(answer_id, query)
        return answer_id, kept.shown(number) if kept else None

    async def _kept(self, answer_id: str, query: CallbackQuery) -> KeptAnswer | None:
        """The answer, if it is still kept and belongs to the chat in which something was tapped."""
        kept = await self._conversations.answer(answer_id)
        return kept if kept and query.message and kept.chat == query.message.chat.id else None

    async def _voted(self, query: CallbackQuery, answer_id: str, word: str, *, me: User) -> None:
        """A vote is kept with the question it is about; in private a bad one is asked for its reason."""
        kept = await self._kept(answer_id, query)
        if kept is None or query.message is None or not await self._count(query, answer_id, word, me=me):
            await self._delivery.acknowledge(query.id, texts.ASK_AGAIN)
            return
        asks = word == BAD and query.message.chat.type == Chat.PRIVATE
        await self._delivery.acknowledge(query.id, texts.WHAT_IS_WRONG if asks else texts.THANKS, alert=False)
        if asks or word in REASONS:
            page = with_reasons(kept.page) if asks else kept.page
            place = Place(query.message.chat.id)
            await self._delivery.edit(page, message=query.message.message_id, to=place, answer_id=answer_id)

    async def _count(self, query: CallbackQuery, answer_id: str, word: str, *, me: User) -> bool:
        """Whether the vote could be kept."""
        voter = query.from_user.id
        if word in REASONS:
            await self._feedback.reason(answer_id, voter, word)
            return True
        question = question_of(query.message, me=me)
        return await self._feedback.vote(answer_id, voter, good=word == GOOD, question=question)

    async def _tell(self, message: Message | None, *pages: Page) -> None:
        """Reply to the message, if its writer may use the bot."""
        if message is not None and await self._admitted(message):
            await self._delivery.reply(pages, to=Target.of(message))

    async def _admitted(self, message: Message) -> bool:
        """Whether its writer may use the bot; one who may not is told once."""
        asker, chat = asker_of(message), message.chat
        if self._access.allows(asker=asker, chat=chat.id):
            return True
        if await self._conversations.deny(asker):
            private = chat.type == chat.PRIVATE
            sentence = texts.no_access(asker) if private else texts.no_access_in_group(asker, chat.id)
            await self._delivery.reply((Page(sentence),), to=Target.of(message))
        return False

    def _answers_album(self, message: Message) -> bool:
        """Whether this is no album, or the part of one to answer: the part with words, else the first."""
        return self._albums.is_new(message) or bool(message.caption)


def composed(answer: Answer) -> tuple[Page, tuple[Page, ...]]:
    """The answer's page and those of its citations."""
    numbers = [citation.number for citation in answer.citations]
    citations = tuple(citation_page(each, numbers=numbers) for each in answer.citations)
    return with_votes(answer_page(answer)), citations


def question_of(message: MaybeInaccessibleMessage | None, *, me: User) -> str:
    """What the bot's message answers; empty where that is gone."""
    asked = message.reply_to_message if isinstance(message, Message) else None
    if asked is None:
        return ""
    heard = hear(asked, me=me)
    return heard.question if heard else asked.text or asked.caption or ""


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
