"""The bot on Telegram: its token, its name, what it sees in groups, and how updates come to it."""

import asyncio
from collections.abc import Iterator

from pydantic import AnyHttpUrl
from telegram import User, WebhookInfo
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.doctor import sentences
from bot.findings import Finding
from bot.telegram.assembly import new_application, token_of
from bot.telegram.patience import pause_asked_for
from bot.telegram.redaction import keep_out_of_logs
from config import Settings

NAME = "Telegram"


def of_telegram(settings: Settings) -> Iterator[Finding]:
    """Raises MalformedTokenError."""
    if not settings.telegram_bot_token:
        yield Finding(NAME, True, sentences.NO_TOKEN)
        return
    keep_out_of_logs(token_of(settings))
    try:
        me, webhook = asyncio.run(ask(settings))
    except TelegramError as error:
        yield of_failure(error, where=sentences.place(settings.telegram_api_url))
        return
    yield Finding(NAME, True, sentences.TELEGRAM.format(name=me.username))
    yield of_sight(me)
    yield of_webhook(webhook, settings.webhook_url)


async def ask(settings: Settings) -> tuple[User, WebhookInfo]:
    async with new_application(settings).bot as bot:
        return await bot.get_me(), await bot.get_webhook_info()


def of_failure(error: TelegramError, *, where: str) -> Finding:
    """What the library says of a refused token holds the token."""
    if isinstance(error, InvalidToken):
        return Finding(NAME, False, sentences.REFUSED_TOKEN.format(where=where), sentences.REFUSED_TOKEN_ADVICE)
    if isinstance(error, RetryAfter):
        sentence = sentences.TELEGRAM_LIMITED.format(where=where, seconds=pause_asked_for(error))
        return Finding(NAME, False, sentence, sentences.TELEGRAM_LIMITED_ADVICE)
    sentence = sentences.TELEGRAM_UNREACHABLE.format(where=where, reason=error)
    return Finding(NAME, False, sentence, sentences.TELEGRAM_UNREACHABLE_ADVICE)


def of_sight(me: User) -> Finding:
    """Either is as its owner may want it."""
    if me.can_read_all_group_messages:
        return Finding(NAME, True, sentences.SEES_ALL)
    return Finding(NAME, True, sentences.SEES_SOME, sentences.SEES_SOME_ADVICE)


def of_webhook(webhook: WebhookInfo, wanted: AnyHttpUrl | None) -> Finding:
    """Of an address only the host is said: the rest may be a secret between Telegram and whoever listens there."""
    if not webhook.url:
        return Finding(NAME, True, sentences.WEBHOOK_TO_COME if wanted else sentences.POLLS)
    host = sentences.place(AnyHttpUrl(webhook.url))
    if wanted is None:
        return Finding(NAME, False, sentences.FOREIGN_WEBHOOK.format(host=host), sentences.FOREIGN_WEBHOOK_ADVICE)
    if AnyHttpUrl(webhook.url) != wanted:
        return Finding(NAME, False, sentences.OTHER_WEBHOOK.format(host=host), sentences.OTHER_WEBHOOK_ADVICE)
    waiting = webhook.pending_update_count
    if waiting and webhook.last_error_message:
        sentence = sentences.WEBHOOK_FAILED.format(said=webhook.last_error_message, waiting=waiting)
        return Finding(NAME, False, sentence, sentences.WEBHOOK_FAILED_ADVICE)
    return Finding(NAME, True, sentences.WEBHOOK.format(waiting=waiting))
