"""When the bot answers in a group: as its administrators choose, for the whole group and for single topics."""

from enum import StrEnum

from sqlalchemy import BigInteger, Column, String, Table, delete, insert, select
from sqlalchemy import update as change

from bot.database import Database, metadata

modes = Table(
    "modes",
    metadata,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("thread", BigInteger, primary_key=True, autoincrement=False, comment="the topic's id; 0: the whole group"),
    Column("mode", String(16), nullable=False),
)

WHOLE_GROUP = 0


class Mode(StrEnum):
    ALWAYS = "always"
    """To whatever is written, where the documents answer it."""
    MENTIONED = "mentioned"
    """When the bot is mentioned, replied to or commanded."""
    OFF = "off"


DEFAULT = Mode.MENTIONED


class Modes:
    """Every method may raise ConversationsError. A topic is given by its id; None is the whole group."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mode(self, chat: int, topic: int | None) -> Mode:
        """What holds there: the topic's own mode, else the group's, else the default. A chat of one person has none."""
        if chat > 0:
            return DEFAULT
        async with self._database.writing() as connection:
            rows = (await connection.execute(select(modes.c.thread, modes.c.mode).where(modes.c.chat == chat))).all()
        chosen = {row.thread: Mode(row.mode) for row in rows}
        return chosen.get(topic or WHOLE_GROUP) or chosen.get(WHOLE_GROUP) or DEFAULT

    async def own(self, chat: int, topic: int | None) -> Mode | None:
        """What was chosen for just this, if anything was."""
        async with self._database.writing() as connection:
            found = select(modes.c.mode).where(modes.c.chat == chat, modes.c.thread == (topic or WHOLE_GROUP))
            mode = (await connection.execute(found)).scalar_one_or_none()
        return Mode(mode) if mode else None

    async def choose(self, chat: int, topic: int | None, mode: Mode | None) -> None:
        """From now on this mode; with None what was chosen is forgotten, and a topic is like its group again."""
        thread = topic or WHOLE_GROUP
        async with self._database.writing() as connection:
            await connection.execute(delete(modes).where(modes.c.chat == chat, modes.c.thread == thread))
            if mode is not None:
                await connection.execute(insert(modes).values(chat=chat, thread=thread, mode=mode.value))

    async def moved(self, old: int, new: int) -> None:
        """The group is a supergroup now, under a new id. What was chosen there already, holds."""
        async with self._database.writing() as connection:
            theirs = modes.alias()
            there = select(theirs.c.thread).where(theirs.c.chat == new)
            carried = change(modes).where(modes.c.chat == old, modes.c.thread.not_in(there))
            await connection.execute(carried.values(chat=new))
            await connection.execute(delete(modes).where(modes.c.chat == old))
