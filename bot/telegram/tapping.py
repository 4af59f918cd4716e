"""What a tap on an answer's buttons does: a citation opened and closed, a vote."""

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

from bot import texts
from bot.conversations import KeptAnswer
from bot.languages import Say
from bot.pages import Page
from bot.telegram.callbacks import read_callback
from bot.telegram.desk import Desk
from bot.telegram.opening import Opening
from bot.telegram.places import Place, Target
from bot.telegram.voting import BAD, GOOD, REASONS, read_vote, with_reasons


class Tapping:
    def __init__(self, desk: Desk, opening: Opening) -> None:
        self._desk = desk
        self._opening = opening

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """After all other taps."""
        application.add_handler(CallbackQueryHandler(self.tap))

    async def tap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """In private a number opens a citation in place of the answer, and the open one, or Close, brings the answer
        back; in a group it is a reply. A thumb is a vote."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        delivery = self._desk.delivery
        say = await self._desk.say_to(query.from_user)
        if vote := read_vote(query.data or ""):
            await self._voted(query, *vote, say=say)
            return
        answer_id, number = read_callback(query.data or "") or ("", 0)
        kept = await self._kept(answer_id, query)
        if kept is None or kept.shown(number) is None:
            await delivery.acknowledge(query.id, say(texts.ASK_AGAIN))
        elif number and query.message.chat.type != Chat.PRIVATE:
            await self._opening.in_group(kept, number, query, say, me=context.bot.username)
        else:
            await delivery.acknowledge(query.id)
            page = await self._opening.page(kept, number, say) if number else kept.page
            await self._show(page, query.message, answer_id=answer_id)

    async def _show(self, page: Page, message: MaybeInaccessibleMessage, *, answer_id: str) -> None:
        """In place of what was tapped. What the bot said in a group before it became a supergroup cannot be edited; the
        supergroup is shown the page anew."""
        chat, delivery = message.chat.id, self._desk.delivery
        current = await self._desk.moves.current(chat)
        if current == chat:
            await delivery.edit(page, message=message.message_id, to=Place(chat), answer_id=answer_id)
        else:
            await delivery.reply((page,), to=Target(Place(current), None), answer_id=answer_id)

    async def _kept(self, answer_id: str, query: CallbackQuery) -> KeptAnswer | None:
        """The answer, if it is still kept and belongs to the chat in which something was tapped."""
        kept = await self._desk.conversations.answer(answer_id)
        if kept is None or query.message is None:
            return None
        return kept if kept.chat == await self._desk.moves.current(query.message.chat.id) else None

    async def _voted(self, query: CallbackQuery, answer_id: str, word: str, *, say: Say) -> None:
        """A vote is kept with the question it is about; in private a bad one is asked for its reason."""
        delivery = self._desk.delivery
        kept = await self._kept(answer_id, query)
        if kept is None or query.message is None or not await self._count(query, kept, word):
            await delivery.acknowledge(query.id, say(texts.ASK_AGAIN))
            return
        asks = word == BAD and query.message.chat.type == Chat.PRIVATE
        await delivery.acknowledge(query.id, say(texts.WHAT_IS_WRONG if asks else texts.THANKS), alert=False)
        if asks or word in REASONS:
            page = with_reasons(kept.page, say) if asks else kept.page
            place = Place(query.message.chat.id)
            await delivery.edit(page, message=query.message.message_id, to=place, answer_id=answer_id)

    async def _count(self, query: CallbackQuery, kept: KeptAnswer, word: str) -> bool:
        """Whether the vote could be kept."""
        feedback, voter = self._desk.feedback, query.from_user.id
        if word in REASONS:
            await feedback.reason(kept.id, voter, word)
            return True
        good, asker = word == GOOD, kept.asker or None
        return await feedback.vote(kept.id, voter, good=good, question=kept.words, asker=asker)
