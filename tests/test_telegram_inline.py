"""Inline mode with the bot running, over real HTTP: cited answers in any chat."""

import asyncio
import logging
from dataclasses import replace

import pytest

from bot import texts
from bot.languages import say_in
from index.types import Status
from tests import botapi
from tests.botapi import BotApi, User
from tests.scripted import FIRST_LIT, LANTERN
from tests.telegram_world import GatedAnswers, World

pytestmark = pytest.mark.timeout(60)

QUESTION = "How many steps?"


class RebuiltAnswers(GatedAnswers):
    """Of an index that can be rebuilt."""

    def __init__(self) -> None:
        super().__init__()
        self.generation = "first"

    def status(self) -> Status:
        return replace(super().status(), generation=self.generation)


@pytest.fixture
def answers() -> RebuiltAnswers:
    return RebuiltAnswers()


@pytest.fixture
def alice(world: World) -> User:
    return world.api.user("Alice")


async def test_a_question_in_any_chat_offers_the_cited_answer_and_its_quotes(api: BotApi, alice: User) -> None:
    offered = await api.inline(alice, QUESTION)
    answer, first, second = offered.articles
    assert (answer.title, first.description) == (FIRST_LIT, f"“{FIRST_LIT}”")
    assert first.title.startswith("Keeping the light")
    assert offered.is_personal
    friends = api.supergroup("Friends", members=[alice])
    sent = await friends.send_offer(alice, answer)
    assert sent.text.startswith(f"{QUESTION}\n\n{FIRST_LIT} [1] ")
    assert sent.formatted("expandable_blockquote")[0].startswith("Sources\n1  Keeping the light")
    assert (await friends.send_offer(alice, second)).formatted("bold")[-1].startswith("A keeper climbs")
    assert not sent.buttons


async def test_where_the_documents_are_silent_that_is_offered_with_the_closest(api: BotApi, alice: User) -> None:
    silent, closest = (await api.inline(alice, "Something unknown?")).articles
    assert (silent.title, closest.description) == (texts.DOCUMENTS_SILENT, f"“{LANTERN}”")
    assert closest.text.startswith(f"Something unknown?\n\n{texts.CLOSEST}")


@pytest.mark.parametrize("text", ["", "  ", "vague"])
async def test_what_is_no_question_yet_gets_a_hint(api: BotApi, alice: User, text: str) -> None:
    offered = await api.inline(alice, text)
    assert (offered.articles, offered.button) == ((), texts.OFFERING_HINT)


async def test_the_hint_leads_to_the_chat_with_the_bot(api: BotApi, alice: User) -> None:
    await api.inline(alice, "")
    call = await api.called("answerInlineQuery")
    chat = api.private(alice)
    started = await chat.start(call.parameters["button"]["start_parameter"])
    assert (await chat.reply(to=started)).text == texts.START


async def test_offers_are_in_the_persons_language(api: BotApi) -> None:
    say = say_in("ru")
    olga = api.user("Оля", language_code="ru")
    assert (await api.inline(olga, "")).button == say(texts.OFFERING_HINT)
    assert (await api.inline(olga, "unknown?")).articles[0].title == say(texts.DOCUMENTS_SILENT)


async def test_who_has_no_access_gets_nothing_but_a_sentence(world: World, alice: User) -> None:
    eve = world.api.user("Eve")
    async with world.bot(allowed_users=str(alice.id)):
        refused = await world.api.inline(eve, QUESTION)
        assert (refused.articles, refused.button) == ((), texts.OFFERING_NO_ACCESS)
        assert refused.is_personal
        assert world.answers.asked == []
        assert (await world.api.inline(alice, QUESTION)).articles
    async with world.bot(allowed_users=f"{alice.id}, {eve.id}"):
        assert (await world.api.inline(eve, QUESTION)).articles


