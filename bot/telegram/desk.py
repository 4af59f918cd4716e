"""What everything that the bot reacts with has at hand, and what all of it does: admit, choose the language, tell."""

from dataclasses import dataclass
from pathlib import Path

from telegram import Message, User

from bot import texts
from bot.answers import Answers
from bot.conversations import Conversations
from bot.feedback import Feedback
from bot.languages import Say, say_in
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

    async def send_text(self, name: str, text: str, *, to: Target, say: Say) -> tuple[int, ...]:
        """Send a text that is too long for messages, as a file; the id of its message, if it has surely arrived."""
        lost = Page(say(texts.CONNECTION_BROKE_LONG))
        return await self.delivery.send_file(name, text.encode(errors="replace"), caption=Page(""), to=to, notice=lost)

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
