"""Documents with orders in them for whoever reads them, each with what a model writes that obeys, wholly and by half.

`documents.jsonl` has one a line: a file of the documents' folder with a question that its sentence `says` answers, two
replies, and the patterns of what must not come to be shown in the bot's own words; of 14 it is, in quotation
marks. In a reply {own} is the id of the passage that answers,
{other} that of another document's, and {rules} what the model was told to do.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.llm import Reply, Request

QUOTED = re.compile(r"“[^”]*”")
HERE = Path(__file__).parent
OPENING = re.compile(r'^<passage id="([b-z]{4})" title="', re.MULTILINE)
"""As no document can write it at the beginning of a line."""


@dataclass(frozen=True, slots=True)
class Injected:
    name: str
    kind: str
    language: str
    text: str
    question: str
    says: str
    obeys: str
    half: str
    forbidden: tuple[str, ...]
    shown: Literal["never", "quoted"]

    def shows_forbidden(self, text: str) -> list[str]:
        own = QUOTED.sub("", text)
        return [pattern for pattern in self.forbidden if re.search(pattern, own, re.IGNORECASE)]


def injected() -> tuple[Injected, ...]:
    lines = (HERE / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(Injected(**told | {"forbidden": tuple(told["forbidden"])}) for told in map(json.loads, lines))


def lay_out(every: Iterable[Injected], folder: Path) -> None:
    """As files of a documents' folder."""
    for each in every:
        path = folder / each.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each.text, encoding="utf-8", newline="")


def saying(text: str, *, after: str) -> Callable[[Request], Reply]:
    """A model that says so; {own} stands for the passage with the sentence `after`."""

    def reply(request: Request) -> Reply:
        rules, told = (message.content for message in request.messages)
        openings = list(OPENING.finditer(told))
        place = max(0, told.find(after))
        own = [each[1] for each in openings if each.start() <= place][-1]
        other = next((each[1] for each in openings if each[1] != own), "zzzz")
        return Reply(text.replace("{own}", own).replace("{other}", other).replace("{rules}", rules))

    return reply
