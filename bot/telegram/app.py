"""`citegram bot`: the parts put together, from the start to a stop that finishes what is under way."""

import asyncio
import logging
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from telegram.ext import Application, ApplicationBuilder

from bot import owner_texts
from bot.answers import Answers
from bot.conversations import Conversations
from bot.database import Database, address_of, open_database
from bot.errors import MalformedTokenError, MissingTokenError
from bot.feedback import Feedback
from bot.people import People
from bot.telegram.access import Access
from bot.telegram.asking import Asking
from bot.telegram.budget import Budget
from bot.telegram.commands import Commands
from bot.telegram.delivery import Delivery
from bot.telegram.desk import Desk
from bot.telegram.failing import Failing
from bot.telegram.order import InOrder
from bot.telegram.polling import poll, reach
from bot.telegram.profile import introduce
from bot.telegram.redaction import keep_out_of_logs
from bot.telegram.tapping import Tapping
from config.settings import Settings

logger = logging.getLogger(__name__)

READ_SECONDS = 30.0
"""Long, because a message whose fate is unknown is worse than a late one."""

CONNECTIONS = 64

TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)

STOP_SECONDS = 25.0
"""What is under way may take so long after SIGTERM; process supervisors commonly kill after 30 s."""


async def run(settings: Settings, answers: Answers, *, stop: asyncio.Event | None = None) -> None:
    """Serve until SIGTERM, SIGINT or `stop`, then finish what is being answered and sent.

    Raises MissingTokenError, RefusedTokenError, AnotherPollerError or ConversationsError (see bot.errors), whose
    text is for the owner and whose `exit_status` is the process's. The log's handlers must be set up before.
    """
    keep_out_of_logs(token_of(settings))
    stop = stop or asyncio.Event()
    with stopped_by_signals(stop):
        async with open_database(address_of(settings)) as database:
            application = build(settings, answers=answers, database=database)
            await serve(application, stop=stop)


def build(settings: Settings, *, answers: Answers, database: Database, budget: Budget | None = None) -> Application:  # type: ignore[type-arg]
    server = str(settings.telegram_api_url).rstrip("/")
    application = (
        ApplicationBuilder()
        .token(token_of(settings))
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .connection_pool_size(CONNECTIONS)
        .pool_timeout(READ_SECONDS)
        .read_timeout(READ_SECONDS)
        .write_timeout(READ_SECONDS)
        .concurrent_updates(InOrder())
        .updater(None)
        .build()
    )
    desk = Desk(
        answers=answers,
        conversations=Conversations(database),
        feedback=Feedback(database),
        people=People(database),
        access=Access.of(settings),
        delivery=Delivery(application.bot, budget=budget),
        seeds=settings.seeds_dir,
    )
    for room in (Commands(desk), Asking(desk), Tapping(desk), Failing(desk.delivery)):
        room.add_to(application)
    return application


def token_of(settings: Settings) -> str:
    token = settings.telegram_bot_token.get_secret_value().strip() if settings.telegram_bot_token else ""
    if not token:
        raise MissingTokenError(owner_texts.NO_TOKEN)
    if not TOKEN.fullmatch(token):
        raise MalformedTokenError(owner_texts.NO_SUCH_TOKEN)
    return token


async def serve(application: Application, *, stop: asyncio.Event) -> None:  # type: ignore[type-arg]
    try:
        if not await reach(application.initialize, stop=stop):
            return
        await reach(application.bot.delete_webhook, stop=stop)
        await application.start()
        logger.info("@%s answers; stop it with Ctrl-C", application.bot.username)
        setting = asyncio.create_task(introduce(application.bot))
        try:
            await poll(application, stop=stop)
        finally:
            setting.cancel()
            await finish(application)
    finally:
        await application.shutdown()


async def finish(application: Application) -> None:  # type: ignore[type-arg]
    """Handle what was received, then stop; whatever takes too long is dropped."""
    logger.info("finishing what is under way")
    try:
        await asyncio.wait_for(application.stop(), STOP_SECONDS)
    except TimeoutError:
        logger.warning("gave up on what was not finished within %.0f s", STOP_SECONDS)


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
