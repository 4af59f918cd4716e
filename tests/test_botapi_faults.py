"""Faults at random, faults of one chat, and how much may be said after Telegram asked to wait."""

import asyncio

import pytest
from telegram import Bot
from telegram.error import NetworkError

from tests.botapi import BadGateway, BotApi, PrivateChat, RetryAfter, Slow, Storm
from tests.botapi.pace import Pace
from tests.test_botapi import api, bot

__all__ = ["api", "bot"]


async def started(api: BotApi, name: str) -> PrivateChat:
    chat = api.private(api.user(name))
    await chat.start()
    return chat


def struck(storm: Storm, *calls: tuple[str, int]) -> list[str]:
    return [repr(storm.strike(method, chat)) for method, chat in calls]


def test_a_seed_gives_each_chat_its_faults_however_chats_alternate() -> None:
    one, two = Storm("sendMessage", seed=7, share=0.5), Storm("sendMessage", seed=7, share=0.5)
    alternating = struck(one, *[("sendMessage", chat) for _ in range(50) for chat in (1, 2)])
    assert alternating[::2] == struck(two, *[("sendMessage", 1)] * 50)
    assert alternating[1::2] == struck(two, *[("sendMessage", 2)] * 50)
    assert alternating[::2] != alternating[1::2]
    assert alternating[::2] != struck(Storm("sendMessage", seed=8, share=0.5), *[("sendMessage", 1)] * 50)


def test_a_storm_strikes_its_share_of_its_methods_with_every_kind_of_fault() -> None:
    storm = Storm("sendMessage", seed=7, share=0.3)
    faults = struck(storm, *[("sendMessage", chat) for chat in range(1000)])
    assert 0.25 < 1 - faults.count("Fault()") / 1000 < 0.35
    assert set(storm.struck) == {"RetryAfter", "BadGateway", "DropBefore", "DropAfter", "Slow"}
    assert struck(storm, *[("getMe", chat) for chat in range(100)]) == ["Fault()"] * 100


async def test_a_storm_spares_chats_and_ends_when_healed(api: BotApi, bot: Bot) -> None:
    alice, bob = await started(api, "Alice"), await started(api, "Bob")
    api.storm(Storm("sendMessage", seed=7, share=1.0), spared=[bob])
    api.fail("sendMessage", BadGateway())  # what a test has queued comes before the storm
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(alice.id, "x")
    for _ in range(5):
        await bot.send_message(bob.id, "x")
    api.heal()
    await bot.send_message(alice.id, "x")
    with pytest.raises(ValueError, match="sendMesage"):
        api.storm(Storm("sendMesage", seed=7, share=1.0))


async def test_a_fault_may_wait_for_one_chat(api: BotApi, bot: Bot) -> None:
    alice, bob = await started(api, "Alice"), await started(api, "Bob")
    api.fail("sendMessage", BadGateway(), chat=alice)
    await bot.send_message(bob.id, "x")
    assert api.unused_faults == {"sendMessage": 1}
    with pytest.raises(NetworkError):
        await bot.send_message(alice.id, "x")
    assert api.unused_faults == {}


@pytest.mark.parametrize("delivered", [False, True])
async def test_an_answer_may_take_its_time(api: BotApi, bot: Bot, delivered: bool) -> None:
    chat = await started(api, "Alice")
    api.fail("sendMessage", Slow(0.3, delivered=delivered))
    began = asyncio.get_running_loop().time()
    sending = asyncio.create_task(bot.send_message(chat.id, "x"))
    await chat.next_message()
    assert (asyncio.get_running_loop().time() - began < 0.3) == delivered
    await sending
    assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_bot_that_does_not_wait_as_it_was_asked_violates_the_pace() -> None:
    async with BotApi() as api, Bot(api.token, base_url=f"{api.url}/bot") as bot:
        group = api.group("Team", members=[])
        api.fail("sendMessage", RetryAfter(30))
        for fault in (True, False):
            await asyncio.sleep(0 if fault else 0.6)
            await asyncio.gather(bot.send_message(group.id, "x"), return_exceptions=True)
        (violation,) = api.violations
        assert violation.startswith("sendMessage: came 29.")


@pytest.mark.parametrize(
    ("method", "chat", "at", "fits"),
    [
        ("sendMessage", -7, 100.4, True),
        ("sendMessage", -7, 101.0, False),
        ("editMessageText", -7, 129.5, False),
        ("sendMessage", -7, 130.0, True),
        ("sendMessage", -8, 101.0, True),
        ("sendChatAction", -7, 101.0, True),
    ],
)
def test_a_pause_asked_for_holds_what_counts_in_its_chat(method: str, chat: int, at: float, fits: bool) -> None:
    pace = Pace()
    pace.paused("sendMessage", -7, 100.0, 30.0)
    pace.paused("sendChatAction", -8, 100.0, 30.0)
    assert (pace.arrived(method, chat, at) is None) == fits
