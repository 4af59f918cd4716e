"""Albums: the pictures of one come as messages of their own, maybe to different workers, and are answered once."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, DateTime, String, Table, delete, select

from bot.database import Clock, Database, metadata, now

albums = Table(
    "albums",
    metadata,
    Column("id", String(64), primary_key=True, comment="of the album, as Telegram numbers them"),
    Column("message", BigInteger, nullable=False, comment="the part of it that came first"),
    Column("seen", DateTime(timezone=True), nullable=False),
)

REMEMBERED = timedelta(days=1)
"""Telegram brings a part again for no longer than that."""


class Albums:
    """What is remembered says nothing about a person. Every method may raise ConversationsError."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    async def is_first(self, album: str, message: int) -> bool:
        """Whether no other part of the album came before this one."""
        if await self._database.put_once(albums, {"id": album, "message": message, "seen": self._clock()}):
            return True
        async with self._database.writing() as connection:
            first = await connection.execute(select(albums.c.message).where(albums.c.id == album))
            return first.scalar() == message

    async def forget(self, _: int) -> dict[str, int]:
        """There is nothing about anyone."""
        return {}

    async def expire(self, _: datetime) -> None:
        """What Telegram remembers for a day is not kept for longer."""
        async with self._database.writing() as connection:
            await connection.execute(delete(albums).where(albums.c.seen <= self._clock() - REMEMBERED))
