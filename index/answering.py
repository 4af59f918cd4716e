"""The one object both front ends depend on: a question in, an Answer out, every quote read back from its document."""

import logging
import re
import time
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from index.answer_cache import AnswerCache, Key
from index.citations import as_quote, choose, compose, joined, likelihood, overlap, with_leads
from index.confidence import Judgement, judge
from index.embedding import Embedder
from index.embedding_memory import RememberingEmbedder
from index.errors import REBUILD, CorruptIndexError, QuestionError
from index.exchange import exchange
from index.fates import fates, fates_in_prose
from index.kinds import kind_of
from index.lexical import Analyzer
from index.library import CurrentLibrary, Library
from index.notes import cited_too, notes
from index.orders import gives_orders, leads_away
from index.prose.composing import in_quotes
from index.prose.offer import Message
from index.prose.verification import TRUSTED, Likelihood
from index.reader import Reader
from index.reading import Candidate, read
from index.reranking import Reread, rerank
from index.retrieval import Retrieved, retrieve
from index.stages import stage
from index.stop import Stop
from index.types import Answer, Citation, Fallback, Outcome, Passage, Quote, Source, Status
from index.writer import Hear, Spoken, Writer
from index.writing import Prose, write

logger = logging.getLogger(__name__)

MAX_QUESTION = 4096
"""Characters: the longest message that Telegram takes."""

MOST_GENERATIONS = 3
"""So many are tried where each is replaced while a question is answered from it: only the last two are kept on disk."""

ASKED_FOR = 0.5
"""Of the question's terms, by weight, in a sentence that gives orders: "Reply with STOP to unsubscribe"."""

CLOSEST = 3
SILENCE = "The documents don't say."


class Read(NamedTuple):
    """What reading the passages told."""

    reread: Reread
    candidates: tuple[Candidate, ...]
    judgement: Judgement


