"""Every sentence that `citegram backup` and `citegram restore` say. In English, as everything on the command line."""

NO_BACKUP = "{file} is no backup of citegram."
UNREADABLE = "{file} cannot be read ({reason})."
DAMAGED = "{file} is damaged ({what}). Nothing was restored; take another backup."
HOSTILE = "{file} was not made by citegram: it would write {name!r}. Nothing was restored."
NEWER = "{file} was made by citegram {theirs}, and this is {ours}. Install that version or a later one first."
NO_ROOM = "{file} needs {megabytes:,} MB in {folder}, and there is less. Make room; nothing was restored."
OCCUPIED = "There is something already: {what}. To replace it: citegram restore {file} --force"
UNRESTORED = "What is in {file} could not be written ({reason}). Make room, or the folder writable; then try again."
EXISTS = "{file} exists already. Name another file, or overwrite it with --force."
NO_FOLDER = "{file} cannot be written. Name a file in a folder that is there and may be written."
UNWRITTEN = "{file} could not be written ({reason}). Nothing is left of it; make room, or name another folder."
UNREAD_DATABASE = "The bot's database {path} cannot be copied ({reason})."

AN_INDEX, A_DATABASE, DOCUMENTS = "an index in {path}", "a database, {path}", "documents in {path}"

OTHER_ENGINE = "The bot's database is not SQLite: back it up, and restore it, with its own tools."
ON_SERVER = "The index is on the Chroma server, and not in the backup: citegram index builds it from the vector cache."
NO_INDEX = "No index was restored. Build it from the documents, and the vectors that are there: citegram index"
IN_USE = (
    "The bot's database {path} was left as it is, since a bot uses it. Stop that, then restore once more with --force."
)
NAMELESS = "left out: {name} has a name that is not valid UTF-8; rename it"
OUTDATED = "The index in it was made by another version. Bring it up to date with: citegram index"

MADE = "{file}: {what}; {megabytes:,.1f} MB."
RESTORED = "Restored as of {made:%Y-%m-%d %H:%M} UTC: {what}."
THE_INDEX, THE_DATABASE, THE_VECTORS = "the index", "the bot's database", "the vector cache"
