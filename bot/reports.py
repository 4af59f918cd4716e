"""What the commands print for a person. Pure: value in, text out."""

from typing import TYPE_CHECKING

from bot.console.paint import plain, visible
from bot.console.sentences import counted
from bot.render import answer_page
from index.types import Answer, LeftOut

if TYPE_CHECKING:  # at run time it would load the engine
    from index.indexer import Report


def sync_report(report: "Report") -> str:
    """What was added, updated, removed and left unchanged; each left-out file with its reason. Names of files may hold
    anything."""
    changes = (
        f"{len(report.added)} added, {len(report.updated)} updated, {len(report.removed)} removed, "
        f"{report.unchanged} unchanged"
    )
    cost = f"{counted(report.chunks, 'passage')}, {report.embedded:,} embedded anew, {report.seconds:.1f} s"
    ending = "" if report.published else "\nThe index was up to date."
    moved = (f"renamed: {old} is now {new}" for old, new in report.renamed)
    return visible("\n".join((changes, cost, *moved, *map(left_out, report.left_out))) + ending)


def left_out(file: LeftOut) -> str:
    return f"left out: {file.document} {file.reason}"


def answer_report(answer: Answer) -> str:
    return plain(answer_page(answer)).rstrip()
