"""What people may know and decide about themselves: /privacy tells what is kept of them, /delete_me deletes it."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence

from telegram import Chat, Update
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, filters

from bot import texts
from bot.errors import ConversationsError
from bot.keeping import Keeping
from bot.languages import Say
from bot.pages import Button, Page
from bot.privacy import Policy, privacy_page
from bot.telegram.desk import Desk
from bot.telegram.places import Place, Target
from bot.telegram.underway import Work
from bot.telegram.updates import RawUpdate

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often it is looked whether another worker has come to its end."""

Context = ContextTypes.DEFAULT_TYPE

DELETE_ME = "delete_me"
"""What stands for an answer's id in the buttons below."""

YES, NO = "yes", "no"


class Forgetting:
    """In private anyone is answered, for of one who may not ask something is kept too."""

    def __init__(self, desk: Desk, *, keeping: Keeping, policy: Policy) -> None:
        self._desk = desk
        self._keeping = keeping
        self._policy = policy

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        new = filters.UpdateType.MESSAGE
        application.add_handler(CommandHandler("privacy", self.privacy, filters=new))
        application.add_handler(CommandHandler("delete_me", self.delete_me, filters=new))
        application.add_handler(CallbackQueryHandler(self.decided, pattern=f"^c:{DELETE_ME}:"))

    async def privacy(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None and (message.chat.type == Chat.PRIVATE or await self._desk.admits(message)):
            say = await self._desk.say_to(message.from_user)
            await self._desk.delivery.reply((privacy_page(self._policy, say),), to=Target.of(message))

    async def delete_me(self, update: Update, _: Context) -> None:
        """Asks first. In a group anyone could tap the button."""
        message = update.effective_message
        if message is None:
            return
        if message.chat.type != Chat.PRIVATE:
            await self._desk.tell(message, texts.DELETE_IN_PRIVATE)
            return
        say = await self._desk.say_to(message.from_user)
        buttons = ((Button(say(texts.DELETE_YES), YES), Button(say(texts.DELETE_NO), NO)),)
        page = Page(say(texts.DELETE_SURE), buttons=buttons)
        await self._desk.delivery.reply((page,), to=Target.of(message), answer_id=DELETE_ME)

    async def decided(self, update: Update, _: Context) -> None:
        query = update.callback_query
        if query is None or query.message is None or query.message.chat.type != Chat.PRIVATE:
            return
        say = await self._desk.say_to(query.from_user)  # before the choice of it is deleted
        if (query.data or "").endswith(f":{YES}"):
            page = deleted_page(await self._forgotten(query.from_user.id, last=update.update_id), say)
        else:
            page = Page(say(texts.DELETED_NOTHING))
        await self._desk.delivery.acknowledge(query.id)
        await self._desk.delivery.edit(page, message=query.message.message_id, to=Place(query.message.chat.id))

    async def _forgotten(self, person: int, *, last: int) -> dict[str, int]:
        """What is being answered, here or by another worker, is stopped, and forgotten as well once it has come to its
        end."""
        under_way, mailbox = self._desk.under_way, self._desk.mailbox
        works = under_way.of(person)
        for work in works:
            work.stop.give()
        elsewhere = await mailbox.of_person(person, but=under_way.worker, last=last)
        await mailbox.stop(elsewhere)
        deleted = await self._keeping.forget(person, last=last, but=elsewhere)
        if works or elsewhere:
            under_way.tidy(self._forget_answers(works, elsewhere))
        return deleted

    async def _forget_answers(self, works: Sequence[Work], elsewhere: Mapping[int, str]) -> None:
        """Of what is asked meanwhile, nothing."""
        await asyncio.gather(*(work.sent() for work in works))
        answered = {(work.waiting.to.place.chat, work.waiting.to.message or 0) for work in works if work.waiting}
        answered |= {place for body in elsewhere.values() if (place := place_of(json.loads(body)))}
        try:
            while await self._desk.mailbox.are_left(elsewhere):  # noqa: ASYNC110  (no event comes from another process)
                await asyncio.sleep(LOOK_SECONDS)
            for chat, question in answered:
                await self._keeping.forget_answer(chat=chat, question=question)
        except ConversationsError as error:
            logger.warning("what was answered during a /delete_me could not be deleted: %s", error)


def place_of(raw: RawUpdate) -> tuple[int, int] | None:
    """The chat and the message that an answer to this update belongs to."""
    message = raw.get("message") or raw.get("edited_message") or raw.get("callback_query", {}).get("message")
    return (message["chat"]["id"], message["message_id"]) if message else None


def deleted_page(deleted: dict[str, int], say: Say) -> Page:
    """What went, by table; what only serves the answers is not counted."""
    lines = [
        say.counted(texts.DELETED_ANSWER, texts.DELETED_ANSWERS, deleted["answers"]),
        say.counted(texts.DELETED_VOTE, texts.DELETED_VOTES, deleted["votes"]),
        say(texts.DELETED_REST),
    ]
    listed = "".join(f"• {line}\n" for line in lines)
    return Page(f"{say(texts.DELETED)}\n{listed}\n{say(texts.DELETED_NOT)}")
