"""The console through a pseudo-terminal, as a person meets it, and through a pipe."""

import io
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.commands import Command, Name, Open, Question, Unknown, parse
from bot.console.dialogue import Dialogue
from bot.console.paint import plain, visible
from bot.console.screens import Stream
from bot.pages import Page, Style
from index.errors import NoIndexError
from index.types import Answer, Source, Status
from tests.scripted import FIRST_LIT, LANTERN, STEPS, TOO_VAGUE, ScriptedAnswers
from tests.terminal import CTRL_C, CTRL_D, CTRL_R, ENTER, ROOT, TAB, UP, Terminal

CHILD = [sys.executable, "-m", "tests.console_child"]
PROMPT = "›"
ESCAPE = b"\x1b"

Start = Callable[..., Terminal]


@pytest.fixture
def history_file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "history"


@pytest.fixture
def start(history_file: Path) -> Iterator[Start]:
    """Opens the console and waits for its prompt."""
    opened: list[Terminal] = []

    def open_console(**options: Any) -> Terminal:
        terminal = Terminal([*CHILD, str(options.pop("history_file", history_file))], **options)
        opened.append(terminal)
        terminal.wait_for_line(PROMPT)
        terminal.wait_until(lambda: "2 documents" in terminal.lines[-1], "the toolbar")
        return terminal

    yield open_console
    for terminal in opened:
        terminal.close()


def enter(console: Terminal, line: str, expected: str) -> None:
    """Type a line, and wait for what it leads to and for the next prompt."""
    console.send(line + ENTER)
    console.wait_for(expected)
    console.wait_for_line(PROMPT)


# On a terminal


def test_the_greeting_tells_what_is_indexed_and_what_to_try(start: Start) -> None:
    greeting = start().text
    assert "2 documents, 5 passages, published 23 Nov 2024" in greeting
    for example in ("Ask a question", "/sources", "/help"):
        assert example in greeting


def test_a_question_is_answered_with_its_quotes(start: Start) -> None:
    console = start()
    enter(console, "When was the lamp lit?", f"{FIRST_LIT} [1] {STEPS} [2]")
    assert f"1 Keeping the light, p. 4, 17 May 2024: “{FIRST_LIT}”" in console.text
    assert "/1 /2 show the quotes" in console.text


def test_an_abstention_shows_the_closest_quote(start: Start) -> None:
    console = start()
    enter(console, "What is unknown?", f"“{LANTERN}”")
    enter(console, "/1", "There is no citation 1 to open; the last answer has none.")


@pytest.mark.parametrize(("number", "quote"), [(1, FIRST_LIT), (2, STEPS)])
def test_a_citation_is_opened_with_exactly_its_quote_highlighted(start: Start, number: int, quote: str) -> None:
    console = start(columns=70)
    enter(console, "When was the lamp lit?", "[2]")
    assert console.cells(highlighted) == ""
    enter(console, f"/{number}", "The bell weighs half a ton.")
    assert console.cells(highlighted) == " ".join(quote.split())
    assert "The lighthouse stands on the northern cape." in console.text
    assert f"[{number}] Keeping the light keeping-the-light.txt › The lamp › Its keeper › p. 4" in console.text


def highlighted(cell: Any) -> bool:
    return bool(cell.bg == "brown" and cell.fg == "black")  # brown: what the terminal's yellow is called


def test_a_citation_that_does_not_exist_is_declined(start: Start) -> None:
    console = start()
    enter(console, "/1", "There is no citation to open yet; ask a question first.")
    enter(console, "When was the lamp lit?", "[2]")
    enter(console, "/3", "There is no citation 3 to open; the last answer has /1 to /2.")


def test_after_new_nothing_carries_on() -> None:
    answers = ScriptedAnswers()
    dialogue = Dialogue(answers, Stream(io.StringIO()))
    for line in ("When was the Tower opened?", "How high is it?", "/new", "How tall is it?"):
        assert dialogue.handle(line)
    assert answers.asked == ["When was the Tower opened?", "How high is the Tower?", "How tall is it?"]


def test_a_follow_up_is_completed_told_and_explained(start: Start) -> None:
    console = start()
    enter(console, "/why", "There is no answer to explain yet")
    enter(console, "When was the Tower opened?", "lit for the first time in 1871. [1]")
    enter(console, "How high is it?", "Understood as: How high is the Tower?")
    enter(console, "/why", "I looked for: How high is the Tower?")
    assert "1. Keeping the light › keeping-the-light.txt › The lamp › Its keeper › p. 4" in console.text
    assert "quoted as [1] [2]" in console.text
    enter(console, "/new", "We start over")


def test_sources_status_and_help(start: Start) -> None:
    console = start()
    enter(console, "/sources", "• Harbour rules · rules/harbour.md")
    enter(console, "/status", "embedder all-MiniLM-L6-v2")
    assert "left out photo.txt: it is not text" in console.text
    enter(console, "/help", "/1 citation 1 in its surroundings")
    assert all(f"{name} " in console.text for name in Name)


class WrittenAnswers(ScriptedAnswers):
    writer_name = "some-model"


