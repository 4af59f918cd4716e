"""Lexical search: BM25 over stemmed words in tantivy, two fields a language: the text, and the headings above it.

A stemmer handles one language, so each chunk is indexed in the fields of its document's language, and a question is
stemmed for every language that the index holds.
"""

import contextlib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import tantivy

from index.errors import DAMAGED, CorruptIndexError, unwritten
from index.types import Chunk

STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip
"""Snowball's languages, by ISO 639-1 code. Any other is searched by its plain words."""

SPACELESS = frozenset({"ja", "th", "zh"})
"""Languages that set no spaces between words: searched by pairs of characters."""

PLAIN = "xx"
"""What stands for the languages that have no stemmer."""

HEADING_WEIGHT = 0.3
"""Of a word found in the title or a heading above the chunk, beside one found in its text: docs/decisions/0008."""

TermWeights = Mapping[str, float]
"""A question's terms in order, each with its rarity: ln(1 + (N − n + ½) / (n + ½)), as in BM25."""

WRITER_BYTES = 64_000_000
WORD_LENGTH = 60
"""Bytes; longer runs of letters (hashes, encoded data) are not indexed."""


class Analyzer:
    """Text to search terms, per language: words in lower case, stemmed where there is a stemmer."""

    def __init__(self) -> None:
        self._built: dict[str, tantivy.TextAnalyzer] = {}

    def terms(self, text: str, language: str) -> list[str]:
        found: list[str] = self.build(language).analyze(text)
        return found

    def build(self, language: str) -> tantivy.TextAnalyzer:
        field = field_of(language)
        if field not in self._built:
            spaceless = language in SPACELESS
            tokenizer = tantivy.Tokenizer.ngram(2, 2, False) if spaceless else tantivy.Tokenizer.simple()
            builder = tantivy.TextAnalyzerBuilder(tokenizer)
            builder = builder.filter(tantivy.Filter.remove_long(WORD_LENGTH)).filter(tantivy.Filter.lowercase())
            if language in STEMMERS:
                builder = builder.filter(tantivy.Filter.stemmer(STEMMERS[language]))
            self._built[field] = builder.build()
        return self._built[field]


class LexicalIndex:
    """The chunks of one generation, searchable by words."""

    def __init__(self, index: tantivy.Index, languages: Iterable[str], analyzer: Analyzer) -> None:
        self._index = index
        self.fields = fields_of(languages)
        self._analyzer = analyzer
        for field in self.fields:
            index.register_tokenizer(field, analyzer.build(language_of_field(field)))

    @classmethod
    def create(cls, folder: Path, *, languages: Iterable[str], analyzer: Analyzer) -> "LexicalIndex":
        folder.mkdir()
        languages = tuple(languages)
        schema = build_schema(fields_of(languages))
        return cls(tantivy.Index(schema, path=str(folder)), languages, analyzer)

    @classmethod
    def open(cls, folder: Path, *, languages: Iterable[str], analyzer: Analyzer) -> "LexicalIndex":
        """Raises CorruptIndexError where the folder holds no readable index."""
        try:
            return cls(tantivy.Index.open(str(folder)), languages, analyzer)
        except ValueError as error:
            raise CorruptIndexError(f"The words in {folder} cannot be read ({error}).") from error

    @contextlib.contextmanager
    def adding(self, chunks: Iterable[Chunk]) -> Iterator[None]:
        """They are in when the block ends; tantivy works on them in a thread of its own meanwhile.

        Raises DataFolderError where there is no room.
        """
        try:
            writer = self._index.writer(WRITER_BYTES, 1)
            for chunk in chunks:
                writer.add_document(as_row(chunk))
        except ValueError as error:
            raise unwritten("The words", error) from error
        yield
        try:
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
        except ValueError as error:
            raise unwritten("The words", error) from error

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def search(self, question: str, limit: int) -> list[tuple[str, float]]:
        """Ids of the chunks that hold words of the question, with their BM25 score, best first.

        Raises CorruptIndexError where the files are damaged.
        """
        with readable():
            searcher = self._index.searcher()
            found = searcher.search(self._query(question), limit, count=False)
            return [(searcher.doc(address)["id"][0], score) for score, address in found.hits]

    def coverage(self, question: str, ids: Collection[str]) -> dict[str, float]:
        """How much of the question each of these chunks holds, in its text or above it: the share of its terms by
        weight, from 0 to 1, however often they come.

        Raises CorruptIndexError where the files are damaged.
        """
        schema, held = self._index.schema, []
        for field in self.fields:
            weights = self.term_weights(question, language_of_field(field))
            mass = sum(weights.values())
            for term, weight in weights.items():
                places = [tantivy.Query.term_query(schema, name, term) for name in (field, heading_field(field))]
                held.append(tantivy.Query.const_score_query(any_of(places), weight / mass))
        within = tantivy.Query.const_score_query(tantivy.Query.term_set_query(schema, "id", list(ids)), 0)
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, within), (tantivy.Occur.Should, any_of(held))])
        with readable():
            searcher = self._index.searcher()
            found = searcher.search(query, max(1, len(ids)), count=False)
            return {searcher.doc(address)["id"][0]: score for score, address in found.hits}

    def term_weights(self, question: str, language: str) -> TermWeights:
        """Of the question's terms in a language."""
        total = self.count()
        frequencies = {
            term: self.document_frequency(term, language)
            for term in dict.fromkeys(self._analyzer.terms(question, language))
        }
        return {term: math.log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in frequencies.items()}

    def document_frequency(self, term: str, language: str) -> int:
        """How many chunks of a language hold a term."""
        field = field_of(language)
        return int(self._index.searcher().doc_freq(field, term)) if field in self.fields else 0

    def _query(self, question: str) -> tantivy.Query:
        schema, words = self._index.schema, []
        for field in self.fields:
            for term in dict.fromkeys(self._analyzer.terms(question, language_of_field(field))):
                above = tantivy.Query.term_query(schema, heading_field(field), term)
                words += [
                    tantivy.Query.term_query(schema, field, term),
                    tantivy.Query.boost_query(above, HEADING_WEIGHT),
                ]
        return any_of(words)


def any_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def as_row(chunk: Chunk) -> tantivy.Document:
    field = field_of(chunk.language)
    above = " ".join(dict.fromkeys((chunk.source.title, *chunk.heading)))
    return tantivy.Document(**{"id": chunk.id, field: chunk.span.text, heading_field(field): above})


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """On damaged files tantivy raises ValueError, or panics, which Python knows by this name only."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        raise CorruptIndexError(DAMAGED) from error


def field_of(language: str) -> str:
    return f"text_{language if language in STEMMERS or language in SPACELESS else PLAIN}"


def fields_of(languages: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({field_of(language) for language in languages}))


def heading_field(field: str) -> str:
    return f"heading_{language_of_field(field)}"


def language_of_field(field: str) -> str:
    return field.removeprefix("text_")


def build_schema(fields: Iterable[str]) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for field in fields:
        builder.add_text_field(field, tokenizer_name=field, index_option="freq")
        builder.add_text_field(heading_field(field), tokenizer_name=field, index_option="freq")
    return builder.build()
