"""`citegram bot`: the parts put together, from the start to a stop that finishes what is under way."""

import asyncio
import logging
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Protocol

from telegram.ext import Application
from telegram.request import HTTPXRequest

from bot.answers import Answers
from bot.database import Database, address_of
from bot.keeping import Keeping
from bot.mailbox import Mailbox
from bot.telegram.assembly import build, token_of
from bot.telegram.connecting import database_at, index_there, reach
from bot.telegram.drafting import TEMPO, Tempo
from bot.telegram.news import News
from bot.telegram.polling import poll
from bot.telegram.profile import introduce, introduce_to
from bot.telegram.redaction import keep_out_of_logs
from bot.telegram.underway import STOP_SECONDS, UnderWay
from bot.telegram.updates import Take
from bot.telegram.worker import Worker
from config.settings import Settings

if TYPE_CHECKING:  # at run time they would load the engine that rebuilds, and what counts
    from bot.collection import Collection
    from bot.outside.outlook import Outlook

logger = logging.getLogger(__name__)

THREADS = 64
"""Answers are worked out in threads; with a language model most of them wait for it, and must not hold up others."""

LAST_SECONDS = 1.0
"""For what is left when that was given up."""


class Hearing(Protocol):
    """How updates come: polling.poll, or the `hear` of a Webhook."""

    async def __call__(self, application: Application, *, take: Take, stop: asyncio.Event) -> None:  # type: ignore[type-arg]
        """Have them taken until `stop`."""


async def run(
    settings: Settings,
    answers: Answers,
    *,
    hear: Hearing = poll,
    collection: "Collection | None" = None,
    outlook: "Outlook | None" = None,
    stop: asyncio.Event | None = None,
    tempo: Tempo = TEMPO,
) -> None:
    """Serve until SIGTERM, SIGINT or `stop`, then finish what is being answered and sent.

    Admins change the collection through the chat; without one they cannot. With an outlook, whose answers they must be,
    the bot is seen from outside.

    Raises MissingTokenError, RefusedTokenError, ConversationsError (see bot.errors), NoIndexError or what `hear`
    raises, whose text is for the owner and whose `exit_status` is the process's. The log's handlers must be set up
    before.
    """
    keep_out_of_logs(token_of(settings))
    if answers.writer_name:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "answers"))
    stop, under_way = stop or asyncio.Event(), UnderWay(hurry_seconds=tempo.hurry_seconds)
    with stopped_by_signals(stop):
        async with outlook.open() if outlook else nullcontext():
            if not await index_there(answers.status, stop=stop):
                return
            async with database_at(address_of(settings), stop=stop) as database:
                if database is not None:
                    await run_on(
                        database,
                        settings,
                        answers,
                        hear=hear,
                        collection=collection,
                        outlook=outlook,
                        stop=stop,
                        under_way=under_way,
                        tempo=tempo,
                    )


async def run_on(
    database: Database,
    settings: Settings,
    answers: Answers,
    *,
    hear: Hearing,
    collection: "Collection | None",
    outlook: "Outlook | None",
    stop: asyncio.Event,
    under_way: UnderWay,
    tempo: Tempo,
) -> None:
    """As `run`, once all is there."""
    keeping, mailbox = Keeping(database, days=settings.keep_days), Mailbox(database)
    application, news = build(
        settings,
        answers=answers,
        database=database,
        keeping=keeping,
        under_way=under_way,
        tempo=tempo,
        collection=collection,
        request=outlook.request if outlook else HTTPXRequest,
    )
    worker = Worker(application, mailbox, under_way=under_way)
    if outlook:
        outlook.begin(application, mailbox, worker)
    async with keeping.in_time():
        await serve(
            application,
            worker,
            news,
            hear=hear,
            stop=stop,
            under_way=under_way,
            admins=settings.admins,
            collection=collection,
            stop_seconds=tempo.stop_seconds,
        )


async def serve(
    application: Application,  # type: ignore[type-arg]
    worker: Worker,
    news: News,
    *,
    hear: Hearing,
    stop: asyncio.Event,
    under_way: UnderWay,
    admins: Iterable[int] = (),
    collection: "Collection | None" = None,
    stop_seconds: float = STOP_SECONDS,
) -> None:
    """A sync that is under way at the stop is broken off: it may take long, and the next one makes up for it."""
    try:
        if not await reach(application.initialize, stop=stop):
            return
        await application.start()
        setting = asyncio.create_task(introduced(application, admins))
        telling = asyncio.create_task(news.follow(stop))
        worker.start()
        try:
            await hear(application, take=worker.take, stop=stop)
        finally:
            setting.cancel()
            stop.set()
            if collection:
                collection.end()
            await finish(application, worker, telling, under_way, seconds=stop_seconds)
    finally:
        await application.shutdown()


async def introduced(application: Application, admins: Iterable[int]) -> None:  # type: ignore[type-arg]
    await introduce(application.bot)
    await introduce_to(admins, application.bot)


async def finish(
    application: Application,  # type: ignore[type-arg]
    worker: Worker,
    telling: asyncio.Task[None],
    under_way: UnderWay,
    *,
    seconds: float,
) -> None:
    """Handle what was received and tell what is being told, then stop. What a language model takes too long to write is
    told by quotation; whatever takes too long all the same is left to the next process."""
    logger.info("finishing what is under way")
    hurrying = asyncio.create_task(under_way.hurry())
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(finished(application, worker), telling)
            await under_way.tidied()
    except TimeoutError:
        logger.warning("gave up on what was not finished within %.0f s", seconds)
    finally:
        hurrying.cancel()
        await worker.leave()
        if application.running:
            with suppress(TimeoutError):
                await asyncio.wait_for(application.stop(), LAST_SECONDS)


async def finished(application: Application, worker: Worker) -> None:  # type: ignore[type-arg]
    await worker.finish()
    await application.stop()


@contextmanager
def stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, stop.set)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
