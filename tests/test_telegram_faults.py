"""Two hundred questions on a bad day: every one is answered, once, in order, and within Telegram's limits."""

import asyncio
from dataclasses import dataclass, field
from itertools import chain

import pytest

from bot import texts
from bot.telegram.delivery import TYPING_SECONDS
from index.types import Answer, Outcome
from tests import botapi
from tests.botapi import BotApi, Chat, Message, PrivateChat, Topic, User
from tests.telegram_world import GatedAnswers, World, first_citation

pytestmark = pytest.mark.timeout(180)

SEED = 20261124
QUESTIONS = 10
"""In each chat."""

NOTICES = (texts.CONNECTION_BROKE, texts.CONNECTION_BROKE_LONG)
BROKEN = ("DropBefore", "DropAfter", "Stall")
STORMY = ("sendMessage", "editMessageText", "answerCallbackQuery", "sendChatAction", "getUpdates")


class TellingAnswers(GatedAnswers):
    """Each answer tells its question; with "length", in two messages."""

    def answer(self, question: str, **_: object) -> Answer:
        self.asked.append(question)
        text = f"{told(question)} {'A sentence. ' * 400 if 'length' in question else ''}[1]"
        return Answer(question, text, Outcome.ANSWERED, 0.9, first_citation())


def told(question: str) -> str:
    return f"The answer to “{question}”."


@dataclass
class Talk:
    """What one person asks in a chat or topic, and what comes of it."""

    api: BotApi
    chat: Chat
    person: User
    topic: Topic | None = None
    asked: list[Message] = field(default_factory=list)

    async def ask(self, number: int) -> None:
        at_length = ", at length" if number % 7 == 3 else ""
        words = f"/ask Question {number} of {self.person.first_name}{at_length}?"
        self.asked.append(await self.chat.say(self.person, words, topic=self.topic))

    async def all_answered(self) -> None:
        for question in self.asked:
            await self.chat.reply(to=question, timeout_seconds=120)

    @property
    def replies(self) -> list[Message]:
        """What the bot said here to questions, in order; citations, which it says to its own answers, left out."""
        own = {message.id for message in self.chat.messages_of_bot}
        said = (message for message in self.chat.messages_of_bot if message.kind == "text")
        to_people = (message for message in said if message.reply_to not in own)
        return [message for message in to_people if self.topic is None or message.thread_id == self.topic.id]

    def replies_to(self, question: Message) -> list[Message]:
        return [message for message in self.replies if message.reply_to == question.id]

    def answers_to(self, question: Message) -> list[Message]:
        """The messages that are the answer, or its parts, without notices."""
        return [message for message in self.replies_to(question) if text_at_first(message) not in NOTICES]

    def notices_to(self, question: Message) -> list[Message]:
        return [message for message in self.replies_to(question) if text_at_first(message) in NOTICES]

    def sends_broken(self, question: Message) -> list[botapi.Call]:
        """The sends about a question after which nobody could know whether they had arrived."""
        return [
            call
            for call in self.api.calls_of("sendMessage")
            if call.parameters["chat_id"] == self.chat.id
            and call.parameters.get("reply_parameters", {}).get("message_id") == question.id
            and (call.fault or "").startswith(BROKEN)
        ]


def text_at_first(message: Message) -> str:
    """What it said before a tap turned it into something else."""
    return message.edits[0].text if message.edits else message.text


def words_of(question: Message) -> str:
    return question.text.removeprefix("/ask ")


@pytest.fixture
def answers() -> TellingAnswers:
    return TellingAnswers()


async def talks_of(api: BotApi) -> list[Talk]:
    """Twenty chats, forums of two topics among them: a hundred and forty questions in private and sixty in groups."""
    talks = []
    for number in range(14):
        person = api.user(f"Person{number}")
        talks.append(Talk(api, api.private(person), person))
    for number in range(3):
        person = api.user(f"Member{number}")
        talks.append(Talk(api, api.supergroup(f"Group {number}", members=[person]), person))
    for number in range(3):
        one, other = api.user(f"One{number}"), api.user(f"Other{number}")
        forum = api.forum(f"Forum {number}", members=[one, other])
        talks += [Talk(api, forum, person, await forum.topic(person.first_name, by=person)) for person in (one, other)]
    return talks


