"""Whoever waits for an answer can end that: by /stop, by the button, and the owner by ending the bot."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest
from telegram.ext import Application

from bot import texts
from bot.languages import say_in
from bot.telegram.drafting import TEMPO
from bot.telegram.order import AT_ANY_TIME
from bot.telegram.polling import poll
from bot.telegram.updates import RawUpdate, Take
from index.errors import CitegramError
from index.stop import Stop
from index.types import Answer
from index.types import Writing as Cost
from index.writer import Spoken
from tests import botapi
from tests.botapi import BotApi, Message, PrivateChat
from tests.llm import Gate
from tests.model_world import QUESTION
from tests.scripted import FIRST_LIT, LANTERN
from tests.telegram_world import button_texts, texts_of
from tests.telegram_writing import FIRST, SOON, TO_FIRST, Writing, note_on, writing
from tests.test_telegram_greeting import EXAMPLE, EnglishAnswers

__all__ = ["writing"]

pytestmark = pytest.mark.timeout(90)

OF_BOATS = "What does every boat show after sunset?"


@pytest.fixture
def alice(writing: Writing) -> PrivateChat:
    return writing.api.private(writing.api.user("Alice"))


async def begun(writing: Writing, chat: PrivateChat, gate: Gate) -> tuple[Message, Message]:
    """A question whose answer is at the language model, and the note on it."""
    question = await chat.say(chat.person, QUESTION)
    note = await note_on(question, chat)
    await gate.reached()
    return question, note


async def was_cancelled(writing: Writing, gate: Gate) -> bool:
    """At the language model's server."""
    await gate.closed()
    return (await writing.model.ended(writing.model.requests[0])).outcome == "cancelled"


# /stop


@pytest.mark.two_workers
async def test_what_stands_by_then_is_the_answer_and_says_so(writing: Writing, alice: PrivateChat) -> None:
    gate = writing.gated()
    async with writing.bot():
        question, note = await begun(writing, alice, gate)
        gate.send(TO_FIRST)
        await writing.api.called("sendMessageDraft", text=FIRST)
        command = await alice.say(alice.person, "/stop")
        answer = await alice.reply(to=question)
        await alice.deleted(note)
        assert await was_cancelled(writing, gate)
    assert answer.text.startswith(f"{FIRST}\n\n{texts.MODEL_STOPPED}\n\n{texts.SOURCES}")
    assert texts_of(alice) == [answer.text], f"{command} needs no reply of its own"
    assert alice.draft is None


@pytest.mark.parametrize("command", ["/stop", "/stop please!", "/STOP@citegram_test_bot"])
async def test_before_anything_stands_it_is_told_that_it_was_stopped(
    writing: Writing, alice: PrivateChat, command: str
) -> None:
    gate = writing.gated()
    async with writing.bot():
        question, note = await begun(writing, alice, gate)
        await alice.say(alice.person, command)
        answer = await alice.reply(to=question)
        await alice.deleted(note)
        assert await was_cancelled(writing, gate)
    assert texts_of(alice) == [answer.text] == [texts.REASON_ENDED]


async def test_of_a_stopped_question_why_tells_the_cost_and_does_not_say_that_nothing_was_found(
    writing: Writing, alice: PrivateChat
) -> None:
    gate = writing.gated()
    async with writing.bot():
        question, _ = await begun(writing, alice, gate)
        gate.send(4)
        await gate.sent(4)
        await alice.say(alice.person, "/stop")
        stopped = await alice.reply(to=question)
        asking = await alice.say(alice.person, "/why", reply_to=stopped)
        told = (await alice.reply(to=asking)).text
    assert re.search(rf"\n\nWritten by {writing.model.model}: [\d,]+ tokens read, \d+ written\.\n\n", told)
    assert told.endswith(texts.WHY_FORGOTTEN)


