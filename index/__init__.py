"""From a folder of documents to cited answers.

Each line imports only from the lines above it (tests/test_layers.py):

    types, errors
    manifest, sentences, ranking
    documents, embedding
    reader
    chunking, lexical, texts, vectors
    store, generations
    library
    indexer · retrieval
    reranking
    reading
    confidence, citations
    answering
    wiring
    building
"""
