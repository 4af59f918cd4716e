"""The bot seen from outside: its state and its figures over real HTTP, its traces at a real collector, its log."""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from bot import owner_texts
from bot.errors import PortInUseError
from bot.logs import Json, Text
from bot.outside.metrics import Metrics
from bot.outside.observing import ObservedAnswers
from bot.outside.outlook import Outlook
from bot.outside.watch import QUIET_SECONDS, SILENT, STARTING, Parts, Watch, told
from bot.request_id import begin_request, request_id
from bot.telegram.app import run
from bot.telegram.redaction import Redaction
from config.settings import load_settings
from index.answering import Answerer
from index.errors import IndexingError, NoIndexError
from index.stages import listening
from index.types import Fallback, Status, Writing
from tests import botapi
from tests.botapi import PrivateChat
from tests.command_line import ROOT
from tests.llm import LlmServer
from tests.model_world import QUESTION as LAMP
from tests.model_world import saying
from tests.postgres import free_port
from tests.telegram_world import GatedAnswers, World

NOTHING_INDEXED = "Nothing is indexed yet."
QUESTION = "How many steps has the lantern's keeper?"


class Seen:
    """A bot that runs and is looked at."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.port = port
        self.chat: PrivateChat = world.api.private(world.api.user("Alice"))
        self._address = f"http://127.0.0.1:{port}"

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(self._address + path) as response:
            return response.status, await response.text()

    async def figure(self, name: str) -> float:
        """Of /metrics, with its labels as they stand there; 0 where it is not told."""
        _, told = await self.get("/metrics")
        found = re.search(rf"^{re.escape(name)} (\S+)$", told, re.MULTILINE)
        return float(found[1]) if found else 0.0

    async def ask(self, question: str) -> str:
        return (await self.chat.reply(to=await self.chat.say(self.chat.person, question))).text


class LosingAnswers(GatedAnswers):
    """The index may go."""

    is_lost = False

    def status(self) -> Status:
        if self.is_lost:
            raise NoIndexError(NOTHING_INDEXED)
        return super().status()


@pytest.fixture
def answers() -> LosingAnswers:
    return LosingAnswers()


@asynccontextmanager
async def seen_in(world: World, folder: Path, **overrides: object) -> AsyncIterator[Seen]:
    port, stop, api = free_port(), asyncio.Event(), world.api
    given = {"telegram_bot_token": api.token, "telegram_api_url": api.url, "data_dir": folder}
    settings = load_settings(**(given | {"metrics_port": port} | overrides))
    outlook = Outlook(settings, world.answers)
    running = asyncio.create_task(run(settings, outlook.answers, outlook=outlook, stop=stop))
    try:
        seen = Seen(world, port)
        await seen.ask("Are you there?")
        yield seen
    finally:
        stop.set()
        world.answers.gate.set()
        await running


@pytest.fixture
async def seen(world: World, tmp_path: Path) -> AsyncIterator[Seen]:
    async with seen_in(world, tmp_path) as seen:
        yield seen


# State


async def test_a_bot_that_answers_is_healthy_and_ready(seen: Seen) -> None:
    assert await seen.get("/healthz") == (200, '{"ok": true, "worker": "ok"}')
    status, told = await seen.get("/readyz")
    assert (status, json.loads(told)) == (200, {"ok": True, "index": "ok", "database": "ok", "telegram": "ok"})


async def test_without_an_index_it_is_not_ready_and_says_why(seen: Seen, answers: LosingAnswers) -> None:
    answers.is_lost = True
    status, told = await seen.get("/readyz")
    assert status == 503
    assert json.loads(told)["index"] == NOTHING_INDEXED
    assert await seen.figure('citegram_ready{part="index"}') == 0
    assert (await seen.get("/healthz"))[0] == 200


async def test_before_telegram_answers_it_lives_and_is_not_ready(world: World) -> None:
    """And the database is told of once it is there."""
    watch = Watch(ObservedAnswers(world.answers, Metrics()), Metrics())
    assert watch.health().ok
    assert (await watch.ready()).parts == {"index": "ok", "database": STARTING, "telegram": STARTING}


async def test_a_worker_that_looks_no_more_is_not_healthy(world: World) -> None:
    @dataclass
    class Hanging:
        quiet_seconds = QUIET_SECONDS + 1

    watch = Watch(ObservedAnswers(world.answers, Metrics()), Metrics())
    watch.begin(Parts(cast(Any, None), cast(Any, None), cast(Any, Hanging())))
    assert watch.health().parts == {"worker": "has not looked for updates for 91 s"}


async def test_a_bot_whose_threads_are_all_at_work_is_ready(seen: Seen) -> None:
    done, loop = threading.Event(), asyncio.get_running_loop()
    working = [loop.run_in_executor(None, done.wait) for _ in range(100)]
    try:
        assert (await seen.get("/readyz"))[0] == 200
    finally:
        done.set()
        await asyncio.gather(*working)


async def test_a_part_that_does_not_answer_is_told_as_such() -> None:
    async def silent() -> str:
        await asyncio.Event().wait()
        return ""

    assert await told(silent) == SILENT


async def test_a_port_that_is_taken_is_told(seen: Seen) -> None:
    with pytest.raises(PortInUseError, match="METRICS_PORT"):
        async with Outlook(load_settings(metrics_port=seen.port), seen.world.answers).open():
            pass


# Figures


async def test_questions_are_counted_by_what_became_of_them(seen: Seen) -> None:
    for question in (QUESTION, "Something unknown?", "vague", "broken"):
        await seen.ask(question)
    outcomes = ("answered", "abstained", "refused", "failed")
    counted = [await seen.figure(f'citegram_questions_total{{outcome="{each}"}}') for each in outcomes]
    assert counted == [2, 1, 1, 1]


async def test_what_a_model_costs_and_why_it_did_not_write_is_counted(seen: Seen) -> None:
    metrics = Metrics()
    metrics.wrote(Writing("model", Fallback.SLOW, asked_tokens=70, written_tokens=2))
    text = metrics.told().decode()
    assert 'citegram_model_tokens_total{direction="read"} 70.0' in text
    assert 'citegram_model_tokens_total{direction="written"} 2.0' in text
    assert 'citegram_fallbacks_total{reason="slow"} 1.0' in text


async def test_stages_calls_queue_and_index_have_figures(seen: Seen) -> None:
    seen.world.api.fail("sendMessage", botapi.BadGateway())
    await seen.ask(QUESTION)
    for name in ("queued", "update", "sending"):
        assert await seen.figure(f'citegram_stage_seconds_count{{stage="{name}"}}') == 2
    assert await seen.figure('citegram_telegram_calls_total{method="sendMessage",result="200"}') == 2
    assert await seen.figure('citegram_telegram_calls_total{method="sendMessage",result="502"}') == 1
    assert await seen.figure("citegram_index_documents") == 2
    assert await seen.figure(f'citegram_index_info{{generation="{seen.world.answers.generation}"}}') == 1
    assert await seen.figure("citegram_tasks") > 1


async def test_what_waits_is_in_the_figures(seen: Seen) -> None:
    waiting = await seen.chat.say(seen.chat.person, "Will you wait for me?")
    await seen.world.answers.waited_at()
    assert await seen.figure("citegram_updates_waiting") == 1
    assert await seen.figure("citegram_updates_oldest_seconds") > 0
    seen.world.answers.gate.set()
    await seen.chat.reply(to=waiting)


def test_syncs_are_counted() -> None:
    outlook = Outlook(load_settings(), GatedAnswers())
    outlook.synced(IndexingError("The disk is full."))
    assert outlook.metrics.registry.get_sample_value("citegram_syncs_total", {"result": "failed"}) == 1


async def test_no_question_no_name_and_no_token_is_in_what_is_told(seen: Seen) -> None:
    await seen.ask(QUESTION)
    await seen.ask("Is it broken?")
    shown = "".join([(await seen.get(path))[1] for path in ("/healthz", "/readyz", "/metrics")])
    secret = seen.world.api.token.partition(":")[2]
    assert not [each for each in ("lantern", "broken", "Alice", secret) if each in shown]


# The dashboard and the page about it


def names_told() -> set[str]:
    """As they stand in queries."""
    families = Metrics().registry.collect()
    return {f"{each.name}_total" if each.type == "counter" else each.name for each in families if each.type != "info"}


def test_the_dashboard_asks_for_what_there_is() -> None:
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked = {name for query in queries for name in re.findall(r"\b(?:citegram|process)_\w+", query)}
    assert {re.sub(r"_(?:bucket|count|sum|info)$", "", name) for name in asked} - {"citegram_index"} <= names_told()
    assert len(asked) >= 10


def test_every_figure_of_ours_stands_in_the_documentation() -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    assert [name for name in names_told() if name.startswith("citegram_") and f"`{name}" not in page] == []


# Traces


@asynccontextmanager
async def collector() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Its address, and what came."""
    came: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        came.append(await request.read())
        return web.Response()

    server = web.Application()
    server.router.add_post("/v1/traces", take)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", came
    finally:
        await runner.cleanup()


