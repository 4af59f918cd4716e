"""Questions that the bot watches: /watch sets one, /watches lists those of the chat and ends them."""

import asyncio
from collections.abc import Sequence

from telegram import Message, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, filters

from bot import texts
from bot.changes import folded, known_from
from bot.conversations import KeptAnswer
from bot.folding import fold_line, shortened
from bot.languages import Say
from bot.pages import Button, Page
from bot.render import rows
from bot.telegram.addressing import asker_of, command_in
from bot.telegram.asking import Asking
from bot.telegram.callbacks import callback_parts
from bot.telegram.desk import Desk
from bot.telegram.moderating import administers
from bot.telegram.places import Place, Target
from bot.telegram.underway import Waiting
from bot.watches import MOST, Watch
from index.types import Answer

Context = ContextTypes.DEFAULT_TYPE

WATCH = "watch"
"""What stands for an answer's id in the buttons that end one."""

LISTED = 20
"""Of a group, where many people may watch; the rest is listed once some have ended."""

QUESTION_LENGTH = 150
"""Characters of a question in the list."""


class Watching:
    def __init__(self, desk: Desk, asking: Asking) -> None:
        self._desk = desk
        self._asking = asking

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        new = filters.UpdateType.MESSAGE
        application.add_handler(CommandHandler("watch", self.watch, filters=new))
        application.add_handler(CommandHandler("watches", self.watches, filters=new))
        application.add_handler(CallbackQueryHandler(self.end, pattern=f"^c:{WATCH}:"))

    async def watch(self, update: Update, context: Context) -> None:
        """The question behind the command is answered and watched; else that of the answer which it replies to."""
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        me = context.bot.bot
        words, shown = command_in(message, me=me)[1].strip(), None
        if not words:
            shown = await self._desk.replied(message, me=me)
            words = shown.words if shown else ""
        if not words:
            await self._desk.tell(message, texts.WATCH_WHAT)
        elif await self._desk.grants(message):
            await self._watch(message, words, shown=shown)

    async def _watch(self, message: Message, words: str, *, shown: KeptAnswer | None) -> None:
        """What is `shown` already is not sent again."""
        say, target, answers = await self._desk.say_to(message.from_user), Target.of(message), self._desk.answers
        if await self._asking.answered_before(target, say):
            return
        async with self._desk.delivery.typing(target.place):
            await self._desk.conversations.meet(message.chat.id, kind=message.chat.type)
            generation = (await asyncio.to_thread(answers.status)).generation
            documents = await asyncio.to_thread(answers.fingerprints)
            waiting = Waiting(to=target, asker=asker_of(message), say=say)
            answer = await self._asking.answered(words, waiting=waiting)
        if not isinstance(answer, Answer):
            await self._desk.tell(message, str(answer))
            return
        watch = Watch(
            chat=target.place.chat,
            thread=target.place.thread,
            message=message.message_id,
            person=asker_of(message),
            language=say.language,
            words=words,
            known=known_from(answer, documents),
            generation=generation,
        )
        if not await self._desk.watches.keep(watch):
            await self._desk.tell(message, texts.TOO_MANY_WATCHES, count=MOST)
        elif shown and quotes_of(shown) == quotes_in(answer):
            await self._desk.tell(message, texts.WATCHED)
        else:
            foot = Page(f"\n\n{say(texts.WATCHED)}")
            await self._asking.send(
                await self._asking.keep(answer, words=words, to=target, say=say, asker=watch.person, foot=foot)
            )

    async def watches(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None and await self._desk.admits(message):
            page = watches_page(
                await self._desk.watches.of_chat(message.chat.id), await self._desk.say_to(message.from_user)
            )
            await self._desk.delivery.reply((page,), to=Target.of(message), answer_id=WATCH)

    async def end(self, update: Update, context: Context) -> None:
        """A number was tapped: by who set that watch, it is ended, or by an admin; one that an administrator set in the
        group's name, by any of its administrators."""
        query = update.callback_query
        if query is None or query.message is None or not await self._desk.admits_tap(query):
            return
        chat, person = query.message.chat.id, query.from_user.id
        say = await self._desk.say_to(query.from_user)
        watch = await self._desk.watches.watch(callback_parts(query.data or "")[1])
        if watch is not None:
            own = person == watch.person or await self._desk.access.administers(person)
            of_group = watch.person == watch.chat
            if not own and not (of_group and await administers(person, chat=chat, bot=context.bot)):
                await self._desk.delivery.acknowledge(query.id, say(texts.NOT_YOUR_WATCH))
                return
            await self._desk.watches.end(watch.id)
        await self._desk.delivery.acknowledge(query.id, say(texts.WATCH_ENDED), alert=False)
        page = watches_page(await self._desk.watches.of_chat(chat), say)
        await self._desk.delivery.edit(page, message=query.message.message_id, to=Place(chat), answer_id=WATCH)


def watches_page(watches: Sequence[Watch], say: Say) -> Page:
    """The questions with a number each, and a button for each number."""
    if not watches:
        return Page(say(texts.NO_WATCHES))
    lines = [say.counted(texts.ONE_WATCH, texts.WATCHES, len(watches)), ""]
    buttons = []
    for number, watch in enumerate(watches[:LISTED], start=1):
        lines.append(f"{number}  {shortened(fold_line(watch.words), QUESTION_LENGTH)}")
        buttons.append(Button(f"✕ {number}", watch.id))
    if len(watches) > LISTED:
        lines.append(say(texts.AND_MORE, count=len(watches) - LISTED))
    return Page("\n".join(lines), buttons=rows(buttons))


def quotes_of(shown: KeptAnswer) -> list[str]:
    return [folded(each.quote) for each in shown.citations]


def quotes_in(answer: Answer) -> list[str]:
    return [folded(each.quote.text) for each in answer.citations]
