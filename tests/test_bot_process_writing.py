"""An answer that a language model writes, and one that it does not finish, by a bot that is a process of its own."""

import signal
from itertools import pairwise
from pathlib import Path

import pytest

from bot import texts
from bot.telegram.drafting import TEMPO
from tests.botapi import PrivateChat
from tests.deployments import Deployment
from tests.llm import Gate, LlmServer, Request
from tests.model_world import saying
from tests.scripted import FIRST_LIT
from tests.telegram_world import button_texts, texts_of
from tests.telegram_writing import FIRST, SAID, SECOND, TO_FIRST, TO_SECOND, note_on
from tests.test_bot_process import QUESTION, Processes, chat, indexed, processes

__all__ = ["chat", "indexed", "processes"]

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def settings(model: LlmServer, model_folders: dict[str, Path], deployment: Deployment) -> dict[str, str]:
    """Of a bot whose answers the model writes from its documents."""
    deployment.share(model_folders)
    of_model = {"LLM_BASE_URL": model.url, "LLM_MODEL": model.model, "LLM_API_KEY": model.key or ""}
    return of_model | {"READER": "off", "DATA_DIR": str(model_folders["data_dir"])}


async def test_an_answer_is_seen_being_written_stopped_and_at_the_end_never_lost(
    processes: Processes, chat: PrivateChat, model: LlmServer, settings: dict[str, str]
) -> None:
    api, alice, gate = processes.api, chat.person, Gate()
    model.answer_by(saying(SAID, gate=gate))
    process = await processes.begun(**settings)

    question = await chat.say(alice, QUESTION)
    note = await note_on(question, chat)
    assert button_texts(note) == [texts.STOP]
    gate.send(TO_FIRST)
    first = await api.called("sendMessageDraft", chat=chat, text=FIRST)
    gate.send(TO_SECOND)
    second = await api.called("sendMessageDraft", chat=chat, text=f"{FIRST} {SECOND}")
    gate.release()
    answer = await chat.reply(to=question)
    await chat.deleted(note)
    assert answer.text.startswith(f"{FIRST} {SECOND}\n\n{texts.SOURCES}")
    assert {first.parameters["draft_id"]} == {second.parameters["draft_id"]}
    assert chat.draft is None

    gate = Gate()
    model.answer_by(saying(SAID, gate=gate))
    question = await chat.say(alice, "When was the lamp lit?")
    note = await note_on(question, chat)
    gate.send(TO_FIRST)
    await api.called("sendMessageDraft", chat=chat, text=FIRST)
    await chat.say(alice, "/stop")
    await gate.closed()
    assert (await model.ended(written(model)[1])).outcome == "cancelled"
    assert texts.MODEL_STOPPED in (await chat.reply(to=question)).text
    await chat.deleted(note)

    gate = Gate()
    model.answer_by(saying(SAID, gate=gate))
    question = await chat.say(alice, "When was the lamp of the lighthouse lit?")
    await gate.reached()
    process.send_signal(signal.SIGTERM)
    assert await processes.ended(process) == (0, "")
    assert (await model.ended(written(model)[2])).outcome == "cancelled"
    answer = chat.messages_of_bot[-1]
    assert answer.reply_to == question.id
    assert FIRST_LIT in answer.text
    assert texts.MODEL_SLOW in answer.text

    drafts = [call.at for call in api.calls_of("sendMessageDraft")]
    assert min(later - earlier for earlier, later in pairwise(drafts)) >= TEMPO.draft_seconds
    assert len(texts_of(chat)) == 3
    assert not api.violations


def written(model: LlmServer) -> list[Request]:
    """The requests for an answer; others are for what a follow-up means."""
    return [each for each in model.requests if "<passage" in each.text]
