"""`citegram doctor`: what is wrong, and how to mend it.

Each line imports only from the lines above it:

    sentences
    configuration                    .env
    engine, documents                the embedder, the reader, the index · the folder
    storage, telegram, writing       the disk, the bot's database · the bot · the language model
    examination                      all of them, in order

A check yields findings or raises CitegramError, and knows of no other. Nothing is sent but to the servers that the
settings name, and to them nothing of the documents.
"""
