"""The command line as its users meet it: real processes, their exit status, and the sentence they end with."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot import owner_texts
from bot.database import default_url, open_database
from bot.process import NICENESS
from bot.questions import QuestionFileError, read_questions
from bot.spending import Spending
from config import load_settings
from index.types import Writing
from index.wiring import build_answerer
from tests.builders import FERRY, SEEDS, plant
from tests.command_line import CITEGRAM, Ended, citegram, environment
from tests.wall_clock import WallClock

QUESTION = "What does a bicycle pay on the ferry?"
ANSWER = "A bicycle travels free of charge."
FOREIGN = "Who composed the opera about the barber of Seville?"
RUSSIAN, RUSSIAN_ANSWER = "В каком году установили телескоп?", "Телескоп установили в 1931 году."

ANSWER_TYPES = {
    "question": str, "outcome": str, "text": str, "confidence": float, "uncertain": bool, "citations": list,
    "closest": list, "passages": list, "seconds": float, "notes": list, "writing": type(None),
}  # fmt: skip
QUOTE_TYPES = {
    "quote": str, "document": str, "title": str, "page": type(None), "start": int, "end": int, "url": type(None),
    "modified": str, "answer": str, "answer_start": int, "author": type(None), "page_label": type(None),
    "heading": list,
}  # fmt: skip
UNSURE_TYPES = {"answer": type(None), "answer_start": type(None)}
PASSAGE_TYPES = {"document": str, "page": type(None), "start": int, "end": int, "text": str, "score": float}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and their index; a test that changes anything works on a copy."""
    folder = tmp_path_factory.mktemp("made")
    plant(folder / "seeds")
    ended = run(folder, "index")
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output.startswith("3 added, 0 updated, 0 removed, 0 unchanged\n")
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copied"))


def run(folder: Path, *arguments: str | Path, encoding: str = "utf-8", **process: Any) -> Ended:
    settings: dict[str, str | Path] = {
        "SEEDS_DIR": folder / "seeds",
        "DATA_DIR": folder / "data",
        "PYTHONIOENCODING": encoding,
    }
    return citegram(*arguments, settings=settings, **process)


def still_answers(folder: Path) -> bool:
    answerer = build_answerer(load_settings(data_dir=folder / "data"))
    try:
        return answerer.answer(QUESTION).citations[0].quote.text == ANSWER
    finally:
        answerer.close()


def types_of(value: dict[str, Any]) -> dict[str, type]:
    return {name: type(each) for name, each in value.items()}


def generation(folder: Path) -> Path:
    return folder / "data" / "index" / (folder / "data" / "index" / "CURRENT").read_text().strip()


# What each command does


def test_help_names_every_command_and_the_exit_statuses() -> None:
    ended = citegram("--help", settings={})
    assert (ended.status, ended.errors) == (0, "")
    for word in (
        "index",
        "ask",
        "eval",
        "console",
        "bot",
        "migrate",
        "status",
        "doctor",
        ".env.example",
        "exit status: 0",
        " 1 ",
        " 2 ",
        " 3 ",
    ):
        assert word in ended.output


@pytest.mark.parametrize(
    "arguments",
    [[], ["sing"], ["ask"], ["ask", QUESTION, "--file", "q.jsonl"], ["index", "--fast"]],
    ids=" ".join,
)
def test_wrong_arguments(arguments: list[str]) -> None:
    ended = citegram(*arguments, settings={})
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors.startswith("usage: citegram")


def test_index_says_what_changed(copied: Path) -> None:
    plant(copied / "seeds", {"ferry.md": FERRY + "\nDogs ride along.\n", "new.txt": "New here.", "empty.txt": ""})
    (copied / "seeds" / "town" / "bakery.txt").unlink()
    ended = run(copied, "index")
    assert (ended.status, ended.errors) == (0, "")
    changes, cost, left_out = ended.output.splitlines()
    assert changes == "1 added, 1 updated, 1 removed, 1 unchanged"
    assert " embedded anew, " in cost
    assert left_out == "left out: empty.txt is empty"


def test_options_come_before_the_environment(made: Path, tmp_path: Path) -> None:
    plant(tmp_path / "other", {"note.txt": "The gate is painted green."})
    ended = run(made, "index", "--seeds", tmp_path / "other", "--data", tmp_path / "index")
    assert (ended.status, ended.output.splitlines()[0]) == (0, "1 added, 0 updated, 0 removed, 0 unchanged")
    asked = run(made, "ask", "--data", tmp_path / "index", "Which colour is the gate painted?")
    assert (asked.status, "The gate is painted green. [1]" in asked.output) == (0, True)


