"""What everything that the bot reacts with has at hand, and what all of it does: admit, choose the language, tell."""

from dataclasses import dataclass
from pathlib import Path

from telegram import Message, User

from bot import texts
from bot.answers import Answers
from bot.conversations import Conversations
from bot.feedback import Feedback
from bot.groups import Modes
from bot.languages import Say, say_in
from bot.moves import Moves
from bot.pages import Page
from bot.people import People
from bot.telegram.access import Access
from bot.telegram.addressing import asker_of
from bot.telegram.delivery import Delivery
from bot.telegram.places import Target


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Desk:
    """`seeds` is the folder of the documents."""

    answers: Answers
    conversations: Conversations
    feedback: Feedback
    people: People
    modes: Modes
    moves: Moves
    access: Access
    delivery: Delivery
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

    async def allows(self, *, asker: int, chat: int) -> bool:
        """Whether they may ask there. What a group may, the supergroup may that it became."""
        if self.access.allows(asker=asker, chat=chat):
            return True
        former = await self.moves.former(chat)
        return former is not None and self.access.allows(asker=asker, chat=former)

    async def admits(self, message: Message, *, silently: bool = False) -> bool:
        """Whether its writer may use the bot; one who may not is told once, unless `silently`."""
        asker, chat = asker_of(message), message.chat
        if await self.allows(asker=asker, chat=chat.id):
            return True
        if not silently and await self.conversations.deny(asker):
            say = await self.say_to(message.from_user)
            sentence = texts.NO_ACCESS if chat.type == chat.PRIVATE else texts.NO_ACCESS_IN_GROUP
            page = Page(say(sentence, asker=asker, chat=chat.id))
            await self.delivery.reply((page,), to=Target.of(message))
        return False
