"""Watched questions in the running bot: set, told of news, listed, ended; and what restarts and failures do to them."""

import asyncio
import logging
import threading
from collections.abc import Callable

import pytest

from bot import texts
from bot.languages import say_in
from bot.watches import MOST
from index.types import Answer, Quote, Status
from tests import botapi
from tests.botapi import BotApi, Message
from tests.scripted import FIRST_LIT, LANTERN, STEPS, abstained, answered, quote
from tests.telegram_world import VOTES, GatedAnswers, World, button_texts, texts_of

pytestmark = pytest.mark.timeout(60)

LIT, LANTERNS = quote("keeping-the-light.txt", FIRST_LIT), quote("rules/harbour.md", LANTERN)
CLIMBED = quote("keeping-the-light.txt", STEPS)


class ChangingAnswers(GatedAnswers):
    """Questions about the fog are answered with what was published last; with "fogbound", they meet a bug after the
    first time."""

    def __init__(self) -> None:
        super().__init__()
        self._quotes: tuple[Quote, ...] = (LANTERNS,)
        self._changed = threading.Condition()
        self._looked_at = self.generation
        self._hashes = {"keeping-the-light.txt": "light-1", "rules/harbour.md": "harbour-1"}

    def publish(self, generation: str, *quotes: Quote, **hashes: str) -> None:
        """`light` and `harbour` are the hashes of the two documents."""
        names = {"light": "keeping-the-light.txt", "harbour": "rules/harbour.md"}
        self._hashes |= {names[name]: value for name, value in hashes.items()}
        self._quotes = quotes
        self.generation = generation

    def fingerprints(self) -> dict[str, str]:
        return dict(self._hashes)

    def status(self) -> Status:
        with self._changed:
            self._looked_at = self.generation
            self._changed.notify_all()
        return super().status()

    def answer(self, question: str, **_: object) -> Answer:
        if "fog" not in question:
            return super().answer(question)
        with self._changed:
            self.asked.append(question)
            self._changed.notify_all()
        if "fogbound" in question and self.asked.count(question) > 1:
            raise RuntimeError("a bug")
        return answered(question, *self._quotes) if self._quotes else abstained(question, LANTERNS)

    async def was_asked(self, times: int) -> None:
        """Waits until so many questions have been asked in all."""
        await asyncio.to_thread(self._wait_for, lambda: len(self.asked) >= times)

    async def was_looked_at(self, generation: str) -> None:
        await asyncio.to_thread(self._wait_for, lambda: self._looked_at == generation)

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, 20)


@pytest.fixture
def answers() -> ChangingAnswers:
    return ChangingAnswers()


def is_news(message: Message) -> bool:
    return message.text.startswith(texts.NEWS)


# Setting


@pytest.mark.two_workers
async def test_a_watched_question_is_answered_and_news_follows_once(api: BotApi, answers: ChangingAnswers) -> None:
    chat = api.private(api.user("Alice"))
    asked = await chat.say(chat.person, "/watch What in the fog?")
    answer = await chat.reply(to=asked)
    assert answer.text.startswith(f"{LANTERN} [1]")
    assert answer.text.endswith(texts.WATCHED)
    assert button_texts(answer) == ["1", *VOTES]
    answers.publish("two", LIT, LANTERNS, light="light-2")
    told = await chat.reply(to=asked)
    assert told.text.startswith(f"{texts.NEWS}\nWhat in the fog?\n\nNew: [1]\n\n{FIRST_LIT} [1] {LANTERN} [2]")
    assert told.formatted("bold")[:2] == (texts.NEWS, "New: [1]")
    await chat.tap(chat.person, told, button="1")
    assert (await chat.edited(told)).formatted("bold")[-1] == FIRST_LIT
    answers.publish("three", LIT, LANTERNS, CLIMBED, light="light-3")
    assert "New: [3]\n" in (await chat.reply(to=asked)).text
    assert len(texts_of(chat)) == 3


