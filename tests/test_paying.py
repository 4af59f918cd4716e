"""Answers by a scripted language model, and what of them is counted for whom."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.database import default_url, open_database
from bot.paying import PaidAnswers
from bot.spending import Spending, Spent
from index.answering import Answerer
from index.errors import StoppedError
from index.stop import Stop
from index.types import Fallback, Writing
from tests import llm
from tests.llm import Gate, LlmServer
from tests.model_world import LIT, QUESTION, saying
from tests.scripted import ScriptedAnswers
from tests.wall_clock import WallClock

ALICE = 5_000_000_001
SAID = "The lamp was first lit in 1871. [{light}] Boats show a lantern after sunset. [{rules}] And more."


@pytest.fixture
async def spending(tmp_path: Path) -> AsyncIterator[Spending]:
    async with open_database(default_url(tmp_path)) as database:
        yield Spending(database, each=1, clock=WallClock())


@pytest.fixture
def paid(model_answerer: Answerer, spending: Spending) -> PaidAnswers:
    return PaidAnswers(model_answerer, spending)


async def test_an_answer_is_paid_for_as_its_writing_says(
    model: LlmServer, paid: PaidAnswers, spending: Spending
) -> None:
    model.answer_by(saying(SAID))
    heard: list[str] = []
    writing = (await paid.answer(QUESTION, payer=ALICE, hear=heard.append)).writing
    assert writing
    assert heard
    assert await spending.of(ALICE) == Spent(writing.asked_tokens, writing.written_tokens, 1)


async def test_a_used_up_budget_ends_in_quotation(model: LlmServer, paid: PaidAnswers, spending: Spending) -> None:
    await spending.note(ALICE, Writing(model.model, None, 1, 0))
    answer = await paid.answer(QUESTION, payer=ALICE)
    assert answer.text.startswith(LIT)
    assert answer.writing == Writing(model.model, Fallback.SPENT)
    assert not model.requests


async def test_what_was_written_before_is_given_beyond_the_budget_at_no_cost(
    model: LlmServer, paid: PaidAnswers, spending: Spending
) -> None:
    model.answer_by(saying(SAID))
    first = await paid.answer(QUESTION, payer=ALICE)
    spent = await spending.of(ALICE)
    assert not await spending.may_write(ALICE)
    again = await paid.answer(f" {QUESTION}", payer=ALICE)
    assert (again.text, again.citations) == (first.text, first.citations)
    assert again.question == f" {QUESTION}"
    assert again.writing == Writing(model.model, None, left_out=first.writing.left_out if first.writing else 0)
    assert (await spending.of(ALICE)).tokens == spent.tokens
    other = await paid.answer("Which boats show a lantern?", payer=ALICE)
    assert other.writing == Writing(model.model, Fallback.SPENT)
    assert len(model.requests) == 1


async def test_without_a_payer_the_model_is_not_asked(model: LlmServer, paid: PaidAnswers) -> None:
    answer = await paid.answer(QUESTION, payer=None)
    assert answer.text.startswith(LIT)
    assert answer.writing is None
    assert not model.requests


async def test_without_a_model_no_budget_is_looked_at(spending: Spending) -> None:
    await spending.note(ALICE, Writing("an earlier one", None, 1, 0))
    answer = await PaidAnswers(ScriptedAnswers(), spending).answer(QUESTION, payer=ALICE)
    assert answer.writing is None


async def test_an_answer_that_is_stopped_is_paid_as_far_as_it_came(
    model: LlmServer, paid: PaidAnswers, spending: Spending
) -> None:
    gate, stop = Gate(), Stop()
    model.answer_by(saying(SAID, gate=gate))
    gate.send(16)  # the first sentence with its mark, and the second up to its stop
    answer = await paid.answer(QUESTION, payer=ALICE, hear=lambda _: stop.give(), stop=stop)
    assert answer.writing
    assert answer.writing.stopped
    assert (await spending.of(ALICE)).tokens == answer.writing.tokens > 100


async def test_so_is_one_that_is_stopped_before_anything_stands(
    model: LlmServer, paid: PaidAnswers, spending: Spending
) -> None:
    gate, stop = Gate(), Stop()
    model.answer_by(saying(SAID, gate=gate))
    answering = asyncio.create_task(paid.answer(QUESTION, payer=ALICE, stop=stop))
    gate.send(4)
    await gate.sent(4)
    stop.give()
    with pytest.raises(StoppedError) as stopped:
        await answering
    assert stopped.value.writing
    assert (await spending.of(ALICE)).tokens == stopped.value.writing.tokens > 100


@pytest.mark.parametrize(
    ("fault", "costs"), [(llm.ServerError(), False), (llm.Refused(), False), (llm.CutStream(after=3), True)], ids=repr
)
async def test_a_failure_is_paid_for_where_the_model_had_begun(
    model: LlmServer, paid: PaidAnswers, spending: Spending, fault: llm.Fault, costs: bool
) -> None:
    model.answer_by(saying(SAID))
    model.fail(fault)
    answer = await paid.answer(QUESTION, payer=ALICE)
    assert answer.writing
    assert answer.writing.fallback is Fallback.UNREACHABLE
    assert (await spending.of(ALICE)).tokens == answer.writing.tokens
    assert (answer.writing.tokens > 0) is costs


async def test_what_is_under_way_may_go_beyond(model: LlmServer, paid: PaidAnswers, spending: Spending) -> None:
    gate = Gate()
    model.answer_by(saying(SAID, gate=gate))
    questions = (QUESTION, "Which boats show a lantern?")
    both = [asyncio.create_task(paid.answer(each, payer=ALICE)) for each in questions]
    for _ in both:
        await model.next_request()
    gate.release()
    assert [each.writing.fallback for each in await asyncio.gather(*both) if each.writing] == [None, None]
    assert (await spending.of(ALICE)).answers == 2
    third = await paid.answer("What does the keeper do in the evening?", payer=ALICE)
    assert third.writing == Writing(model.model, Fallback.SPENT)
    assert len(model.requests) == 2
