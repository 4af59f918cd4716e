"""What Telegram told, kept till it is handled: each update once, in order by turn, by one worker at a time."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import URL

from bot.database import Database, new_engine, open_database
from bot.mailbox import AGAIN, LAPSE, MOST_TRIES, REMEMBERED, SUSPECT_TRIES, Letter, Mailbox, came, updates
from tests.wall_clock import WallClock

ALICE = 5_000_000_001
ANY = 1000


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
def mailbox(database: Database, clock: WallClock) -> Mailbox:
    return Mailbox(database, clock=clock)


def letters(*numbers: int, turn: str = "Alice") -> list[Letter]:
    return [Letter(number, turn, f'{{"update_id": {number}}}', ALICE) for number in numbers]


async def claimed(mailbox: Mailbox, worker: str = "one", *, most: int = ANY) -> list[int]:
    return [each.id for each in await mailbox.claim(worker, most=most)]


async def test_of_one_turn_the_next_is_given_when_the_one_before_is_done(mailbox: Mailbox) -> None:
    await mailbox.put(letters(1, 2) + letters(3, turn="Boris"))
    assert await claimed(mailbox, "one") == [1, 3]
    assert await claimed(mailbox, "two") == []
    await mailbox.done("one", [1])
    assert await claimed(mailbox, "two") == [2]


async def test_of_one_turn_one_is_given_at_a_time_also_where_an_earlier_one_comes_later(
    mailbox: Mailbox, clock: WallClock
) -> None:
    await mailbox.put(letters(2))
    assert await claimed(mailbox, "one") == [2]
    await mailbox.put(letters(1))
    assert await claimed(mailbox, "two") == []
    clock.at += 2 * LAPSE
    assert await claimed(mailbox, "two") == [1]


async def test_the_oldest_are_given_first_and_no_more_than_wanted(mailbox: Mailbox) -> None:
    await mailbox.put([each for number in (5, 3, 4) for each in letters(number, turn=str(number))])
    assert await claimed(mailbox, most=2) == [3, 4]
    assert await claimed(mailbox, most=2) == [5]


async def test_what_is_claimed_is_as_it_was_put_in(mailbox: Mailbox) -> None:
    await mailbox.put([Letter(2**40, "Алиса", '{"text": "Wann?\\u0000"}')])
    (given,) = await mailbox.claim("one", most=ANY)
    assert (given.id, given.body, given.tries) == (2**40, '{"text": "Wann?\\u0000"}', 1)


async def test_an_update_that_comes_again_is_passed_over_also_when_it_is_done(mailbox: Mailbox) -> None:
    await mailbox.put(letters(1))
    await mailbox.put(letters(1, 2))
    assert await claimed(mailbox) == [1]
    await mailbox.done("one", [1])
    await mailbox.put(letters(1))
    assert await claimed(mailbox) == [2]


async def test_what_a_dead_worker_claimed_is_given_to_another(mailbox: Mailbox, clock: WallClock) -> None:
    await mailbox.put(letters(1, 2))
    assert await claimed(mailbox, "one") == [1]
    clock.at += LAPSE
    assert await claimed(mailbox, "two") == []
    clock.pass_by(seconds=1)
    assert [(each.id, each.tries) for each in await mailbox.claim("two", most=ANY)] == [(1, 2)]


async def test_a_worker_that_wakes_too_late_takes_nothing_from_the_one_that_went_on(
    mailbox: Mailbox, clock: WallClock
) -> None:
    await mailbox.put(letters(1, 2))
    await claimed(mailbox, "one")
    clock.at += 2 * LAPSE
    assert await claimed(mailbox, "two") == [1]
    await mailbox.done("one", [1])
    assert await mailbox.claim("one", most=ANY, done=[1]) == []
    await mailbox.done("two", [1])
    assert await claimed(mailbox, "one") == [2]


async def test_a_worker_that_lives_keeps_what_it_claimed(mailbox: Mailbox, clock: WallClock) -> None:
    await mailbox.put(letters(1))
    await claimed(mailbox, "one")
    for _ in range(3):
        clock.at += LAPSE
        await mailbox.renew("one", [1])
        await mailbox.renew("two", [1])
    assert await claimed(mailbox, "two") == []


async def test_what_a_worker_does_not_know_to_be_its_own_is_given_to_another(
    mailbox: Mailbox, clock: WallClock
) -> None:
    await mailbox.put(letters(1) + letters(2, turn="Boris"))
    await claimed(mailbox, "one")
    clock.at += LAPSE
    await mailbox.renew("one", [1])
    clock.pass_by(seconds=1)
    assert await claimed(mailbox, "two") == [2]


async def test_what_could_not_be_handled_is_anyones_in_a_moment(mailbox: Mailbox, clock: WallClock) -> None:
    await mailbox.put(letters(1, 2))
    await claimed(mailbox, "one")
    await mailbox.put_back("two", [1])
    await mailbox.put_back("one", [1])
    assert await claimed(mailbox, "two") == []
    clock.at += AGAIN + timedelta(seconds=1)
    assert [(each.id, each.tries) for each in await mailbox.claim("two", most=ANY)] == [(1, 2)]


async def test_a_worker_that_ends_leaves_what_it_has_not_done(mailbox: Mailbox) -> None:
    await mailbox.put(letters(1, 2) + letters(3, turn="Boris"))
    await claimed(mailbox, "one")
    await mailbox.done("one", [3])
    await mailbox.release("one")
    assert await claimed(mailbox, "two") == [1]


async def test_a_worker_that_ends_has_not_died(mailbox: Mailbox) -> None:
    await mailbox.put(letters(1))
    for claims in range(1, 2 * MOST_TRIES):
        (given,) = await mailbox.claim("one", most=ANY)
        assert (given.tries, given.is_begun_before) == (1, claims > 1)
        await mailbox.release("one")


async def test_what_comes_after_a_moment_is_left_where_that_is_wanted(mailbox: Mailbox, clock: WallClock) -> None:
    await mailbox.put(letters(1))
    moment = clock.at
    clock.pass_by(seconds=1)
    await mailbox.put(letters(2, turn="Boris"))
    assert [each.id for each in await mailbox.claim("one", most=ANY, arrived_by=moment)] == [1]


async def die(mailbox: Mailbox, clock: WallClock) -> None:
    await mailbox.claim("one", most=ANY)
    clock.at += 2 * LAPSE


async def test_what_workers_died_over_twice_is_given_by_itself_and_hopeless_after_thrice(
    mailbox: Mailbox, clock: WallClock
) -> None:
    await mailbox.put(letters(1) + letters(2, turn="Boris"))
    for _ in range(SUSPECT_TRIES):
        await die(mailbox, clock)
    await mailbox.put(letters(3, turn="Cleo"))
    assert await claimed(mailbox) == [3]
    (suspect,) = await mailbox.claim_suspect("one")
    assert (suspect.id, suspect.is_hopeless) == (1, False)
    clock.at += 2 * LAPSE
    (suspect,) = await mailbox.claim_suspect("one")
    assert (suspect.id, suspect.tries, suspect.is_hopeless) == (1, MOST_TRIES + 1, True)
    await mailbox.done("one", [1])
    (innocent,) = await mailbox.claim_suspect("one")
    assert (innocent.id, innocent.is_hopeless) == (2, False)


async def test_what_lapses_while_the_database_is_away_is_no_death(mailbox: Mailbox, clock: WallClock) -> None:
    """Of two workers that both live, now one and now the other comes first when it is back."""
    await mailbox.put(letters(2**40))
    (given,) = await mailbox.claim("one", most=ANY)
    for outage in range(2 * MOST_TRIES):
        first, second = ("two", "one") if outage % 2 == 0 else ("one", "two")
        clock.at += 2 * LAPSE
        outlived = {given.id: given.tries}
        (given,) = await mailbox.claim(first, most=ANY)
        assert await mailbox.claim(second, most=ANY, outlived=outlived) == []
        assert given.tries == SUSPECT_TRIES
        given = replace(given, tries=1)


async def test_a_death_is_one_though_another_worker_outlived_what_it_had_itself(
    mailbox: Mailbox, clock: WallClock
) -> None:
    await mailbox.put(letters(1) + letters(2, turn="Boris"))
    assert await claimed(mailbox, "one", most=1) == [1]
    for dead in ("two", "three"):
        assert await claimed(mailbox, dead) == [2]
        clock.at += 2 * LAPSE
        await mailbox.renew("one", [1])
    assert await mailbox.claim("one", most=ANY, outlived={1: 1}) == []
    (suspect,) = await mailbox.claim_suspect("one")
    assert (suspect.id, suspect.tries) == (2, 3)


async def test_what_is_forgotten_is_not_handled_and_does_not_come_again(mailbox: Mailbox) -> None:
    await mailbox.put([*letters(1), Letter(2, "Boris", "{}", 2)])
    assert await mailbox.forget(ALICE) == {"updates": 1}
    await mailbox.put(letters(1))
    assert await claimed(mailbox) == [2]


async def test_what_comes_after_the_wish_to_be_forgotten_is_handled(mailbox: Mailbox) -> None:
    await mailbox.put(letters(1, 2, 3))
    assert await mailbox.forget(ALICE, last=2) == {"updates": 2}
    assert await claimed(mailbox) == [3]


async def test_of_what_is_done_only_its_number_is_kept_for_a_day(
    database: Database, mailbox: Mailbox, clock: WallClock
) -> None:
    await mailbox.put(letters(1))
    await mailbox.done("one", await claimed(mailbox))

    async def kept() -> list[int | None]:
        async with database.writing() as connection:
            return [await connection.scalar(select(func.count()).select_from(table)) for table in (updates, came)]

    assert await kept() == [0, 1]
    clock.at += REMEMBERED
    await mailbox.expire(clock.at - 90 * REMEMBERED)
    assert await kept() == [0, 1]
    clock.pass_by(seconds=1)
    await mailbox.expire(clock.at - 90 * REMEMBERED)
    assert await kept() == [0, 0]


async def test_workers_at_once_share_the_work_and_keep_the_order(database_url: URL) -> None:
    """Each with connections of its own, as processes have them; updates come while they work."""
    handled: defaultdict[int, list[int]] = defaultdict(list)
    under_way: set[int] = set()
    turns, rounds = 7, 12

    async def work(name: str) -> int:
        count = 0
        async with open_database(database_url) as database:
            mailbox = Mailbox(database)
            while sum(map(len, handled.values())) < turns * rounds:
                given = await mailbox.claim(name, most=3)
                for each in given:
                    turn = each.id % turns
                    assert turn not in under_way
                    under_way.add(turn)
                await asyncio.sleep(0)
                for each in given:
                    under_way.remove(each.id % turns)
                    handled[each.id % turns].append(each.id)
                    await mailbox.done(name, [each.id])
                count += len(given)
        return count

    async def bring() -> None:
        async with open_database(database_url) as database:
            for batch in range(rounds):
                numbers = range(batch * turns, (batch + 1) * turns)
                await Mailbox(database).put([each for n in numbers for each in letters(n, turn=str(n % turns))])

    async with asyncio.timeout(60):
        counts = await asyncio.gather(work("one"), work("two"), work("three"), bring(), bring())
    assert sum(filter(None, counts)) == turns * rounds
    assert all(numbers == sorted(set(numbers)) for numbers in handled.values())


async def test_whether_a_person_went_on_is_known_whichever_worker_has_it(mailbox: Mailbox) -> None:
    typed = [Letter(number, f"('typed', {number})", "{}", ALICE) for number in (1, 3)]
    others = [Letter(2, "('typed', 2)", "{}", 2), *letters(4), Letter(5, "('typedX', 5)", "{}", ALICE)]
    await mailbox.put([*typed, *others])
    await claimed(mailbox, "two")
    assert await mailbox.has_later(1, person=ALICE, kind="typed")
    assert not await mailbox.has_later(3, person=ALICE, kind="typed")
    await mailbox.done("two", [3])
    assert not await mailbox.has_later(1, person=ALICE, kind="typed")


HELD_UP = """
CREATE FUNCTION held_up() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$
"""

TRIGGER = "CREATE TRIGGER held_up BEFORE UPDATE ON updates FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION held_up()"


async def test_who_claims_at_the_same_instant_sees_what_the_other_claims(postgres_url: URL) -> None:
    """One is held up in the middle of its claim of 2; then 1 comes, of the same turn, for which the other asks."""
    engine = new_engine(postgres_url)
    async with open_database(postgres_url) as one, open_database(postgres_url) as other, engine.connect() as holding:
        await Mailbox(one).put(letters(2))
        for statement in (HELD_UP, TRIGGER):
            await holding.execute(text(statement))
        await holding.commit()
        await holding.execute(text("SELECT pg_advisory_xact_lock(1)"))

        async def waiting(count: int, task: asyncio.Task[list[int]]) -> None:
            asked = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            while not task.done() and await holding.scalar(asked) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

        first = asyncio.create_task(claimed(Mailbox(one), "one"))
        await waiting(1, first)
        await Mailbox(other).put(letters(1))
        second = asyncio.create_task(claimed(Mailbox(other), "two"))
        await waiting(2, second)
        await holding.commit()
        assert (await first, await second) == ([2], [])
    await engine.dispose()


async def test_what_another_worker_has_of_a_person_is_known_until_it_is_handled(mailbox: Mailbox) -> None:
    await mailbox.put([*letters(1), *letters(2, turn="Elsewhere"), Letter(3, "Boris", "{}", 2), *letters(4)])
    assert await claimed(mailbox, "one") == [1, 2, 3]
    theirs = await mailbox.of_person(ALICE, but="two", last=1)
    assert theirs == {1: '{"update_id": 1}'}
    assert await mailbox.of_person(ALICE, but="one", last=4) == {}
    assert await mailbox.forget(ALICE, last=4, but=theirs) == {"updates": 2}
    assert await mailbox.are_left(theirs)
    assert not await mailbox.are_left([2, 4])
    await mailbox.done("one", [1])
    assert not await mailbox.are_left(theirs)
