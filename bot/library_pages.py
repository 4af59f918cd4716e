"""What admins are shown of the documents: how far a sync is, what came of it, what is indexed, what it lacks. Pure."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from bot import texts
from bot.folding import fold_line, shortened
from bot.gaps import Gap
from bot.languages import Say
from bot.pages import Page, joined, styled
from bot.reasons import reason_in
from bot.spending import Today
from index.types import LeftOut, Status

if TYPE_CHECKING:  # at run time it would load the engine
    from index.indexer import Report

SHOWN = 20
"""Of a list, at most: what is longer is not read on a phone."""

LINE = 200
"""Characters of a line of a list."""

STAGES = {"reading": texts.READING_NOW, "embedding": texts.EMBEDDING_NOW}

Refused = tuple[str, str]
"""A name, and the reason."""


def progress_page(stage: str, done: int, total: int, say: Say) -> Page:
    sentence = STAGES.get(stage)
    return Page(say(sentence, done=f"{done:,}", total=f"{total:,}") if sentence else say(texts.INDEXING))


def arrived_page(added: Sequence[str], refused: Sequence[Refused], report: "Report", say: Say) -> Page:
    """What became of what was sent."""
    lists = (named(say(texts.ADDED), added, say), refused_list(refused, say))
    hint = Page(say(texts.HOW_TO_FORGET)) if added else Page("")
    return paragraphs((*lists, holding(report, say), hint))


def refused_list(refused: Sequence[Refused], say: Say) -> Page:
    return listed(say(texts.NOT_TAKEN), [reasoned(name, reason_in(reason, say)) for name, reason in refused], say)


def rebuilt_page(report: "Report", say: Say) -> Page:
    """Everything that a sync found and did."""
    moved = [f"{old} → {new}" for old, new in report.renamed]
    lists = (
        named(say(texts.ADDED), report.added, say),
        named(say(texts.UPDATED), report.updated, say),
        named(say(texts.REMOVED), report.removed, say),
        named(say(texts.RENAMED), moved, say),
        left_out_list(report.left_out, say),
    )
    nothing = Page(say(texts.UP_TO_DATE)) if not report.published else Page("")
    return paragraphs((nothing, *lists, holding(report, say)))


def forgotten_page(name: str, report: "Report", say: Say) -> Page:
    return paragraphs((Page(say(texts.FORGOTTEN, name=name)), holding(report, say)))


def holding(report: "Report", say: Say) -> Page:
    documents = len(report.added) + len(report.updated) + len(report.renamed) + report.unchanged
    return Page(
        say(texts.HOLDING, documents=f"{documents:,}", passages=f"{report.chunks:,}", seconds=f"{report.seconds:.1f}")
    )


def status_page(status: Status, say: Say, *, to_admin: bool, today: Today | None = None) -> Page:
    """An admin is also shown what is left out; `today` is what the language model cost, where there is one."""
    local = status.published.astimezone()
    facts = Page(
        say(
            texts.STATUS,
            documents=f"{status.documents:,}",
            passages=f"{status.chunks:,}",
            languages=", ".join(status.languages) or "–",
            published=f"{say.day(local)}, {local:%H:%M}",
        )
    )
    cost = cost_lines(today, say) if today else Page("")
    return paragraphs((facts, cost, left_out_list(status.left_out, say) if to_admin else Page("")))


def cost_lines(today: Today, say: Say) -> Page:
    lines = [say(texts.STATUS_MODEL, model=fold_line(today.model))]
    if today.yours is not None:
        sentence = texts.STATUS_YOURS_OF if today.most_yours else texts.STATUS_YOURS
        lines.append(say(sentence, tokens=f"{today.yours.tokens:,}", most=f"{today.most_yours or 0:,}"))
    if today.in_all is not None:
        sentence = texts.STATUS_IN_ALL_OF if today.most_in_all else texts.STATUS_IN_ALL
        tokens, most = f"{today.in_all.tokens:,}", f"{today.most_in_all or 0:,}"
        lines.append(say(sentence, tokens=tokens, most=most, people=today.people))
    return Page("\n".join(lines))


def left_out_list(left_out: Iterable[LeftOut], say: Say) -> Page:
    return listed(say(texts.LEFT_OUT), [reasoned(each.document, reason_in(each.reason, say)) for each in left_out], say)


def gaps_page(gaps: Sequence[Gap], days: int, say: Say) -> Page:
    """Each question with how often it was asked, and by how many."""
    lines = [
        Page(f"{say(texts.TIMES, times=len(gap.asked), people=gap.people)} ")
        + Page(shortened(fold_line(gap.question), LINE))
        for gap in gaps
    ]
    return listed(say(texts.GAPS, days=days), lines, say) if lines else Page(say(texts.NO_GAPS, days=days))


def which_page(names: Sequence[str], say: Say) -> Page:
    return named(say(texts.WHICH_ONE), names, say)


def named(title: str, names: Sequence[str], say: Say) -> Page:
    return listed(title, [styled(shortened(fold_line(name), LINE), "code") for name in names], say)


def listed(title: str, lines: Sequence[Page], say: Say) -> Page:
    """Nothing where there are no lines."""
    if not lines:
        return Page("")
    shown = [Page("• ") + line for line in lines[:SHOWN]]
    more = [Page(say(texts.AND_MORE, count=len(lines) - SHOWN))] if len(lines) > SHOWN else []
    return joined("\n", [styled(title, "bold"), *shown, *more])


def reasoned(name: str, reason: str) -> Page:
    return styled(shortened(fold_line(name), LINE), "code") + Page(f": {shortened(fold_line(reason), LINE)}")


def paragraphs(pages: Iterable[Page]) -> Page:
    return joined("\n\n", [page for page in pages if page.text])