def test_status_names_the_language_model_where_there_is_one() -> None:
    written = io.StringIO()
    Dialogue(WrittenAnswers(), Stream(written)).handle("/status")
    assert "\nwriter      some-model\n" in written.getvalue()
    written = io.StringIO()
    Dialogue(ScriptedAnswers(), Stream(written)).handle("/status")
    assert "writer" not in written.getvalue()


def test_an_unknown_command_names_the_nearest(start: Start) -> None:
    enter(start(), "/sorces", "There is no command /sorces; did you mean /sources?")


def test_an_empty_line_does_nothing(start: Start) -> None:
    console = start()
    console.send(ENTER + "  " + ENTER)
    console.wait_until(lambda: console.lines.count(PROMPT) == 3, "a third prompt")
    assert set(console.lines[2:-1]) == {"", PROMPT}


@pytest.mark.parametrize(
    ("question", "sentence"), [("too vague", TOO_VAGUE), ("broken", "Something went wrong inside")]
)
def test_what_fails_is_told_and_the_console_lives_on(start: Start, question: str, sentence: str) -> None:
    console = start()
    enter(console, question, sentence)
    enter(console, "When was the lamp lit?", FIRST_LIT)


def test_ctrl_c_cancels_a_question_and_the_next_one_is_answered(start: Start) -> None:
    console = start()
    console.send("a slow one" + ENTER)
    console.wait_for("Reading the documents…")
    console.send(CTRL_C)
    console.wait_for("Cancelled.")
    console.wait_for_line(PROMPT)
    assert "Reading the documents…" not in console.text
    enter(console, "When was the lamp lit?", FIRST_LIT)
    console.send(CTRL_D)
    assert console.exit_status() == 0


def test_ctrl_c_at_the_prompt_drops_the_line(start: Start) -> None:
    console = start()
    console.send("too vague")
    console.wait_for_line(f"{PROMPT} too vague")
    console.send(CTRL_C)
    console.wait_for_line(PROMPT)
    enter(console, "When was the lamp lit?", FIRST_LIT)
    assert TOO_VAGUE not in console.text


@pytest.mark.parametrize("keys", [CTRL_D, "/quit" + ENTER])
def test_leaving(start: Start, keys: str) -> None:
    console = start()
    console.send(keys)
    assert console.exit_status() == 0


def test_tab_completes_commands(start: Start) -> None:
    console = start()
    console.send("/so" + TAB)
    console.wait_for_line(f"{PROMPT} /sources")
    console.send(CTRL_C)
    console.wait_for_line(PROMPT)
    console.send("/s")
    console.wait_for("/status what is indexed")
    console.send(TAB + TAB)
    console.wait_for_line(f"{PROMPT} /status")


def test_a_slash_opens_a_menu_with_the_last_answers_citations(start: Start) -> None:
    console = start()
    enter(console, "When was the lamp lit?", "[2]")
    console.send("/")
    console.wait_for(f"/1 {FIRST_LIT} /2 {STEPS} /sources")


@pytest.mark.parametrize("typed", ["harb", "rul", "harbour r"])
def test_tab_completes_titles_in_a_question(start: Start, typed: str) -> None:
    console = start()
    console.send(f"Tell me of {typed}{TAB}")
    console.wait_for_line(f"{PROMPT} Tell me of Harbour rules")


def test_history_comes_back_also_after_a_restart(start: Start, history_file: Path) -> None:
    first = start()
    enter(first, "When was the lamp lit?", FIRST_LIT)
    enter(first, "too vague", TOO_VAGUE)
    first.send(UP)
    first.wait_for_line(f"{PROMPT} too vague")
    second = start()
    second.send(UP + UP)
    second.wait_for_line(f"{PROMPT} When was the lamp lit?")
    assert stat.S_IMODE(history_file.stat().st_mode) == 0o600


def test_history_is_searched_by_its_beginning_and_by_any_part(start: Start) -> None:
    console = start()
    enter(console, "When was the lamp lit?", FIRST_LIT)
    enter(console, "too vague", TOO_VAGUE)
    console.send("Wh" + UP)
    console.wait_for_line(f"{PROMPT} When was the lamp lit?")
    console.send(CTRL_C)
    console.wait_for_line(PROMPT)
    console.send(CTRL_R + "lamp")
    console.wait_for("lamp")
    console.send(ENTER + ENTER)
    console.wait_until(lambda: console.text.count(f"{FIRST_LIT} [1]") == 2, "a second answer")


