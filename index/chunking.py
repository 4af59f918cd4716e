"""Documents as chunks: exact spans, cut at headings and sentences, none longer than the embedder sees."""

import hashlib
import re
from collections.abc import Callable, Sequence

from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import Document

from index.documents import headings_of, source_of
from index.embedding import Embedder
from index.sentences import pieces
from index.types import Chunk, Source, Span

VERSION = 1
"""Raised whenever the same document could be cut differently; an index cut otherwise is rebuilt."""

SPECIAL_TOKENS = 2
"""[CLS] and [SEP], which the embedder adds to every text."""

WORDS = re.compile(r"\w+|[^\w\s]")

Tokens = Callable[[str], Sequence[object]]


def chunk_document(document: Document, *, embedder: Embedder) -> list[Chunk]:
    """The chunks of a document in order; together they hold all but white space.

    Each is at most what the embedder sees, in its own tokens. A language that the embedder does not know is counted
    in words instead: its tokens there are mere letters, and the vectors are not used (docs/decisions/0002).
    """
    text, source, language = document.text, source_of(document), document.metadata["language"]
    tokens: Tokens = embedder.tokens if language in embedder.languages else WORDS.findall
    splitter = SentenceSplitter(
        chunk_size=embedder.max_tokens - SPECIAL_TOKENS,
        chunk_overlap=0,
        tokenizer=tokens,
        chunking_tokenizer_fn=lambda stretch: [stretch[start:end] for start, end in pieces(stretch, language)],
        paragraph_separator="\n\n",
    )
    chunks = []
    for start, end, heading in sections(document):
        for span in locate(splitter.split_text(text[start:end]), text, start):
            chunks.append(Chunk(chunk_id(source, span, language), span, source, heading, language))
    return chunks


def sections(document: Document) -> list[tuple[int, int, tuple[str, ...]]]:
    """Stretches under one heading, the heading's line included, as (start, end, path of headings)."""
    text = document.text
    found = headings_of(text) if document.metadata["document"].lower().endswith(".md") else []
    cuts = [0, *(offset for offset, _, _ in found), len(text)]
    paths: list[tuple[str, ...]] = [()]
    levels: list[tuple[int, str]] = []
    for _, level, title in found:
        levels = [*(outer for outer in levels if outer[0] < level), (level, title)]
        paths.append(tuple(name for _, name in levels))
    return [
        (start, end, path) for start, end, path in zip(cuts, cuts[1:], paths, strict=False) if text[start:end].strip()
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
