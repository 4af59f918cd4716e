"""Whom an admin let in through the chat, besides those that the settings name."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, String, Table, delete, insert, select

from bot.database import Database, metadata, now

members = Table(
    "members",
    metadata,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("role", String(16), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("by", BigInteger, nullable=False, comment="the admin who let them in"),
)


class Role(StrEnum):
    MEMBER = "member"
    """May ask."""
    ADMIN = "admin"
    """May change what the bot knows and whom it knows, too."""


@dataclass(frozen=True, slots=True)
class Member:
    person: int
    role: Role
    since: date
    by: int


class Members:
    """Every method may raise ConversationsError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def member(self, person: int) -> Member | None:
        async with self._database.writing() as connection:
            row = (await connection.execute(select(members).where(members.c.person == person))).first()
        return to_member(row) if row else None

    async def let_in(self, person: int, role: Role, *, by: int) -> bool:
        """False where they have the role already, or a higher one: nobody loses a role by this."""
        known = await self.member(person)
        if known is not None and known.role in (role, Role.ADMIN):
            return False
        async with self._database.writing() as connection:
            await connection.execute(delete(members).where(members.c.person == person))
            await connection.execute(insert(members).values(person=person, role=role.value, since=now(), by=by))
        return True

    async def put_out(self, person: int) -> bool:
        """False where they were not in."""
        async with self._database.writing() as connection:
            removed = await connection.execute(delete(members).where(members.c.person == person))
        return removed.rowcount > 0

    async def all(self) -> tuple[Member, ...]:
        """The earliest first."""
        async with self._database.writing() as connection:
            rows = (await connection.execute(select(members).order_by(members.c.since, members.c.person))).all()
        return tuple(to_member(row) for row in rows)

    async def has_admin(self) -> bool:
        admin = select(members.c.person).where(members.c.role == Role.ADMIN.value).limit(1)
        async with self._database.writing() as connection:
            return (await connection.execute(admin)).first() is not None


def to_member(row: Any) -> Member:
    return Member(row.person, Role(row.role), row.since.date(), row.by)
