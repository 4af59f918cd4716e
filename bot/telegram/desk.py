"""What everything that the bot reacts with has at hand, and what all of it does: admit, choose the language, tell."""

from dataclasses import dataclass
from pathlib import Path

from telegram import CallbackQuery, Message, User

from bot import texts
from bot.answers import Answers
from bot.conversations import Conversations
from bot.examples import Examples
from bot.feedback import Feedback
from bot.languages import Say, say_in
from bot.pages import Page
from bot.people import People
from bot.telegram.access import Access
from bot.telegram.addressing import asker_of
from bot.telegram.delivery import Delivery
from bot.telegram.places import Target
from bot.watches import Watches


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Desk:
    """`seeds` is the folder of the documents."""

    answers: Answers
    conversations: Conversations
    feedback: Feedback
    people: People
    watches: Watches
    examples: Examples
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

    async def admits(self, message: Message) -> bool:
        """Whether its writer may use the bot; one who may not is told once."""
        asker, chat = asker_of(message), message.chat
        if self.access.allows(asker=asker, chat=chat.id):
            return True
        if await self.conversations.deny(asker):
            say = await self.say_to(message.from_user)
            sentence = texts.NO_ACCESS if chat.type == chat.PRIVATE else texts.NO_ACCESS_IN_GROUP
            page = Page(say(sentence, asker=asker, chat=chat.id))
            await self.delivery.reply((page,), to=Target.of(message))
        return False

    async def admits_tap(self, query: CallbackQuery) -> bool:
        """Whether the one who tapped may use the bot; one who may not is told once."""
        chat = query.message.chat.id if query.message else 0
        if self.access.allows(asker=query.from_user.id, chat=chat):
            return True
        say, told = await self.say_to(query.from_user), await self.conversations.deny(query.from_user.id)
        await self.delivery.acknowledge(query.id, say(texts.NO_ACCESS, asker=query.from_user.id) if told else None)
        return False
