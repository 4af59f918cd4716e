"""Getting updates by a webhook. As a Bot API server of one's own does, this one calls HTTP addresses on any port."""

import re

from ..errors import malformed
from ..state import World
from ..values import Json, Webhook

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_CONNECTIONS = range(1, 101)


def set_webhook(
    world: World,
    *,
    url: str = "",
    secret_token: str | None = None,
    max_connections: int = 40,
    allowed_updates: list[str] | None = None,
    drop_pending_updates: bool = False,
) -> bool:
    """An empty `url` takes the webhook away (source: setWebhook)."""
    if secret_token is not None and not _SECRET.fullmatch(secret_token):
        raise malformed("secret token contains unallowed characters or has a wrong length")
    if max_connections not in _CONNECTIONS:
        raise malformed("max_connections must be from 1 to 100")
    if url and not re.match(r"http://127\.0\.0\.1:\d+/", url):
        raise malformed("bad webhook: this server calls http://127.0.0.1:PORT/ alone")
    if allowed_updates is not None:
        world.updates.allow(allowed_updates)
    if drop_pending_updates:
        world.updates.clear()
    world.webhook = Webhook(url=url, secret=secret_token, max_connections=max_connections) if url else None
    return True


def delete_webhook(world: World, *, drop_pending_updates: bool = False) -> bool:
    if drop_pending_updates:
        world.updates.clear()
    world.webhook = None
    return True


def get_webhook_info(world: World) -> Json:
    info: Json = {
        "url": world.webhook.url if world.webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending(None)),
    }
    if world.webhook is None:
        return info
    failed = {"last_error_date": world.webhook.failed_at, "last_error_message": world.webhook.failure}
    return info | {"max_connections": world.webhook.max_connections} | (failed if world.webhook.failure else {})