async def test_every_question_of_a_bad_day_is_answered_once_and_in_order(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    api = world.api
    talks = await talks_of(api)
    calm, banned, silent, *_ = talks
    storm = botapi.Storm(*STORMY, seed=SEED, share=0.3)
    api.storm(storm, spared=[calm.chat, banned.chat])
    api.fail("sendMessage", botapi.RetryAfter(25), chat=banned.chat)
    api.fail("sendMessage", botapi.Stall(delivered=True), chat=silent.chat)
    async with world.bot():
        await ask_everything(api, talks)
        taps = await tap_on_numbers(talks)
        for talk in talks:
            await talk.all_answered()
        await silence(api)
    api.heal()
    assert not [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert len(storm.struck) == 5, storm.struck
    assert sum(len(talk.asked) for talk in talks) == 200
    assert sorted(world.answers.asked) == sorted(words_of(question) for talk in talks for question in talk.asked)
    for talk in talks:
        check_order(talk)
        for question in talk.asked:
            check_answered_once(talk, question)
    check_others_did_not_wait(calm=calm, banned=banned)
    for talk, message in taps:
        check_opened(talk, message)
    async with world.bot():
        await open_what_was_lost(talks)
    assert not api.violations
    assert not api.unused_faults


async def ask_everything(api: BotApi, talks: list[Talk]) -> None:
    """Faster than a chat may be answered, while the bot fetches what is asked in many small portions."""
    for number in range(QUESTIONS):
        for talk in talks:
            if talk.topic is None or number % 2 == 0:
                await talk.ask(number)
        await api.polled()


async def tap_on_numbers(talks: list[Talk]) -> list[tuple[Talk, Message]]:
    """While answers are being sent, edits of earlier ones, or citations to them, are wanted in the same chats."""
    taps = []
    for talk in talks:
        for message in talk.replies[:1]:
            if message.buttons and text_at_first(message) not in NOTICES:
                await talk.chat.press(talk.person, message, button="1")
                taps.append((talk, message))
    return taps


async def silence(api: BotApi) -> None:
    """Wait until nothing is said and nothing typed for longer than a typing action would take to be shown again."""
    for _ in range(120):
        latest = [call for call in api.calls if call.method != "getUpdates"][-1]
        if latest.at < now() - TYPING_SECONDS - 1.5:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"the bot does not fall silent: {latest.method}")


def now() -> float:
    return asyncio.get_running_loop().time()


def check_order(talk: Talk) -> None:
    """What answers an earlier question stands above what answers a later one."""
    order = {question.id: number for number, question in enumerate(talk.asked)}
    answered = [order[message.reply_to or 0] for message in talk.replies]
    assert answered == sorted(answered), talk.person.first_name


def check_answered_once(talk: Talk, question: Message) -> None:
    """The whole answer stands there once; where a part of it may be missing, and only there, a notice says so."""
    parts = [text_at_first(message) for message in talk.answers_to(question)]
    assert len(parts) == len(set(parts)), f"said twice: {parts}"
    lost = [call for call in talk.sends_broken(question) if call.parameters["text"] not in NOTICES]
    missing = [call for call in lost if (call.fault or "").startswith("DropBefore")]
    expected = 2 if "length" in question.text else 1
    assert len(parts) == expected - len(missing), (question.text, parts, lost)
    notices = talk.notices_to(question)
    assert bool(notices) == bool(lost), (question.text, notices)
    broken_notices = len(talk.sends_broken(question)) - len(lost)
    assert len(notices) <= 1 + broken_notices
    if expected == 1:
        assert all(part.startswith(told(words_of(question))) for part in parts)


def check_opened(talk: Talk, message: Message) -> None:
    """In private in place of the answer; in a group once, as a reply, unless that was lost."""
    if isinstance(talk.chat, PrivateChat):
        shown = [talk.chat.latest(message)]
    else:
        shown = [each for each in talk.chat.messages_of_bot if each.reply_to == message.id]
        lost = [call for call in talk.sends_broken(message) if (call.fault or "").startswith("DropBefore")]
        assert len(shown) == 1 - len(lost)
    assert all(each.text.startswith("[1] Keeping the light") for each in shown)


def check_others_did_not_wait(*, calm: Talk, banned: Talk) -> None:
    """A chat without faults was answered to the end before the one that Telegram asked to wait heard anything."""
    sent = {
        talk.chat.id: [c for c in talk.api.calls_of("sendMessage") if c.parameters["chat_id"] == talk.chat.id]
        for talk in (calm, banned)
    }
    first = next(call for call in sent[banned.chat.id] if call.status == 200)
    assert sent[calm.chat.id][-1].at < first.at


async def open_what_was_lost(talks: list[Talk]) -> None:
    """Where no answer stands, the notice becomes it: then it is there, once."""
    for talk, question in chain.from_iterable(((talk, each) for each in talk.asked) for talk in talks):
        if "length" in question.text or talk.answers_to(question):
            continue
        notice = talk.notices_to(question)[0]
        await talk.chat.tap(talk.person, notice, button=texts.SHOW_ANSWER)
        assert (await talk.chat.edited(notice)).text.startswith(told(words_of(question)))
