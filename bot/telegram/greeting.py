"""What the bot says first: what it does, and a question of its documents to try it with."""

import secrets

from telegram import Message, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

from bot import texts
from bot.conversations import KeptAnswer
from bot.languages import Say
from bot.pages import Button, Page, styled
from bot.telegram.addressing import asker_of
from bot.telegram.asking import Asking
from bot.telegram.callbacks import callback_parts
from bot.telegram.desk import Desk
from bot.telegram.places import Place, Target
from bot.telegram.underway import Waiting

TRY = "try"
"""What the button under a greeting does."""


async def greet(desk: Desk, message: Message | None) -> None:
    """The example is kept with its greeting, so that the button works whatever becomes of the documents."""
    if message is None or not await desk.admits(message):
        return
    say, target, example = await desk.say_to(message.from_user), Target.of(message), await desk.examples.ready()
    page, greeting_id = greeting_page(example, say), secrets.token_urlsafe(9)
    if example:
        greeting = KeptAnswer(
            id=greeting_id,
            chat=target.place.chat,
            thread=target.place.thread,
            question=message.message_id,
            page=page,
            asker=asker_of(message),
            words=example,
        )
        await desk.conversations.keep(greeting)
    await desk.delivery.reply((page,), to=target, answer_id=greeting_id)


def greeting_page(example: str | None, say: Say) -> Page:
    if not example:
        return Page(say(texts.START))
    shown = styled(say(texts.EXAMPLE, question=example), "italic")
    return Page(f"{say(texts.START)}\n\n") + shown + Page("", buttons=((Button(say(texts.ASK_EXAMPLE), TRY),),))


class Greeting:
    """The button under it."""

    def __init__(self, desk: Desk, asking: Asking) -> None:
        self._desk = desk
        self._asking = asking

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        application.add_handler(CallbackQueryHandler(self.tap, pattern=f"^c:.+:{TRY}$"))

    async def tap(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """The example is asked, once for each greeting, however often it is tapped."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        chat, greeting, conversations = query.message.chat.id, query.message.message_id, self._desk.conversations
        say = await self._desk.say_to(query.from_user)
        kept = await conversations.answer(callback_parts(query.data or "")[0])
        if kept is None or kept.chat != chat:
            await self._desk.delivery.acknowledge(query.id, say(texts.ASK_AGAIN))
            return
        target = Target(Place(chat, kept.thread), greeting)
        if await self._asking.answered_before(target, say) or await conversations.answer_to(
            chat=chat, question=greeting
        ):
            await self._desk.delivery.acknowledge(query.id)
            return
        if not await self._desk.takes(query.from_user.id):
            await self._desk.delivery.acknowledge(query.id, say(texts.OFFERING_NO_MORE))
            return
        await self._desk.delivery.acknowledge(query.id)
        head, asker = styled(kept.words, "italic") + Page("\n\n"), query.from_user.id
        waiting = Waiting(to=target, asker=asker, say=say, head=head)
        async with self._desk.delivery.typing(target.place):
            answer = await self._asking.answered(kept.words, payer=asker, waiting=waiting)
        await self._asking.send(
            await self._asking.keep(answer, words=kept.words, to=target, say=say, asker=asker, head=head)
        )
