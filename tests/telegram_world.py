"""The bot as it runs, over real HTTP against the Bot API server of the tests; only the documents are scripted.

The fixtures are for every test (conftest.py); a file with other answers, or another server, has its own by that name.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot import texts
from bot.database import default_url
from bot.telegram.app import Hearing
from bot.telegram.drafting import TEMPO
from index.errors import IndexAwayError, NoIndexError
from index.types import Answer, Citation, Disagreement, NewerCited, Outcome, Said
from tests.botapi import BotApi, Chat, Message
from tests.deployments import Deployment, OneWorker
from tests.scripted import FIRST_LIT, LANTERN, ScriptedAnswers, answered, quote


class GatedAnswers(ScriptedAnswers):
    """A question with "wait" is answered once the gate is open; with "length", at length.

    With "disputed" the documents disagree. With "unread" there is no index, with "unreachable" its server is away, and
    with "unwise" an error that quotes the question.
    """

    def __init__(self) -> None:
        super().__init__()
        self.at_gate = threading.Event()
        self.gate = threading.Event()

    def answer(self, question: str, **_: object) -> Answer:
        if "wait" in question:
            self.asked.append(question)
            self.at_gate.set()
            assert self.gate.wait(30)
        if "length" in question:
            return Answer(question, "A sentence. " * 500 + "[1]", Outcome.ANSWERED, 0.9, first_citation())
        if "disputed" in question:
            both = answered(question, quote("keeping-the-light.txt", FIRST_LIT), quote("rules/harbour.md", LANTERN))
            sides = (Said(1, "1871"), Said(2, "sunset"))
            return replace(both, notes=(Disagreement(sides, newest=2), NewerCited(2, (1,))))
        if "unwise" in question:
            raise ValueError(f"no idea what {question.split()} means")
        if "unread" in question:
            raise NoIndexError("Nothing is indexed yet.")
        if "unreachable" in question:
            raise IndexAwayError("The Chroma server is away.")
        if "lantern" in question:
            return answered(question, quote("rules/harbour.md", LANTERN))
        return super().answer(question)

    async def waited_at(self) -> None:
        assert await asyncio.to_thread(self.at_gate.wait, 20)


def first_citation() -> tuple[Citation, ...]:
    return answered("?", quote("keeping-the-light.txt", FIRST_LIT)).citations


class World:
    """A Bot API server, a bot that runs against it, and what it knows."""

    def __init__(
        self, api: BotApi, answers: GatedAnswers, data_dir: Path, *, deployment: Deployment | None = None
    ) -> None:
        self.api = api
        self.answers = answers
        self.hear: Hearing | None = None
        """None: as the deployment has it."""
        self.tempo = TEMPO
        self._deployment = deployment or OneWorker()
        self.workers, self.entering = self._deployment.workers, self._deployment.entering
        self.database = self._deployment.database or default_url(data_dir)
        self._data_dir = data_dir

    async def serve(self, *, stop: asyncio.Event, **overrides: object) -> None:
        settings = {"data_dir": self._data_dir} | overrides
        await self._deployment.serve(self.api, self.answers, stop=stop, parts=self._parts, **settings)

    def _parts(self) -> dict[str, object]:
        return {"tempo": self.tempo} | ({"hear": self.hear} if self.hear else {})

    @asynccontextmanager
    async def bot(self, **overrides: object) -> AsyncIterator[None]:
        """The bot runs; at the end it stops, and must have come to an end in peace."""
        stop = asyncio.Event()
        serving = asyncio.create_task(self.serve(stop=stop, **overrides))
        try:
            yield
        finally:
            stop.set()
            self.answers.gate.set()
            async with asyncio.timeout(30):
                await serving


@pytest.fixture
def server() -> BotApi:
    """Not started yet."""
    return BotApi()


@pytest.fixture
def answers() -> GatedAnswers:
    return GatedAnswers()


@pytest.fixture
async def world(server: BotApi, answers: GatedAnswers, tmp_path: Path, deployment: Deployment) -> AsyncIterator[World]:
    """The bot does not run yet. At the end it must have broken no rule of Telegram's."""
    async with server:
        yield World(server, answers, tmp_path / "data", deployment=deployment)
        assert not server.violations
        assert not server.unused_faults


@pytest.fixture
async def api(world: World) -> AsyncIterator[BotApi]:
    """The server, with a bot running."""
    async with world.bot():
        yield world.api


VOTES = [texts.THUMBS_UP, texts.THUMBS_DOWN]


def texts_of(chat: Chat) -> list[str]:
    return [message.text for message in chat.messages_of_bot if message.kind == "text"]


def button_texts(message: Message) -> list[str]:
    return [button.text for button in message.buttons]
