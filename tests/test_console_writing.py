"""The console while a language model writes: the program itself on a terminal, a real index, a scripted model."""

import io
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot import texts
from bot.console.growing import Growing
from bot.console.sentences import CANCELLED, WAITING, WRITING
from bot.console.waiting import Wait
from config import Settings
from index.stop import Stop
from index.types import Answer
from index.writer import Hear
from tests.command_line import CITEGRAM, environment
from tests.llm import CutStream, Gate, LlmServer
from tests.llm.replies import pieces_of
from tests.model_world import LIT, QUESTION, saying
from tests.terminal import CTRL_C, ENTER, Terminal

PROMPT = "›"
SECONDS = 60

LAMP = "The lamp was first lit in 1871. [{light}]"
BOATS = "Boats show a lantern after sunset. [{rules}]"
MORE = "And more there is."
LAMP_SHOWN = "The lamp was first lit in 1871. [1]"
BOATS_SHOWN = "Boats show a lantern after sunset. [2]"

LONG = {
    "The lighthouse stands on the northern cape.": "light",
    "A keeper climbs the 212 steps every evening.": "light",
    "The lamp burns oil until the last boat is home.": "light",
    "In winter the keeper rings a bell when fog hides the lamp.": "light",
    "The bell weighs half a ton.": "light",
    "Every boat shows a lantern after sunset.": "rules",
    "Nets are mended on the east quay only.": "rules",
    "The mill is open on Sundays.": "mill",
}
"""Sentences, each with its document: together they are longer than ten lines of forty columns. The mill's others give
orders, or come behind those that do."""

Start = Callable[..., Terminal]


@pytest.fixture
def variables(model_settings: Settings, tmp_path: Path) -> dict[str, str | Path]:
    """The settings as the environment has them, and where the console keeps its history."""
    assert model_settings.llm_api_key
    return {
        "SEEDS_DIR": model_settings.seeds_dir,
        "DATA_DIR": model_settings.data_dir,
        "READER": "off",
        "LLM_BASE_URL": str(model_settings.llm_base_url),
        "LLM_MODEL": str(model_settings.llm_model),
        "LLM_API_KEY": model_settings.llm_api_key.get_secret_value(),
        "LLM_TIMEOUT": f"{SECONDS}",
        "XDG_STATE_HOME": tmp_path,
    }


@pytest.fixture
def start(variables: dict[str, str | Path]) -> Iterator[Start]:
    """Opens the console and waits for its prompt."""
    opened: list[Terminal] = []

    def open_console(*, exported: dict[str, str] | None = None, **options: Any) -> Terminal:
        terminal = Terminal([*CITEGRAM, "console"], environment=environment(variables) | (exported or {}), **options)
        opened.append(terminal)
        terminal.wait_for_line(PROMPT)
        return terminal

    yield open_console
    for terminal in opened:
        terminal.close()


def pieces(answer: str) -> int:
    """In how many the beginning of a reply comes that holds so much of the answer."""
    return len(pieces_of(f"QUOTES\n\nANSWER\n{answer}"))


def whole(console: Terminal) -> None:
    """Wait for the whole answer, with its sources, and the prompt behind it."""
    console.wait_for("in their surroundings")
    console.wait_for_line(PROMPT)


def outcome(model: LlmServer) -> str:
    return str(model.ended(model.requests[-1]).wait().outcome)


# As it is written


def test_the_answer_grows_and_gives_way_to_the_whole(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start()
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=gate))
    console.send(QUESTION + ENTER)
    console.wait_for(WAITING)
    assert "lamp was first lit" not in console.text
    gate.send(pieces(f"{LAMP} {BOATS}") - 1)
    console.wait_for(LAMP_SHOWN)
    console.wait_for(WRITING)
    assert WAITING not in console.text
    assert BOATS_SHOWN.removesuffix(" [2]") not in console.text, "its marks may still come"
    assert console.cells(lambda cell: bool(cell.fg == "cyan" and cell.bold)) == f"{PROMPT} [1]"
    gate.send(pieces(f"{LAMP} {BOATS} {MORE}"))
    console.wait_for(f"{LAMP_SHOWN} {BOATS_SHOWN}")
    whole(console)
    assert console.scroll.count(f"{QUESTION} {LAMP_SHOWN} {BOATS_SHOWN} Sources") == 1
    assert console.scroll.count("lamp was first lit") == 1
    assert WRITING not in console.scroll


