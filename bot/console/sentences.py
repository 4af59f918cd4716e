"""Every sentence that only the console says."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot.console.commands import MEANINGS, Name
from bot.languages import ENGLISH
from index.types import Status

if TYPE_CHECKING:  # at run time it would load the database
    from bot.spending import Spent

CANCELLED = "Cancelled. You can go on asking."
BROKEN = "Something went wrong inside citegram with that line; please try it in other words."
NOTHING_CITED = "There is no citation to open yet; ask a question first."
NOTHING_ANSWERED = "There is no answer to explain yet; ask a question first."
STARTED_OVER = "We start over: your next question does not go on from those before."
WAITING = "Reading the documents…  (Ctrl-C cancels)"
MIGRATED = "The bot's database is as this version needs it."
WRITING = "Writing…  (Ctrl-C stops)"

BEGINNING = 50
"""Characters."""

EXPLANATIONS = {"a question": "an answer in quotes, each with its number", "/1": "citation 1 in its surroundings"} | {
    name.value: meaning for name, meaning in MEANINGS.items()
}
KEYS = (
    "Tab completes commands, citation numbers and titles. Arrow up and Ctrl-R bring back earlier lines. "
    "Ctrl-C cancels a question, or stops a language model that is writing: what stands by then is the answer. "
    "Ctrl-D leaves."
)


def help_text() -> str:
    return f"{table(EXPLANATIONS)}\n\n{KEYS}"


def opening(actions: Iterable[str]) -> str:
    """The commands that open an answer's citations."""
    return f"{' '.join(f'/{action}' for action in actions)}  show the quotes in their surroundings"


def greeting(status: Status) -> str:
    return f"{indexed(status)}, published {moment(status)}.\nAsk a question, look at /sources, or read /help."


def toolbar(status: Status | None) -> str:
    counted = f"{indexed(status)} · " if status else ""
    return f" {counted}Tab completes · Ctrl-R searches · Ctrl-D leaves"


def indexed(status: Status) -> str:
    return f"{counted(status.documents, 'document')}, {counted(status.chunks, 'passage')}"


def status(status: Status, *, writer: str = "") -> str:
    """What is indexed, a fact a line, and each file that was left out with the reason; and the language model that
    writes, where there is one."""
    facts = {
        "documents": f"{status.documents:,}",
        "passages": f"{status.chunks:,}",
        "languages": ", ".join(status.languages) or "none",
        "embedder": status.model,
        **({"writer": writer} if writer else {}),
        "published": moment(status),
        "generation": status.generation,
        **({"server": status.server} if status.server else {}),
        "kept in": str(status.path),
        "left out": "\n".join(f"{file.document}: {file.reason}" for file in status.left_out) or "nothing",
    }
    return table(facts)


def spent(today: "Spent", lately: "Spent", *, days: int) -> str:
    """What the writer cost on Telegram."""
    return table({"today": cost(today), f"{days} days": cost(lately)})


def cost(spent: "Spent") -> str:
    answers = counted(spent.answers, "answer")
    return f"{spent.asked:,} tokens read, {spent.written:,} written, for {answers} on Telegram"


def table(rows: Mapping[str, str]) -> str:
    """A name and what it stands for on each line, in two columns; further lines of the second are set below it."""
    indented = {name: value.replace("\n", f"\n{'':12}") for name, value in rows.items()}
    return "\n".join(f"{name:<10}  {value}" for name, value in indented.items())


def unknown_command(word: str, nearest: Name) -> str:
    return f"There is no command {beginning(word)}; did you mean {nearest}?"


def no_such_citation(number: int, count: int) -> str:
    held = {0: "none", 1: "only /1"}.get(count, f"/1 to /{count}")
    return f"There is no citation {number} to open; the last answer has {held}."


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def moment(status: Status) -> str:
    """When it was published, by the clock of whoever reads."""
    return moment_of(status.published)


def moment_of(time: datetime) -> str:
    local = time.astimezone()
    return f"{ENGLISH.day(local)}, {local:%H:%M}"


def beginning(text: str) -> str:
    """The text in one line, cut where it would be too long for a menu or a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= BEGINNING else line[: BEGINNING - 1] + "…"