async def test_in_the_language_of_who_asked(writing: Writing) -> None:
    say, olya = say_in("ru"), writing.api.private(writing.api.user("Оля", language_code="ru"))
    gate = writing.gated()
    async with writing.bot():
        question = await olya.say(olya.person, QUESTION)
        note = await olya.reply(to=question)
        assert (note.text, button_texts(note)) == (say(texts.WRITING), [say(texts.STOP)])
        await gate.reached()
        await olya.say(olya.person, "/stop")
        assert (await olya.reply(to=question)).text == say(texts.REASON_ENDED) == "Остановлено."


async def test_a_stopped_question_can_be_edited_into_one_that_is_answered(writing: Writing, alice: PrivateChat) -> None:
    gate = writing.gated()
    async with writing.bot():
        question, _ = await begun(writing, alice, gate)
        await alice.say(alice.person, "/stop")
        stopped = await alice.reply(to=question)
        writing.gated().release()
        await alice.edit(question, f"{QUESTION} Please.")
        assert (await alice.edited(stopped)).text.startswith(FIRST)


async def test_a_question_that_waits_behind_it_is_answered_next(writing: Writing, alice: PrivateChat) -> None:
    gate = writing.gated()
    async with writing.bot():
        question, _ = await begun(writing, alice, gate)
        second = await alice.say(alice.person, OF_BOATS)
        writing.gated("Boats show a lantern after sunset. [{rules}]").release()
        await alice.say(alice.person, "/stop")
        assert (await alice.reply(to=question)).text == texts.REASON_ENDED
        answer = await alice.reply(to=second)
        if answer.text == texts.WRITING:
            answer = await alice.reply(to=second)
    assert answer.text.startswith("Boats show a lantern after sunset. [1]")


async def test_where_nothing_is_under_way_that_is_told(writing: Writing, alice: PrivateChat) -> None:
    bob, gate = writing.api.private(writing.api.user("Bob")), writing.gated()
    async with writing.bot():
        question, _ = await begun(writing, alice, gate)
        command = await bob.say(bob.person, "/stop")
        assert (await bob.reply(to=command)).text == texts.NOTHING_TO_STOP
        gate.release()
        assert (await alice.reply(to=question)).text.startswith(FIRST)