def test_what_does_not_stand_is_at_no_time_on_the_screen(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start()
    said = f"{LAMP} The keeper earned a good wage. [{{light}}] The mill is open on Tuesdays. [{{mill}}] {BOATS} {MORE}"
    model.answer_by(saying(said, "[{light}] The wages were low.", gate=gate))
    console.send(QUESTION + ENTER)
    for count in range(1, pieces(f"[id] The wages were low. {said}")):
        gate.send()
        assert gate.sent(count).wait()
    console.wait_for("The mill is open on Sundays.")
    console.wait_for(WRITING)
    gate.release()
    whole(console)
    for word in (b"wage", b"earned", b"Tuesdays", b"more there", b"QUOTES", b"ANSWER"):
        assert word not in console.written, word
    assert not re.search(rb"\[[^\W\d]{4}\]", console.written), "the id of a passage"


def test_of_a_long_answer_a_small_terminal_shows_the_end(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start(columns=40, rows=10, exported={"COLUMNS": "100", "LINES": "50"})
    said = " ".join(f"{sentence} [{{{document}}}]" for sentence, document in LONG.items())
    shown = [f"{sentence} [{number}]" for number, sentence in enumerate(LONG, start=1)]
    model.answer_by(saying(f"{said} {MORE}", gate=gate))
    console.send(QUESTION + ENTER)
    gate.send(pieces(said) - 1)
    console.wait_for(shown[-2])
    console.wait_for(WRITING)
    assert console.lines[1] == "…"
    assert shown[0] not in console.scroll
    gate.release()
    whole(console)
    assert console.scroll.count(" ".join(shown)) == 1
    assert [console.scroll.count(sentence) for sentence in shown] == [1] * len(shown)
    assert WRITING not in console.scroll


@pytest.mark.parametrize("height", range(2, 12))
def test_what_is_drawn_again_fits_on_the_screen_with_a_line_for_the_cursor(height: int) -> None:
    console = Console(file=io.StringIO(), width=40, height=height)
    growing = Growing(width=100)
    growing.hear(" ".join(LONG))
    assert len(console.render_lines(growing)) == height - 1
    assert len(console.render_lines(Growing(width=20))) == 3


def test_keys_pressed_meanwhile_shift_nothing_and_come_to_the_prompt(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start(echo=True)
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=gate))
    console.send(QUESTION + ENTER)
    gate.send(pieces(f"{LAMP} {BOATS}") - 1)
    console.wait_for(LAMP_SHOWN)
    console.send("/new" + ENTER + ENTER + "And then")
    gate.send(pieces(f"{LAMP} {BOATS} {MORE}") - 1)
    console.wait_for(BOATS_SHOWN)
    assert "And then" not in console.text
    gate.release()
    console.wait_for("We start over")
    console.wait_for_line(f"{PROMPT} And then")
    assert console.scroll.count("lamp was first lit") == 1
    assert WRITING not in console.scroll


def test_a_model_that_breaks_off_leaves_nothing_on_the_screen(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start()
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=gate))
    model.fail(CutStream(after=pieces(f"{LAMP} {BOATS}")))
    console.send(QUESTION + ENTER)
    gate.send(pieces(f"{LAMP} {BOATS}") - 1)
    console.wait_for(LAMP_SHOWN)
    gate.release()
    whole(console)
    assert LIT in console.text
    assert texts.MODEL_UNREACHABLE in console.text
    assert console.scroll.count("the language model did not write: unreachable") == 1, "a warning, in the log"
    assert "lamp was first lit" not in console.scroll
    assert WRITING not in console.scroll


