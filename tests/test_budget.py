import asyncio
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.budget import CHATS_KEPT, Budget

ALICE, BORIS, GROUP = 1, 2, -100


@dataclass
class Time:
    """A clock that sleeping sets forward: of sleepers the one to wake next wakes first."""

    now: float = 1000.0
    waiting: list[tuple[float, int, asyncio.Event]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self.waiting.append((self.now + seconds, len(self.waiting), woken))
        await woken.wait()

    async def pass_by(self) -> None:
        """Until nobody sleeps any more."""
        await settle()
        while self.waiting:
            self.waiting.sort(key=lambda each: each[:2])
            self.now, _, woken = self.waiting.pop(0)
            woken.set()
            await settle()


async def settle() -> None:
    """Everyone who can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def sent(chats: list[int], *, hold: dict[int, float] | None = None) -> list[tuple[int, float]]:
    """Messages to these chats, all wanted at once: the chat of each and the seconds after which it went out."""
    clock = Time(now=900.0)
    budget = Budget(clock=clock, sleep=clock.sleep)
    clock.now = 1000.0
    for chat, seconds in (hold or {}).items():
        budget.hold(chat, seconds)
    out: list[tuple[int, float]] = []

    async def send(chat: int) -> None:
        await budget.turn(chat)
        out.append((chat, clock.now - 1000.0))

    async with asyncio.TaskGroup() as group:
        for chat in chats:
            group.create_task(send(chat))
        group.create_task(clock.pass_by())
    return out


def most_within(seconds: float, times: list[float]) -> int:
    """The largest number of times in any stretch of so many seconds."""
    return max((sum(begin <= each < begin + seconds for each in times) for begin in times), default=0)


async def test_the_first_goes_out_at_once_and_the_next_a_second_later() -> None:
    assert [round(at, 1) for _, at in await sent([ALICE, ALICE, ALICE])] == [0.0, 1.1, 2.2]


async def test_what_an_earlier_process_said_is_waited_for() -> None:
    clock = Time()
    budget = Budget(clock=clock, sleep=clock.sleep)
    async with asyncio.TaskGroup() as group:
        group.create_task(budget.turn(ALICE))
        group.create_task(clock.pass_by())
    assert clock.now > 1001.0


async def test_chats_go_beside_each_other() -> None:
    assert await sent([ALICE, BORIS]) == [(ALICE, 0.0), (BORIS, 0.0)]


async def test_a_group_hears_twenty_at_once_and_then_waits_for_its_minute() -> None:
    times = [at for _, at in await sent([GROUP] * 25)]
    assert times[:20] == [0.0] * 20
    assert min(times[20:]) >= 60.0


async def test_a_pause_asked_for_holds_one_chat_alone() -> None:
    out = await sent([ALICE, BORIS], hold={ALICE: 30.0})
    assert out == [(BORIS, 0.0), (ALICE, 30.0)]


async def test_a_pause_asked_for_holds_those_who_have_their_turn_already() -> None:
    clock = Time(now=900.0)
    budget = Budget(clock=clock, sleep=clock.sleep)
    clock.now = 1000.0
    out: list[float] = []

    async def send() -> None:
        await budget.turn(ALICE)
        out.append(round(clock.now - 1000.0, 1))

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(send())
        await settle()
        budget.hold(ALICE, 30.0)
        group.create_task(clock.pass_by())
    assert out == [0.0, 30.0, 31.1]


@given(st.lists(st.sampled_from([*range(1, 60), *range(-3, 0)]), max_size=120))
def test_no_limit_is_ever_exceeded_and_everything_goes_out(chats: list[int]) -> None:
    out = asyncio.run(sent(chats))
    assert sorted(chat for chat, _ in out) == sorted(chats)
    assert most_within(1.0, [at for _, at in out]) <= 30
    for chat in set(chats):
        times = [at for each, at in out if each == chat]
        assert most_within(60.0 if chat < 0 else 1.0, times) <= (20 if chat < 0 else 1)


async def test_chats_that_were_quiet_are_forgotten() -> None:
    clock = Time()
    budget = Budget(clock=clock, sleep=clock.sleep)
    for chat in range(1, CHATS_KEPT + 100):
        clock.now += 2.0
        await budget.turn(chat)
    assert len(budget._chats) <= CHATS_KEPT
    assert len(budget._overall) < 10


async def test_a_message_that_took_long_is_counted_from_its_arrival() -> None:
    clock = Time(now=900.0)
    budget = Budget(clock=clock, sleep=clock.sleep)
    clock.now = 1000.0
    await budget.turn(ALICE)
    await budget.turn(GROUP)
    clock.now = 1005.0
    budget.done(ALICE)
    budget.done(GROUP)
    assert [each for each in (ALICE, GROUP) if clock.now < await turn_at(budget, clock, each) - 0.9] == [ALICE]


async def turn_at(budget: Budget, clock: Time, chat: int) -> float:
    async with asyncio.TaskGroup() as group:
        group.create_task(budget.turn(chat))
        group.create_task(clock.pass_by())
    return clock.now


async def test_what_can_be_left_out_takes_only_turns_that_are_free_and_of_a_group_the_first_half() -> None:
    clock = Time(now=900.0)
    budget = Budget(clock=clock, sleep=clock.sleep)
    assert not budget.spare(ALICE)
    clock.now = 1000.0
    assert [budget.spare(chat) for chat in (ALICE, ALICE, BORIS)] == [True, False, True]
    assert [budget.spare(GROUP) for _ in range(11)] == [True] * 10 + [False]
    clock.now += 61.0
    assert budget.spare(GROUP)
    budget.hold(GROUP, 30.0)
    assert not budget.spare(GROUP)
    for chat in range(100, 127):
        assert budget.spare(chat)
    assert [budget.spare(chat) for chat in range(200, 204)] == [True, True, False, False]