async def test_a_question_is_a_trace_with_its_stages_and_without_its_words(world: World, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="opentelemetry is an extra")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    async with (
        collector() as (address, came),
        seen_in(world, tmp_path, otel_exporter_otlp_endpoint=address) as seen,
    ):
        await seen.ask(QUESTION)
        await seen.ask("Is it broken?")
    requests = [ExportTraceServiceRequest.FromString(each) for each in came]
    spans = [
        span for each in requests for told in each.resource_spans for one in told.scope_spans for span in one.spans
    ]
    updates = {span.trace_id: span for span in spans if span.name == "update"}
    sending = [span for span in spans if span.name == "sending"]
    assert len(updates) == 3
    assert [span.parent_span_id for span in sending] == [updates[span.trace_id].span_id for span in sending]
    assert len({attribute.value.string_value for span in spans for attribute in span.attributes}) == 3
    assert not [each for each in (b"lantern", b"broken", b"Alice") for request in came if each in request]


def test_traces_without_the_extra_end_in_a_sentence(tmp_path: Path) -> None:
    """A process in which the library cannot be found."""
    script = (
        "import sys; sys.modules['opentelemetry.exporter.otlp.proto.http.trace_exporter'] = None\n"
        "from bot.cli import main; sys.exit(main(['bot']))"
    )
    environment = os.environ | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "TELEGRAM_BOT_TOKEN": "123456:ABC-DEF",
        "DATA_DIR": str(tmp_path),
    }
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"citegram: {owner_texts.NO_OTEL}\n"


