"""What a tap on an answer's buttons does: a citation opened and closed, a vote."""

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, Update, User
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

from bot import texts
from bot.conversations import KeptAnswer
from bot.languages import Say
from bot.pages import Page
from bot.telegram.addressing import hear
from bot.telegram.callbacks import read_callback
from bot.telegram.desk import Desk
from bot.telegram.places import Place
from bot.telegram.voting import BAD, GOOD, REASONS, read_vote, with_reasons


class Tapping:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """After all other taps."""
        application.add_handler(CallbackQueryHandler(self.tap))

    async def tap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A number opens a citation in place of the answer; the open one, or Close, brings the answer back. A thumb is
        a vote."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        chat, delivery = query.message.chat.id, self._desk.delivery
        say = await self._desk.say_to(query.from_user)
        if vote := read_vote(query.data or ""):
            await self._voted(query, *vote, say=say, me=context.bot.bot)
            return
        answer_id, page = await self._tapped(query)
        await delivery.acknowledge(query.id, say(texts.ASK_AGAIN) if page is None else None)
        if page is not None:
            await delivery.edit(page, message=query.message.message_id, to=Place(chat), answer_id=answer_id)

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
        kept = await self._desk.conversations.answer(answer_id)
        return kept if kept and query.message and kept.chat == query.message.chat.id else None

    async def _voted(self, query: CallbackQuery, answer_id: str, word: str, *, say: Say, me: User) -> None:
        """A vote is kept with the question it is about; in private a bad one is asked for its reason."""
        delivery = self._desk.delivery
        kept = await self._kept(answer_id, query)
        question = kept.words or question_of(query.message, me=me) if kept else ""
        if kept is None or query.message is None or not await self._count(query, answer_id, word, question=question):
            await delivery.acknowledge(query.id, say(texts.ASK_AGAIN))
            return
        asks = word == BAD and query.message.chat.type == Chat.PRIVATE
        await delivery.acknowledge(query.id, say(texts.WHAT_IS_WRONG if asks else texts.THANKS), alert=False)
        if asks or word in REASONS:
            page = with_reasons(kept.page, say) if asks else kept.page
            place = Place(query.message.chat.id)
            await delivery.edit(page, message=query.message.message_id, to=place, answer_id=answer_id)

    async def _count(self, query: CallbackQuery, answer_id: str, word: str, *, question: str) -> bool:
        """Whether the vote could be kept."""
        feedback, voter = self._desk.feedback, query.from_user.id
        if word in REASONS:
            await feedback.reason(answer_id, voter, word)
            return True
        return await feedback.vote(answer_id, voter, good=word == GOOD, question=question)


def question_of(message: MaybeInaccessibleMessage | None, *, me: User) -> str:
    """What the bot's message answers; empty where that is gone."""
    asked = message.reply_to_message if isinstance(message, Message) else None
    if asked is None:
        return ""
    heard = hear(asked, me=me)
    return heard.question if heard else asked.text or asked.caption or ""
