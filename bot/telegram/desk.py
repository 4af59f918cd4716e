"""What everything that the bot reacts with has at hand, and what all of it does: admit, choose the language, tell."""

from dataclasses import dataclass
from pathlib import Path

from telegram import CallbackQuery, Message, User

from bot import texts
from bot.albums import Albums
from bot.allowance import Allowance
from bot.answers import Answers
from bot.completing import Completing
from bot.conversations import Conversations, KeptAnswer
from bot.examples import Examples
from bot.feedback import Feedback
from bot.gaps import Gaps
from bot.groups import Modes
from bot.languages import Say, say_in
from bot.mailbox import Mailbox
from bot.moves import Moves
from bot.pages import Page, Style
from bot.pairing import Codes
from bot.paying import PaidAnswers
from bot.people import People
from bot.spending import Spending
from bot.telegram.access import Access
from bot.telegram.addressing import asker_of, replies_to
from bot.telegram.delivery import Delivery
from bot.telegram.drafting import Drafting
from bot.telegram.places import Place, Target
from bot.telegram.underway import UnderWay
from bot.telegram.updates import begun_before
from bot.watches import Watches


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Desk:
    """`seeds` is the folder of the documents."""

    answers: Answers
    paid: PaidAnswers
    completing: Completing
    conversations: Conversations
    feedback: Feedback
    gaps: Gaps
    people: People
    albums: Albums
    modes: Modes
    moves: Moves
    watches: Watches
    examples: Examples
    access: Access
    codes: Codes
    allowance: Allowance
    spending: Spending
    delivery: Delivery
    drafting: Drafting
    under_way: UnderWay
    mailbox: Mailbox
    seeds: Path

    async def say_to(self, person: User | None) -> Say:
        """In the language that the person chose, else in that of their Telegram."""
        if person is None:
            return say_in(None)
        return say_in(await self.people.language(person.id) or person.language_code)

    async def tell(self, message: Message | None, sentence: str, **values: object) -> None:
        """Reply with one of bot.texts, if the message's writer may use the bot."""
        if message is not None and await self.admits(message):
            say = await self.say_to(message.from_user)
            await self.delivery.reply((Page(say(sentence, **values)),), to=Target.of(message))

    async def send_text(self, name: str, text: str, *, to: Target, say: Say) -> tuple[int, ...]:
        """Send a text that is too long for messages, as a file; the id of its message, if it has surely arrived."""
        lost = Page(say(texts.CONNECTION_BROKE_LONG))
        return await self.delivery.send_file(name, text.encode(errors="replace"), caption=Page(""), to=to, notice=lost)

    async def allows(self, *, asker: int, chat: int | None) -> bool:
        """Whether they may ask there. What a group may, the supergroup may that it became."""
        if await self.access.admits(asker=asker, chat=chat):
            return True
        former = await self.moves.former(chat) if chat is not None else None
        return former is not None and await self.access.admits(asker=asker, chat=former)

    async def replied(self, message: Message, *, me: User) -> KeptAnswer | None:
        """The answer that the message replies to, if it does and that is still kept."""
        replied = message.reply_to_message
        if replied is None or not replies_to(message, me=me):
            return None
        return await self.conversations.answer_at(chat=message.chat.id, message=replied.message_id)

    async def meant(self, message: Message, *, me: User) -> KeptAnswer | None:
        """The answer that a command is about: the one that it replies to, else the last one in this chat or topic."""
        place = Place.of(message)
        replied = await self.replied(message, me=me)
        return replied or await self.conversations.latest(chat=place.chat, thread=place.thread)

    async def admits(self, message: Message, *, silently: bool = False) -> bool:
        """Whether its writer may use the bot; one who may not is told how they can, or that they cannot, unless
        `silently`."""
        asker, chat = asker_of(message), message.chat
        if await self.allows(asker=asker, chat=chat.id):
            return True
        if silently:
            return False
        say = await self.say_to(message.from_user)
        asks_admins = await self.access.has_admins()
        if asks_admins and chat.type == chat.PRIVATE:
            page = code_page(await self.codes.issue(asker, language=say.language), say)
        elif await self.conversations.deny(asker):
            page = Page(say(NO_ACCESS[chat.type == chat.PRIVATE, asks_admins], asker=asker, chat=chat.id))
        else:
            page = None
        if page is not None:
            await self.delivery.reply((page,), to=Target.of(message))
        return False

    async def admits_tap(self, query: CallbackQuery) -> bool:
        """Whether who tapped may use the bot; else the tap is answered, the first time with a sentence."""
        person = query.from_user
        if await self.allows(asker=person.id, chat=query.message.chat.id if query.message else None):
            return True
        sentence = texts.ASK_FOR_ACCESS if await self.access.has_admins() else texts.NO_ACCESS
        say = await self.say_to(person)
        told = await self.conversations.deny(person.id)
        await self.delivery.acknowledge(query.id, say(sentence, asker=person.id) if told else None)
        return False

    async def takes(self, asker: int) -> bool:
        """Takes a question from those that somebody may ask today; False where there is none left. Admins may ask any
        number, and what a worker died over is not counted twice."""
        is_limited = self.allowance.a_day is not None and not begun_before.get()
        return not is_limited or await self.access.administers(asker) or await self.allowance.take(asker)

    async def may_take(self, asker: int) -> bool:
        """Whether there is a question left to take."""
        return await self.allowance.is_left(asker) or await self.access.administers(asker)

    async def grants(self, message: Message) -> bool:
        """As above, for the message's writer; where no question is left, they are told so, though not for ever."""
        asker = asker_of(message)
        if await self.takes(asker):
            return True
        if await self.allowance.tell(asker):
            say = await self.say_to(message.from_user)
            when = say.in_time(self.allowance.opens_in())
            page = Page(say(texts.NO_MORE_TODAY, most=self.allowance.a_day, when=when))
            await self.delivery.reply((page,), to=Target.of(message))
        return False


NO_ACCESS = {
    (True, False): texts.NO_ACCESS,
    (False, False): texts.NO_ACCESS_IN_GROUP,
    (False, True): texts.ASK_FOR_ACCESS_IN_GROUP,
}
"""What is said without a code, by whether it is said in private, and whether there are admins."""


def code_page(code: str | None, say: Say) -> Page | None:
    """The code, marked so that a tap copies it; None where the earlier one is valid."""
    if code is None:
        return None
    text = say(texts.ACCESS_CODE, code=code)
    start = text.index(code)
    return Page(text, (Style("code", start, start + len(code)),))
