"""Answers in prose: a language model writes, and what it wrote is shown only as far as the documents say it. Pure.

Each line imports only from the lines above it:

    offer             passages under opaque ids, and what the model is told
    reply             what it said, taken apart
    facts, finding    what a sentence claims · where a quote stands
    rules             what one sentence may not do to another
    verification      which sentences stand, on which spans
    composing         from what stands to the text of an answer
"""
