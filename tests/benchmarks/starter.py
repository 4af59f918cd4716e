"""llama-index's starter over Chroma, with all its defaults, as its documentation begins.

Real: `SimpleDirectoryReader`, the default `SentenceSplitter` (1024 tokens, 200 shared), `VectorStoreIndex`, its
retriever with ten passages, and a Chroma collection with Chroma's defaults. Three things stand for others:

- `BuiltIn` for the embedding model: citegram's own all-MiniLM-L6-v2, which sees the first 256 tokens of a piece.
- `InChroma` for `ChromaVectorStore` of llama-index-vector-stores-chroma, a package this project does not need: it
  stores and scores alike, exp(−distance) of Chroma's squared distance.
- The sentence of the first passage that is nearest to the question for what a language model would say. Its time is
  not counted, so that `seconds` are those of retrieval alone; a language model would take longer than all of it.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings as ChromaSettings
from llama_index.core import SimpleDirectoryReader, StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import BaseNode, MetadataMode, NodeWithScore, QueryBundle, TextNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict

from index.documents import language_of
from index.embedding import Embedder, Vectors
from index.sentences import sentences
from tests.benchmarks.methods import STARTER, Line, answered, timed
from tests.benchmarks.nearest import SentenceVectors

COLLECTION = "quickstart"
PASSAGES = 10


class BuiltIn(BaseEmbedding):
    """citegram's embedder as llama-index knows one."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(model_name=embedder.name)
        self._embedder = embedder

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._embedder.embed(texts).tolist()
        return vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


class InChroma(BasePydanticVectorStore):
    """Nodes in a Chroma collection."""

    stores_text: bool = True
    flat_metadata: bool = True
    _collection: Any = PrivateAttr()

    def __init__(self, collection: Any) -> None:
        super().__init__(stores_text=True)
        self._collection = collection

    @property
    def client(self) -> Any:
        return self._collection

    def add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        ids = [node.node_id for node in nodes]
        self._collection.add(
            ids=ids,
            embeddings=[node.get_embedding() for node in nodes],
            metadatas=[node_to_metadata_dict(node, remove_text=True, flat_metadata=True) for node in nodes],
            documents=[node.get_content(metadata_mode=MetadataMode.NONE) for node in nodes],
        )
        return ids

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        self._collection.delete(where={"document_id": ref_doc_id})

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        found = self._collection.query(query_embeddings=[query.query_embedding], n_results=query.similarity_top_k)
        nodes = [
            metadata_dict_to_node(metadata, text=text)
            for metadata, text in zip(found["metadatas"][0], found["documents"][0], strict=True)
        ]
        scores = [math.exp(-distance) for distance in found["distances"][0]]
        return VectorStoreQueryResult(nodes=nodes, similarities=scores, ids=found["ids"][0])


class Starter:
    """Indexes a folder of documents when it is made, into a new folder; then answers."""

    def __init__(self, documents: Path, folder: Path, *, embedder: Embedder, sentences: SentenceVectors) -> None:
        self._embedder = embedder
        self._sentences = sentences
        self._client: Any = chromadb.PersistentClient(str(folder), ChromaSettings(anonymized_telemetry=False))
        collection = self._client.create_collection(COLLECTION, embedding_function=None)
        index = VectorStoreIndex.from_documents(
            SimpleDirectoryReader(str(documents)).load_data(),
            storage_context=StorageContext.from_defaults(vector_store=InChroma(collection)),
            embed_model=BuiltIn(embedder),
        )
        self._retriever = index.as_retriever(similarity_top_k=PASSAGES)

    def answer(self, question: str) -> dict[str, Line]:
        (vector, found), seconds = timed(lambda: self._retrieve(question))
        sure = found[0].score or 0.0 if found else 0.0
        quotes = self._nearest_sentence(found[0], vector) if found else []
        passages = [as_passage(each) for each in found]
        return {STARTER.key: answered(passages, sure=sure, seconds=seconds, quotes=quotes)}

    def close(self) -> None:
        self._client.close()

    def _retrieve(self, question: str) -> tuple[Vectors, list[NodeWithScore]]:
        vector = self._embedder.embed([question])[0]
        return vector, self._retriever.retrieve(QueryBundle(question, embedding=vector.tolist()))

    def _nearest_sentence(self, found: NodeWithScore, vector: Vectors) -> list[dict[str, Any]]:
        """One quote, or none where the passage holds no sentence; where it stands is as llama-index tells."""
        text = found.node.get_content(metadata_mode=MetadataMode.NONE)
        spans = sentences(text, language_of(text))
        ranked = self._sentences.ranked([text[start:end] for start, end in spans], vector)
        begin, document = begin_of(found), found.node.metadata["file_name"]
        return [
            {"quote": text[start:end], "document": document, "start": begin + start, "end": begin + end}
            for start, end in (spans[row] for row, _ in ranked[:1])
        ]


def as_passage(found: NodeWithScore) -> dict[str, Any]:
    text, begin = found.node.get_content(metadata_mode=MetadataMode.NONE), begin_of(found)
    return {
        "document": found.node.metadata["file_name"],
        "start": begin,
        "end": begin + len(text),
        "text": text,
        "score": found.score,
    }


def begin_of(found: NodeWithScore) -> int:
    """Where llama-index says that the passage begins; 0 where it does not know."""
    return found.node.start_char_idx or 0 if isinstance(found.node, TextNode) else 0