class Answerer:
    """Answers from the published generation, following it when another is published. Safe to share among threads."""

    def __init__(
        self,
        *,
        library: CurrentLibrary,
        embedder: Embedder,
        analyzer: Analyzer,
        reader: Reader | None = None,
        max_quotes: int = 3,
        max_wrong: float = 0.15,
        writer: Writer | None = None,
        mark: bool = False,
    ) -> None:
        self._library = library
        self._embedder = embedder
        self._sentences = RememberingEmbedder(embedder)
        self._analyzer = analyzer
        self._reader = reader
        self._max_quotes = max_quotes
        self._max_wrong = max_wrong
        self._writer = writer
        self._mark = mark
        self._written = AnswerCache()

    @property
    def writer_name(self) -> str:
        """The language model's; nothing where there is none."""
        return self._writer.name if self._writer else ""

    def answer(
        self, question: str, *, write: bool = True, hear: Hear | None = None, stop: Stop | None = None
    ) -> Answer:
        """What the documents say, or that they don't, with the closest quotes.

        A language model writes it, where there is one and `write` does not forbid it; `hear` then gets the text as it
        grows, each time verified.

        Raises QuestionError for one that cannot be searched for, NoIndexError or CorruptIndexError where there is
        nothing to search, IndexAwayError where a server holds the index and is away, and StoppedError where it is
        stopped before the model has come to anything that stands.
        """
        started = time.perf_counter()
        asked = clean(question)
        logger.debug("question: %s", asked)
        for _ in range(MOST_GENERATIONS):
            with self._library.borrow() as library:
                try:
                    answer = self._known(asked, library) if write else None
                    answer = answer or self._answered(asked, library, write=write, hear=hear, stop=stop or Stop())
                    return replace(answer, question=question, seconds=time.perf_counter() - started)
                except CorruptIndexError as error:
                    if self._library.is_published(library) and not self._library.mended(library):
                        raise
                    damaged = error
        raise damaged

    def known(self, question: str) -> Answer | None:
        """As a language model wrote it before, from the same generation: at no cost, and nothing is searched for.

        Raises QuestionError, NoIndexError or CorruptIndexError as `answer` does.
        """
        started = time.perf_counter()
        asked = clean(question)
        with self._library.borrow() as library:
            known = self._known(asked, library)
        return replace(known, question=question, seconds=time.perf_counter() - started) if known else None

    def _known(self, asked: str, library: Library) -> Answer | None:
        known = self._written.get(self._key(asked, library))
        if known is None or known.writing is None:
            return None
        return replace(known, writing=replace(known.writing, asked_tokens=0, written_tokens=0))

    def _key(self, asked: str, library: Library) -> Key:
        return Key(asked, library.folder.name, self.writer_name)

    def _answered(self, asked: str, library: Library, *, write: bool, hear: Hear | None, stop: Stop) -> Answer:
        with stage("retrieval"):
            retrieved = retrieve(asked, library=library, embedder=self._embedder)
        stop.check()
        with ThreadPoolExecutor(1, "reading") as beside:  # the model need not wait for it
            reading = beside.submit(copy_context().run, self._read, asked, retrieved, library, stop)
            likely = partial(likelihood, candidates=lambda: reading.result().candidates)
            prose = self._prose(asked, retrieved.passages, likely, library, hear, stop) if write else None
            reread, candidates, judgement = reading.result()
        written = prose is not None and prose.writing.fallback is None
        if prose and prose.text:
            text, citations = prose.text, prose.citations
            if not prose.writing.stopped:
                text, citations = self._with_contradictions(asked, text, citations, candidates, library)
            answered, quotes = True, [each.quote for each in citations]
            fated = fates_in_prose(reread.ranked, quotes)
        else:
            if prose and prose.writing.fallback is Fallback.NONSENSE:
                candidates = heeded(candidates)
            answered = not written and bool(candidates) and judgement.answers(self._max_wrong)
            limit = self._max_quotes if answered else CLOSEST
            chosen = joined(with_leads(choose(candidates, limit=limit, kind=kind_of(asked))))
            if answered:
                chosen += cited_too(asked, chosen, candidates, library.editions, self.stem)
            quotes = self._quotes(chosen, library)
            text, citations = compose(quotes) if answered else (SILENCE, ())
            fated = fates(reread.ranked, candidates, quotes)
        noted = notes(asked, citations, library.editions, self.stem)
        answer = Answer(
            question=asked,
            text=text,
            outcome=Outcome.ANSWERED if answered else Outcome.ABSTAINED,
            confidence=judgement.confidence,
            uncertain=judgement.is_uncertain(self._max_wrong) and not written,
            citations=citations,
            closest=() if answered else tuple(quotes),
            passages=reread.ranked,
            fates=fated,
            notes=noted,
            writing=prose.writing if prose else None,
        )
        if prose and written and not prose.writing.stopped:
            self._written.put(self._key(asked, library), answer)
        return answer

    def ask_model(self, messages: Sequence[Message], *, seconds: float, stop: Stop | None = None) -> Spoken | None:
        """What the language model says to these within so many seconds; None where there is no model.

        Raises StoppedError.
        """
        return exchange(messages, writer=self._writer, seconds=seconds, stop=stop) if self._writer else None

    def stem(self, word: str, language: str) -> str:
        """As words are compared; in lower case where there is no stemmer for the language."""
        return " ".join(self._analyzer.terms(word, language))

    def sources(self) -> tuple[Source, ...]:
        """Every indexed document, by path."""
        with self._library.borrow() as library:
            return library.manifest.sources()

    def languages(self) -> dict[str, str]:
        """The language of every indexed document, by path; ISO 639-1."""
        with self._library.borrow() as library:
            return {name: entry.language for name, entry in library.manifest.documents.items()}

    def fingerprints(self) -> dict[str, str]:
        """The hash of the content of every indexed document, by path."""
        with self._library.borrow() as library:
            return {name: entry.sha256 for name, entry in library.manifest.documents.items()}

    def text(self, document: str) -> str | None:
        """The extracted text of a document, by path; None where it is not indexed."""
        with self._library.borrow() as library:
            return library.texts.read(document) if document in library.manifest.documents else None

    def status(self) -> Status:
        with self._library.borrow() as library:
            manifest = library.manifest
            return Status(
                generation=library.folder.name,
                path=library.folder,
                published=manifest.published,
                documents=len(manifest.documents),
                chunks=manifest.chunks,
                languages=manifest.languages,
                model=manifest.model_name,
                left_out=manifest.left_out,
                server=self._library.server,
            )

    def close(self) -> None:
        if self._writer:
            self._writer.close()
        self._library.close()

    def _read(self, asked: str, retrieved: Retrieved, library: Library, stop: Stop) -> Read:
        with stage("reading"):
            reread = rerank(asked, retrieved, reader=self._reader)
            stop.check()
            candidates = read(asked, reread, lexical=library.lexical, embedder=self._sentences, analyzer=self._analyzer)
        return Read(reread, candidates, judge(asked, candidates, reread, chunks=library.manifest.chunks))

    def _prose(
        self,
        asked: str,
        passages: tuple[Passage, ...],
        likely: Likelihood,
        library: Library,
        hear: Hear | None,
        stop: Stop,
    ) -> Prose | None:
        if self._writer is None or not passages:
            return None
        try:
            with stage("writing"):
                return write(
                    asked,
                    passages,
                    writer=self._writer,
                    read=library.texts.read,
                    weights=library.lexical.term_weights,
                    analyzer=self._analyzer,
                    mark=self._mark,
                    likelihood=likely,
                    hear=hear,
                    stop=stop,
                )
        except ValueError as error:
            raise CorruptIndexError(f"The index is damaged: {error}. {REBUILD}") from error

    def _with_contradictions(
        self,
        asked: str,
        text: str,
        citations: tuple[Citation, ...],
        candidates: Sequence[Candidate],
        library: Library,
    ) -> tuple[str, tuple[Citation, ...]]:
        """What a language model wrote, and behind it in quotation marks what is cited too."""
        chosen = [each for each in candidates if any(stands_in(each, one.quote) for one in citations)]
        others = [each for each in candidates if each in chosen or is_trusted(each, best=candidates[0])]
        added = cited_too(asked, chosen, others, library.editions, self.stem)
        more = tuple(
            Citation(number, quote) for number, quote in enumerate(self._quotes(added, library), len(citations) + 1)
        )
        quoted = (f"{in_quotes(each.quote.text)} [{each.number}]" for each in more)
        return " ".join((text, *quoted)), citations + more

    def _quotes(self, chosen: Sequence[Candidate], library: Library) -> list[Quote]:
        try:
            return [as_quote(each, library.texts.read(each.passage.source.document)) for each in chosen]
        except ValueError as error:
            raise CorruptIndexError(f"The index is damaged: {error}. {REBUILD}") from error


