"""The bot on Telegram with a scripted language model that writes its answers, led piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot import texts
from bot.answers import Answers
from bot.telegram.app import Hearing
from bot.telegram.drafting import Tempo
from index.answering import Answerer
from tests.botapi import BotApi, Chat, Message
from tests.deployments import Deployment
from tests.llm import Gate, LlmServer
from tests.model_world import saying

SOON = Tempo(note_seconds=0.0, draft_seconds=0.05)
"""What is shown of an answer is shown at once."""

FIRST, SECOND = "The lamp was first lit in 1871. [1]", "Boats show a lantern after sunset. [2]"
INVENTED = "The moon is made of cheese."
SAID = (
    f"The lamp was first lit in 1871. [{{light}}] {INVENTED} [{{light}}] "
    "Boats show a lantern after sunset. [{rules}] The keeper sings. He is old."
)
TO_FIRST, TO_SECOND = 16, 11
"""Pieces until each stands: to the end of the sentence behind its mark."""


class Writing:
    """A Bot API server, and what the bot there is told by."""

    def __init__(
        self, api: BotApi, model: LlmServer, answers: Answers, data_dir: Path, *, deployment: Deployment
    ) -> None:
        self.api = api
        self.model = model
        self.answers = answers
        self.tempo = SOON
        self._data_dir = data_dir
        self._deployment = deployment

    async def serve(self, *, stop: asyncio.Event, hear: Hearing | None = None, **overrides: object) -> None:
        """Heard as the deployment has it, unless a test has it otherwise."""
        parts = {"tempo": self.tempo} | ({"hear": hear} if hear else {})
        settings = {"data_dir": self._data_dir} | overrides
        await self._deployment.serve(self.api, self.answers, stop=stop, parts=lambda: parts, **settings)

    @asynccontextmanager
    async def bot(self, **overrides: Any) -> AsyncIterator[None]:
        """The bot runs, and comes to an end in peace."""
        stop = asyncio.Event()
        serving = asyncio.create_task(self.serve(stop=stop, **overrides))
        try:
            yield
        finally:
            stop.set()
            async with asyncio.timeout(40):
                await serving

    def gated(self, said: str = SAID) -> Gate:
        """From now on the model says so, as far as the gate lets it."""
        gate = Gate()
        self.model.answer_by(saying(said, gate=gate))
        return gate

    def drafts(self, chat: Chat) -> list[str]:
        """All that arrived."""
        calls = (call for call in self.api.calls_of("sendMessageDraft") if call.parameters["chat_id"] == chat.id)
        return [call.parameters["text"] for call in calls if call.status == 200]


@pytest.fixture
async def writing(
    deployment: Deployment,  # first, since it says to the answerer where the index is
    model: LlmServer,
    model_answerer: Answerer,
    model_folders: dict[str, Path],
    tmp_path: Path,
) -> AsyncIterator[Writing]:
    """The bot does not run yet. At the end it must have broken no rule of Telegram's."""
    deployment.share(model_folders)
    async with BotApi() as api:
        yield Writing(api, model, model_answerer, tmp_path / "data", deployment=deployment)
        assert not api.violations
        assert not api.unused_faults


async def note_on(question: Message, chat: Chat) -> Message:
    """The message with the button to stop its answer."""
    note = await chat.reply(to=question)
    assert note.text == texts.WRITING
    return note
