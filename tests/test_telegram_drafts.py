"""What is shown of an answer while a language model writes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot import texts
from bot.languages import ENGLISH
from bot.pages import MESSAGE_UNITS, styled
from bot.telegram.budget import Budget
from bot.telegram.delivery import Delivery
from bot.telegram.drafting import Drafting
from bot.telegram.places import Place, Target
from bot.telegram.underway import UnderWay, Waiting
from index.writer import Hear
from tests import botapi
from tests.botapi import BotApi, Call, Chat, PrivateChat
from tests.model_world import QUESTION
from tests.telegram_world import VOTES, World, button_texts, texts_of
from tests.telegram_writing import (
    FIRST,
    INVENTED,
    SECOND,
    SOON,
    TO_FIRST,
    TO_SECOND,
    Writing,
    note_on,
    writing,
)

__all__ = ["writing"]

pytestmark = pytest.mark.timeout(90)

BROKEN = [botapi.DropBefore(), botapi.DropAfter(), botapi.BadGateway(html=True)]
REFUSED = [
    botapi.Refuse("Bad Request: TEXTDRAFT_PEER_INVALID"),
    botapi.Refuse("Forbidden: bot was blocked by the user", status=403),
    botapi.LoginPage(),
]


# The pace, by a clock that the test sets


class Clock:
    """Stands still until the test lets the next sleeper wake."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Event, asyncio.Event]] = []
        self._changed = asyncio.Condition()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        sleeper = (self.now + seconds, asyncio.Event(), asyncio.Event())
        self._sleepers.append(sleeper)
        async with self._changed:
            self._changed.notify_all()
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)
            sleeper[2].set()

    async def sleeping(self, count: int) -> None:
        """Once so many sleep."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(self._sleepers) >= count)

    async def pass_by(self) -> float:
        """Once somebody sleeps, until the first of them wakes; the seconds that this takes."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: self._sleepers)
        at, wake, is_awake = min(self._sleepers, key=lambda each: each[0])
        passed, self.now = at - self.now, at
        wake.set()
        await is_awake.wait()
        return passed


@dataclass
class Line:
    """What shows an answer to a question in a private chat."""

    api: BotApi
    chat: PrivateChat
    question: botapi.Message
    clock: Clock
    budget: Budget
    under_way: UnderWay
    drafting: Drafting

    @asynccontextmanager
    async def showing(self) -> AsyncIterator[Hear]:
        to = Target(Place(self.chat.id), self.question.id)
        waiting = Waiting(to=to, asker=self.chat.id, say=ENGLISH, head=styled("As asked.\n\n", "italic"))
        with self.under_way.work(waiting) as work:
            async with self.drafting.showing(work) as hear:
                assert hear
                yield hear

    async def noted(self) -> float:
        """The first message is there; the seconds after which it came."""
        passed = await self.clock.pass_by()
        assert (await self.chat.reply(to=self.question)).text == texts.WRITING
        return passed

    async def drafted(self, text: str) -> Call:
        return await self.api.called("sendMessageDraft", chat=self.chat, text=f"As asked.\n\n{text}")


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    request = HTTPXRequest(read_timeout=30)
    async with BotApi(paced=False) as api, Bot(api.token, base_url=f"{api.url}/bot", request=request) as bot:
        chat, clock, under_way = api.private(api.user("Alice")), Clock(), UnderWay()
        budget = Budget(clock=clock, sleep=clock.sleep)
        delivery = Delivery(bot, sleep=clock.sleep, budget=budget)
        question = await chat.say(chat.person, "When?")
        drafting = Drafting(bot, delivery=delivery, budget=budget, under_way=under_way, clock=clock, sleep=clock.sleep)
        yield Line(api, chat, question, clock, budget, under_way, drafting)
        await under_way.tidied()
        assert not texts_of(chat), "the note is gone"
        assert not api.violations
        assert not api.unused_faults