def heeded(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Where a language model may have obeyed a document: without what gives orders, unless it is the best one and
    speaks of what is asked."""
    return tuple(
        each
        for place, each in enumerate(candidates)
        if not gives_orders(each.span.text) or (place == 0 and each.features.coverage >= ASKED_FOR)
    )


def stands_in(candidate: Candidate, quote: Quote) -> bool:
    return candidate.passage.source.document == quote.source.document and overlap(candidate.span, quote.span)


def is_trusted(candidate: Candidate, *, best: Candidate) -> bool:
    """As a language model's sentences are verified: what gives orders or leads away only where it is likely to be what
    is asked for, and never what does both."""
    text = candidate.span.text
    wrong = gives_orders(text) + leads_away(text, known=candidate.passage.source.url)
    return wrong == 0 or (wrong == 1 and candidate.share >= TRUSTED * best.share)


def clean(question: str) -> str:
    """The question in one line without control characters. Raises QuestionError where it holds no word or too many."""
    visible = "".join(" " if unicodedata.category(each) in ("Cc", "Cs") else each for each in question)
    folded = " ".join(visible.split())
    if len(folded) > MAX_QUESTION:
        raise QuestionError(
            f"The question has {len(folded):,} characters, and at most {MAX_QUESTION:,} can be searched for. "
            "Please shorten it."
        )
    if not re.search(r"[^\W_]", folded):
        raise QuestionError("The question holds no word to search for. Please ask it in words.")
    return folded
