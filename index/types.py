"""The values that travel from a document to an answer. Each holds what it came from.

Source ← Chunk ← Passage ← Quote ← Citation ← Answer. All are frozen and correct from birth: a Quote that does not
stand letter for letter in its Passage, an Answer whose markers and citations disagree, or one with a note on what it
does not cite, cannot be made.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

MARKER = re.compile(r"\[(\d+)\]")
"""A citation marker in the text of an answer."""


class Outcome(StrEnum):
    ANSWERED = "answered"
    ABSTAINED = "abstained"


class Fallback(StrEnum):
    """Why an answer is by quotation, though there is a language model."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    LIMITED = "limited"
    REFUSED = "refused"
    NONSENSE = "nonsense"
    SPENT = "spent"
    """It was not asked: the day's budget is used up."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a language model had to do with an answer: it wrote it, unless there is a `fallback`.

    Tokens are as its server counts them, estimated where it does not; none where the answer was known from before.
    `left_out` sentences did not stand in the documents. Where it was `stopped`, the text is what it had come to.
    """

    model: str
    fallback: Fallback | None = None
    asked_tokens: int = 0
    written_tokens: int = 0
    left_out: int = 0
    stopped: bool = False

    @property
    def tokens(self) -> int:
        return self.asked_tokens + self.written_tokens


@dataclass(frozen=True, slots=True)
class Source:
    """What a citation points to.

    `document` is the path under the seeds folder, with forward slashes; `page` is 1-based, where the format has
    pages, and `label` what is printed on it, where that is another; `modified` is the date that the document states, or
    else the file's. Of a mail in a box, author and date are its own.
    """

    document: str
    title: str
    page: int | None = None
    url: str | None = None
    modified: date | None = None
    label: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document: `text` is the document's text[start:end], counted in characters."""

    text: str
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start < 0 or self.end - self.start != len(self.text) or not self.text:
            raise ValueError(f"a span of {len(self.text)} characters cannot be [{self.start}:{self.end}]")

    def cut(self, start: int, end: int) -> str:
        """The text between two offsets of the *document*, which must lie within the span."""
        if not self.start <= start <= end <= self.end:
            raise ValueError(f"[{start}:{end}] is not within [{self.start}:{self.end}]")
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document as stored: what is embedded, searched and retrieved.

    `id` is stable: the same text at the same place of the same document has the same id; it begins with the language
    and a dash. `heading` is the path of headings it stands under, outermost first. `language` is an ISO 639-1 code.
    """

    id: str
    span: Span
    source: Source
    heading: tuple[str, ...] = ()
    language: str = "en"


def language_of_id(chunk_id: str) -> str:
    """The language of a chunk that need not be fetched for it."""
    return chunk_id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as retrieved. `score` orders passages of one question; it is no probability."""

    chunk: Chunk
    score: float

    @property
    def span(self) -> Span:
        return self.chunk.span

    @property
    def source(self) -> Source:
        return self.chunk.source


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact span of a document: one or more whole sentences of a passage.

    `context` is the stretch of the document around the quote that a person is shown on opening it. `answer` is the
    short answer within the quote, where the reader found one.
    """

    span: Span
    passage: Passage
    context: Span
    answer: Span | None = None

    def __post_init__(self) -> None:
        for whole in (self.passage.span, self.context):
            if whole.cut(self.span.start, self.span.end) != self.span.text:
                raise ValueError(f"the quote at [{self.span.start}:{self.span.end}] is not what stands there")
        if self.answer and self.span.cut(self.answer.start, self.answer.end) != self.answer.text:
            raise ValueError(f"the short answer {self.answer.text!r} does not stand in the quote")

    @property
    def text(self) -> str:
        return self.span.text

    @property
    def source(self) -> Source:
        return self.passage.source

    @property
    def heading(self) -> tuple[str, ...]:
        return self.passage.chunk.heading


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote of an answer; its marker in the text is `[number]`, counted from 1."""

    number: int
    quote: Quote


class Use(StrEnum):
    """What a passage was good for in an answer."""

    QUOTED = "quoted"
    SAME = "same"
    """Its best sentence says what a quote says already, or is a part of it."""
    UNLIKELY = "unlikely"
    """Its best sentence is too unlikely an answer beside the best one of all."""
    BEHIND = "behind"
    """Its best sentence comes behind those quoted."""
    NO_SENTENCE = "no sentence"
    """None of its sentences was among those that were compared."""
    NOT_READ = "not read"
    """Others were found that are nearer to the question, and only the nearest are read."""
    UNUSED = "unused"
    """The language model made no use of it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a passage; `quotes` are the numbers of those that stand in it, or that say the same."""

    use: Use
    quotes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What a citation states, in the words of its quote."""

    number: int
    value: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Citations of different documents that state different values for the same.

    `newest` is the one whose document is surely newer than every other's.
    """

    sides: tuple[Said, ...]
    newest: int | None = None

    def __post_init__(self) -> None:
        if len(set(self.numbers)) < max(2, len(self.sides)):
            raise ValueError(f"the citations {self.numbers} cannot disagree")
        if self.newest is not None and self.newest not in self.numbers:
            raise ValueError(f"[{self.newest}] is no side of the disagreement of {self.numbers}")

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(side.number for side in self.sides)


