"""From a folder of documents to cited answers.

Each line imports only from the lines above it (tests/test_layers.py):

    types
    errors, words, answer_cache, copying
    stages, stop
    sentences, kinds, ranking, values, addresses, fetching, formats
    extraction, orders, stated
    documents, embedding, editions
    pages
    embedding_folder, embedding_server, embedding_prefixes, embedding_memory
    embedding_fastembed
    manifest, reader
    changes, chunking, lexical, stamps, texts, vectors
    store, chroma_server
    generations, server_store, pieces, lease, readers
    library
    shared
    following
    draft, holding
    indexer · retrieval
    reranking
    reading
    confidence, citations, disagreement
    notes, fates, prose
    writer
    writer_server, writing
    exchange, writer_anthropic
    answering, trial
    wiring
    building, watching
"""
