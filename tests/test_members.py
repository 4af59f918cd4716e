"""Who was let in, in which role."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import URL

from bot.database import now, open_database
from bot.members import Member, Members, Role
from bot.telegram.access import Access, Allowlist

ADMIN, ALICE, BORIS = 1, 5_000_000_001, 3


@pytest.fixture
async def members(database_url: URL) -> AsyncIterator[Members]:
    async with open_database(database_url) as database:
        yield Members(database)


async def test_members_are_let_in_and_put_out(members: Members) -> None:
    assert await members.let_in(ALICE, Role.MEMBER, by=ADMIN)
    assert await members.let_in(BORIS, Role.ADMIN, by=ALICE)
    today = now().date()
    assert await members.all() == (
        Member(ALICE, Role.MEMBER, today, ADMIN),
        Member(BORIS, Role.ADMIN, today, ALICE),
    )
    assert await members.put_out(ALICE)
    assert not await members.put_out(ALICE)
    assert [member.person for member in await members.all()] == [BORIS]


async def test_a_member_may_become_an_admin_and_nobody_less_by_being_let_in(members: Members) -> None:
    await members.let_in(ALICE, Role.MEMBER, by=ADMIN)
    assert not await members.let_in(ALICE, Role.MEMBER, by=ADMIN)
    assert not await members.has_admin()
    assert await members.let_in(ALICE, Role.ADMIN, by=ADMIN)
    assert await members.has_admin()
    assert not await members.let_in(ALICE, Role.MEMBER, by=ADMIN)
    assert [member.role for member in await members.all()] == [Role.ADMIN]


async def test_access_is_by_the_settings_or_by_an_admin(members: Members) -> None:
    access = Access(Allowlist(frozenset({9}), frozenset({-7})), members)
    assert not await access.has_admins()
    await members.let_in(ALICE, Role.MEMBER, by=ADMIN)
    await members.let_in(BORIS, Role.ADMIN, by=ADMIN)
    asked = {person: await access.admits(asker=person, chat=None) for person in (ALICE, BORIS, 9, 4)}
    assert asked == {ALICE: True, BORIS: True, 9: True, 4: False}
    assert await access.admits(asker=4, chat=-7)
    assert [person for person in (ALICE, BORIS, 9) if await access.administers(person)] == [BORIS]
    assert await access.has_admins()


async def test_who_is_an_admin_by_the_settings(members: Members) -> None:
    access = Access(Allowlist(frozenset({9}), admins=frozenset({ADMIN})), members)
    assert await access.has_admins()
    assert await access.administers(ADMIN)
    assert not await access.administers(9)