async def test_the_newest_text_is_shown_every_one_and_a_half_seconds_and_again_before_it_expires(line: Line) -> None:
    async with line.showing() as hear:
        assert await line.noted() == 3.0
        hear("One. [1]")
        first = await line.drafted("One. [1]")
        hear("One. [1] Two. [2]")
        hear("One. [1] Two. [2] Three. [3]")
        assert await line.clock.pass_by() == 1.5
        await line.drafted("One. [1] Two. [2] Three. [3]")
        passed = await line.clock.pass_by() + await line.clock.pass_by()
        assert 1.5 < passed < 30
        await line.drafted("One. [1] Two. [2] Three. [3]")
        assert await line.clock.pass_by() == 1.5
        hear("One. [1] Two. [2] Three. [3] Four. [4]")
        await line.drafted("One. [1] Two. [2] Three. [3] Four. [4]")
    calls = line.api.calls_of("sendMessageDraft")
    assert len(calls) == 4
    assert {call.parameters["draft_id"] for call in calls} == {line.question.id}
    assert [each["type"] for each in first.parameters["entities"]] == ["italic"]


async def test_the_first_sentence_is_shown_at_once_and_again_after_the_note(line: Line) -> None:
    async with line.showing() as hear:
        hear("One. [1]")
        await line.drafted("One. [1]")
        assert line.clock.now == 1000.0
        await line.clock.sleeping(2)
        assert await line.clock.pass_by() == 1.5
        await line.clock.sleeping(2)
        assert await line.noted() == 1.5
        await line.drafted("One. [1]")
        assert line.clock.now == 1003.0
    order = [call.method for call in line.api.calls if call.method.startswith("sendMessage")]
    assert order == ["sendMessageDraft", "sendMessage", "sendMessageDraft"]


async def test_no_draft_is_sent_after_the_block(line: Line) -> None:
    async with line.showing() as hear:
        await line.noted()
        hear("One. [1]")
        await line.drafted("One. [1]")
        hear("One. [1] Two. [2]")
    hear("One. [1] Two. [2] Three. [3]")
    await line.under_way.tidied()
    assert len(line.api.calls_of("sendMessageDraft")) == 1


async def test_an_answer_that_is_there_at_once_is_sent_alone(line: Line) -> None:
    async with line.showing() as hear:
        hear("One. [1]")
    assert not line.api.calls_of("sendMessage")
    assert not line.api.calls_of("sendMessageDraft")


async def test_of_a_long_text_the_beginning_is_shown(line: Line) -> None:
    async with line.showing() as hear:
        await line.noted()
        hear("A sentence of an 😀 answer. [1] " * 300)
        call = await line.api.called("sendMessageDraft")
    shown = call.parameters["text"]
    assert MESSAGE_UNITS / 2 < len(shown.encode("utf-16-le")) / 2 <= MESSAGE_UNITS
    assert shown.endswith(". [1]")


async def test_after_flood_control_no_draft_comes_too_soon_of_the_next_answer_neither(line: Line) -> None:
    line.api.fail("sendMessageDraft", botapi.RetryAfter(40))
    async with line.showing() as hear:
        await line.noted()
        hear("One. [1]")
        await line.drafted("One. [1]")
        refused = line.clock.now
        hear("One. [1] Two. [2]")
    async with line.showing() as hear:
        await line.noted()
        hear("Another. [1]")
        await line.clock.pass_by()
        assert line.clock.now == refused + 40
        await line.drafted("Another. [1]")
    assert len(line.api.calls_of("sendMessageDraft")) == 2


@pytest.mark.parametrize("fault", BROKEN, ids=repr)
async def test_a_draft_that_is_lost_is_dropped_and_the_next_one_tried(line: Line, fault: botapi.Fault) -> None:
    line.api.fail("sendMessageDraft", fault)
    async with line.showing() as hear:
        await line.noted()
        hear("One. [1]")
        await line.drafted("One. [1]")
        hear("One. [1] Two. [2]")
        assert await line.clock.pass_by() == 1.5
        await line.drafted("One. [1] Two. [2]")
    assert len(line.api.calls_of("sendMessageDraft")) == 2


@pytest.mark.parametrize("fault", REFUSED, ids=repr)
async def test_a_draft_that_is_refused_is_the_last_of_its_answer(line: Line, fault: botapi.Fault) -> None:
    line.api.fail("sendMessageDraft", fault)
    async with line.showing() as hear:
        await line.noted()
        hear("One. [1]")
        await line.drafted("One. [1]")
        hear("One. [1] Two. [2]")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await line.clock.pass_by()
    assert len(line.api.calls_of("sendMessageDraft")) == 1