async def test_an_answer_that_comes_and_goes_is_told(api: BotApi, answers: ChangingAnswers) -> None:
    answers.publish("one")
    chat = api.private(api.user("Alice"))
    asked = await chat.say(chat.person, "/watch What in the fog?")
    assert (await chat.reply(to=asked)).text.startswith(texts.DOCUMENTS_SILENT)
    answers.publish("two", LIT, light="light-2")
    assert "New: [1]\n" in (await chat.reply(to=asked)).text
    answers.publish("three", light="light-3")
    lost = await chat.reply(to=asked)
    assert f"{texts.NO_LONGER}\n\n{texts.DOCUMENTS_SILENT}" in lost.text
    assert button_texts(lost) == VOTES


async def test_another_order_or_the_same_documents_anew_say_nothing(api: BotApi, answers: ChangingAnswers) -> None:
    chat = api.private(api.user("Alice"))
    await chat.reply(to=await chat.say(chat.person, "/watch What in the fog?"))
    answers.publish("two", CLIMBED, LANTERNS)
    await answers.was_asked(2)
    answers.publish("three", CLIMBED, LANTERNS, harbour="harbour-2")
    await answers.was_asked(3)
    answers.publish("four", LIT, light="light-2")
    assert "New: [1]" in (await chat.next_message()).text
    assert sum(text.startswith(texts.NEWS) for text in texts_of(chat)) == 1


async def test_a_reply_to_an_answer_watches_its_question_and_repeats_only_what_changed(
    api: BotApi, answers: ChangingAnswers
) -> None:
    alice = api.user("Alice")
    group = api.supergroup("Harbour", members=[alice])
    answer = await group.reply(to=await group.say(alice, "/ask What in the fog?"))
    asked = await group.say(alice, "/watch", reply_to=answer)
    assert (await group.reply(to=asked)).text == texts.WATCHED
    answers.publish("two", LIT, light="light-2")
    assert is_news(await group.reply(to=asked))
    late = await group.reply(to=await group.say(alice, "/watch", reply_to=answer))
    assert late.text.startswith(FIRST_LIT)
    assert late.text.endswith(texts.WATCHED)


async def test_news_comes_into_the_topic_in_the_persons_language(api: BotApi, answers: ChangingAnswers) -> None:
    olya = api.user("Оля", language_code="ru")
    forum = api.forum("Harbour", members=[olya])
    topic = await forum.topic("Talk", by=olya)
    asked = await forum.say(olya, "/watch What in the fog?", topic=topic)
    await forum.reply(to=asked)
    answers.publish("two", LIT, light="light-2")
    told = await forum.reply(to=asked)
    assert told.thread_id == topic.id
    assert told.text.startswith(say_in("ru")(texts.NEWS))


