"""Imported by the process that syncs are forked from: what each would load for itself at its first document."""

import chromadb.api.rust  # noqa: F401
import llama_index.core.node_parser  # noqa: F401

from index.documents import language_of

language_of("The model that tells languages is read from its file.")
