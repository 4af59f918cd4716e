"""Codes with which a stranger shows an admin who they are: they get one from the bot, and the admin sends it back.

newcomer → bot: a question         bot → newcomer: WDJB-MJHT
newcomer → admin: WDJB-MJHT        admin → bot: /allow WDJB-MJHT
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, ColumnElement, DateTime, String, Table, delete, func, select

from bot.database import Clock, Database, metadata, now

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Without vowels no code is a word, and without digits none is an id. https://www.rfc-editor.org/rfc/rfc8628#section-6.1"""

LETTERS = 8
VALID = timedelta(days=1)

codes = Table(
    "codes",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("language", String(8), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

attempts = Table(
    "attempts",
    metadata,
    Column("admin", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True, comment="when they sent a code that is none"),
)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whose code it was, and the language they were spoken to in."""

    person: int
    language: str


class Codes:
    """One for each person, valid for a day and good for one time. Only a digest is kept: a look-up by it takes the same
    time whatever letters of the code are right. Every method may raise ConversationsError."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    async def issue(self, person: int, *, language: str) -> str | None:
        """A new code, as it is shown; None as long as the person's last one is valid."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
        async with self._database.writing() as connection:
            await connection.execute(delete(codes).where(codes.c.person == person, self._is_over()))
        row = {"person": person, "digest": digest(code), "language": language, "created": self._clock()}
        return f"{code[: LETTERS // 2]}-{code[LETTERS // 2 :]}" if await self._database.put_once(codes, row) else None

    async def redeem(self, code: str) -> Newcomer | None:
        """Whose code it is; it is used up. Case, spaces and hyphens do not matter."""
        async with self._database.writing() as connection:
            same = codes.c.digest == digest(code)
            row = (await connection.execute(select(codes).where(same, ~self._is_over()))).first()
            used = await connection.execute(delete(codes).where(same))
        return Newcomer(row.person, row.language) if row and used.rowcount else None

    async def forget(self, person: int) -> dict[str, int]:
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(codes).where(codes.c.person == person))
        return {codes.name: gone.rowcount}

    async def expire(self, _: datetime) -> None:
        """What is valid for a day is not kept for longer."""
        async with self._database.writing() as connection:
            await connection.execute(delete(codes).where(self._is_over()))

    def _is_over(self) -> ColumnElement[bool]:
        return codes.c.created <= self._clock() - VALID


def digest(code: str) -> str:
    letters = code.upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(letters.encode()).hexdigest()


class Attempts:
    """Wrong codes, counted for each admin, lest one who has an admin's phone tries out many. Every method may raise
    ConversationsError."""

    def __init__(
        self, database: Database, *, most: int = 5, within: timedelta = timedelta(hours=1), clock: Clock = now
    ) -> None:
        self._database = database
        self._most = most
        self._within = within
        self._clock = clock

    async def failed(self, admin: int) -> None:
        await self._database.put_once(attempts, {"admin": admin, "at": self._clock()})

    async def are_left(self, admin: int) -> bool:
        lately = select(func.count()).where(attempts.c.admin == admin, ~self._is_over())
        async with self._database.writing() as connection:
            return (await connection.execute(lately)).scalar_one() < self._most

    async def forget(self, _: int) -> dict[str, int]:
        """Whoever has the phone could begin anew: they stay for their hour."""
        return {}

    async def expire(self, _: datetime) -> None:
        """What counts for an hour is not kept for longer."""
        async with self._database.writing() as connection:
            await connection.execute(delete(attempts).where(self._is_over()))

    def _is_over(self) -> ColumnElement[bool]:
        return attempts.c.at <= self._clock() - self._within
