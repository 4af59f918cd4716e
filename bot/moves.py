"""Groups that became supergroups: Telegram gives them another id, and people go on as if nothing had happened."""

from sqlalchemy import BigInteger, Column, Table, insert, select

from bot.database import Database, metadata

moves = Table(
    "moves",
    metadata,
    Column("old", BigInteger, primary_key=True, autoincrement=False),
    Column("new", BigInteger, nullable=False, index=True),
)


class Moves:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def moved(self, old: int, new: int) -> None:
        """Note it, once: a group moves only once."""
        async with self._database.writing() as connection:
            if (await connection.execute(select(moves.c.new).where(moves.c.old == old))).first() is None:
                await connection.execute(insert(moves).values(old=old, new=new))

    async def current(self, chat: int) -> int:
        """The id that the chat has now."""
        async with self._database.writing() as connection:
            found = select(moves.c.new).where(moves.c.old == chat)
            return (await connection.execute(found)).scalar_one_or_none() or chat

    async def former(self, chat: int) -> int | None:
        """The id that it had as a group, if it was one."""
        async with self._database.writing() as connection:
            found = select(moves.c.old).where(moves.c.new == chat)
            return (await connection.execute(found)).scalars().first()
