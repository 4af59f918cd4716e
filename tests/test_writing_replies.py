"""What models and their servers make of the form that was asked for, over real HTTP: each ends in a cited answer, in
quotation with its reason, or in silence."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from config import Settings
from index.answering import Answerer
from index.errors import CorruptIndexError
from index.types import Answer, Fallback, Outcome
from index.wiring import build_answerer
from tests import llm
from tests.llm import LlmServer, Reply, Request, ToolCall
from tests.llm.exchange import Exchange
from tests.llm.wire import completion, encoded
from tests.model_world import LIT, QUESTION, ids, saying

SAID = "The lamp was first lit in 1871. [{light}] Boats show a lantern after sunset. [{rules}]"
SHOWN = "The lamp was first lit in 1871. [1] Boats show a lantern after sunset. [2]"
LANTERN = "Every boat shows a lantern after sunset."


def filled(text: str, request: Request) -> str:
    named = ids(request)
    return text.replace("{light}", named["Keeping the light"]).replace("{rules}", named["Harbour rules"])


def model_that(text: str, make: Callable[[str], Reply] = Reply) -> Callable[[Request], Reply]:
    return lambda request: make(filled(text, request))


def cited(answer: Answer) -> list[str]:
    return [each.quote.text for each in answer.citations]


def is_by_quotation(answer: Answer, why: Fallback) -> bool:
    return answer.text.startswith(LIT) and answer.writing is not None and answer.writing.fallback is why


# Quotes, ids and numbers


@pytest.mark.parametrize(
    ("copied", "said"),
    [
        ("Its lamp was lit for the first time in 1781.", "The lamp was first lit in 1871."),
        ("Its bell was lit by Anna Reed.", "The lamp was first lit in 1871."),
        ("The lighthouse stands … for the first time in 1871.", "The lamp was first lit in 1871."),
        ("“its LAMP was   lit for the first time in 1871”", "The lamp was first lit in 1871."),
        ("… lamp", "The lamp was first lit in 1871."),
        ("", "The lamp was first lit in 1871."),
    ],
)
def test_whatever_was_copied_the_quote_is_the_documents(
    model: LlmServer, model_answerer: Answerer, copied: str, said: str
) -> None:
    model.answer_by(saying(f"{said} [{{light}}]", f"[{{light}}] {copied}"))
    answer = model_answerer.answer(QUESTION)
    assert answer.text == "The lamp was first lit in 1871. [1]"
    assert cited(answer) == [LIT]


def test_an_altered_quote_that_is_said_again_is_put_right(model: LlmServer, model_answerer: Answerer) -> None:
    altered = "Its lamp was lit for the first time in 1781."
    model.answer_by(saying(f"{altered} [{{light}}]", f"[{{light}}] {altered}"))
    assert model_answerer.answer(QUESTION).text == f"“{LIT}” [1]"


def test_numbers_are_given_in_the_order_of_the_answer(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(
        saying(
            "Boats show a lantern after sunset. [{rules}] The lamp was first lit in 1871. [{light}] "
            "A keeper climbs 212 steps every evening. [{light}] Every boat shows a lantern after sunset. [{rules}]",
            "[{light}] lit for the first time in 1871\n[{rules}] Every boat shows a lantern",
        )
    )
    answer = model_answerer.answer(QUESTION)
    assert answer.text == (
        "Boats show a lantern after sunset. [1] The lamp was first lit in 1871. [2] "
        "A keeper climbs 212 steps every evening. [3] Every boat shows a lantern after sunset. [1]"
    )
    assert [each.quote.source.document for each in answer.citations] == [
        "rules/harbour.md",
        *["keeping-the-light.txt"] * 2,
    ]


@pytest.mark.parametrize("named", ["[zzqq]", "[1]", "[zzqq, 7]", "[Keeping the light]", "【3†source】", "(1)", "[^1]"])
def test_an_id_that_nobody_gave_is_dropped(model: LlmServer, model_answerer: Answerer, named: str) -> None:
    model.say(f"The lamp was first lit in 1871. {named}")
    answer = model_answerer.answer(QUESTION)
    assert cited(answer) == [LIT]
    assert answer.text.removesuffix(" [1]") in ("The lamp was first lit in 1871.", f"“{LIT}”")


def test_the_same_is_said_once(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(saying("The lamp was first lit in 1871. [{light}] " * 20))
    assert model_answerer.answer(QUESTION).text == "The lamp was first lit in 1871. [1]"


# Another form than the one that was asked for


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps({"quotes": ["It costs £900."], "answer": SAID}),
        json.dumps({"Answer": SAID.split("] ")[0] + "]\n" + SAID.split("] ")[1]}),
        json.dumps({"answer": [{"text": each} for each in (SAID.split("] ")[0] + "]", SAID.split("] ")[1])]}),
        f"```json\n{json.dumps({'answer': SAID}, indent=2)}\n```",
        json.dumps([SAID]),
    ],
)
def test_json_that_nobody_asked_for_is_read(model: LlmServer, model_answerer: Answerer, reply: str) -> None:
    model.answer_by(model_that(reply))
    assert model_answerer.answer(QUESTION).text == SHOWN


@pytest.mark.parametrize("reply", ['{"answer": ', "[1, 2]", '{"answer": 42}', "[" * 5000, "{}"])
def test_json_that_says_nothing_is_answered_for(model: LlmServer, model_answerer: Answerer, reply: str) -> None:
    model.say(reply)
    answer = model_answerer.answer(QUESTION)
    assert is_by_quotation(answer, Fallback.NONSENSE) or answer.outcome is Outcome.ABSTAINED
    assert "42" not in answer.text


def test_a_function_that_nobody_offered_is_not_called(model: LlmServer, model_answerer: Answerer) -> None:
    call = ToolCall("answer", json.dumps({"text": "The lamp was first lit in 1872."}))
    model.say(Reply(tool_calls=(call,)))
    assert is_by_quotation(model_answerer.answer(QUESTION), Fallback.NONSENSE)


def test_a_text_beside_a_function_counts(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(model_that(SAID, lambda text: Reply(text, tool_calls=(ToolCall("search", '{"query": "lamp"}'),))))
    assert model_answerer.answer(QUESTION).text == SHOWN


@pytest.mark.parametrize(
    "reply",
    [
        "## The lamp\n\nThe lamp was **first lit** in `1871`. [{light}]\n\n## Boats\n\n"
        "- Boats show a __lantern__ after sunset. [{rules}]",
        "1. The lamp was first lit in 1871 [{light}].\n2. Boats show a lantern after sunset [{rules}].\n",
        "> The lamp was first lit in 1871. [{light}]\n\n"
        "* Boats show a [lantern](https://evil.example) after sunset. [{rules}]",
    ],
)
def test_markdown_is_taken_off(model: LlmServer, model_answerer: Answerer, reply: str) -> None:
    model.answer_by(model_that(reply))
    assert model_answerer.answer(QUESTION).text == SHOWN


def test_thoughts_are_nobodys_business(model: LlmServer, model_answerer: Answerer) -> None:
    thought = "<think>\nThe lamp was lit in 1872? ANSWER: it was. [zzqq]\n</think>\n"
    model.answer_by(model_that(thought + SAID))
    assert model_answerer.answer(QUESTION).text == SHOWN


def test_nor_are_those_that_the_server_sends_apart(model: LlmServer, model_answerer: Answerer) -> None:
    heard: list[str] = []
    model.answer_by(
        model_that(SAID, lambda text: Reply(text, reasoning="It was lit in 1872. A keeper climbs 212 steps."))
    )
    answer = model_answerer.answer(QUESTION, hear=heard.append)
    assert answer.text == SHOWN
    assert not any("212" in each for each in heard)


def test_a_sentence_without_end_is_left_out(model: LlmServer, model_answerer: Answerer) -> None:
    model.answer_by(
        saying("The lamp was first lit in 1871. [{light}] " + "and the keeper sang and the bell rang " * 150)
    )
    answer = model_answerer.answer(QUESTION)
    assert answer.text.startswith("The lamp was first lit in 1871. [1]")
    assert "sang" not in answer.text


def test_in_another_language_than_the_documents_what_was_copied_is_quoted(
    model: LlmServer, model_answerer: Answerer
) -> None:
    russian = "Лампу впервые зажгли давным-давно. [{light}] Лодки несут фонарь. [{rules}]"
    model.answer_by(saying(russian, "[{light}] lit for the first time in 1871\n[{rules}] shows a lantern\n[{mill}] no"))
    answer = model_answerer.answer(QUESTION)
    assert answer.text == f"“{LIT}” [1] “{LANTERN}” [2]"
    assert answer.writing
    assert answer.writing.left_out == 2


def test_in_another_language_with_nothing_copied_the_documents_do_not_say(
    model: LlmServer, model_answerer: Answerer
) -> None:
    model.answer_by(saying("Лампу впервые зажгли давным-давно. [{light}]"))
    answer = model_answerer.answer(QUESTION)
    assert (answer.outcome, answer.writing and answer.writing.fallback) == (Outcome.ABSTAINED, None)


# How it comes


@pytest.mark.parametrize(
    "make",
    [
        lambda text: Reply(text, pieces=(text,)),
        lambda text: Reply(text, pieces=tuple(text)),
        lambda text: Reply(text.replace("\n", "\r\n").replace("] Boats", "]\r\n\r\nBoats")),
        lambda text: Reply(text, pieces=("", *text.partition("QUOTES"), "")),
    ],
    ids=["in one piece", "letter by letter", "with the line ends of Windows", "with empty pieces"],
)
def test_the_answer_is_the_same_however_it_comes(
    model: LlmServer, model_answerer: Answerer, make: Callable[[str], Reply]
) -> None:
    heard: list[str] = []
    model.answer_by(model_that(f"QUOTES\n[{{light}}] in 1871\nANSWER\n{SAID}", make))
    answer = model_answerer.answer(QUESTION, hear=heard.append)
    assert (answer.text, cited(answer)) == (SHOWN, [LIT, LANTERN])
    assert all(SHOWN.startswith(each) for each in heard)


class Whole(llm.Fault):
    """A completion in one piece, though a stream was asked for."""

    async def strikes(self, exchange: Exchange) -> bool:
        await exchange.answer(encoded(completion(exchange.request, Reply("The lamp was first lit in 1872."))))
        return True


def test_a_server_that_does_not_stream_is_answered_for(model: LlmServer, model_answerer: Answerer) -> None:
    model.fail(Whole())
    assert is_by_quotation(model_answerer.answer(QUESTION), Fallback.NONSENSE)


@pytest.mark.parametrize("ending", ["length", "content_filter"])
def test_of_a_reply_that_breaks_off_the_half_sentence_is_not_shown(
    model: LlmServer, model_answerer: Answerer, ending: llm.Ending
) -> None:
    half = "The lamp was first lit in 1871. [{light}] Every boat shows a lantern"
    model.answer_by(model_that(half, lambda text: Reply(text, ending=ending)))
    answer = model_answerer.answer(QUESTION)
    assert answer.text == "The lamp was first lit in 1871. [1]"
    assert answer.writing
    assert answer.writing.fallback is None


@pytest.mark.parametrize(
    ("ending", "why"), [("length", Fallback.NONSENSE), ("content_filter", Fallback.REFUSED)], ids=str
)
@pytest.mark.parametrize("text", ["", "QUOTES\n[zzqq] Its lamp was", "Every boat shows a lantern"])
def test_where_that_is_all_the_answer_is_by_quotation(
    model: LlmServer, model_answerer: Answerer, ending: llm.Ending, why: Fallback, text: str
) -> None:
    model.say(Reply(text, ending=ending))
    assert is_by_quotation(model_answerer.answer(QUESTION), why)


def test_a_model_that_refuses_is_answered_for(model: LlmServer, model_answerer: Answerer) -> None:
    model.say(Reply(refusal="I can't help with lighthouses."))
    answer = model_answerer.answer(QUESTION)
    assert is_by_quotation(answer, Fallback.REFUSED)
    assert "can't help" not in answer.text


def test_more_passages_than_the_model_takes(model_settings: Settings) -> None:
    with LlmServer(context_window=50) as small:
        answerer = build_answerer(model_settings.model_copy(update={"llm_base_url": small.url}))
        assert is_by_quotation(answerer.answer(QUESTION), Fallback.REFUSED)
        answerer.close()


def test_a_key_that_may_not_is_refused(model: LlmServer, model_answerer: Answerer) -> None:
    model.fail(llm.Failure(403, "You are not allowed to use this model."))
    assert is_by_quotation(model_answerer.answer(QUESTION), Fallback.REFUSED)


def test_what_cannot_be_read_back_from_its_document_is_no_answer(
    model: LlmServer, model_settings: Settings, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(model_settings.data_dir, data)
    for texts in data.glob("index/*/texts*"):
        with closing(sqlite3.connect(texts)) as database, database:
            database.execute("UPDATE texts SET text = upper(text)")
    answerer = build_answerer(model_settings.model_copy(update={"data_dir": data}))
    model.say("The lamp was first lit in 1871.")
    with closing(answerer), pytest.raises(CorruptIndexError, match="citegram index --full"):
        answerer.answer(QUESTION)
    assert model.requests
