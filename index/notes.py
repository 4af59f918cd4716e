"""What has to be told about the citations of an answer: that documents disagree, or that one is newer. Pure.

`notes` looks at citations alone, whoever chose them; `cited_too` gives what has to be cited
besides.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations

from index.citations import fold, overlap, with_lead
from index.disagreement import Statement, Stemmer, differing, disagreement, statements_in
from index.editions import Edition, Editions, names_edition
from index.kinds import Kind, kind_of
from index.reading import Candidate, sentences_of
from index.types import Citation, Disagreement, NewerCited, NewerUncited, Note, Said
from index.values import Value

ALIKE = 0.5
"""Words of what a newer document says that stand in what is quoted of the older one, as a share of the words in either,
at least: then it answers the same."""

WORTH_READING = 0.25
"""Below it, with numbers among the words, two sentences are not compared: it spares most of the time."""


def cited_too(
    question: str, chosen: Sequence[Candidate], candidates: Sequence[Candidate], editions: Editions, stemmer: Stemmer
) -> list[Candidate]:
    """The candidates to be cited with the chosen ones: the first that contradicts one of them, if none of them does,
    and for each document what its newest edition says to the same, if no newer one is cited.

    None where things are compared, for these differ; no newer one where the question says which edition it is about.
    """
    if kind_of(question) is Kind.COMPARISON:
        return []
    read = Readings(stemmer)
    others = [each for each in candidates if not any(overlaps(each, one) for one in chosen)]
    added = [] if names_edition(question) else newer_sides(chosen, others, editions, read)
    if not any(read.contradict(*pair, editions) for pair in combinations([*chosen, *added], 2)):
        opposed = (each for each in others if any(read.contradict(one, each, editions) for one in chosen))
        added += list(opposed)[:1]
    return [with_lead(each) for each in added]


def newer_sides(
    chosen: Sequence[Candidate], others: Sequence[Candidate], editions: Editions, read: "Readings"
) -> list[Candidate]:
    added: list[Candidate] = []
    for one in chosen:
        cited = {document_of(each) for each in (*chosen, *added)}
        if any(editions.is_newer_edition(each, document_of(one)) for each in cited):
            continue
        answers = [
            each
            for each in others
            if editions.is_newer_edition(document_of(each), document_of(one))
            and one.own <= each.own | each.above
            and read.alike(one, each)
        ]
        newest = [
            each
            for each in answers
            if not any(editions.is_newer_edition(document_of(other), document_of(each)) for other in answers)
        ]
        added += newest[:1]
    return added


class Readings:
    """The statements of candidates, each read once."""

    def __init__(self, stemmer: Stemmer) -> None:
        self._stemmer = cache(stemmer)
        self._statements: dict[tuple[str, int, int], list[Statement]] = {}

    def contradict(self, one: Candidate, other: Candidate, editions: Editions) -> bool:
        mine, theirs = document_of(one), document_of(other)
        if mine == theirs or not worth_reading(one, other) or editions.of_one_series(mine, theirs):
            return False
        return any(disagreement(a, b) for a in self.of(one) for b in self.of(other))

    def alike(self, one: Candidate, other: Candidate) -> bool:
        return any(share(a.stems, b.stems) >= ALIKE for a in self.of(one) for b in self.of(other))

    def of(self, candidate: Candidate) -> list[Statement]:
        key = candidate.passage.chunk.id, candidate.span.start, candidate.span.end
        if key not in self._statements:
            sentences = sentences_of(candidate.passage)
            self._statements[key] = statements_in(candidate.span, candidate.passage, sentences, self._stemmer)
        return self._statements[key]


def worth_reading(one: Candidate, other: Candidate) -> bool:
    return share(frozenset(fold(one.span.text).split()), frozenset(fold(other.span.text).split())) >= WORTH_READING


def share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def overlaps(one: Candidate, other: Candidate) -> bool:
    return document_of(one) == document_of(other) and overlap(one.span, other.span)


def document_of(candidate: Candidate) -> str:
    return candidate.passage.source.document


def notes(question: str, citations: Sequence[Citation], editions: Editions, stemmer: Stemmer) -> tuple[Note, ...]:
    """All that has to be told about them: where they disagree first, then which are newer."""
    if not citations:
        return ()
    comparing, known = kind_of(question) is Kind.COMPARISON, cache(stemmer)
    read = {each.number: read_citation(each, known) for each in citations}
    documents = {each.number: each.quote.source.document for each in citations}
    opposed = () if comparing else disagreements(read, documents, editions)
    newer = (
        ()
        if names_edition(question)
        else (*newer_cited(read, documents, editions), *newer_uncited(documents, editions))
    )
    return (*opposed, *newer)


def read_citation(citation: Citation, stemmer: Stemmer) -> list[Statement]:
    quote = citation.quote
    return statements_in(quote.span, quote.passage, sentences_of(quote.passage), stemmer)


def disagreements(
    read: dict[int, list[Statement]], documents: dict[int, str], editions: Editions
) -> Iterator[Disagreement]:
    """One for each value that others contradict; those of one series are of another time, and none."""
    told: set[tuple[int, int]] = set()
    for number, mine in read.items():
        for statement in mine:
            others = {
                other: pair
                for other, theirs in read.items()
                if (number, other) not in told
                and documents[other] != documents[number]
                and not editions.of_one_series(documents[other], documents[number])
                and (pair := first_pair(disagreement(statement, each) for each in theirs))
            }
            if others:
                told |= {(other, number) for other in others}
                own = next(iter(others.values()))[0]
                sides = (Said(number, own.text), *(Said(other, pair[1].text) for other, pair in others.items()))
                yield Disagreement(sides, newest_of([side.number for side in sides], documents, editions))


def first_pair(pairs: Iterable[tuple[Value, Value] | None]) -> tuple[Value, Value] | None:
    return next((pair for pair in pairs if pair), None)


def newest_of(numbers: Sequence[int], documents: dict[int, str], editions: Editions) -> int | None:
    for number in numbers:
        others = [other for other in numbers if other != number]
        if all(editions.is_newer(documents[number], documents[other]) for other in others):
            return number
    return None


def newer_cited(
    read: dict[int, list[Statement]], documents: dict[int, str], editions: Editions
) -> Iterator[NewerCited]:
    """For each series of which several documents are cited, its newest."""
    for number, document in documents.items():
        first = next(each for each, name in documents.items() if name == document) == number
        superseded = any(editions.is_newer_edition(other, document) for other in documents.values())
        older = tuple(each for each, name in documents.items() if editions.is_newer_edition(document, name))
        if first and older and not superseded:
            yield NewerCited(number, older, tuple(sides_of(number, older, read)))


def sides_of(newer: int, older: Sequence[int], read: dict[int, list[Statement]]) -> Iterator[Said]:
    """What the older ones state otherwise, and what the newer one states instead."""
    for number in older:
        pair = first_pair(differing(mine, theirs) for mine in read[number] for theirs in read[newer])
        if pair:
            yield Said(number, pair[0].text)
            yield Said(newer, pair[1].text)
            return


def newer_uncited(documents: dict[int, str], editions: Editions) -> Iterator[NewerUncited]:
    """The newest document of each series, where it is newer than all that are cited of it."""
    cited = set(documents.values())
    found: dict[str, tuple[Edition, list[int]]] = {}
    for number, document in documents.items():
        newest = editions.newest(document)
        superseded = any(editions.is_newer_edition(other, document) for other in cited)
        if newest and newest.source.document not in cited and not superseded:
            found.setdefault(newest.source.document, (newest, []))[1].append(number)
    for edition, numbers in found.values():
        yield NewerUncited(tuple(numbers), edition.source, edition.stated)
