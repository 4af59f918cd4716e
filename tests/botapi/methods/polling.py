"""Getting updates."""

from ..errors import RefusalError, malformed
from ..state import World
from ..values import Json

_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


async def get_updates(
    world: World,
    *,
    offset: int = 0,
    limit: int = 100,
    timeout: int = 0,
    allowed_updates: list[str] | None = None,
) -> list[Json]:
    """The updates from `offset` on, at once if there are any, else as soon as one comes or the time is over.

    A poller that waits already is cut off with 409 when another one asks; it asks again, and cuts off the other.
    """
    if not 1 <= limit <= 100:
        raise malformed("limit must be from 1 to 100")
    if timeout < 0:
        raise malformed("timeout must not be negative")
    if world.webhook is not None:
        raise RefusalError(409, _WEBHOOK)
    queue = world.updates
    if allowed_updates is not None:
        queue.allow(allowed_updates)
    queue.confirm(offset)
    with queue.waiting() as ticket:
        await world.record.announce()
        await world.record.until(
            lambda: bool(queue.pending()) or queue.ticket != ticket or queue.closed,
            timeout_seconds=timeout,
        )
    if queue.ticket != ticket:
        raise RefusalError(409, _CONFLICT)
    return queue.pending(limit)