def test_a_pipe_gets_the_whole_answer_alone(model: LlmServer, variables: dict[str, str | Path]) -> None:
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=Gate.opened()))
    command = [*CITEGRAM, "console"]
    ended = subprocess.run(
        command, input=QUESTION, env=environment(variables), capture_output=True, text=True, timeout=SECONDS
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{LAMP_SHOWN} {BOATS_SHOWN}\n\nSources\n")
    assert ended.stdout.count("lamp was first lit") == 1


def test_why_tells_what_the_model_read_and_wrote(model: LlmServer, start: Start) -> None:
    console = start()
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}"))
    console.send(QUESTION + ENTER)
    whole(console)
    console.send("/why" + ENTER)
    lost = "One of its sentences was left out, or the document's own put in its place."
    console.wait_for(lost)
    assert re.search(rf"Written by {model.model}: \d{{3}} tokens read, 21 written. {lost}", console.text)
    console.send(QUESTION + ENTER)
    console.wait_until(lambda: console.text.count(LAMP_SHOWN) == 2, "the answer again")
    console.send("/why" + ENTER)
    console.wait_for(f"Written by {model.model} when the same was asked before; it cost no tokens. {lost}")
    assert len(model.requests) == 1


# Ctrl-C


def test_ctrl_c_stops_the_writing_and_what_stands_by_then_is_the_answer(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start(echo=True)
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=gate))
    console.send(QUESTION + ENTER)
    gate.send(pieces(f"{LAMP} {BOATS}") - 1)
    console.wait_for(LAMP_SHOWN)
    console.send(CTRL_C)
    assert outcome(model) == "cancelled"
    whole(console)
    assert console.scroll.count(f"{QUESTION} {LAMP_SHOWN} {texts.MODEL_STOPPED} Sources") == 1
    assert console.scroll.count("lamp was first lit") == 1
    assert CANCELLED not in console.text
    assert WRITING not in console.scroll
    gate.release()
    console.send(QUESTION + ENTER)
    console.wait_for(f"{LAMP_SHOWN} {BOATS_SHOWN} Sources")


def test_ctrl_c_before_anything_stands_cancels_the_question(model: LlmServer, start: Start) -> None:
    gate, console = Gate(), start()
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=gate))
    console.send(QUESTION + ENTER)
    gate.send(4)
    assert gate.sent(4).wait()
    console.wait_for(WAITING)
    console.send(CTRL_C)
    assert outcome(model) == "cancelled"
    console.wait_for(f"{QUESTION} {CANCELLED}")
    console.wait_for_line(PROMPT)
    assert WAITING not in console.scroll
    assert b"lamp was" not in console.written


def test_ctrl_c_ends_a_single_question_and_its_request(model: LlmServer, variables: dict[str, str | Path]) -> None:
    gate = Gate()
    model.answer_by(saying(f"{LAMP} {BOATS} {MORE}", gate=gate))
    process = subprocess.Popen(
        [*CITEGRAM, "ask", QUESTION], env=environment(variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    gate.send(pieces(LAMP))
    assert gate.sent(pieces(LAMP), timeout_seconds=SECONDS).wait()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=SECONDS) == (b"", b"")
    assert process.returncode == 130
    assert outcome(model) == "cancelled"


def test_a_second_ctrl_c_waits_for_nothing() -> None:
    told, forever = threading.Event(), threading.Event()

    def work(_: Hear | None, stop: Stop) -> Answer:
        with stop.told(lambda _: told.set()):
            forever.wait()
        raise AssertionError

    def press_twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        told.wait(SECONDS)
        os.kill(os.getpid(), signal.SIGINT)

    with Wait(work, print, grace_seconds=float("inf")) as wait:
        threading.Thread(target=press_twice).start()
        assert wait.is_over()
    with pytest.raises(KeyboardInterrupt):
        wait.answer()
    assert told.is_set()