async def test_without_a_language_model_there_is_nothing_to_stop(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    await chat.reply(to=await chat.say(chat.person, "lantern?"))
    assert (await chat.reply(to=await chat.say(chat.person, "/stop"))).text == texts.NOTHING_TO_STOP


async def test_in_a_group_only_who_asked_or_an_admin_stops_it_and_only_in_its_topic(writing: Writing) -> None:
    api = writing.api
    alice, bob, ada = (api.user(name) for name in ("Alice", "Bob", "Ada"))
    forum = api.forum("Harbour", members=[alice, bob, ada])
    forum.promote(bob)
    topic, other = await forum.topic("Talk", by=alice), await forum.topic("Boats", by=alice)
    async with writing.bot(admins=[ada.id]):
        for stopping in (alice, ada):
            gate = writing.gated()
            question = await forum.say(alice, f"/ask {QUESTION}", topic=topic)
            await note_on(question, forum)
            await gate.reached()
            elsewhere = await forum.say(alice, "/stop", topic=other)
            assert (await forum.reply(to=elsewhere)).text == texts.NOTHING_TO_STOP
            refused = await forum.say(bob, "/stop", topic=topic)
            assert (await forum.reply(to=refused)).text == texts.NOT_YOURS_TO_STOP
            await forum.say(stopping, "/stop", topic=topic)
            answer = await forum.reply(to=question)
            assert (answer.text, answer.thread_id) == (texts.REASON_ENDED, topic.id)
            await gate.closed()
    assert [request.outcome for request in writing.model.requests] == ["cancelled"] * 2


# The button


@pytest.mark.two_workers
async def test_a_tap_stops_it(writing: Writing, alice: PrivateChat) -> None:
    gate = writing.gated()
    async with writing.bot():
        question, note = await begun(writing, alice, gate)
        gate.send(TO_FIRST)
        await writing.api.called("sendMessageDraft", text=FIRST)
        tapped = await alice.tap(alice.person, note, button=texts.STOP)
        assert (tapped.text, tapped.show_alert) == (texts.REASON_ENDED, False)
        assert texts.MODEL_STOPPED in (await alice.reply(to=question)).text
        await alice.deleted(note)
        assert await was_cancelled(writing, gate)
    assert len(texts_of(alice)) == 1


async def test_in_a_group_the_tap_of_another_stops_nothing(writing: Writing) -> None:
    api, gate = writing.api, writing.gated()
    alice, bob = api.user("Alice"), api.user("Bob")
    group, elsewhere = (api.supergroup(title, members=[alice, bob]) for title in ("Harbour", "Mill"))
    async with writing.bot():
        question = await group.say(alice, f"/ask {QUESTION}")
        note = await note_on(question, group)
        await gate.reached()
        refused = await group.tap(bob, note, button=texts.STOP)
        assert (refused.text, refused.show_alert) == (texts.NOT_YOURS_TO_STOP, True)
        other = await elsewhere.reply(to=await elsewhere.say(alice, "/help"))
        forged = await elsewhere.tap(alice, other, data=note.buttons[0].callback_data)
        assert forged.text == texts.NOTHING_TO_STOP
        assert writing.model.requests[-1].outcome == "open"
        await group.tap(alice, note, button=texts.STOP)
        assert (await group.reply(to=question)).text == texts.REASON_ENDED
    assert texts_of(elsewhere) == [other.text], "a message without that button stays"


async def test_what_was_asked_in_a_groups_name_any_of_its_administrators_stops(writing: Writing) -> None:
    api, gate = writing.api, writing.gated()
    alice, bob = api.user("Alice"), api.user("Bob")
    group = api.supergroup("Harbour", members=[alice, bob])
    group.promote(alice)
    async with writing.bot():
        question = await group.say_as_group(f"/ask {QUESTION}")
        note = await note_on(question, group)
        await gate.reached()
        assert (await group.tap(bob, note, button=texts.STOP)).text == texts.NOT_YOURS_TO_STOP
        assert (await group.tap(alice, note, button=texts.STOP)).text == texts.REASON_ENDED
        assert (await group.reply(to=question)).text == texts.REASON_ENDED


async def test_a_button_that_a_process_left_behind_is_taken_away_by_a_tap(writing: Writing, alice: PrivateChat) -> None:
    gate = writing.gated()
    writing.api.fail("deleteMessage", botapi.Refuse("Bad Request: message can't be deleted"))
    async with writing.bot():
        question, note = await begun(writing, alice, gate)
        gate.release()
        await alice.reply(to=question)
    async with writing.bot():
        assert (await alice.tap(alice.person, note, button=texts.STOP)).text == texts.NOTHING_TO_STOP
        await alice.deleted(note)


# Answers that nobody sees being worked out, and those to other than messages


class EndlessAnswers(EnglishAnswers):
    """A language model writes those to questions with "endless", and those to the example, until it is stopped."""

    writer_name = "scripted"

    def answer(self, question: str, **how: object) -> Answer:
        stop = how.get("stop")
        if not isinstance(stop, Stop) or ("endless" not in question and question != EXAMPLE):
            return super().answer(question)
        given: SimpleQueue[CitegramError] = SimpleQueue()
        with stop.told(given.put):
            self.at_gate.set()
            raise given.get()


@pytest.fixture
def endless(writing: Writing, tmp_path: Path) -> EndlessAnswers:
    writing.answers = endless = EndlessAnswers()
    return endless


@pytest.mark.one_worker("another worker does not say so (decision 18)")
async def test_who_stops_what_was_overheard_is_told_so(writing: Writing, endless: EndlessAnswers) -> None:
    alice = writing.api.user("Alice")
    group = writing.api.supergroup("Harbour", members=[alice], bot_is_administrator=True)
    group.promote(alice)
    async with writing.bot():
        modes = await group.reply(to=await group.say(alice, "/mode"))
        await group.tap(alice, modes, button=texts.MODE_ALWAYS)
        await group.edited(modes)
        overheard = await group.say(alice, "Is there an endless story?")
        await endless.waited_at()
        command = await group.say(alice, "/stop")
        assert (await group.reply(to=command)).text == texts.REASON_ENDED
        await group.reply(to=await group.say(alice, "/ask lantern?"))
    replied_to = [call.parameters.get("reply_parameters", {}) for call in writing.api.calls_of("sendMessage")]
    assert overheard.id not in [each.get("message_id") for each in replied_to]


async def test_a_question_that_is_to_be_watched_can_be_stopped(
    writing: Writing, endless: EndlessAnswers, alice: PrivateChat
) -> None:
    async with writing.bot():
        question = await alice.say(alice.person, "/watch Is there an endless story?")
        await note_on(question, alice)
        await alice.say(alice.person, "/stop")
        assert (await alice.reply(to=question)).text == texts.REASON_ENDED
        assert (await alice.reply(to=await alice.say(alice.person, "/watches"))).text == texts.NO_WATCHES


@pytest.mark.one_worker("another worker's is stopped by its button alone (decision 18)")
async def test_the_example_of_a_greeting_can_be_stopped(
    writing: Writing, endless: EndlessAnswers, alice: PrivateChat
) -> None:
    async with writing.bot():
        greeting = await alice.reply(to=await alice.start())
        await alice.tap(alice.person, greeting, button=texts.ASK_EXAMPLE)
        await note_on(greeting, alice)
        await alice.say(alice.person, "/stop")
        assert (await alice.reply(to=greeting)).text == f"{EXAMPLE}\n\n{texts.REASON_ENDED}"


class AlreadyCompleted(EnglishAnswers):
    """What completes a follow-up has just said all when the stop comes."""

    writer_name = "scripted"

    def ask_model(self, *_: object, stop: Stop | None = None, **__: object) -> Spoken:
        given: SimpleQueue[CitegramError] = SimpleQueue()
        assert stop
        with stop.told(given.put):
            self.at_gate.set()
            given.get()
        return Spoken("Who counted the steps of the lighthouse?", Cost("scripted", None, 100, 10))


async def test_a_stop_between_completing_a_follow_up_and_answering_it_is_not_lost(
    writing: Writing, alice: PrivateChat
) -> None:
    writing.answers = completed = AlreadyCompleted()
    async with writing.bot():
        await alice.reply(to=await alice.say(alice.person, "How many steps does the lighthouse have?"))
        follow_up = await alice.say(alice.person, "And who counted them?")
        await completed.waited_at()
        await alice.say(alice.person, "/stop")
        assert (await alice.reply(to=follow_up)).text == texts.REASON_ENDED
    assert "Who counted the steps of the lighthouse?" not in completed.asked


@pytest.mark.parametrize(
    ("text", "at_any_time"),
    [("/stop", True), ("/Stop@a_bot now", True), ("/stopwatch", False), ("Please /stop", False), ("/start", False)],
)
def test_only_that_command_overtakes_what_is_under_way(text: str, at_any_time: bool) -> None:
    assert bool(AT_ANY_TIME.match(text)) is at_any_time


# Several processes on one database


class Other:
    """A second process on the same database, which takes what Telegram tells the first one `from_now_on`."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._take: asyncio.Future[Take] = asyncio.get_running_loop().create_future()
        self.from_now_on = False

    @asynccontextmanager
    async def beside(self, **settings: object) -> AsyncIterator[None]:
        """Both run."""
        stop = asyncio.Event()
        async with self._writing.bot(hear=self._tell, **settings):
            serving = asyncio.create_task(self._writing.serve(stop=stop, hear=self._hear, **settings))
            await self._take
            yield
            stop.set()
            async with asyncio.timeout(30):
                await serving

    async def _hear(self, application: Application, *, take: Take, stop: asyncio.Event) -> None:  # type: ignore[type-arg]
        self._take.set_result(take)
        await stop.wait()

    async def _tell(self, application: Application, *, take: Take, stop: asyncio.Event) -> None:  # type: ignore[type-arg]
        async def told(raws: Sequence[RawUpdate]) -> None:
            await (self._take.result() if self.from_now_on else take)(raws)

        await poll(application, take=told, stop=stop)


@pytest.mark.one_worker("it leads its own two processes")
async def test_another_process_stops_it(writing: Writing, alice: PrivateChat) -> None:
    other = Other(writing)
    async with other.beside():
        for by_button in (False, True):
            other.from_now_on, gate = False, writing.gated()
            question, note = await begun(writing, alice, gate)
            other.from_now_on = True
            if by_button:
                assert (await alice.tap(alice.person, note, button=texts.STOP)).text == texts.REASON_ENDED
            else:
                await alice.say(alice.person, "/stop")
            assert (await alice.reply(to=question)).text == texts.REASON_ENDED
            await gate.closed()
            await alice.deleted(note)
    assert texts_of(alice) == [texts.REASON_ENDED] * 2


@pytest.mark.one_worker("it leads its own two processes")
async def test_another_process_stops_it_for_who_asked_or_an_admin_alone(writing: Writing) -> None:
    api, gate, other = writing.api, writing.gated(), Other(writing)
    alice, bob, ada = (api.user(name) for name in ("Alice", "Bob", "Ada"))
    group = api.supergroup("Harbour", members=[alice, bob, ada])
    async with other.beside(admins=[ada.id]):
        question = await group.say(alice, f"/ask {QUESTION}")
        note = await note_on(question, group)
        await gate.reached()
        other.from_now_on = True
        command = await group.say(bob, "/stop")
        assert (await group.reply(to=command)).text == texts.NOT_YOURS_TO_STOP
        assert (await group.tap(bob, note, button=texts.STOP)).text == texts.NOT_YOURS_TO_STOP
        assert note in group.messages_of_bot
        assert writing.model.requests[-1].outcome == "open"
        await group.say(ada, "/stop")
        assert (await group.reply(to=question)).text == texts.REASON_ENDED


# The end of the bot


async def test_a_bot_that_ends_quotes_what_the_language_model_does_not_finish(
    writing: Writing, alice: PrivateChat
) -> None:
    gate, stop = writing.gated(), asyncio.Event()
    writing.tempo = replace(SOON, hurry_seconds=0.0)
    serving = asyncio.create_task(writing.serve(stop=stop))
    question, _ = await begun(writing, alice, gate)
    second = await alice.say(alice.person, OF_BOATS)
    await writing.api.polled()
    stop.set()
    async with asyncio.timeout(15):
        await serving
    assert await was_cancelled(writing, gate)
    answers = [message for message in alice.messages_of_bot if message.kind == "text"]
    assert [answer.reply_to for answer in answers] == [question.id, second.id]
    for answer, said in zip(answers, (FIRST_LIT, LANTERN), strict=True):
        assert f"{said} [1]" in answer.text
        assert texts.MODEL_SLOW in answer.text


async def test_a_bot_that_ends_waits_a_while_for_what_is_being_written(writing: Writing, alice: PrivateChat) -> None:
    gate, stop = writing.gated(), asyncio.Event()
    serving = asyncio.create_task(writing.serve(stop=stop))
    question, _ = await begun(writing, alice, gate)
    await writing.api.polled()
    stop.set()
    gate.release()
    async with asyncio.timeout(15):
        await serving
    assert (await alice.reply(to=question)).text.startswith(FIRST)
    assert len(texts_of(alice)) == 1


async def test_a_bot_that_ends_gives_up_what_takes_too_long_and_ends_in_peace(
    writing: Writing, alice: PrivateChat, caplog: pytest.LogCaptureFixture
) -> None:
    gate, stop, stall = writing.gated(), asyncio.Event(), botapi.Stall()
    gate.release()
    writing.tempo = replace(TEMPO, stop_seconds=0.1)
    writing.api.fail("sendMessage", stall)
    serving = asyncio.create_task(writing.serve(stop=stop))
    question = await alice.say(alice.person, QUESTION)
    await stall.reached()
    stop.set()
    async with asyncio.timeout(15):
        await serving
    stall.release()
    assert "gave up on what was not finished" in caplog.text
    async with writing.bot():
        assert (await alice.reply(to=question)).reply_to == question.id