def test_status(made: Path) -> None:
    ended = run(made, "status")
    assert (ended.status, ended.errors) == (0, "")
    told = dict(line.split(maxsplit=1) for line in ended.output.splitlines())
    assert (told["documents"], told["languages"], told["embedder"]) == ("3", "en, ru", "all-MiniLM-L6-v2")
    assert told["generation"] == generation(made).name


def test_status_tells_the_model_and_what_it_cost_the_bot(made: Path, tmp_path: Path) -> None:
    database = tmp_path / "bot.sqlite"
    settings: dict[str, str | Path] = {"DATA_DIR": made / "data", "DATABASE_URL": f"sqlite+aiosqlite:///{database}"}
    settings |= {"LLM_BASE_URL": "http://127.0.0.1:9/v1", "LLM_MODEL": "some-model"}
    before = citegram("status", settings=settings)
    assert (before.status, before.errors) == (0, "")
    assert "writer      some-model\n" in before.output
    assert "tokens" not in before.output
    assert not database.exists()

    async def spend() -> None:
        async with open_database(default_url(tmp_path)) as opened:
            for days_ago in (0, 29, 30):
                clock = WallClock(datetime.now(UTC) - timedelta(days=days_ago))
                await Spending(opened, clock=clock).note(1, Writing("some-model", None, 1000, 20))

    asyncio.run(spend())
    after = citegram("status", settings=settings)
    assert (after.status, after.errors) == (0, "")
    assert after.output.splitlines()[-2:] == [
        "today       1,000 tokens read, 20 written, for 1 answer on Telegram",
        "30 days     2,000 tokens read, 40 written, for 2 answers on Telegram",
    ]


