"""The rooms of the bot in the chat, put together from the settings: what answers Telegram, and with what."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from telegram import Bot
from telegram.ext import Application, ApplicationBuilder
from telegram.request import HTTPXRequest

from bot import owner_texts
from bot.albums import Albums
from bot.allowance import Allowance
from bot.answers import Answers
from bot.completing import Completing
from bot.conversations import Conversations
from bot.database import Database
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
from bot.telegram.recalling import Recalling
from bot.telegram.records import Records
from bot.telegram.stopping import Stopping
from bot.telegram.tapping import Tapping
from bot.telegram.underway import UnderWay
from bot.telegram.watching import Watching
from bot.watches import Watches
from config.settings import Settings

if TYPE_CHECKING:  # at run time it would load the engine that rebuilds
    from bot.collection import Collection

READ_SECONDS = 30.0
"""Long, because a message whose fate is unknown is worse than a late one."""

CONNECTIONS = 64

TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


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
