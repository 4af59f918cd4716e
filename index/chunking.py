"""Documents as chunks: exact spans, cut at headings and sentences, none longer than the embedder sees."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from index.documents import source_of
from index.embedding import Embedder
from index.formats.extract import Part
from index.sentences import pieces
from index.types import Chunk, Source, Span

if TYPE_CHECKING:  # at run time it takes a second to load, and a sync that finds nothing changed needs none of it
    from llama_index.core.schema import Document

SPECIAL_TOKENS = 2
"""[CLS] and [SEP], which the embedder adds to every text."""

WORDS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s]")
"""Words and marks; in scripts that set no spaces, characters."""

MOST_CHARACTERS = 3000
"""Of a chunk. A run without spaces (encoded data) may be a single token, however long."""

ENOUGH = 20
"""Times the tokens that fit in a chunk: what has as many words is too long, however they are counted."""

Tokens = Callable[[str], Sequence[object]]


def chunk_document(document: "Document", *, embedder: Embedder) -> list[Chunk]:
    """The chunks of a document in order; together they hold all but white space.

    Each is at most what the embedder sees, in its own tokens. A language that the embedder does not know is counted
    in words instead: its tokens there are mere letters, and the vectors are not used (docs/decisions/0002).
    """
    from llama_index.core.node_parser import SentenceSplitter

    text, source, language = document.text, source_of(document), document.metadata["language"]
    tokens: Tokens = embedder.tokens if language in embedder.languages else words_of
    splitter = SentenceSplitter(
        chunk_size=embedder.max_tokens - SPECIAL_TOKENS,
        chunk_overlap=0,
        tokenizer=partial(roughly_counted, tokens=tokens, enough=ENOUGH * embedder.max_tokens),
        chunking_tokenizer_fn=lambda stretch: [stretch[start:end] for start, end in pieces(stretch, language)],
        paragraph_separator="\n\n",
    )
    chunks = []
    for part, end in sections(document):
        placed = replace(
            source,
            page=part.page,
            label=part.label,
            author=part.author or source.author,
            modified=part.dated or source.modified,
        )
        for span in locate(bounded(splitter.split_text(text[part.start : end])), text, part.start):
            chunks.append(Chunk(chunk_id(source, span, language), span, placed, part.heading, language))
    return chunks


def roughly_counted(stretch: str, *, tokens: Tokens, enough: int) -> Sequence[object]:
    """As many as the stretch has tokens, or many where it has more than enough words: tokens of a whole book would
    take gigabytes, and say no more than that it is too long."""
    if len(stretch) > enough and len(stretch.split(maxsplit=enough)) > enough:
        return range(len(stretch))
    return tokens(stretch)


def words_of(stretch: str) -> Sequence[object]:
    """One for each word; what they are does not matter."""
    return range(sum(1 for _ in WORDS.finditer(stretch)))


def sections(document: "Document") -> list[tuple[Part, int]]:
    """The parts that hold anything, each with where it ends. What stands before the first is front matter."""
    text = document.text
    parts = [Part(**{**told, "heading": tuple(told["heading"])}) for told in document.metadata["parts"]]
    ends = [*(part.start for part in parts[1:]), len(text)]
    return [(part, end) for part, end in zip(parts, ends, strict=True) if text[part.start : end].strip()]


def bounded(stretches: Sequence[str]) -> list[str]:
    """The stretches, those that are too long cut anywhere."""
    return [
        stretch[begin : begin + MOST_CHARACTERS].strip()
        for stretch in stretches
        for begin in range(0, len(stretch), MOST_CHARACTERS)
        if stretch[begin : begin + MOST_CHARACTERS].strip()
    ]


def locate(stretches: Sequence[str], text: str, start: int) -> list[Span]:
    """Where the stretches stand in the text: in order, without overlap, from `start` on."""
    spans = []
    for stretch in stretches:
        start = text.index(stretch, start)
        spans.append(Span(stretch, start, start + len(stretch)))
        start += len(stretch)
    return spans


def chunk_id(source: Source, span: Span, language: str) -> str:
    """The same for the same text at the same place of the same document; begins with the language."""
    place = f"{source.document}\0{span.start}\0{span.text}".encode("utf-8", "surrogatepass")
    return f"{language}-{hashlib.sha256(place).hexdigest()[:32]}"
