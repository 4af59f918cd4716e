"""What the two commands print. Pure: value in, text out."""

from pathlib import Path

from bot.backup import sentences
from bot.backup.making import Made
from bot.backup.restoring import Restored
from bot.console.sentences import counted


def made_report(made: Made) -> str:
    what = parts(made.index, made.database, made.vectors, made.pages, made.documents or 0)
    lines = [sentences.MADE.format(file=made.file, what=what, megabytes=made.size / 10**6)]
    if not made.index:
        lines.append(sentences.ON_SERVER)
    if made.database is None:
        lines.append(sentences.OTHER_ENGINE)
    return "\n".join([*lines, *(sentences.NAMELESS.format(name=name) for name in made.nameless)])


def restored_report(restored: Restored) -> str:
    what = parts(restored.index, restored.database, restored.vectors, restored.pages, restored.documents)
    told = sentences.RESTORED.format(made=restored.made, what=what)
    if not restored.index:
        return f"{told}\n{sentences.NO_INDEX}"
    return f"{told}\n{sentences.OUTDATED}" if restored.outdated else told


def left_alone(restored: Restored, database: Path | None) -> str | None:
    """Why the database was not put there though the backup holds one."""
    if restored.database is False:
        return sentences.IN_USE.format(path=database) if database else sentences.OTHER_ENGINE
    return None


def parts(index: bool, database: bool | None, vectors: bool, pages: int, documents: int) -> str:
    told = {
        sentences.THE_INDEX: index,
        sentences.THE_DATABASE: database,
        sentences.THE_VECTORS: vectors,
        counted(pages, "web page"): pages,
        counted(documents, "document"): documents,
    }
    return ", ".join(name for name, is_in in told.items() if is_in)
