"""All that a citegram needs to go on elsewhere, in one file: `citegram backup` and `citegram restore`.

Each line imports only from the lines above it:

    sentences                        what is told
    archive                          the file: what may stand in it, written and read
    contents                         what belongs to a backup, and where it lies
    databases                    each a single file, looked at
    making, restoring
    reports

Nothing is published before every byte of a backup was held against what it states of itself.
"""
