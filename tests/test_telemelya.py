"""The core scenarios against a Bot API stand-in that others wrote (Telemelya), which calls the bot at its webhook."""

import os
import signal
import sys
from asyncio import create_subprocess_exec, wait_for
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.telegram.callbacks import read_callback
from bot.telegram.opening import payload
from tests.scripted import FIRST_LIT
from tests.telemelya import Telemelya, said, whole_environment
from tests.telemelya.server import Json
from tests.test_bot_process import QUESTION, indexed

__all__ = ["indexed"]

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not whole_environment(), reason="Telemelya is not installed; `make stand-in` does it"),
]

ALICE = 501


@pytest.fixture
async def telemelya(indexed: Path, tmp_path: Path) -> AsyncIterator[Telemelya]:
    """The bot runs, as a process of its own; at the end it has ended in peace."""
    async with Telemelya() as telemelya:
        own = {"DATA_DIR": str(indexed), "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite'}"}
        process = await create_subprocess_exec(
            *(sys.executable, "-m", "bot", "bot", "--webhook"),
            env=os.environ | own | telemelya.settings,
            cwd=indexed,
            stderr=PIPE,
        )
        try:
            await said(process, b"called on port")
            yield telemelya
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = await wait_for(process.communicate(), 40)
        assert (process.returncode, b"Traceback" in errors) == (0, False), errors.decode()


def tapped(answer: Json, button: str) -> str:
    """What the button of an answer holds."""
    (data,) = [
        each["callback_data"]
        for row in answer["reply_markup"]["inline_keyboard"]
        for each in row
        if each["text"] == button
    ]
    return str(data)


async def test_a_question_is_answered_a_tap_and_a_link_open_its_citation_and_an_edit_is_answered_anew(
    telemelya: Telemelya,
) -> None:
    question = await telemelya.say(ALICE, QUESTION)
    answer = await telemelya.next("sendMessage")
    assert answer["text"].startswith("1871\n\n")
    assert answer["raw"]["reply_parameters"]["message_id"] == question["message_id"]

    data = tapped(answer, "1")
    await telemelya.tap(ALICE, answer["message_id"], data)
    opened = await telemelya.next("editMessageText")
    assert opened["message_id"] == answer["message_id"]
    assert FIRST_LIT in opened["text"]

    kept = read_callback(tapped(answer, "1"))
    assert kept
    await telemelya.say(ALICE, f"/start {payload(*kept)}")
    linked = await telemelya.next("sendMessage")
    assert FIRST_LIT in linked["text"]

    await telemelya.edit(question, "Who may swim in the harbour?")
    anew = await telemelya.next("editMessageText")
    assert anew["message_id"] == answer["message_id"]
    assert not anew["text"].startswith("1871")