def test_status_of_the_index_is_told_also_where_the_database_is_damaged(made: Path, tmp_path: Path) -> None:
    (tmp_path / "bot.sqlite").write_bytes(b"no database" * 100)
    settings: dict[str, str | Path] = {"DATA_DIR": made / "data"}
    settings |= {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite'}"}
    settings |= {"LLM_BASE_URL": "http://127.0.0.1:9/v1", "LLM_MODEL": "some-model"}
    ended = citegram("status", settings=settings)
    assert (ended.status, ended.errors.count("\n")) == (1, 1)
    assert ended.errors.startswith("citegram: The bot's database ")
    assert "generation " in ended.output


def test_ask_answers_with_the_quote_and_where_it_stands(made: Path) -> None:
    ended = run(made, "ask", QUESTION)
    assert (ended.status, ended.errors) == (0, "")
    assert ended.output.startswith(f"free of charge\n\n{ANSWER} [1]")
    assert f"1  The ferry, Fares, {FERRY_DAY(made)}: “{ANSWER}”" in ended.output


def FERRY_DAY(folder: Path) -> str:  # noqa: N802
    from_manifest = json.loads((generation(folder) / "manifest.json").read_text(encoding="utf-8"))
    year, month, day = from_manifest["documents"]["ferry.md"]["modified"].split("-")
    return f"{int(day)} {'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split()[int(month) - 1]} {year}"  # noqa: SIM905


def test_ask_abstains_with_status_3_and_the_closest_quotes(made: Path) -> None:
    ended = run(made, "ask", FOREIGN)
    assert (ended.status, ended.errors) == (3, "")
    assert ended.output.startswith("The documents don't say.")
    assert "What comes closest:" in ended.output


def test_the_json_of_an_answer(made: Path) -> None:
    ended = run(made, "ask", QUESTION, "--json")
    assert (ended.status, ended.errors, ended.output.count("\n")) == (0, "", 1)
    answer = json.loads(ended.output)
    assert types_of(answer) == ANSWER_TYPES
    assert (answer["question"], answer["outcome"], answer["closest"]) == (QUESTION, "answered", [])
    assert 0 < answer["confidence"] <= 1
    assert [each["number"] for each in answer["citations"]] == list(range(1, len(answer["citations"]) + 1))
    for each in answer["citations"]:
        assert types_of(each) in ({"number": int} | QUOTE_TYPES, {"number": int} | QUOTE_TYPES | UNSURE_TYPES)
        place = (each["answer_start"] or each["start"]) - each["start"]
        assert each["quote"][place:].startswith(each["answer"] or each["quote"])
        assert SEEDS[each["document"]][each["start"] : each["end"]] == each["quote"]
        assert f"{each['quote']} [{each['number']}]" in answer["text"]
    assert answer["citations"][0]["answer"] == "free of charge"
    assert 0 < len(answer["passages"]) <= 10
    for each in answer["passages"]:
        assert types_of(each) == PASSAGE_TYPES
        assert SEEDS[each["document"]][each["start"] : each["end"]] == each["text"]
    scores = [each["score"] for each in answer["passages"]]
    assert scores == sorted(scores, reverse=True)


def test_documents_that_disagree_and_newer_ones_are_told_by_json_page_and_console(tmp_path: Path) -> None:
    plant(tmp_path / "seeds", {
        "timetable.md": "---\ndate: 2021-03-01\n---\n# Timetable\n\nThe ferry crosses the strait four times a day.\n",
        "guide.md": "---\ndate: 2023-06-05\n---\n# Visitor guide\n\nThe ferry crosses the strait six times a day.\n",
        "Rules 2021.md": "# Harbour rules\n\nEvery boat shows a lantern after sunset.\n",
        "Rules 2023.md": "---\ndate: 2023-02-01\n---\n# Harbour rules\n\nNets are mended on the east quay.\n",
    })  # fmt: skip
    assert run(tmp_path, "index").status == 0
    often, shows = "How often does the ferry cross the strait?", "What does every boat show after sunset?"

    told = json.loads(run(tmp_path, "ask", often, "--json").output)
    number = {each["document"]: each["number"] for each in told["citations"]}
    (note,) = told["notes"]
    assert (note["kind"], note["newest"], note["document"]) == ("disagreement", number["guide.md"], None)
    assert note["numbers"] == [side["number"] for side in note["values"]] == sorted(number.values())
    assert {side["number"]: side["value"] for side in note["values"]} == {
        number["timetable.md"]: "four times",
        number["guide.md"]: "six times",
    }
    (newer,) = json.loads(run(tmp_path, "ask", shows, "--json").output)["notes"]
    assert newer == {
        "kind": "newer_uncited", "numbers": [1], "values": [], "newest": None,
        "document": "Rules 2023.md", "title": "Harbour rules", "date": "2023-02-01",
    }  # fmt: skip

    sides = ", ".join(f"[{side['number']}] {side['value']}" for side in note["values"])
    disagree = f"The documents disagree: {sides}. The newest is [{number['guide.md']}].\n\nThe ferry"
    assert run(tmp_path, "ask", often).output.startswith(disagree)
    settings: dict[str, str | Path] = {"SEEDS_DIR": tmp_path / "seeds", "DATA_DIR": tmp_path / "data"}
    console = subprocess.run(
        [*CITEGRAM, "console"], env=environment(settings), input=f"{often}\n{shows}\n/quit\n",
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert disagree in console.stdout
    newer_line = "In the series of [1] there is a newer document: Harbour rules, Rules 2023.md, 1 Feb 2023."
    assert newer_line in console.stdout


def test_a_file_of_questions_keeps_order_and_ids_and_answers_bad_ones_too(made: Path, tmp_path: Path) -> None:
    asked = [
        ("b", QUESTION),
        ("a", "🌊🌊"),
        (None, FOREIGN),
        ("ü", RUSSIAN),
        ("long", "bicycle " * 1250),
        ("b", "\ud800"),
    ]
    lines = [json.dumps({"id": key, "question": text} if key else {"question": text}) for key, text in asked]
    (tmp_path / "questions.jsonl").write_text("\ufeff" + "\r\n\n".join(lines), encoding="utf-8")
    ended = run(made, "ask", "--file", tmp_path / "questions.jsonl", "--json")
    assert (ended.status, ended.errors) == (0, "")
    assert RUSSIAN_ANSWER in ended.output
    answers = [json.loads(line) for line in ended.output.splitlines()]
    assert [(each.get("id"), each["question"]) for each in answers] == asked
    assert [each["outcome"] for each in answers] == ["answered", "abstained", "abstained", "answered"] + [
        "abstained"
    ] * 2
    assert answers[3]["citations"][0]["quote"] == RUSSIAN_ANSWER
    assert types_of(answers[0]) == {"id": str} | ANSWER_TYPES
    assert types_of(answers[1]) == {"id": str} | ANSWER_TYPES
    assert types_of(answers[2]) == ANSWER_TYPES
    assert all(types_of(each) in (QUOTE_TYPES, QUOTE_TYPES | UNSURE_TYPES) for each in answers[2]["closest"])
    assert answers[2]["closest"]
    assert "no word" in answers[1]["text"]


# Following the folder


def test_watch_reports_each_change_and_ends_in_peace(copied: Path) -> None:
    settings = {"SEEDS_DIR": copied / "seeds", "DATA_DIR": copied / "data"}
    process = subprocess.Popen(
        [*CITEGRAM, "index", "--watch"], env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout
    assert "unchanged" in process.stdout.readline()
    assert "passages" in process.stdout.readline()
    assert process.stdout.readline() == "The index was up to date.\n"
    assert psutil.Process(process.pid).nice() == psutil.Process().nice() + NICENESS
    plant(copied / "seeds", {"new.md": "# Tide\n\nThe tide turns at noon."})
    assert process.stdout.readline().startswith("1 added, 0 updated")
    assert process.stdout.readline()
    (copied / "seeds" / "new.md").rename(copied / "seeds" / "tide.md")
    assert process.stdout.readline().startswith("0 added, 0 updated, 0 removed")
    assert process.stdout.readline()
    assert process.stdout.readline() == "renamed: new.md is now tide.md\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "nan"])
def test_every_wants_a_number_of_minutes(made: Path, minutes: str) -> None:
    ended = run(made, "index", "--every", minutes)
    assert ended.status == 2
    assert f"{minutes!r} is no number of minutes" in ended.errors or "expected one argument" in ended.errors


# What goes wrong


@pytest.mark.parametrize(
    "arguments", [["ask", QUESTION], ["console"], ["bot"]], ids=lambda arguments: str(arguments[0])
)
def test_no_index_yet(tmp_path: Path, arguments: list[str]) -> None:
    settings: dict[str, str | Path] = {"DATA_DIR": tmp_path / "data", "TELEGRAM_BOT_TOKEN": "123456:TEST-TOKEN"}
    ended = citegram(*arguments, settings=settings)
    assert (ended.status, ended.output) == (1, "")
    assert ended.sentence == "There is no index yet. Run: citegram index"
    assert not list(tmp_path.iterdir())


def test_a_missing_token_is_told_before_a_missing_index(tmp_path: Path) -> None:
    ended = run(tmp_path, "bot")
    assert (ended.status, ended.output, ended.sentence) == (2, "", owner_texts.NO_TOKEN)


@pytest.mark.parametrize("token", ["nonsense", "1:x y", "123456:", "１２:ABC"])
def test_what_can_be_no_token_is_told_without_asking_telegram(token: str) -> None:
    ended = citegram("bot", settings={"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_API_URL": "http://127.0.0.1:1"})
    assert (ended.status, ended.output, ended.sentence) == (2, "", owner_texts.NO_SUCH_TOKEN)


def test_an_empty_documents_folder_loses_nothing(copied: Path) -> None:
    shutil.rmtree(copied / "seeds")
    (copied / "seeds").mkdir()
    ended = run(copied, "index", "--full")
    assert (ended.status, ended.output) == (1, "")
    assert "holds no document. Add some" in ended.sentence
    assert still_answers(copied)


def test_a_missing_documents_folder_whose_name_the_terminal_cannot_show(tmp_path: Path) -> None:
    ended = run(tmp_path / "папка", "index", encoding="ascii")
    assert (ended.status, ended.output) == (1, "")
    shown = str(tmp_path / r"\u043f\u0430\u043f\u043a\u0430" / "seeds")
    assert ended.sentence.startswith(f"The documents folder {shown} does not exist.")


def test_an_unwritable_data_folder(tmp_path: Path) -> None:
    plant(tmp_path / "seeds")
    (tmp_path / "data").write_text("a file")
    ended = run(tmp_path, "index")
    assert (ended.status, ended.output) == (1, "")
    assert "cannot be written" in ended.sentence


INDEX_WITHOUT_ROOM = """\
import resource, sys
from bot.cli import main
from index.documents import language_of
language_of("what has to be unpacked once")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]) * 1024,) * 2)
sys.exit(main(["index"]))
"""


@pytest.mark.parametrize("kilobytes", [0, 128])
def test_no_room_left_while_indexing(copied: Path, kilobytes: int) -> None:
    """A limit on the size of a file stands in for a full disk; the smaller it is, the earlier it is met."""
    plant(copied / "seeds", {"long.txt": "\n\n".join(f"Line {n} of the logbook says {n * n}." for n in range(40))})
    before = generation(copied)
    ended = run(copied, str(kilobytes), program=(sys.executable, "-c", INDEX_WITHOUT_ROOM))
    if ended.status:
        assert (ended.status, ended.output) == (1, "")
        assert "written" in ended.sentence or "cannot be used" in ended.sentence
        assert generation(copied) == before
    assert still_answers(copied)


@pytest.mark.parametrize("pattern", ["manifest.json", "texts.sqlite", "chroma/chroma.sqlite3", "lexical/*.idx"])
def test_a_corrupt_generation(copied: Path, pattern: str) -> None:
    (path,) = generation(copied).glob(pattern)
    os.truncate(path, path.stat().st_size // 2)
    ended = run(copied, "ask", QUESTION)
    assert (ended.status, ended.output) == (1, "")
    assert "damaged" in ended.sentence
    assert ended.sentence.endswith("Rebuild it with: citegram index --full")


def test_a_corrupt_generation_is_mended_as_the_sentence_says(copied: Path) -> None:
    os.truncate(generation(copied) / "chroma" / "chroma.sqlite3", 100_000)
    ended = run(copied, "index", "--full")
    assert (ended.status, ended.errors) == (0, "")
    assert ", 0 embedded anew, " in ended.output
    assert still_answers(copied)


@pytest.mark.parametrize(
    ("question", "complaint"),
    [("x " * 5000, "9,999 characters"), ("🌊🚲👍🏽", "no word"), ("", "no word")],
    ids=["long", "emoji", "empty"],
)
def test_a_question_that_cannot_be_searched_for(made: Path, question: str, complaint: str) -> None:
    ended = run(made, "ask", question)
    assert (ended.status, ended.output) == (2, "")
    assert complaint in ended.sentence


def test_a_question_in_bytes_that_are_no_text(made: Path) -> None:
    ended = run(made, "ask", os.fsdecode(b"bicycle \xff ferry free of charge"), "--json")
    assert ended.status == 0
    assert json.loads(ended.output)["citations"][0]["quote"] == ANSWER


def test_wrong_settings_are_told_a_line_each_before_anything_is_done(made: Path) -> None:
    ended = citegram("status", settings={"DATA_DIR": made / "data", "MAX_QUOTES": "many", "LOG_LEVEL": "loud"})
    assert (ended.status, ended.output) == (2, "")
    first, second = ended.errors.splitlines()
    assert first.startswith("citegram: MAX_QUOTES='many' is not allowed. It takes a whole number from 1 to 10")
    assert second.startswith("LOG_LEVEL='loud' is not allowed.")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b'{"question": "one?"}\n{"question": 2}\n', "line 2: not a question"),
        (b'{"question": "one?"}\n\nnot JSON\n', "line 3: not a question"),
        (b'["question"]\n', "line 1: not a question"),
        (b"[" * 100_000 + b"\n", "line 1: not a question"),
        ('{"question": "Где?"}'.encode("cp1251"), "not UTF-8 text (byte 14)"),
    ],
    ids=["missing", "no text", "no JSON", "no object", "nested too deeply", "no UTF-8"],
)
def test_a_bad_file_of_questions(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    path = tmp_path / "questions.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path)
    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)


def test_of_a_file_with_one_bad_line_nothing_is_asked(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"question": QUESTION}) + "\n{}\n")
    ended = run(made, "ask", "--file", path, "--json")
    assert (ended.status, ended.output) == (2, "")
    assert ended.sentence.startswith(f"{path}, line 2: not a question.")


# The stream it prints to


@pytest.mark.parametrize("arguments", [["status"], ["ask", QUESTION]], ids=lambda arguments: str(arguments[0]))
def test_a_reader_who_has_left_is_no_error_worth_a_word(made: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = run(made, *arguments, stdout=writing)
    os.close(writing)
    assert (ended.status, ended.errors) == (1, "")


def test_a_terminal_that_has_no_such_letters(made: Path) -> None:
    ended = run(made, "ask", RUSSIAN, encoding="ascii")
    assert (ended.status, ended.errors) == (0, "")
    assert RUSSIAN_ANSWER.encode("ascii", "backslashreplace").decode() in ended.output
    as_json = run(made, "ask", RUSSIAN, "--json", encoding="latin-1")
    assert json.loads(as_json.output)["citations"][0]["quote"] == RUSSIAN_ANSWER


def test_a_question_needs_no_quotation_marks(made: Path) -> None:
    ended = run(made, "ask", "--json", *QUESTION.split())
    assert ended.status == 0
    assert json.loads(ended.output)["question"] == QUESTION