async def test_without_a_question_or_with_none_it_is_told_what_to_do(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    assert (await chat.reply(to=await chat.say(chat.person, "/watch"))).text == texts.WATCH_WHAT
    greeting = await chat.reply(to=await chat.say(chat.person, "/help"))
    assert (await chat.reply(to=await chat.say(chat.person, "/watch", reply_to=greeting))).text == texts.WATCH_WHAT
    assert "no word to search for" in (await chat.reply(to=await chat.say(chat.person, "/watch vague"))).text
    assert (await chat.reply(to=await chat.say(chat.person, "/watches"))).text == texts.NO_WATCHES


async def test_a_person_watches_so_many_questions_and_no_more(world: World) -> None:
    world.api = BotApi(paced=False)
    async with world.api as api, world.bot():
        chat = api.private(api.user("Alice"))
        for number in range(MOST):
            await chat.say(chat.person, f"/watch What about {number} fogs?")
        refused = await chat.say(chat.person, "/watch What else in the fog?")
        told = await chat.reply(to=refused, timeout_seconds=50)
        assert told.text == texts.TOO_MANY_WATCHES.format(count=MOST)


# Listing and ending


async def test_watches_are_listed_and_end_with_a_tap(api: BotApi, answers: ChangingAnswers) -> None:
    chat = api.private(api.user("Alice"))
    for question in ("What in the fog?", "Which fog?"):
        await chat.reply(to=await chat.say(chat.person, f"/watch {question}"))
    listed = await chat.reply(to=await chat.say(chat.person, "/watches"))
    assert listed.text == f"{texts.WATCHES.format(count=2)}\n\n1  What in the fog?\n2  Which fog?"
    assert button_texts(listed) == ["✕ 1", "✕ 2"]
    first = listed.buttons[0].callback_data
    tapped = await chat.tap(chat.person, listed, button="✕ 1")
    assert (tapped.text, tapped.show_alert) == (texts.WATCH_ENDED, False)
    left = await chat.edited(listed)
    assert left.text == f"{texts.ONE_WATCH}\n\n1  Which fog?"
    assert (await chat.tap(chat.person, left, data=first)).text == texts.WATCH_ENDED
    answers.publish("two", LIT, light="light-2")
    assert "Which fog?" in (await chat.next_message()).text
    await chat.tap(chat.person, left, button="✕ 1")
    assert (await chat.edited(left)).text == texts.NO_WATCHES
    assert sum(text.startswith(texts.NEWS) for text in texts_of(chat)) == 1


async def test_in_a_group_a_watch_is_ended_by_who_set_it_or_an_admin(world: World) -> None:
    alice, boris, carol = (world.api.user(name) for name in ("Alice", "Boris", "Carol"))
    group = world.api.supergroup("Harbour", members=[alice, boris, carol])
    own = world.api.private(boris)
    async with world.bot(admins=str(carol.id)):
        for question in ("What in the fog?", "Which fog?"):
            await group.reply(to=await group.say(alice, f"/watch {question}"))
        listed = await group.reply(to=await group.say(boris, "/watches"))
        refused = await group.tap(boris, listed, button="✕ 1")
        assert (refused.text, refused.show_alert) == (texts.NOT_YOUR_WATCH, True)
        empty = await own.reply(to=await own.say(boris, "/watches"))
        assert (await own.tap(boris, empty, data=listed.buttons[0].callback_data)).text == texts.NOT_YOUR_WATCH
        assert (await group.tap(alice, listed, button="✕ 1")).text == texts.WATCH_ENDED
        left = await group.edited(listed)
        assert left.text.endswith("\n\n1  Which fog?")
        assert (await group.tap(carol, left, button="✕ 1")).text == texts.WATCH_ENDED
        assert (await group.edited(left)).text == texts.NO_WATCHES


# Restarts and failures


async def test_what_changed_while_the_bot_was_down_is_told_once_when_it_is_back(
    world: World, answers: ChangingAnswers
) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        asked = await chat.say(chat.person, "/watch What in the fog?")
        await chat.reply(to=asked)
    answers.publish("two", LIT, light="light-2")
    async with world.bot():
        assert is_news(await chat.reply(to=asked))
    answers.publish("three", LIT, CLIMBED, light="light-3")
    for _ in range(2):
        async with world.bot():
            await chat.reply(to=await chat.say(chat.person, "lantern?"))
            await answers.was_asked(3)
    assert "New: [2]" in (await chat.reply(to=asked)).text
    assert sum(text.startswith(texts.NEWS) for text in texts_of(chat)) == 2


async def test_news_that_is_being_sent_when_the_bot_is_stopped_arrives(world: World, answers: ChangingAnswers) -> None:
    chat = world.api.private(world.api.user("Alice"))
    stop = asyncio.Event()
    serving = asyncio.create_task(world.serve(stop=stop))
    asked = await chat.say(chat.person, "/watch What in the fog?")
    await chat.reply(to=asked)
    stall = botapi.Stall()
    world.api.fail("sendMessage", stall)
    answers.publish("two", LIT, light="light-2")
    await stall.reached()
    stop.set()
    ended, _ = await asyncio.wait((serving,), timeout=1.0)
    assert not ended
    stall.release()
    async with asyncio.timeout(30):
        await serving
    assert is_news(await chat.reply(to=asked))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "lantern?"))
    assert len(texts_of(chat)) == 3


async def test_news_that_a_process_died_over_is_offered_by_the_next(world: World, answers: ChangingAnswers) -> None:
    chat = world.api.private(world.api.user("Alice"))
    serving = asyncio.create_task(world.serve(stop=asyncio.Event()))
    asked = await chat.say(chat.person, "/watch What in the fog?")
    await chat.reply(to=asked)
    stall = botapi.Stall()
    world.api.fail("sendMessage", stall)
    answers.publish("two", LIT, light="light-2")
    await stall.reached()
    serving.cancel()
    await asyncio.wait((serving,))
    world.api.heal()
    async with world.bot():
        notice = await chat.reply(to=asked)
        while is_news(notice):  # it was sent after all, as nobody can know
            notice = await chat.reply(to=asked)
        assert notice.text == texts.CONNECTION_BROKE
        await chat.tap(chat.person, notice, button=texts.SHOW_ANSWER)
        assert is_news(await chat.edited(notice))
    assert texts.CONNECTION_BROKE not in texts_of(chat)


