"""What is offered to a person who asks in another chat: the answer and its quotes, each to be sent there as it is."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bot import texts
from bot.folding import fold_line, shortened
from bot.languages import Say
from bot.pages import Page, joined, split, styled
from bot.render import answer_page, citation_page, closest_quote, note_line, place
from index.types import Answer, Quote

T = TypeVar("T")

TITLE, DESCRIPTION = 80, 160
"""Characters, about one line and two lines on a phone."""


@dataclass(frozen=True, slots=True)
class Offer:
    """`page` is what is sent: a single message without buttons. Title and description are for the one who chooses."""

    id: str
    title: str
    description: str
    page: Page


def offers(answer: Answer, say: Say) -> tuple[Offer, ...]:
    """The answer, then its quotes where they stand; or that the documents don't say, then the closest quotes.

    An answer too long for a message is offered in its quotes alone.
    """
    whole = replace(asked(answer) + answer_page(answer, say), buttons=())
    first = Offer("answer", title_of(answer, say), fold_line(shortened(answer.text, DESCRIPTION)), whole)
    quotes = cited(answer, say) if answer.answered else closest(answer, say)
    return quotes if len(split(whole)) > 1 else (first, *quotes)


def asked(answer: Answer) -> Page:
    """The question: whoever reads the answer in the other chat has not seen it."""
    return styled(fold_line(answer.question), "italic") + Page("\n\n")


def title_of(answer: Answer, say: Say) -> str:
    if not answer.answered:
        return say(texts.DOCUMENTS_SILENT)
    disputed = [note_line(note, say) for note in answer.notes if note.sides]
    if disputed:
        return shortened(disputed[0], TITLE)
    quote = answer.citations[0].quote
    return shortened(fold_line(quote.answer.text if quote.answer else quote.text), TITLE)


def cited(answer: Answer, say: Say) -> tuple[Offer, ...]:
    return tuple(
        offer_of(each.quote, id=str(each.number), page=citation_page(each, say), say=say) for each in answer.citations
    )


def closest(answer: Answer, say: Say) -> tuple[Offer, ...]:
    head = asked(answer) + Page(say(texts.CLOSEST))
    return tuple(
        offer_of(each, id=f"closest-{number}", page=joined("\n\n", (head, closest_quote(each, say))), say=say)
        for number, each in enumerate(answer.closest, start=1)
    )


def offer_of(quote: Quote, *, id: str, page: Page, say: Say) -> Offer:
    beginning = shortened(fold_line(quote.text), DESCRIPTION)
    return Offer(id, shortened(place(quote, say), TITLE), f"“{beginning}”", page)


class Remembered(Generic[T]):
    """The latest values, by key, as long as the index is the same."""

    def __init__(self, *, kept: int = 200) -> None:
        self._kept = kept
        self._generation = ""
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, *, generation: str) -> T | None:
        if generation != self._generation:
            self._values.clear()
            self._generation = generation
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: T, *, generation: str) -> None:
        """A value from another index than the latest is not kept."""
        if generation != self._generation:
            return
        self._values[key] = value
        while len(self._values) > self._kept:
            self._values.popitem(last=False)
