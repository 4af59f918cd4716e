"""Telegram as the one who calls: updates brought to a bot's webhook."""

import asyncio
import time
from dataclasses import replace

import aiohttp

from .state import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
AGAIN_SECONDS = 0.1  # Telegram waits longer, and longer each time


async def call_webhooks(world: World) -> None:
    """Bring updates to the webhook, wherever there is one, in order; one that is not taken with 2xx comes again.

    Telegram calls up to `max_connections` times at once; here one call waits for the other.
    """
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as session:
        while True:
            await world.record.until(lambda: bool(world.webhook and world.updates.pending()), timeout_seconds=3600)
            if not await _bring_one(world, session):
                await asyncio.sleep(AGAIN_SECONDS)


async def _bring_one(world: World, session: aiohttp.ClientSession) -> bool:
    """Whether the first update was taken."""
    webhook, pending = world.webhook, world.updates.pending(1)
    if webhook is None or not pending:
        return False
    headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
    try:
        async with session.post(webhook.url, json=pending[0], headers=headers) as response:
            failure = "" if response.ok else f"Wrong response from the webhook: {response.status} {response.reason}"
            if response.ok and (await response.text()).strip():
                world.record.violations.append("webhook: an answer with a method call is unknown to this server")
    except (aiohttp.ClientError, TimeoutError):
        failure = "Connection refused"
    if failure:
        if world.webhook is webhook:
            world.webhook = replace(webhook, failed_at=int(time.time()), failure=failure)
        return False
    world.updates.confirm(pending[0]["update_id"] + 1)
    await world.record.announce()
    return True