async def test_news_waits_for_telegram_to_come_back(
    world: World, answers: ChangingAnswers, caplog: pytest.LogCaptureFixture
) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        asked = await chat.say(chat.person, "/watch What in the fog?")
        await chat.reply(to=asked)
        world.api.fail("sendMessage", botapi.Refuse("Too Many Requests", status=401))
        answers.publish("two", LIT, light="light-2")
        assert is_news(await chat.reply(to=asked))
    assert "could not be sent" in caplog.text
    assert "fog" not in "".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)
    assert len(texts_of(chat)) == 2


async def test_a_watch_ends_with_its_chat(world: World, answers: ChangingAnswers) -> None:
    chat = world.api.private(world.api.user("Alice"))
    other = world.api.private(world.api.user("Bob"))
    async with world.bot():
        for each in (chat, other):
            await each.reply(to=await each.say(each.person, "/watch What in the fog?"))
        await chat.block()
        answers.publish("two", LIT, light="light-2")
        assert is_news(await other.next_message())
        await chat.unblock()
        assert (await chat.reply(to=await chat.say(chat.person, "/watches"))).text == texts.NO_WATCHES


async def test_who_lost_access_gets_nothing(world: World, answers: ChangingAnswers) -> None:
    eve, alice = world.api.private(world.api.user("Eve")), world.api.private(world.api.user("Alice"))
    async with world.bot():
        for each in (eve, alice):
            await each.reply(to=await each.say(each.person, "/watch What in the fog?"))
    answers.publish("two", LIT, light="light-2")
    async with world.bot(allowed_users=str(alice.id)):
        assert is_news(await alice.next_message())
    assert len(texts_of(eve)) == 1


@pytest.mark.one_worker("another worker may look a second after the first one told the news")
async def test_where_the_bot_is_off_no_news_is_told(world: World, answers: ChangingAnswers) -> None:
    alice = world.api.user("Alice")
    group = world.api.supergroup("Harbour", members=[alice])
    group.promote(alice)
    hers = world.api.private(alice)
    async with world.bot():
        for chat in (group, hers):
            await chat.reply(to=await chat.say(alice, "/watch What in the fog?"))
        mode = await group.reply(to=await group.say(alice, "/mode"))
        await group.tap(alice, mode, button=texts.MODE_OFF)
    answers.publish("two", LIT, light="light-2")
    async with world.bot():
        assert is_news(await hers.next_message())
        await group.tap(alice, mode, button=texts.MODE_MENTIONED)
    assert len(texts_of(group)) == 2


async def test_a_question_that_meets_a_bug_holds_no_other_up(
    world: World, answers: ChangingAnswers, caplog: pytest.LogCaptureFixture
) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        for question in ("Who is fogbound?", "What in the fog?"):
            await chat.reply(to=await chat.say(chat.person, f"/watch {question}"))
        answers.publish("two", LIT, light="light-2")
        assert "What in the fog?" in (await chat.next_message()).text
        answers.publish("three", LIT, CLIMBED, light="light-3")
        assert "New: [2]" in (await chat.next_message()).text
    assert 2 <= caplog.text.count("a watched question could not be answered") <= 2 * world.workers
    assert "fog" not in "".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)


@pytest.mark.one_worker("a worker gives way to the questions that it has itself")
async def test_people_go_before_watched_questions(world: World, answers: ChangingAnswers) -> None:
    chat, other = world.api.private(world.api.user("Alice")), world.api.private(world.api.user("Bob"))
    async with world.bot():
        asked = await chat.say(chat.person, "/watch What in the fog?")
        await chat.reply(to=asked)
        waiting = await other.say(other.person, "How long do I wait?")
        await answers.waited_at()
        answers.publish("two", LIT, light="light-2")
        await answers.was_looked_at("two")
        await asyncio.sleep(0.5)  # in which it would be answered
        assert answers.asked.count("What in the fog?") == 1
        answers.gate.set()
        await other.reply(to=waiting)
        assert is_news(await chat.reply(to=asked))