@dataclass(frozen=True, slots=True)
class NewerCited:
    """The document of one citation is a newer one of the same series than those of others. `sides` holds what they
    state, if that is different."""

    newer: int
    older: tuple[int, ...]
    sides: tuple[Said, ...] = ()

    def __post_init__(self) -> None:
        if not self.older or self.newer in self.older:
            raise ValueError(f"[{self.newer}] cannot be newer than {self.older}")
        if not {side.number for side in self.sides} <= set(self.numbers):
            raise ValueError(f"only {self.numbers} can be sides")

    @property
    def numbers(self) -> tuple[int, ...]:
        return (*self.older, self.newer)


@dataclass(frozen=True, slots=True)
class NewerUncited:
    """There is a newer document of the same series, which is not cited. `stated` is the date that it states itself."""

    older: tuple[int, ...]
    source: Source
    stated: date | None = None

    def __post_init__(self) -> None:
        if not self.older:
            raise ValueError(f"{self.source.document} is newer than nothing")

    @property
    def numbers(self) -> tuple[int, ...]:
        return self.older

    @property
    def sides(self) -> tuple[Said, ...]:
        return ()


Note = Disagreement | NewerCited | NewerUncited
"""What has to be told about the citations of an answer beside what they say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the documents say to a question, or that they do not.

    `text` carries one or more `[n]`, each with exactly one citation, numbered from 1 in order of appearance.
    Abstained: no citations, no markers, and `closest` holds the nearest quotes. `confidence` is the calibrated
    probability that the documents answer; `uncertain` marks an answer that is given though this is not high.
    `passages` are ranked, up to ten, whatever the outcome; `fates` tells what became of each, its numbers those of the
    citations or, where abstained, the places among the closest. `notes` speak of its citations alone, and what a side
    of them states stands in its quote. `writing` is there where there is a language model.
    """

    question: str
    text: str
    outcome: Outcome
    confidence: float
    citations: tuple[Citation, ...] = ()
    closest: tuple[Quote, ...] = ()
    passages: tuple[Passage, ...] = ()
    seconds: float = 0.0
    uncertain: bool = False
    notes: tuple[Note, ...] = ()
    writing: Writing | None = None
    fates: tuple[Fate, ...] = ()

    def __post_init__(self) -> None:
        if self.fates and len(self.fates) != len(self.passages):
            raise ValueError(f"{len(self.passages)} passages cannot have {len(self.fates)} fates")
        numbers = [citation.number for citation in self.citations]
        marked = list(dict.fromkeys(int(number) for number in MARKER.findall(self.text)))
        if numbers != list(range(1, len(numbers) + 1)) or marked != numbers:
            raise ValueError(f"the text cites {marked}, the citations are {numbers}")
        if self.answered != bool(numbers):
            raise ValueError(f"an answer with {len(numbers)} citations cannot be {self.outcome}")
        if self.uncertain and not self.answered:
            raise ValueError("only an answer that is given can be uncertain")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"a confidence of {self.confidence} is no probability")
        self._check_notes()

    @property
    def answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED

    def _check_notes(self) -> None:
        quotes = {citation.number: citation.quote for citation in self.citations}
        documents = {quote.source.document for quote in quotes.values()}
        for note in self.notes:
            if not quotes.keys() >= set(note.numbers):
                raise ValueError(f"a note speaks of {note.numbers}, the citations are {list(quotes)}")
            for side in note.sides:
                if side.value not in quotes[side.number].text:
                    raise ValueError(f"[{side.number}] does not state {side.value!r}")
            if isinstance(note, NewerUncited) and note.source.document in documents:
                raise ValueError(f"{note.source.document} is cited")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was not indexed, and why, in words for its owner.

    `size` in bytes and `mtime_ns` are those of the file when its content was found wanting: it need not be looked at
    again while they stay, or, where reading it was broken off, until `again`, in seconds since 1970. None where
    something else was in the way, as permissions are.
    """

    document: str
    reason: str
    size: int | None = field(default=None, compare=False)
    mtime_ns: int | None = field(default=None, compare=False)
    again: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Status:
    """The published generation as a person wants to know it. `server` holds its passages, where its folder does not."""

    generation: str
    path: Path
    published: datetime
    documents: int
    chunks: int
    languages: tuple[str, ...]
    model: str
    left_out: tuple[LeftOut, ...] = ()
    server: str | None = None
