"""The bot as a process of its own whose database is away, at the start and under load; and one that slept while another
took over its work."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.engine import URL

from bot.database import default_url, new_engine
from tests import postgres
from tests.balancer import Balancer
from tests.bot_child import told, until_there
from tests.botapi import BotApi
from tests.command_line import citegram
from tests.postgres import Server, free_port
from tests.test_bot_process_killed import (
    PATIENCE_SECONDS,
    ask_everything,
    check,
    until_sent,
    workers_at,
)

pytestmark = pytest.mark.timeout(240)

AWAY_SECONDS = 20
"""So long Postgres is away under load, and a Chroma server: longer than a worker's claims hold without a sign."""


@pytest.fixture
def server() -> Iterator[Server]:
    if reason := postgres.why_not():
        pytest.skip(reason)
    pytest.importorskip("asyncpg", reason="needs the extra postgres")
    with postgres.server_in_a_folder() as server:
        yield server


def url_of(server: Server, database: str = "postgres", **changed: object) -> URL:
    return make_url(server.address + database).set(**changed)  # type: ignore[arg-type]


async def execute(server: Server, *statements: str) -> None:
    engine = new_engine(url_of(server))
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def sentence_of(address: URL) -> tuple[int, str]:
    shown = address.render_as_string(hide_password=False)
    ended = citegram("feedback", settings={"DATABASE_URL": shown})
    return ended.status, ended.sentence


# At the start


async def test_what_the_database_refuses_is_told_in_a_sentence(server: Server) -> None:
    await execute(server, "CREATE ROLE locked LOGIN PASSWORD 'right'")
    server.stop()
    server.ask_for_passwords(of="locked")
    server.start()
    where = f"The database that DATABASE_URL names, at 127.0.0.1:{url_of(server).port}, refuses the bot: "
    for address in (
        url_of(server, username="locked", password="s3cret"),
        url_of(server, username="nobody-known", password="s3cret"),
        url_of(server, "no_such"),
    ):
        status, sentence = await asyncio.to_thread(sentence_of, address)
        assert (status, sentence.startswith(where)) == (2, True), sentence
        assert "s3cret" not in sentence


async def test_a_database_that_is_away_is_told_in_a_sentence(server: Server) -> None:
    server.stop()
    reached = url_of(server, password="s3cret")
    for address, host in ((reached, "127.0.0.1:"), (reached.set(host="no-such-host.invalid"), "no-such-host.invalid:")):
        status, sentence = await asyncio.to_thread(sentence_of, address)
        assert status == 1
        assert sentence.startswith(
            f"The database that DATABASE_URL names, at {host}{reached.port}, cannot be reached: "
        )
        assert sentence.endswith("See that it runs.")
        assert "s3cret" not in sentence


async def test_a_database_with_as_many_connections_as_it_takes_is_away(server: Server) -> None:
    server.stop()
    server.start(max_connections="4", superuser_reserved_connections="0", max_wal_senders="0")
    engines = [new_engine(url_of(server)) for _ in range(4)]
    connections = [await engine.connect() for engine in engines]
    status, sentence = await asyncio.to_thread(sentence_of, url_of(server))
    for connection, engine in zip(connections, engines, strict=True):
        await connection.close()
        await engine.dispose()
    assert (status, "cannot be reached: " in sentence) == (1, True), sentence


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_a_bot_that_is_started_before_its_database_waits_for_it(
    server: Server, tmp_path: Path, webhook: bool
) -> None:
    server.stop()
    port, api = free_port(), BotApi()
    own = {"WEBHOOK_URL": f"http://127.0.0.1:{port}/hook", "LISTEN_ON": "127.0.0.1", "PORT": str(port)}
    async with workers_at(api, folder=tmp_path, database=url_of(server)) as workers:
        process = await workers.start(*(["--webhook"] if webhook else []), **own)
        assert process.stderr
        for seconds in (1, 2):
            line = (await process.stderr.readline()).decode()
            assert line.startswith("WARNING The database that DATABASE_URL names, at 127.0.0.1")
            assert line.rstrip().endswith(f"See that it runs. Trying again in {seconds} s")
        chat = api.private(api.user("Alice"))
        question = await chat.say(chat.person, "Is anybody there?")
        server.start()
        answer = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
        assert answer.text.startswith(told(question.text))
        await workers.end(process)


async def test_a_bot_that_waits_for_its_database_can_be_stopped(server: Server, tmp_path: Path) -> None:
    server.stop()
    async with workers_at(BotApi(), folder=tmp_path, database=url_of(server)) as workers:
        process = await workers.start()
        assert process.stderr
        await process.stderr.readline()
        await workers.end(process)


# Under load


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """As by a power cut."""
    server.stop(signal.SIGQUIT)
    yield
    server.start()


@pytest.mark.parametrize("away", [stopped, Server.held_still])
async def test_where_postgres_is_away_under_load_no_question_is_lost(
    server: Server, tmp_path: Path, away: Callable[[Server], AbstractContextManager[None]]
) -> None:
    """Nobody starts the workers again."""
    balancer, api = Balancer(), BotApi(paced=False)
    async with balancer.balancing(), workers_at(api, folder=tmp_path, database=url_of(server)) as workers:
        own = {"WEBHOOK_URL": balancer.url, "LISTEN_ON": "127.0.0.1"}
        processes = [await workers.start("--webhook", PORT=str(port), **own) for port in balancer.ports]
        for _ in balancer.ports:
            await api.called("setWebhook", timeout_seconds=PATIENCE_SECONDS)
        chats = [api.private(api.user(f"Person{number}")) for number in range(15)]
        asked = await ask_everything(chats, 8)
        await until_sent(api, 30)
        with away(server):
            await asyncio.sleep(AWAY_SECONDS)
        await check(asked, kills=1)
        for process in processes:
            await workers.end(process)
        assert not api.violations


# A worker that slept


async def test_a_worker_that_slept_while_another_took_over_says_nothing(tmp_path: Path) -> None:
    balancer, api = Balancer(), BotApi()
    async with balancer.balancing(), workers_at(api, folder=tmp_path, database=default_url(tmp_path)) as workers:
        ports = [free_port(), free_port()]
        own = {"WEBHOOK_URL": balancer.url, "LISTEN_ON": "127.0.0.1"}
        chat = api.private(api.user("Alice"))
        balancer.ports = ports[:1]
        sleeping = await workers.start("--webhook", PORT=str(ports[0]), **own)
        await api.called("setWebhook", timeout_seconds=PATIENCE_SECONDS)
        question = await chat.say(chat.person, "Please wait?")
        await asyncio.to_thread(until_there, tmp_path / "data" / "heard")
        sleeping.send_signal(signal.SIGSTOP)
        (tmp_path / "data" / "go").touch()
        other = await workers.start("--webhook", PORT=str(ports[1]), **own)
        answer = await chat.reply(to=question, timeout_seconds=PATIENCE_SECONDS)
        sleeping.send_signal(signal.SIGCONT)
        await workers.end(sleeping)
        await workers.end(other)
        assert answer.text.startswith(told(question.text))
        assert chat.messages_of_bot == (answer,)