async def test_a_draft_that_hangs_does_not_hold_the_answer(line: Line) -> None:
    stall = botapi.Stall()
    line.api.fail("sendMessageDraft", stall)
    async with asyncio.timeout(10), line.showing() as hear:
        await line.noted()
        hear("One. [1]")
        await stall.reached()


@pytest.mark.parametrize("delivered", [True, False])
async def test_a_note_that_hangs_does_not_hold_the_answer_and_goes_once_it_has_come(
    line: Line, delivered: bool
) -> None:
    stall = botapi.Stall(delivered=delivered)
    line.api.fail("sendMessage", stall)
    async with line.showing():
        await line.clock.pass_by()
        await stall.reached()
    stall.release()
    note = await line.chat.next_message()
    await line.chat.deleted(note)


@pytest.mark.parametrize("fault", [*BROKEN[2:], botapi.RetryAfter(30), *REFUSED], ids=repr)
async def test_without_a_note_the_drafts_come_all_the_same(line: Line, fault: botapi.Fault) -> None:
    line.api.fail("sendMessage", fault)
    async with line.showing() as hear:
        await line.clock.pass_by()
        hear("One. [1]")
        await line.drafted("One. [1]")
    assert len(line.api.calls_of("sendMessage")) == 1
    if isinstance(fault, botapi.RetryAfter):
        before = line.clock.now
        turn = asyncio.create_task(line.budget.turn(line.chat.id))
        await line.clock.pass_by()
        await turn
        assert line.clock.now == before + 30


async def test_a_note_takes_no_turn_that_another_message_waits_for(line: Line) -> None:
    async with line.showing():
        turns = asyncio.gather(*(line.budget.turn(line.chat.id) for _ in range(6)))
        while not turns.done():
            await line.clock.pass_by()
            await asyncio.sleep(0)
        assert line.clock.now == pytest.approx(1006.6)
        assert not line.api.calls_of("sendMessage")
        while line.clock.now < 1009.0:
            await line.clock.pass_by()
        assert (await line.chat.reply(to=line.question)).text == texts.WRITING


# The whole bot


async def test_a_question_is_answered_before_the_eyes_of_who_asked_and_then_for_good(writing: Writing) -> None:
    api, gate = writing.api, writing.gated()
    chat = api.private(api.user("Alice"))
    async with writing.bot():
        question = await chat.say(chat.person, QUESTION)
        note = await note_on(question, chat)
        assert (note.silent, button_texts(note)) == (True, [texts.STOP])
        gate.send(TO_FIRST)
        first = await api.called("sendMessageDraft", chat=chat)
        assert chat.draft
        assert chat.draft.text == first.parameters["text"] == FIRST
        gate.send(TO_SECOND)
        await api.called("sendMessageDraft", chat=chat, text=f"{FIRST} {SECOND}")
        gate.release()
        answer = await chat.reply(to=question)
        await chat.deleted(note)
    assert answer.text.startswith(f"{FIRST} {SECOND}\n\n{texts.SOURCES}")
    assert button_texts(answer) == ["1", "2", *VOTES]
    assert not answer.silent
    assert chat.draft is None
    assert texts_of(chat) == [answer.text]
    assert all(answer.text.startswith(draft) for draft in writing.drafts(chat))
    assert INVENTED not in "".join(writing.drafts(chat))
    order = [call.method for call in api.calls if call.method in ("sendMessage", "sendMessageDraft")]
    assert order == ["sendMessage", "sendMessageDraft", "sendMessageDraft", "sendMessage"]


async def test_a_follow_up_is_shown_as_it_was_understood(writing: Writing) -> None:
    api, gate = writing.api, writing.gated()
    chat = api.private(api.user("Alice"))
    gate.release()
    async with writing.bot():
        await final(chat, await chat.say(chat.person, QUESTION))
        gate = writing.gated()
        gate.send(TO_FIRST)
        question = await chat.say(chat.person, "Where?")
        draft = await last_draft(writing, chat)
        gate.release()
        answer = await final(chat, question)
    understood, said = draft.split("\n\n")
    assert understood.startswith("Understood as: Where was the lamp")
    assert said == FIRST
    assert answer.text.startswith(draft)