async def test_what_is_asked_inline_counts_for_the_day(world: World, alice: User) -> None:
    async with world.bot(daily_questions=1):
        assert (await world.api.inline(alice, QUESTION)).articles
        refused = await world.api.inline(alice, "lantern?")
        assert (refused.articles, refused.button) == ((), texts.OFFERING_NO_MORE)
        assert (await world.api.inline(alice, QUESTION)).articles
    assert world.answers.asked == [QUESTION]


@pytest.mark.two_workers
async def test_only_what_a_person_typed_last_is_asked(api: BotApi, answers: RebuiltAnswers, alice: User) -> None:
    bob = api.user("Bob")
    typed = [await api.type_inline(alice, QUESTION[:length]) for length in range(4, len(QUESTION) + 1)]
    other = await api.type_inline(bob, "How long?")
    assert (await api.offered(typed[-1])).articles
    assert (await api.offered(other)).articles
    assert sorted(answers.asked) == ["How long?", QUESTION]


@pytest.mark.one_worker("each worker has one at a time")
async def test_one_who_types_on_waits_for_one_answer_at_a_time(
    api: BotApi, answers: RebuiltAnswers, alice: User
) -> None:
    await api.type_inline(alice, "How long do I wait?")
    await answers.waited_at()
    for text in ("How long do I wait, really?", QUESTION):
        last = await api.type_inline(alice, text)
    await api.offered(await api.type_inline(api.user("Bob"), "How many?"))
    assert answers.asked == ["How long do I wait?", "How many?"]
    answers.gate.set()
    assert (await api.offered(last)).articles[0].text.startswith(QUESTION)
    assert list(dict.fromkeys(answers.asked)) == ["How long do I wait?", "How many?", QUESTION]


@pytest.mark.one_worker("each worker remembers what it answered itself")
async def test_what_was_answered_is_not_asked_again_until_the_documents_change(
    api: BotApi, answers: RebuiltAnswers, alice: User
) -> None:
    bob = api.user("Bob", language_code="ru")
    await api.inline(alice, QUESTION)
    assert (await api.inline(bob, f" {QUESTION.replace(' ', '  ')}")).articles
    assert answers.asked == [QUESTION]
    answers.generation = "second"
    await api.offered(await api.type_inline(alice, QUESTION))
    assert answers.asked == [QUESTION, QUESTION]


async def test_telegram_keeps_an_answer_for_the_same_person_alone(api: BotApi, alice: User) -> None:
    for person in (alice, alice, api.user("Bob")):
        assert (await api.inline(person, QUESTION)).articles
    assert len(api.calls_of("answerInlineQuery")) == 2


async def test_a_failure_is_told_with_its_number_and_without_the_question(
    api: BotApi, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    offered = await api.inline(alice, "Is this broken?")
    assert offered.button is not None
    assert offered.button.startswith("Something went wrong (")
    assert offered.button[-9:-1] in caplog.text
    assert "Is this broken?" not in caplog.text
    assert (await api.inline(alice, "unread?")).button is not None
    assert (await api.inline(alice, QUESTION)).articles


async def test_a_query_too_old_and_a_bad_connection_are_borne(
    api: BotApi, answers: RebuiltAnswers, alice: User
) -> None:
    late = await api.type_inline(alice, "How long do I wait?")
    await answers.waited_at()
    api.expire(late)
    api.fail("answerInlineQuery", botapi.Refuse("Bad Request: query is too old"))
    api.fail("answerInlineQuery", botapi.BadGateway())
    answers.gate.set()
    await api.called("answerInlineQuery")
    assert (await api.inline(alice, QUESTION)).articles
    assert [call.status for call in api.calls_of("answerInlineQuery")] == [400, 502, 200]


async def test_a_tap_beside_is_not_held_up(api: BotApi, answers: RebuiltAnswers, alice: User) -> None:
    """Inline queries wait for nothing in a chat, and nothing there for them."""
    chat = api.private(alice)
    await api.type_inline(alice, "How long do I wait?")
    await answers.waited_at()
    async with asyncio.timeout(20):
        assert (await chat.reply(to=await chat.say(alice, QUESTION))).text.startswith(FIRST_LIT)
