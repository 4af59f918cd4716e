"""`citegram bot`: the parts put together, from the start to a stop that finishes what is under way."""

import asyncio
import logging
import re
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Protocol

from telegram import Bot
from telegram.ext import Application, ApplicationBuilder
from telegram.request import HTTPXRequest

from bot import owner_texts
from bot.albums import Albums
from bot.allowance import Allowance
from bot.answers import Answers
from bot.completing import Completing
from bot.conversations import Conversations
from bot.database import Database, address_of
from bot.errors import MalformedTokenError, MissingTokenError
from bot.examples import Examples
from bot.feedback import Feedback
from bot.gaps import Gaps
from bot.groups import Modes
from bot.keeping import Keeping
from bot.mailbox import Mailbox
from bot.members import Members
from bot.moves import Moves
from bot.pairing import Attempts, Codes
from bot.paying import PaidAnswers
from bot.people import People
from bot.privacy import Policy
from bot.spending import Spending
from bot.telegram.access import Access, Allowlist
from bot.telegram.admitting import Admitting
from bot.telegram.asking import Asking
from bot.telegram.budget import Budget
from bot.telegram.commands import Commands
from bot.telegram.connecting import database_at, index_there, reach
from bot.telegram.delivery import Delivery
from bot.telegram.desk import Desk
from bot.telegram.diagnosing import Diagnosing
from bot.telegram.documents import Documents
from bot.telegram.drafting import TEMPO, Drafting, Tempo
from bot.telegram.failing import Failing
from bot.telegram.forgetting import Forgetting
from bot.telegram.greeting import Greeting
from bot.telegram.migrating import Migrating
from bot.telegram.moderating import Moderating
from bot.telegram.news import News
from bot.telegram.offering import Offering
from bot.telegram.opening import Opening
from bot.telegram.polling import poll
from bot.telegram.profile import introduce, introduce_to
from bot.telegram.recalling import Recalling
from bot.telegram.records import Records
from bot.telegram.redaction import keep_out_of_logs
from bot.telegram.stopping import Stopping
from bot.telegram.tapping import Tapping
from bot.telegram.underway import STOP_SECONDS, UnderWay
from bot.telegram.updates import Take
from bot.telegram.watching import Watching
from bot.telegram.worker import Worker
from bot.watches import Watches
from config.settings import Settings

if TYPE_CHECKING:  # at run time they would load the engine that rebuilds, and what counts
    from bot.collection import Collection
    from bot.outside.outlook import Outlook

logger = logging.getLogger(__name__)

READ_SECONDS = 30.0
"""Long, because a message whose fate is unknown is worse than a late one."""

CONNECTIONS = 64

THREADS = 64
"""Answers are worked out in threads; with a language model most of them wait for it, and must not hold up others."""

TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)

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


def build(
    settings: Settings,
    *,
    answers: Answers,
    database: Database,
    keeping: Keeping,
    collection: "Collection | None" = None,
    budget: Budget | None = None,
    under_way: UnderWay | None = None,
    tempo: Tempo = TEMPO,
    request: Callable[..., HTTPXRequest] = HTTPXRequest,
) -> tuple[Application, News]:  # type: ignore[type-arg]
    """What answers Telegram, and what tells news without being asked. A room earlier in the list comes first."""
    application, members = new_application(settings, request), Members(database)
    desk = new_desk(
        settings,
        application.bot,
        answers=answers,
        database=database,
        members=members,
        budget=budget or Budget(),
        under_way=under_way or UnderWay(),
        tempo=tempo,
    )
    opening, asking = Opening(desk), Asking(desk)
    rooms = (
        Moderating(desk),
        Diagnosing(desk),
        Migrating(desk),
        Offering(desk),
        opening,
        Commands(desk),
        Admitting(desk, members, attempts=Attempts(database)),
        Forgetting(desk, keeping=keeping, policy=Policy.of(settings)),
        Greeting(desk, asking),
        Watching(desk, asking),
        Recalling(desk),
        Stopping(desk),
        Records(desk, kept_days=settings.keep_days),
        Documents(desk, collection=collection, ask=asking.ask, otherwise=asking.message),
        asking,
        Tapping(desk, opening),
        Failing(desk.delivery),
    )
    for room in rooms:
        room.add_to(application)
    return application, News(desk, asking)


def new_desk(
    settings: Settings,
    bot: Bot,
    *,
    answers: Answers,
    database: Database,
    members: Members,
    budget: Budget,
    under_way: UnderWay,
    tempo: Tempo,
) -> Desk:
    delivery = Delivery(bot, budget=budget)
    spending = Spending(database, each=settings.llm_daily_tokens_each, together=settings.llm_daily_tokens)
    return Desk(
        answers=answers,
        paid=PaidAnswers(answers, spending, patience_seconds=tempo.patience_seconds),
        completing=Completing(answers),
        conversations=Conversations(database),
        feedback=Feedback(database),
        gaps=Gaps(database),
        people=People(database),
        watches=Watches(database),
        examples=Examples(answers),
        albums=Albums(database),
        modes=Modes(database),
        moves=Moves(database),
        access=Access(Allowlist.of(settings), members),
        codes=Codes(database),
        allowance=Allowance(database, a_day=settings.daily_questions),
        spending=spending,
        delivery=delivery,
        drafting=Drafting(
            bot,
            delivery=delivery,
            budget=budget,
            under_way=under_way,
            tempo=tempo,
            writes=bool(answers.writer_name),
        ),
        under_way=under_way,
        mailbox=Mailbox(database),
        seeds=settings.seeds_dir,
    )


def new_application(settings: Settings, request: Callable[..., HTTPXRequest] = HTTPXRequest) -> Application:  # type: ignore[type-arg]
    """Raises MissingTokenError or MalformedTokenError."""
    waits = dict.fromkeys(("pool_timeout", "read_timeout", "write_timeout"), READ_SECONDS)
    server = str(settings.telegram_api_url).rstrip("/")
    return (
        ApplicationBuilder()
        .token(token_of(settings))
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .request(request(connection_pool_size=CONNECTIONS, **waits))
        .get_updates_request(request())
        .updater(None)
        .build()
    )


def token_of(settings: Settings) -> str:
    token = settings.telegram_bot_token.get_secret_value().strip() if settings.telegram_bot_token else ""
    if not token:
        raise MissingTokenError(owner_texts.NO_TOKEN)
    if not TOKEN.fullmatch(token):
        raise MalformedTokenError(owner_texts.NO_SUCH_TOKEN)
    return token


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
