"""When the bot answers in a group or a topic: shown by /mode, chosen by a tap, kept to by all rooms."""

import asyncio

from telegram import Bot, CallbackQuery, Message, Update
from telegram.error import BadRequest, Forbidden
from telegram.ext import (
    Application,
    ApplicationHandlerStop,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot import texts
from bot.groups import Mode
from bot.languages import Say
from bot.pages import Button, Page
from bot.telegram.addressing import command_in
from bot.telegram.desk import Desk
from bot.telegram.patience import patiently
from bot.telegram.places import Place, Target

MODE, DOCTOR = "mode", "doctor"
"""The commands that administrators have where the bot is off."""

NAMES = {Mode.ALWAYS: texts.MODE_ALWAYS, Mode.MENTIONED: texts.MODE_MENTIONED, Mode.OFF: texts.MODE_OFF}

GROUP, TOPIC, LIKE_GROUP = "group", "topic", "like"
"""In a button: what is chosen for, and that a topic is to be like its group. "topic-off" chooses, "group" goes on."""

CHOICES: dict[str, Mode | None] = {LIKE_GROUP: None} | {mode.value: mode for mode in Mode}


class Moderating:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """Group -1 comes before all rooms, and keeps from them what is said where the bot is off."""
        said = filters.UpdateType.MESSAGES & filters.ChatType.GROUPS & ~filters.StatusUpdate.ALL
        application.add_handler(MessageHandler(said, self.keep_quiet), group=-1)
        application.add_handler(CommandHandler(MODE, self.mode, filters=filters.UpdateType.MESSAGE))
        application.add_handler(CallbackQueryHandler(self.choose, pattern=f"^c:{MODE}:"))

    async def keep_quiet(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is None:
            return
        place = Place.of(message)
        if await self._desk.modes.mode(place.chat, place.topic) is not Mode.OFF:
            return
        command, _ = command_in(message, me=context.bot.bot)
        if command not in (MODE, DOCTOR) or not await self._may_choose(message, bot=context.bot):
            raise ApplicationHandlerStop

    async def mode(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is None or not await self._desk.admits(message):
            return
        if message.chat.type == message.chat.PRIVATE:
            await self._desk.tell(message, texts.MODE_IN_PRIVATE)
        elif not await self._may_choose(message, bot=context.bot):
            await self._desk.tell(message, texts.ADMINISTRATORS_ONLY)
        else:
            say = await self._desk.say_to(message.from_user)
            place = Place.of(message)
            blind = await self._is_blind(place.chat, place.topic, bot=context.bot)
            page = await self._page(place, place.topic, blind=blind, say=say)
            await self._desk.delivery.reply((page,), to=Target.of(message), answer_id=MODE)

    async def choose(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        if query is None or query.message is None:
            return
        delivery, say = self._desk.delivery, await self._desk.say_to(query.from_user)
        if not await self._taps_as_administrator(query, bot=context.bot):
            await delivery.acknowledge(query.id, say(texts.ADMINISTRATORS_ONLY))
            return
        if not isinstance(query.message, Message):  # so old that Telegram does not say which topic it stands in
            await delivery.acknowledge(query.id, say(texts.MODE_TOO_OLD))
            return
        place = Place.of(query.message)
        scope, _, choice = (query.data or "").rpartition(":")[2].partition("-")
        topic = place.topic if scope == TOPIC else None
        if choice in CHOICES:
            await self._desk.modes.choose(place.chat, topic, CHOICES[choice])
        blind = await self._is_blind(place.chat, topic, bot=context.bot)
        page = await self._page(place, topic, blind=blind, say=say)
        alarming = blind and choice == Mode.ALWAYS
        await delivery.acknowledge(query.id, say(texts.ALWAYS_BUT_HIDDEN) if alarming else None)
        await delivery.edit(page, message=query.message.message_id, to=place, answer_id=MODE)

    async def _page(self, place: Place, topic: int | None, *, blind: bool, say: Say) -> Page:
        """What was chosen for the topic, or with None for the group, with the buttons that change it."""
        own, group = await self._desk.modes.own(place.chat, topic), await self._desk.modes.mode(place.chat, None)
        in_forum, for_topic = place.topic is not None, topic is not None
        return mode_page(say, own=own, group=group, in_forum=in_forum, for_topic=for_topic, blind=blind)

    async def _is_blind(self, chat: int, topic: int | None, *, bot: Bot) -> bool:
        """Whether the bot is to answer what Telegram does not show it."""
        mode = await self._desk.modes.mode(chat, topic)
        return mode is Mode.ALWAYS and not await sees_everything(chat, bot=bot)

    async def _may_choose(self, message: Message, *, bot: Bot) -> bool:
        person = message.from_user
        is_admin = person is not None and await self._desk.access.administers(person.id)
        return is_admin or await writer_administers(message, bot=bot)

    async def _taps_as_administrator(self, query: CallbackQuery, *, bot: Bot) -> bool:
        """Who taps does so in their own name, an anonymous administrator too."""
        person, chat = query.from_user.id, query.message.chat.id if query.message else 0
        if not await self._desk.allows(asker=person, chat=chat):
            return False
        return await self._desk.access.administers(person) or await administers(person, chat=chat, bot=bot)


def mode_page(say: Say, *, own: Mode | None, group: Mode, in_forum: bool, for_topic: bool, blind: bool) -> Page:
    """The modes as buttons, the one that holds marked. In a forum a last button goes from the topic to the group and
    back."""
    scope = TOPIC if for_topic else GROUP
    chosen = own if for_topic else group
    rows = [(Button(marked(say(name), mode is chosen), f"{scope}-{mode.value}"),) for mode, name in NAMES.items()]
    if for_topic:
        like = say(texts.MODE_LIKE_GROUP, mode=say(NAMES[group]))
        rows += [(Button(marked(like, own is None), f"{TOPIC}-{LIKE_GROUP}"),), (Button(say(texts.TO_GROUP), GROUP),)]
    elif in_forum:
        rows += [(Button(say(texts.TO_TOPIC), TOPIC),)]
    sentences = [texts.MODE_OF_TOPIC if for_topic else texts.MODE_OF_GROUP, texts.MODES_EXPLAINED]
    sentences += [texts.ALWAYS_BUT_HIDDEN] if blind else []
    return Page("\n\n".join(map(say, sentences)), buttons=tuple(rows))


def marked(label: str, holds: bool) -> str:
    return f"· {label} ·" if holds else label


async def writer_administers(message: Message, *, bot: Bot) -> bool:
    """Whether an administrator wrote it, in their own name or, hidden, in the group's."""
    if message.sender_chat is not None:
        return message.sender_chat.id == message.chat.id
    return message.from_user is not None and await administers(message.from_user.id, chat=message.chat.id, bot=bot)


async def administers(person: int, *, chat: int, bot: Bot) -> bool:
    """By the list of administrators, which every bot is given; about single members only administrators are told."""
    try:
        members = await patiently(lambda: bot.get_chat_administrators(chat), repeatable=True, sleep=asyncio.sleep)
    except (BadRequest, Forbidden):  # the bot is not there any more
        return False
    return any(member.user.id == person for member in members)


async def sees_everything(chat: int, *, bot: Bot) -> bool:
    """Whether Telegram shows the bot what people write to each other there."""
    me = await patiently(bot.get_me, repeatable=True, sleep=asyncio.sleep)
    if me.can_read_all_group_messages:
        return True
    member = await patiently(lambda: bot.get_chat_member(chat, me.id), repeatable=True, sleep=asyncio.sleep)
    return member.status == member.ADMINISTRATOR
