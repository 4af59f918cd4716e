"""The line a person types into: history that outlives the console, search in it, completion."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.bindings.completion import generate_completions
from prompt_toolkit.styles import Style

PROMPT = FormattedText([("class:prompt", "› ")])
STYLE = Style.from_dict({"prompt": "bold ansicyan", "bottom-toolbar": "noreverse dim"})
MENU_LINES = 6


class LineEditor:
    """Arrow up finds the earlier lines that begin as this one does, Ctrl-R searches all, Tab completes.

    A line that begins with a slash opens the menu of commands as it is typed; a question is left in peace until Tab.
    """

    def __init__(self, *, history_file: Path, completer: Completer) -> None:
        self._session: PromptSession[str] = PromptSession(
            PROMPT,
            history=LineHistory(history_file),
            completer=completer,
            enable_history_search=Condition(lambda: not get_app().current_buffer.text.startswith("/")),
            key_bindings=completing(completer),
            reserve_space_for_menu=MENU_LINES,
            style=STYLE,
        )

    def read(self, *, toolbar: str) -> str:
        """The next line. Raises KeyboardInterrupt on Ctrl-C and EOFError on Ctrl-D."""
        return encodable(self._session.prompt(bottom_toolbar=toolbar))


def completing(completer: Completer) -> KeyBindings:
    """Tab, made to take the only completion there is at once; else the menu that is opening would swallow the key."""
    bindings = KeyBindings()

    @bindings.add("tab")
    def complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        fitting = list(completer.get_completions(buffer.document, CompleteEvent(completion_requested=True)))
        if len(fitting) == 1 and not buffer.complete_state:
            buffer.apply_completion(fitting[0])
        else:
            generate_completions(event)

    return bindings


class LineHistory(FileHistory):
    """Kept in a file that only its owner can read. Without such a file, lines are remembered until the end."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)

    def load_history_strings(self) -> Iterable[str]:
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)


def encodable(line: str) -> str:
    """The line with a question mark for each byte that was no character: such halves cannot be written anywhere."""
    return line.encode(errors="replace").decode()
