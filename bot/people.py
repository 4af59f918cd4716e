"""What the bot knows of a person besides their answers: the language they chose."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, String, Table, delete, insert, select

from bot.database import Database, metadata

people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", String(8)),
)


class People:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def language(self, person: int) -> str | None:
        """The one they chose, if they did."""
        async with self._database.writing() as connection:
            chosen = select(people.c.language).where(people.c.id == person)
            return (await connection.execute(chosen)).scalar_one_or_none()

    async def speak(self, person: int, language: str) -> None:
        """From now on this language with them."""
        async with self._database.writing() as connection:
            await connection.execute(delete(people).where(people.c.id == person))
            await connection.execute(insert(people).values(id=person, language=language))

    async def forget(self, person: int) -> dict[str, int]:
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(people).where(people.c.id == person))
        return {people.name: gone.rowcount}

    async def expire(self, _: datetime) -> None:
        """A choice stays until it is changed or deleted."""
