"""`citegram bot` put together from the settings. What not every bot needs is loaded where it is asked for."""

import asyncio
from contextlib import AbstractContextManager, closing, nullcontext
from typing import TYPE_CHECKING

from bot.answers import Answers
from bot.telegram import app
from bot.telegram.assembly import token_of
from config import Settings
from index.wiring import build_answerer

if TYPE_CHECKING:
    from bot.collection import Collection
    from bot.outside.outlook import Outlook
    from bot.rebuilding import Syncs


def serve(settings: Settings, *, webhook: bool) -> None:
    """Until it is stopped. Raises what `app.run` raises."""
    token_of(settings)  # a missing token is told before a missing index
    hear = hearing(settings, webhook=webhook)
    with closing(build_answerer(settings)) as answerer:
        seen = outlook(settings, answerer)
        answers = seen.answers if seen else answerer
        with rebuilding(settings, seen) as syncs:
            asyncio.run(app.run(settings, answers, hear=hear, collection=collection(settings, syncs), outlook=seen))


def outlook(settings: Settings, answers: Answers) -> "Outlook | None":
    """What counts and traces is loaded only where somebody looks."""
    if settings.metrics_port is None and settings.otel_exporter_otlp_endpoint is None:
        return None
    from bot.outside.outlook import Outlook

    return Outlook(settings, answers)


def hearing(settings: Settings, *, webhook: bool) -> app.Hearing:
    """The web server is loaded only where it is asked for."""
    if webhook:
        from bot.telegram.webhook import Webhook

        return Webhook(settings).hear
    from bot.telegram.polling import poll

    return poll


def rebuilding(settings: Settings, seen: "Outlook | None") -> "AbstractContextManager[Syncs | None]":
    """The engine that rebuilds is loaded only where it is asked for."""
    if not settings.watch_seeds and settings.rebuild_minutes is None and not settings.admins:
        return nullcontext()
    from bot.rebuilding import rebuilding

    return rebuilding(settings, hear=seen.synced if seen else lambda heard: None)


def collection(settings: Settings, syncs: "Syncs | None") -> "Collection | None":
    """For admins, who change it through the chat."""
    if not settings.admins or syncs is None:
        return None
    from bot.collection import Collection

    return Collection(settings.seeds_dir, syncs)
