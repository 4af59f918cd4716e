"""How an answer came about: the question as it was understood, the passages found for it, what became of each. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from bot import texts
from bot.folding import fold_line, shortened
from bot.languages import ENGLISH, Say
from bot.pages import Page, joined, styled
from bot.render import TITLE_LENGTH, WHY_QUOTED
from index.types import Answer, Fate, Passage, Use, Writing

HEADING_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that was found: where it stands, and what it was good for.

    `page` is what is printed on it, else its number; `quotes` are the numbers of the quotes in it, or that say as much.
    """

    document: str
    title: str
    heading: tuple[str, ...]
    page: str
    use: Use
    quotes: tuple[int, ...]

    @classmethod
    def of(cls, passage: Passage, fate: Fate) -> Self:
        source = passage.source
        page = source.label or ("" if source.page is None else str(source.page))
        return cls(source.document, source.title, passage.chunk.heading, page, fate.use, fate.quotes)


def considered(answer: Answer) -> tuple[Considered, ...]:
    """Those of an answer, in their rank's order."""
    return tuple(Considered.of(*each) for each in zip(answer.passages, answer.fates, strict=False))


def to_json(passages: Sequence[Considered]) -> str:
    return json.dumps([asdict(each) for each in passages], ensure_ascii=False)


def from_json(text: str) -> tuple[Considered, ...]:
    return tuple(
        Considered(
            each["document"],
            each["title"],
            tuple(each["heading"]),
            each["page"],
            Use(each["use"]),
            tuple(each["quotes"]),
        )
        for each in json.loads(text)
    )


def why_page(
    question: str,
    passages: Sequence[Considered] | None,
    *,
    answered: bool,
    writing: Writing | None = None,
    say: Say = ENGLISH,
) -> Page:
    """The question that was looked for, who wrote the answer, and each passage in a paragraph; None for what an earlier
    version kept, or was stopped."""
    asked = Page(f"{say(texts.WHY_QUESTION)} ") + styled(fold_line(question), "italic")
    if writing is not None:
        asked += Page(f"\n\n{written_line(writing, say)}")
    if passages is None:
        return asked + Page(f"\n\n{say(texts.WHY_FORGOTTEN)}")
    if not passages:
        return asked + Page(f"\n\n{say(texts.WHY_NOTHING_FOUND)}")
    outcome = [] if answered else [Page(say(texts.WHY_SILENT))]
    numbered = enumerate(passages, start=1)
    lines = (passage_lines(rank, each, answered=answered, say=say) for rank, each in numbered)
    return joined("\n\n", [asked, *outcome, styled(say(texts.WHY_PASSAGES), "bold"), *lines])


def written_line(writing: Writing, say: Say = ENGLISH) -> str:
    """Which language model wrote, or why it did not, and what that cost."""
    cost = {"asked": say.number(writing.asked_tokens), "written": say.number(writing.written_tokens)}
    if writing.fallback:
        sentences = [say(WHY_QUOTED[writing.fallback])]
        sentences += [say(texts.WHY_COST, **cost)] if writing.tokens else []
    elif writing.tokens:
        sentences = [say(texts.WHY_WRITTEN, model=writing.model, **cost)]
    else:
        sentences = [say(texts.WHY_WRITTEN_BEFORE, model=writing.model)]
    if writing.left_out:
        sentences.append(say.counted(texts.WHY_LEFT_OUT_ONE, texts.WHY_LEFT_OUT, writing.left_out))
    return " ".join(sentences)


def passage_lines(rank: int, passage: Considered, *, answered: bool, say: Say) -> Page:
    """Where it stands, and below that what became of it."""
    title = fold_line(passage.title or passage.document)
    steps = [styled(shortened(title, TITLE_LENGTH), "bold")]
    if passage.title and passage.title != passage.document:
        steps.append(styled(shortened(passage.document, TITLE_LENGTH), "code"))
    if heading := heading_of(passage, title):
        steps.append(Page(heading))
    if passage.page:
        steps.append(Page(say(texts.PAGE_NUMBER, page=passage.page)))
    return Page(f"{rank}. ") + joined(" › ", steps) + Page(f"\n{use_of(passage, answered=answered, say=say)}")


def heading_of(passage: Considered, title: str) -> str:
    """The path of headings, without one that only repeats the title."""
    headings = [fold_line(heading) for heading in passage.heading]
    return shortened(" › ".join(headings[1:] if headings[:1] == [title] else headings), HEADING_LENGTH)


def use_of(passage: Considered, *, answered: bool, say: Say) -> str:
    numbers = " ".join(f"[{number}]" for number in passage.quotes)
    return say((USES if answered else USES_IN_SILENCE)[passage.use], numbers=numbers)


USES = {
    Use.QUOTED: texts.WHY_QUOTED,
    Use.SAME: texts.WHY_SAME,
    Use.UNLIKELY: texts.WHY_UNLIKELY,
    Use.BEHIND: texts.WHY_BEHIND,
    Use.NO_SENTENCE: texts.WHY_NO_SENTENCE,
    Use.NOT_READ: texts.WHY_NOT_READ,
    Use.UNUSED: texts.WHY_UNUSED,
}
USES_IN_SILENCE = USES | {Use.QUOTED: texts.WHY_CLOSEST, Use.SAME: texts.WHY_SAME_AS_CLOSEST}
"""Where the documents don't say, the closest quotes bear no numbers."""
