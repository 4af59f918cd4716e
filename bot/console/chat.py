"""The console from its greeting to its end."""

import os
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from bot.answers import Answers
from bot.console.completion import LineCompleter
from bot.console.dialogue import Dialogue
from bot.console.line_editor import LineEditor
from bot.console.screens import Stream, Terminal
from bot.console.sentences import CANCELLED


def run(answers: Answers, *, history_file: Path) -> int:
    """Chat until the person leaves or the input ends; the exit status is always 0.

    Questions and answers go through stdin and stdout. `answers` stays open: closing it is the caller's.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if sys.stdin.isatty() and sys.stdout.isatty():
        on_terminal(answers, history_file=history_file)
    else:
        on_pipe(answers)
    return 0


def on_terminal(answers: Answers, *, history_file: Path) -> None:
    screen = Terminal(sys.stdout)
    dialogue = Dialogue(answers, screen)
    completer = LineCompleter(citations=dialogue.citations, titles=dialogue.titles)
    editor = LineEditor(history_file=history_file, completer=completer)
    dialogue.greet()
    for line in typed_lines(editor, dialogue):
        try:
            if not dialogue.handle(line):
                return
        except KeyboardInterrupt:
            screen.say(CANCELLED)


def typed_lines(editor: LineEditor, dialogue: Dialogue) -> Iterator[str]:
    """Each line until Ctrl-D. Ctrl-C drops the line and offers an empty one."""
    while True:
        try:
            yield editor.read(toolbar=dialogue.toolbar())
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def on_pipe(answers: Answers) -> None:
    """A question or command a line. Who stops reading our answers early has had enough: that is no error."""
    dialogue = Dialogue(answers, Stream(sys.stdout))
    try:
        for line in sent_lines(sys.stdin.buffer):
            if not dialogue.handle(line):
                return
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def sent_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines as UTF-8. A byte that is none becomes a replacement character."""
    for line in stream:
        yield line.decode(errors="replace").removeprefix("\ufeff")
