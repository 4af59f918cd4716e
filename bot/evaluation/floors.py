"""What a run must reach: a file of figures, written by hand or an earlier run's JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.evaluation.files import FileError, read_object
from bot.evaluation.scoring import FIGURES, Better, Figure, Figures


@dataclass(frozen=True, slots=True)
class Floor:
    """The least a figure may be; of one that is better when lower, the most."""

    figure: Figure
    bound: float

    def missed_by(self, value: float | None) -> bool:
        """A figure that cannot be told reaches nothing."""
        if value is None:
            return True
        return value > self.bound if self.figure.better is Better.LOWER else value < self.bound


def read_floors(path: Path) -> tuple[Floor, ...]:
    """Raises FileError. Of an earlier run's JSON every figure counts that is better higher or lower, save the seconds,
    which differ from run to run."""
    content = read_object(path)
    figures = content.get("figures", content)
    if "format" in content and isinstance(figures, dict):
        return tuple(floors_of_run(figures))
    floors = tuple(parse(name, bound, path) for name, bound in figures.items()) if isinstance(figures, dict) else ()
    if not floors:
        raise FileError(f'{path} asks for no figure. Write some, such as {{"correct": 0.7, "invented": 0.3}}.')
    return floors


def floors_of_run(figures: Mapping[str, Any]) -> list[Floor]:
    taken = (each for each in FIGURES.values() if each.steady and each.better is not Better.NEITHER)
    return [Floor(each, figures[each.name]) for each in taken if is_number(figures.get(each.name))]


def parse(name: str, bound: Any, path: Path) -> Floor:
    figure = FIGURES.get(name)
    if not figure:
        raise FileError(f"{path}: there is no figure {name!r}. There are: {', '.join(FIGURES)}.")
    if figure.better is Better.NEITHER:
        raise FileError(f"{path}: {name} is neither better higher nor lower, so nothing can be asked of it.")
    if not is_number(bound):
        raise FileError(f"{path}: {name} must be a number.")
    return Floor(figure, bound)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def missed(floors: Sequence[Floor], figures: Figures) -> list[str]:
    """A sentence for each floor that is not reached: which figure, what it is, and what was asked."""
    return [sentence(each, figures[each.figure.name]) for each in floors if each.missed_by(figures[each.figure.name])]


def sentence(floor: Floor, value: float | None) -> str:
    asked = f"{'at most' if floor.figure.better is Better.LOWER else 'at least'} {floor.bound:g} was asked"
    if value is None:
        return f"{floor.figure.name} cannot be told from these questions, and {asked}."
    return f"{floor.figure.name} is {value:g}, and {asked}."