async def last_draft(writing: Writing, chat: Chat) -> str:
    call = await writing.api.called("sendMessageDraft", chat=chat)
    while "Understood" not in call.parameters["text"]:
        call = await writing.api.called("sendMessageDraft", chat=chat)
    text: str = call.parameters["text"]
    return text


async def final(chat: Chat, question: botapi.Message) -> botapi.Message:
    """The answer, after a note or without."""
    reply = await chat.reply(to=question)
    return await chat.reply(to=question) if reply.text == texts.WRITING else reply


async def test_in_a_topic_a_silent_message_comes_and_goes_and_nothing_is_drafted(writing: Writing) -> None:
    api, gate = writing.api, writing.gated()
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice])
    topic = await forum.topic("Talk", by=alice)
    async with writing.bot():
        question = await forum.say(alice, f"/ask {QUESTION}", topic=topic)
        note = await note_on(question, forum)
        assert (note.silent, note.thread_id, button_texts(note)) == (True, topic.id, [texts.STOP])
        gate.send(TO_FIRST + TO_SECOND)
        await gate.sent(TO_FIRST + TO_SECOND)
        gate.release()
        answer = await forum.reply(to=question)
        await forum.deleted(note)
    assert answer.text.startswith(f"{FIRST} {SECOND}")
    assert texts_of(forum) == [answer.text]
    assert not api.calls_of("sendMessageDraft")


async def test_an_edited_question_is_answered_in_place_without_drafts(writing: Writing) -> None:
    api = writing.api
    chat, bob = api.private(api.user("Alice")), api.private(api.user("Bob"))
    writing.gated().release()
    async with writing.bot():
        question = await chat.say(chat.person, QUESTION)
        answer = await final(chat, question)
        drafts = len(api.calls_of("sendMessageDraft"))
        gate = writing.gated("Boats show a lantern after sunset. [{rules}] The keeper sings. He is old.")
        await chat.edit(question, "What do boats show?")
        note = await note_on(question, chat)
        gate.send(12)
        await gate.sent(12)
        for _ in range(2):  # a draft would have come in that time
            await bob.reply(to=await bob.say(bob.person, "/help"))
        gate.release()
        anew = await chat.edited(answer)
        await chat.deleted(note)
    assert anew.text.startswith("Boats show a lantern after sunset. [1]")
    assert texts_of(chat) == [anew.text]
    assert len(api.calls_of("sendMessageDraft")) == drafts


@pytest.mark.parametrize("fault", [botapi.RetryAfter(30), *BROKEN, *REFUSED], ids=repr)
async def test_trouble_with_a_draft_costs_no_answer(writing: Writing, fault: botapi.Fault) -> None:
    api, gate = writing.api, writing.gated()
    chat = api.private(api.user("Alice"))
    api.fail("sendMessageDraft", fault)
    async with writing.bot():
        question = await chat.say(chat.person, QUESTION)
        note = await note_on(question, chat)
        gate.send(TO_FIRST)
        await api.called("sendMessageDraft", chat=chat)
        gate.release()
        answer = await chat.reply(to=question)
        await chat.deleted(note)
    assert answer.text.startswith(f"{FIRST} {SECOND}")
    assert texts_of(chat) == [answer.text]


async def test_without_a_language_model_only_the_answer_is_sent(world: World) -> None:
    """The others' answers come later than a note would have."""
    alice, bob = (world.api.private(world.api.user(name)) for name in ("Alice", "Bob"))
    world.tempo = SOON
    async with world.bot():
        question = await alice.say(alice.person, "How long do I wait?")
        await world.answers.waited_at()
        for _ in range(2):
            await bob.reply(to=await bob.say(bob.person, "lantern?"))
        world.answers.gate.set()
        answer = await alice.reply(to=question)
    assert texts_of(alice) == [answer.text]
    assert not world.api.calls_of("sendMessageDraft")
