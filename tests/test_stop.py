"""A stop reaches the language model's server; what stands by then is the answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from index.answering import Answerer
from index.errors import CitegramError, StoppedError, WriterError
from index.stop import Stop
from index.types import Fallback, Outcome
from index.writing import LONGEST
from tests import llm
from tests.llm import Gate, LlmServer
from tests.model_world import QUESTION, saying

SECONDS = 30


def test_it_is_told_once_whether_it_comes_before_or_after() -> None:
    heard: list[CitegramError] = []
    stop = Stop()
    stop.check()
    with stop.told(heard.append):
        assert not heard
        stop.give(WriterError(Fallback.SLOW))
        stop.give()
    with stop.told(heard.append):
        pass
    assert [str(each) for each in heard] == [str(WriterError(Fallback.SLOW))] * 2
    stop.check()
    stopped = Stop()
    stopped.give()
    with pytest.raises(StoppedError):
        stopped.check()


def test_nobody_is_told_who_no_longer_listens() -> None:
    heard: list[CitegramError] = []
    stop = Stop()
    with stop.told(heard.append):
        pass
    stop.give()
    assert not heard


LIT_AND_RULES = "The lamp was first lit in 1871. [{light}] Boats show a lantern after sunset. [{rules}] And more."


def test_what_stands_by_then_is_the_answer_and_the_request_is_closed(
    model: LlmServer, model_answerer: Answerer
) -> None:
    gate, stop, heard = Gate(), Stop(), list[str]()
    model.answer_by(saying(LIT_AND_RULES, gate=gate))

    def hear(text: str) -> None:
        heard.append(text)
        stop.give()

    gate.send(16)  # "QUOTES ANSWER", the first sentence with its mark, and the second up to its stop
    answer = model_answerer.answer(QUESTION, hear=hear, stop=stop)
    assert gate.closed().wait()
    assert model.ended(model.requests[0]).wait().outcome == "cancelled"
    assert answer.text == heard[0] == "The lamp was first lit in 1871. [1]"
    assert answer.writing
    assert answer.writing.stopped
    assert answer.writing.fallback is None
    assert answer.writing.asked_tokens > 100, "the server has not counted them by then, and they are estimated"


def test_before_anything_stands_there_is_no_answer_and_the_request_is_closed(
    model: LlmServer, model_answerer: Answerer
) -> None:
    gate, stop = Gate(), Stop()
    model.answer_by(saying(LIT_AND_RULES, gate=gate))
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(model_answerer.answer, QUESTION, stop=stop)
        gate.send(4)
        assert gate.sent(4).wait()
        stop.give()
        with pytest.raises(StoppedError) as stopped:
            future.result(SECONDS)
    assert gate.closed().wait()
    assert stopped.value.writing
    assert stopped.value.writing.tokens > 100


def test_given_with_a_reason_it_ends_in_quotation(model: LlmServer, model_answerer: Answerer) -> None:
    stall, stop = llm.Stall(), Stop()
    model.fail(stall)
    model.say("The lamp was first lit in 1871.")
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(model_answerer.answer, QUESTION, stop=stop)
        assert stall.reached().wait()
        stop.give(WriterError(Fallback.SLOW))
        answer = future.result(SECONDS)
    assert stall.closed().wait()
    assert answer.outcome is Outcome.ANSWERED
    assert answer.writing
    assert answer.writing.fallback is Fallback.SLOW


def test_given_beforehand_with_a_reason_it_is_by_quotation(model_answerer: Answerer) -> None:
    stop = Stop()
    stop.give(WriterError(Fallback.SLOW))
    answer = model_answerer.answer(QUESTION, stop=stop)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.writing
    assert answer.writing.fallback is Fallback.SLOW


def test_given_beforehand_nothing_is_asked(model: LlmServer, model_answerer: Answerer) -> None:
    stop = Stop()
    stop.give()
    with pytest.raises(StoppedError):
        model_answerer.answer(QUESTION, stop=stop)
    assert not model.requests


def test_given_beforehand_with_a_reason_quotation_goes_on(model: LlmServer, model_answerer: Answerer) -> None:
    stop = Stop()
    stop.give(WriterError(Fallback.SLOW))
    assert model_answerer.answer(QUESTION, write=False, stop=stop).outcome is Outcome.ANSWERED
    written = model_answerer.answer(QUESTION, stop=stop)
    assert written.outcome is Outcome.ANSWERED
    assert written.writing
    assert written.writing.fallback is Fallback.SLOW


def test_a_model_that_goes_on_for_ever_is_left_and_its_request_closed(
    model: LlmServer, model_answerer: Answerer
) -> None:
    gate = Gate()
    endless = "The lamp was first lit in 1871. [{light}] " + "It was bright that night. " * 1000
    model.answer_by(saying(endless, gate=gate))
    gate.send(LONGEST // 4)  # words; with their spaces they have five letters on the average
    answer = model_answerer.answer(QUESTION)
    assert answer.text == "The lamp was first lit in 1871. [1]"
    assert model.ended(model.requests[0]).wait().outcome == "cancelled"


def test_closing_ends_what_is_under_way(model: LlmServer, model_answerer: Answerer) -> None:
    stall = llm.Stall()
    model.fail(stall)
    model.say("Too late.")
    with ThreadPoolExecutor(1) as thread:
        future = thread.submit(model_answerer.answer, QUESTION)
        assert stall.reached().wait()
        model_answerer.close()
        assert stall.closed().wait()
        assert future.result(SECONDS).writing
