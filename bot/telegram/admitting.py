"""What admins tell the bot in private about people: who is let in, who is there, who is put out."""

import re

from telegram import Message, Update
from telegram.ext import Application, CommandHandler, ContextTypes, filters

from bot import texts
from bot.languages import Say, say_in
from bot.members import Member, Members, Role
from bot.pages import Page, Style, split
from bot.pairing import Attempts, Newcomer
from bot.telegram.access import Allowlist
from bot.telegram.admins import obeys
from bot.telegram.desk import Desk
from bot.telegram.places import Place, Target

Context = ContextTypes.DEFAULT_TYPE

ID = re.compile(r"[1-9][0-9]{0,14}")

LET_IN = {Role.MEMBER: texts.LET_IN, Role.ADMIN: texts.MADE_ADMIN}
YOU_ARE_IN = {Role.MEMBER: texts.YOU_ARE_IN, Role.ADMIN: texts.YOU_ARE_ADMIN}


class Admitting:
    def __init__(self, desk: Desk, members: Members, *, attempts: Attempts) -> None:
        self._desk = desk
        self._members = members
        self._attempts = attempts

    def add_to(self, application: Application) -> None:  # type: ignore[type-arg]
        """In a group other bots may have such commands."""
        private = filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE
        application.add_handler(CommandHandler("allow", self.allow, filters=private))
        application.add_handler(CommandHandler("members", self.members, filters=private))
        application.add_handler(CommandHandler("remove", self.remove, filters=private))

    async def allow(self, update: Update, context: Context) -> None:
        """/allow CODE or /allow ID, and "admin" behind it to make an admin."""
        message = update.effective_message
        if message is None or not await obeys(self._desk, message):
            return
        words = context.args or []
        role = Role.ADMIN if words and words[-1].lower() == Role.ADMIN else Role.MEMBER
        who = "".join(words[:-1] if role is Role.ADMIN else words)
        if not who:
            await self._desk.tell(message, texts.ALLOW_HOW)
        elif ID.fullmatch(who):
            chosen = await self._desk.people.language(int(who))
            await self._let_in(Newcomer(int(who), chosen or ""), role, message=message)
        elif newcomer := await self._redeemed(who, message=message):
            await self._let_in(newcomer, role, message=message)

    async def members(self, update: Update, _: Context) -> None:
        message = update.effective_message
        if message is not None and await obeys(self._desk, message):
            say = await self._desk.say_to(message.from_user)
            page = members_page(self._desk.access.allowlist, await self._members.all(), say)
            await self._desk.delivery.reply(split(page), to=Target.of(message))

    async def remove(self, update: Update, context: Context) -> None:
        message = update.effective_message
        if message is None or not await obeys(self._desk, message):
            return
        who = "".join(context.args or [])
        if not ID.fullmatch(who):
            await self._desk.tell(message, texts.REMOVE_HOW)
        else:
            removed = await self._members.put_out(int(who))
            named = self._desk.access.allowlist.names(int(who))
            sentence = texts.SETTINGS_DECIDE if named else texts.PUT_OUT if removed else texts.NOT_IN
            await self._tell_of(int(who), sentence, message=message)

    async def _redeemed(self, code: str, *, message: Message) -> Newcomer | None:
        """Whose code it is; else the admin is told."""
        admin = message.chat.id
        if not await self._attempts.are_left(admin):
            await self._desk.tell(message, texts.TOO_MANY_CODES)
            return None
        newcomer = await self._desk.codes.redeem(code)
        if newcomer is None:
            await self._attempts.failed(admin)
            await self._desk.tell(message, texts.NO_SUCH_CODE)
        return newcomer

    async def _let_in(self, newcomer: Newcomer, role: Role, *, message: Message) -> None:
        """The admin is told whether the newcomer could be."""
        person, allowlist = newcomer.person, self._desk.access.allowlist
        named = allowlist.names(person) if role is Role.MEMBER else person in allowlist.admins
        if named or not await self._members.let_in(person, role, by=message.chat.id):
            await self._tell_of(person, texts.IN_ALREADY, message=message)
            return
        welcome = Page(say_in(newcomer.language)(YOU_ARE_IN[role]))
        told = await self._desk.delivery.send(welcome, to=Place(person))
        await self._tell_of(person, LET_IN[role], texts.TOLD_THEM if told else texts.NOT_REACHED, message=message)

    async def _tell_of(self, person: int, *sentences: str, message: Message) -> None:
        say = await self._desk.say_to(message.from_user)
        text = " ".join(say(sentence, person=person) for sentence in sentences)
        await self._desk.delivery.reply((linked(text, person),), to=Target.of(message))


def members_page(allowlist: Allowlist, members: tuple[Member, ...], say: Say) -> Page:
    """Admins, then members, those that the settings name first."""
    page = Page(f"{say(texts.OPEN_TO_EVERYONE)}\n\n") if allowlist.is_open else Page("")
    page += people_page(say(texts.ADMINS_TITLE), allowlist.admins, members, Role.ADMIN, say)
    return page + people_page(say(texts.MEMBERS_TITLE), allowlist.users, members, Role.MEMBER, say)


def people_page(title: str, named: frozenset[int], members: tuple[Member, ...], role: Role, say: Say) -> Page:
    page = Page(f"{title}\n", (Style("bold", 0, len(title)),))
    for person in sorted(named):
        page += linked(f"{say(texts.BY_SETTINGS, person=person)}\n", person)
    for member in members:
        if member.role is role:
            line = say(texts.SINCE_BY, person=member.person, day=say.day(member.since), admin=member.by)
            page += linked(f"{line}\n", member.person)
    return page + Page("\n")


def linked(text: str, person: int) -> Page:
    """The id in the text leads to the person, where Telegram lets the reader see them."""
    start = text.find(str(person))
    return Page(text, (Style("link", start, start + len(str(person)), f"tg://user?id={person}"),))