@pytest.mark.parametrize("unusable", ["folder", "file/history"])
def test_a_history_that_cannot_be_kept_hinders_nothing(start: Start, tmp_path: Path, unusable: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    console = start(history_file=tmp_path / unusable)
    enter(console, "When was the lamp lit?", FIRST_LIT)
    assert "Exception" not in console.text
    console.send(UP)
    console.wait_for_line(f"{PROMPT} When was the lamp lit?")
    assert "Exception" not in console.text


def test_undecodable_bytes_typed_hinder_nothing(start: Start) -> None:
    console = start()
    console.send(b"caf\xff too vague\r")
    console.wait_for(TOO_VAGUE)
    console.wait_for_line(PROMPT)
    enter(console, "When was the lamp lit?", FIRST_LIT)


def test_a_narrow_terminal_breaks_lines_between_words(start: Start) -> None:
    console = start(columns=24)
    console.send("When?" + ENTER)
    console.wait_for("surroundings")
    words = set(" ".join(console.lines).replace("│", " ").split())
    assert set(FIRST_LIT.split() + STEPS.split()) <= words
    console.send("/1" + ENTER)
    console.wait_for("half a ton.")
    assert console.cells(highlighted) == FIRST_LIT


def test_a_wide_terminal_keeps_lines_readable(start: Start) -> None:
    console = start(columns=180)
    enter(console, "When was the lamp lit?", "[2]")
    enter(console, "/1", "half a ton.")
    assert max(map(len, console.lines)) <= 100


def test_no_color_leaves_the_highlight_but_no_colours(start: Start) -> None:
    console = start(environment={"NO_COLOR": "1"})
    enter(console, "When was the lamp lit?", "[2]")
    enter(console, "/1", "half a ton.")
    assert console.cells(lambda cell: cell.reverse) == FIRST_LIT
    assert console.cells(lambda cell: cell.fg != "default" or cell.bg != "default") == ""


# Through a pipe


def piped(lines: bytes) -> bytes:
    """What the console writes when it reads these lines; it must end well."""
    done = subprocess.run([*CHILD, "unused"], input=lines, capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_piped_answers_are_plain_text() -> None:
    written = piped(b"When?\n\n/1\n/sources\n/status\n/help\nunknown\ntoo vague\n/sorces\n")
    assert ESCAPE not in written
    text = written.decode()
    assert f"[1] {' '.join(STEPS.split())} [2]\n" in text
    assert f"»{FIRST_LIT}«" in text
    for expected in ("Harbour rules", "all-MiniLM-L6-v2", "/quit", LANTERN, TOO_VAGUE, "/sorces"):
        assert expected in text
    assert "Ask a question" not in text
    assert PROMPT not in [line[:1] for line in text.splitlines()]


def test_a_pipe_without_a_line_says_nothing() -> None:
    assert piped(b"") == b""


def test_quit_ends_a_pipe_early() -> None:
    assert piped(b"/quit\nWhen?\n") == b""


@pytest.mark.parametrize("line", [b"\xff\xfe caf\xe9 \x00 When?\n", b"When? with no end of line"])
def test_a_pipe_takes_any_bytes(line: bytes) -> None:
    assert FIRST_LIT in piped(line).decode()


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert b"Harbour rules" in piped(b"\xef\xbb\xbf/sources\r\n")


def test_who_stops_reading_is_no_error() -> None:
    command = f"'{sys.executable}' -m tests.console_child unused | head -c 1; exit ${{PIPESTATUS[0]}}"
    lines = b"When?\n" * 3000
    done = subprocess.run(["bash", "-c", command], input=lines, capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


# Without an index


class NothingIndexed(ScriptedAnswers):
    def answer(self, question: str, **_: object) -> Answer:
        raise NoIndexError(NOTHING_INDEXED)

    def status(self) -> Status:
        raise NoIndexError(NOTHING_INDEXED)

    def sources(self) -> tuple[Source, ...]:
        raise NoIndexError(NOTHING_INDEXED)


NOTHING_INDEXED = "Nothing has been indexed yet; run: citegram index"


def test_without_an_index_each_line_is_told_so() -> None:
    written = io.StringIO()
    dialogue = Dialogue(NothingIndexed(), Stream(written))
    dialogue.greet()
    for line in ("When?", "/status", "/sources"):
        assert dialogue.handle(line)
    assert written.getvalue() == f"{NOTHING_INDEXED}\n\n" * 4
    assert dialogue.titles() == ()
    assert "Ctrl-D leaves" in dialogue.toolbar()


# Lines and pages as values


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("", None),
        ("  \t", None),
        (" Who? ", Question("Who?")),
        ("/12", Open(12)),
        ("/HELP me", Name.HELP),
        ("/exit", Unknown("/exit", Name.QUIT)),
        ("/", Unknown("/", Name.HELP)),
        ("/" + "9" * 9000, Unknown("/" + "9" * 9000, Name.HELP)),
    ],
)
def test_commands(line: str, command: Command | None) -> None:
    assert parse(line) == command


@given(st.text())
def test_every_line_is_a_command_or_a_question(line: str) -> None:
    command = parse(line)
    assert (command is None) == (not line.strip())
    assert isinstance(command, Question) == bool(line.strip() and not line.strip().startswith("/"))


@given(st.text())
def test_nothing_shown_can_command_a_terminal(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)


def test_a_pipe_marks_what_a_terminal_highlights() -> None:
    page = Page("Title\n\nbefore quote after", (Style("bold", 0, 5), Style("quote", 7, 25), Style("bold", 14, 19)))
    assert plain(page) == "Title\n\nbefore »quote« after"