# The log


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that is logged, as JSON, at DEBUG."""
    stream = StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    handler.setFormatter(Json())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


def lines_of(log: StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_every_line_of_a_question_bears_its_id_through_all_stages(
    world: World, tmp_path: Path, log: StringIO
) -> None:
    async with seen_in(world, tmp_path) as seen:
        await seen.ask(QUESTION)
    ours = [line for line in lines_of(log) if line["logger"].startswith(("bot.", "index."))]
    asked = [line for line in ours if QUESTION in line["message"]]
    identity = {line["request"] for line in asked}
    assert len(identity) == 1
    mine = [line["message"].partition(" took")[0] for line in ours if line.get("request") in identity]
    assert mine == ["queued", f"question: {QUESTION}", "sending", "update"]
    assert all(line["level"] == "DEBUG" for line in asked)


async def test_above_debug_the_log_holds_no_question_and_no_token(world: World, tmp_path: Path, log: StringIO) -> None:
    async with seen_in(world, tmp_path) as seen:
        for question in (QUESTION, "Is it broken, lantern?", "Is it unwise, lantern?"):
            await seen.ask(question)
    told = [line for line in lines_of(log) if line["level"] != "DEBUG"]
    assert any("error" in line["message"] for line in told)
    assert not [line for line in told if "lantern" in json.dumps(line)]
    assert world.api.token.partition(":")[2] not in log.getvalue()


def a_record(message: str, *, error: bool = False) -> logging.LogRecord:
    try:
        raise ValueError("123456:ABCDEFGHIJ is refused")
    except ValueError:
        told = sys.exc_info() if error else None
    return logging.LogRecord("bot.here", logging.WARNING, "here.py", 1, message, (), told)


def test_a_line_of_json_holds_time_level_logger_and_error() -> None:
    record = a_record("gone", error=True)
    Redaction("123456:ABCDEFGHIJ").filter(record)
    line = json.loads(Json().format(record))
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)
    assert (line["level"], line["logger"], line["message"]) == ("WARNING", "bot.here", "gone")
    assert line["error"].endswith("ValueError: [token] is refused")
    assert "request" not in line


def test_a_line_of_text_bears_the_id_where_there_is_one() -> None:
    def within() -> str:
        begin_request()
        return (
            f"[{request_id.get()}] here"
            if Text().format(a_record("here")).endswith(f" WARNING bot.here: [{request_id.get()}] here")
            else ""
        )

    assert Text().format(a_record("here")).endswith(" WARNING bot.here: here")
    assert copy_context().run(within)


def test_the_stages_of_the_engine_are_told_under_the_id(
    model: LlmServer, model_answerer: Answerer, log: StringIO
) -> None:
    """In the threads that an answer is worked out in, too, and to who listens."""
    model.answer_by(saying("The lamp was first lit in 1871. [{light}]"))
    outlook = Outlook(load_settings(), GatedAnswers())

    def within() -> None:
        begin_request()
        listening.set(outlook)
        model_answerer.answer(LAMP)

    copy_context().run(within)
    stages = {"retrieval", "reading", "first text", "verification", "writing"}
    mine = {line["message"].partition(" took")[0] for line in lines_of(log) if line.get("request")}
    assert stages <= mine
    registry = outlook.metrics.registry
    assert {registry.get_sample_value("citegram_stage_seconds_count", {"stage": each}) for each in stages} == {1}
