"""What the language model costs on Telegram, with the bot running over real HTTP against a scripted one: budgets, what
never asks it, and what /status and /why tell."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import texts
from bot.database import default_url
from bot.languages import say_in
from bot.spending import spent as spent_tokens
from bot.spending import spent_in_all
from config.settings import load_settings
from index.building import build_indexer
from index.wiring import build_answerer
from tests import llm
from tests.botapi import BotApi, Chat, GroupChat, Message, PrivateChat
from tests.databases import ask
from tests.deployments import Deployment, at
from tests.llm import LlmServer
from tests.model_world import LIT, QUESTION, saying

pytestmark = pytest.mark.timeout(60)

SAID = "The lamp was first lit in 1871. [{light}]"
WRITTEN = "The lamp was first lit in 1871. [1]"
OTHER = "In which year was the lamp lit?"


@pytest.fixture
def server() -> BotApi:
    """The bot sees everything in groups."""
    return BotApi(privacy=False)


class Priced:
    """A Bot API server, and a bot with a language model that runs against it, as often as it is started."""

    def __init__(
        self, api: BotApi, model: LlmServer, folders: dict[str, Path], folder: Path, deployment: Deployment
    ) -> None:
        self.api = api
        self.database = deployment.database or default_url(folder)
        self._deployment = deployment
        self._settings: dict[str, Any] = {
            "llm_base_url": model.url,
            "llm_model": model.model,
            "llm_api_key": model.key,
            "reader": False,
            "database_url": self.database.render_as_string(hide_password=False),
            **folders,
        }

    @asynccontextmanager
    async def bot(self, **overrides: object) -> AsyncIterator[None]:
        settings = load_settings(**(at(self.api) | self._settings | overrides))
        stop = asyncio.Event()
        with closing(build_answerer(settings)) as answerer:
            serving = asyncio.create_task(
                self._deployment.serve(self.api, answerer, stop=stop, **(self._settings | overrides))
            )
            try:
                yield
            finally:
                stop.set()
                async with asyncio.timeout(30):
                    await serving

    def rows(self) -> list[tuple[int, int]]:
        """Each person with their tokens of today."""
        columns = (spent_tokens.c.person, spent_tokens.c.asked + spent_tokens.c.written)
        rows = ask(self.database, select(*columns).where(spent_tokens.c.day == datetime.now(UTC).date()))
        return [(person, tokens) for person, tokens in rows]

    def pass_a_day(self) -> None:
        """All that was spent was spent a day earlier."""
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        ask(self.database, *(update(table).values(day=yesterday) for table in (spent_tokens, spent_in_all)))


@pytest.fixture
async def priced(
    server: BotApi, model: LlmServer, model_folders: dict[str, Path], tmp_path: Path, deployment: Deployment
) -> AsyncIterator[Priced]:
    """The model says one thing to everything, unless a test has it otherwise."""
    model.answer_by(saying(SAID))
    deployment.share(model_folders)
    async with server:
        yield Priced(server, model, model_folders, tmp_path, deployment)
        assert not server.violations


@pytest.fixture
def alice(priced: Priced) -> PrivateChat:
    return priced.api.private(priced.api.user("Alice"))


@pytest.fixture
def boris(priced: Priced) -> PrivateChat:
    return priced.api.private(priced.api.user("Boris"))


@pytest.fixture
def group(priced: Priced, alice: PrivateChat, boris: PrivateChat) -> GroupChat:
    group = priced.api.supergroup("Harbour", members=[alice.person, boris.person])
    group.promote(alice.person)
    return group


async def answer(chat: PrivateChat, text: str) -> Message:
    return await chat.reply(to=await chat.say(chat.person, text))


def is_by_quotation(message: Message) -> bool:
    return message.text.startswith(LIT) and texts.MODEL_SPENT in message.text


def tokens(message: Message) -> list[int]:
    """The numbers of tokens that /status tells, in order."""
    return [int(each.replace(",", "")) for each in re.findall(r"tokens today: ([\d,]+)", message.text)]


# Budgets


async def test_a_persons_budget_ends_in_quotation_and_begins_anew_with_the_day(
    priced: Priced, model: LlmServer, alice: PrivateChat, boris: PrivateChat
) -> None:
    async with priced.bot(llm_daily_tokens_each=1):
        assert (await answer(alice, QUESTION)).text.startswith(WRITTEN)
        spent = await answer(alice, OTHER)
        assert is_by_quotation(spent)
        assert spent.buttons
        assert (await answer(boris, OTHER)).text.startswith(WRITTEN)
    async with priced.bot(llm_daily_tokens_each=1):
        assert is_by_quotation(await answer(alice, OTHER))
        assert len(model.requests) == 2
        priced.pass_a_day()
        assert (await answer(alice, OTHER)).text.startswith(WRITTEN)


async def test_the_budget_of_all_binds_everyone_and_admins_as_well(
    priced: Priced, model: LlmServer, alice: PrivateChat, boris: PrivateChat
) -> None:
    async with priced.bot(llm_daily_tokens=1, admins=str(boris.id)):
        assert (await answer(alice, QUESTION)).text.startswith(WRITTEN)
        for chat in (alice, boris):
            assert is_by_quotation(await answer(chat, OTHER))
        assert len(model.requests) == 1
        priced.pass_a_day()
        assert (await answer(boris, OTHER)).text.startswith(WRITTEN)


async def test_in_a_group_each_pays_for_themselves(
    priced: Priced, group: GroupChat, alice: PrivateChat, boris: PrivateChat
) -> None:
    async with priced.bot(llm_daily_tokens_each=1):
        assert (await group.reply(to=await group.say(alice.person, f"/ask {QUESTION}"))).text.startswith(WRITTEN)
        assert is_by_quotation(await group.reply(to=await group.say(alice.person, f"/ask {OTHER}")))
        assert (await group.reply(to=await group.say(boris.person, f"/ask {OTHER}"))).text.startswith(WRITTEN)
    assert {person for person, _ in priced.rows()} == {alice.id, boris.id}


async def test_it_is_said_in_the_persons_language(priced: Priced, alice: PrivateChat) -> None:
    olya = priced.api.private(priced.api.user("Оля", language_code="ru"))
    async with priced.bot(llm_daily_tokens=1):
        await answer(alice, QUESTION)
        assert say_in("ru")(texts.MODEL_SPENT) in (await answer(olya, OTHER)).text


async def test_where_the_documents_are_silent_it_is_said_too(priced: Priced, alice: PrivateChat) -> None:
    async with priced.bot(llm_daily_tokens=1):
        await answer(alice, QUESTION)
        silent = await answer(alice, "Who won the chess championship?")
        assert silent.text.startswith(f"{texts.DOCUMENTS_SILENT}\n\n{texts.MODEL_SPENT}")


async def test_delete_me_begins_ones_own_day_anew_and_not_that_of_all(
    priced: Priced, alice: PrivateChat, boris: PrivateChat
) -> None:
    async def delete(chat: PrivateChat) -> None:
        asked = await answer(chat, "/delete_me")
        await chat.tap(chat.person, asked, button=texts.DELETE_YES)
        await chat.edited(asked)

    async with priced.bot(llm_daily_tokens_each=1):
        await answer(alice, QUESTION)
        await delete(alice)
        assert priced.rows() == []
        assert (await answer(alice, OTHER)).text.startswith(WRITTEN)
    async with priced.bot(llm_daily_tokens=1):
        await delete(alice)
        assert is_by_quotation(await answer(alice, OTHER))


# Counting


@pytest.mark.two_workers
async def test_tokens_are_added_up_over_a_restart(priced: Priced, alice: PrivateChat) -> None:
    async with priced.bot():
        await answer(alice, QUESTION)
        (first,) = tokens(await answer(alice, "/status"))
        assert first > 100
    async with priced.bot():
        await answer(alice, OTHER)
        (both,) = tokens(await answer(alice, "/status"))
        assert both > first + 100
    assert priced.rows() == [(alice.id, both)]


async def test_the_same_question_costs_nothing_again(priced: Priced, model: LlmServer, alice: PrivateChat) -> None:
    async with priced.bot():
        await answer(alice, QUESTION)
        before = priced.rows()
        assert (await answer(alice, QUESTION)).text.startswith(WRITTEN)
    assert len(model.requests) == 1
    assert priced.rows() == before


async def test_a_model_that_cannot_be_reached_costs_nothing_and_one_that_breaks_off_does(
    priced: Priced, model: LlmServer, alice: PrivateChat
) -> None:
    async with priced.bot():
        model.fail(llm.ServerError())
        assert texts.MODEL_UNREACHABLE in (await answer(alice, QUESTION)).text
        assert priced.rows() == []
        model.fail(llm.CutStream(after=3))
        assert texts.MODEL_UNREACHABLE in (await answer(alice, QUESTION)).text
        assert priced.rows()[0][1] > 100


# What never asks the model


async def test_inline_mode_does_not(priced: Priced, model: LlmServer, alice: PrivateChat) -> None:
    async with priced.bot():
        offered = await priced.api.inline(alice.person, QUESTION)
        assert offered.articles[0].description.startswith(f"{LIT} [1]")
        assert texts.MODEL_SPENT not in (await alice.send_offer(alice.person, offered.articles[0])).text
        assert not model.requests


async def test_what_is_merely_overheard_does_not(
    priced: Priced, model: LlmServer, group: GroupChat, alice: PrivateChat
) -> None:
    async with priced.bot():
        shown = await group.reply(to=await group.say(alice.person, "/mode"))
        await group.tap(alice.person, shown, button=texts.MODE_ALWAYS)
        await group.edited(shown)
        overheard = await group.reply(to=await group.say(alice.person, QUESTION))
        assert overheard.text.startswith(LIT)
        assert texts.MODEL_SPENT not in overheard.text
        assert not model.requests
        assert (await group.reply(to=await group.say(alice.person, f"/ask {QUESTION}"))).text.startswith(WRITTEN)


async def test_a_watched_question_does_not(priced: Priced, model: LlmServer, alice: PrivateChat) -> None:
    async with priced.bot():
        watched = await answer(alice, f"/watch {QUESTION}")
        assert watched.text.startswith(LIT)
        assert watched.text.endswith(texts.WATCHED)
        assert not model.requests


async def test_news_of_a_watched_question_does_not(
    priced: Priced, model: LlmServer, model_folders: dict[str, Path], alice: PrivateChat, tmp_path: Path
) -> None:
    folders = {name: Path(shutil.copytree(folder, tmp_path / name)) for name, folder in model_folders.items()}

    def publish(text: str) -> None:
        (folders["seeds_dir"] / "lamp.md").write_text(text, encoding="utf-8")
        build_indexer(load_settings(**folders)).sync()

    async with priced.bot(**folders):
        asked = await alice.say(alice.person, f"/watch {QUESTION}")
        await alice.reply(to=asked)
        await asyncio.to_thread(
            publish, "# The lamp\n\nThe lamp was lit for the first time in May 1871, on a calm evening.\n"
        )
        news = await alice.reply(to=asked)
        assert news.text.startswith(texts.NEWS)
        assert "May 1871" in news.text
        assert not model.requests


async def test_the_example_is_found_without_it_and_paid_for_when_it_is_tapped(
    priced: Priced, model: LlmServer, alice: PrivateChat
) -> None:
    async with priced.bot():
        greeting = await alice.reply(to=await alice.start())
        while not greeting.buttons:  # it is still being looked for
            greeting = await alice.reply(to=await alice.start())
        assert not model.requests
        await alice.tap(alice.person, greeting, button=texts.ASK_EXAMPLE)
        await alice.reply(to=greeting)
        assert len(model.requests) == 1
    assert [person for person, _ in priced.rows()] == [alice.id]


# What is told


async def status_of(chat: Chat, person: PrivateChat) -> Message:
    return await chat.reply(to=await chat.say(person.person, "/status"))


async def test_status_tells_each_what_is_theirs(
    priced: Priced, model: LlmServer, group: GroupChat, alice: PrivateChat, boris: PrivateChat
) -> None:
    budgets = {"llm_daily_tokens": 2_000_000, "llm_daily_tokens_each": 1_000_000}
    async with priced.bot(admins=str(boris.id), **budgets):
        await answer(alice, QUESTION)
        await answer(boris, OTHER)
        spent = dict(priced.rows())
        hers = f"Language model: {model.model}\nYour tokens today: {spent[alice.id]:,} of 1,000,000"
        his = f"Language model: {model.model}\nYour tokens today: {spent[boris.id]:,} of 1,000,000"
        everyones = f"All tokens today: {sum(spent.values()):,} of 2,000,000, people: 2"
        assert (await status_of(alice, alice)).text.endswith(f"\n\n{hers}")
        assert f"\n\n{his}\n{everyones}" in (await status_of(boris, boris)).text
        for person in (alice, boris):
            assert (await status_of(group, person)).text.endswith(f"\n\nLanguage model: {model.model}")


async def test_status_without_budgets_and_in_russian(priced: Priced, model: LlmServer) -> None:
    olya = priced.api.private(priced.api.user("Оля", language_code="ru"))
    async with priced.bot(admins=str(olya.id)):
        await answer(olya, QUESTION)
        ((_, spent),) = priced.rows()
        expected = (
            f"\n\nЯзыковая модель: {model.model}\nВаших токенов сегодня: {spent:,}\n"
            f"Всего токенов сегодня: {spent:,}, людей: 1"
        )
        assert expected in (await status_of(olya, olya)).text


async def test_status_without_a_model_tells_of_none(priced: Priced, alice: PrivateChat) -> None:
    async with priced.bot(llm_base_url=None, llm_model=None):
        told = (await status_of(alice, alice)).text
        assert "Documents: 3" in told
        assert "oken" not in told
        assert "odel" not in told


async def test_why_tells_what_the_answer_cost_also_after_a_restart(
    priced: Priced, model: LlmServer, alice: PrivateChat
) -> None:
    model.answer_by(saying(f"{SAID} The keeper earned a good wage in those days. The mill sells flour. [{{mill}}]"))
    async with priced.bot(llm_daily_tokens_each=1):
        await answer(alice, QUESTION)
        spent = await answer(alice, OTHER)
    async with priced.bot():
        told = (await alice.reply(to=await alice.say(alice.person, "/why", reply_to=spent))).text
        assert f"\n\n{texts.MODEL_SPENT}\n\n" in told
        assert "okens" not in told
        again = await answer(alice, QUESTION)
        why = (await alice.reply(to=await alice.say(alice.person, "/why", reply_to=again))).text
        cost = re.search(rf"\n\nWritten by {model.model}: ([\d,]+) tokens read, (\d+) written\. 2 of its ", why)
        assert cost, why
        await answer(alice, QUESTION)
        assert f"\n\nWritten by {model.model} when the same was asked before;" in (await answer(alice, "/why")).text
    assert ask(priced.database, select(spent_tokens.c.asked, spent_tokens.c.written)) == [
        (2 * int(cost[1].replace(",", "")), 2 * int(cost[2]))
    ]
