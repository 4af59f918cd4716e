"""What `citegram bot` tells its owner where it cannot start or go on. In English, as everything on the command line."""

NO_TOKEN = "TELEGRAM_BOT_TOKEN is not set. Ask @BotFather in Telegram for a token and put it into .env."
NO_SUCH_TOKEN = "TELEGRAM_BOT_TOKEN is no token such as 123456:ABC-DEF. Copy it anew from your chat with @BotFather."
TOKEN_REFUSED = "Telegram refused TELEGRAM_BOT_TOKEN. Check it against what @BotFather gave you, or ask for a new one."
ANOTHER_POLLER = "Another program is already running this bot. Stop that one first, or use a token of its own for each."
NO_WEBHOOK_URL = "WEBHOOK_URL is not set. Set it to the https address at which Telegram reaches this bot's port."
WEBHOOK_REFUSED = "Telegram will not call WEBHOOK_URL: {said}. It takes an https address on port 443, 80, 88 or 8443."
CANNOT_LISTEN = (
    "The bot cannot listen on {where} ({reason}). Set PORT to a free one, or LISTEN_ON to an address of this machine."
)
NO_METRICS_PORT = (
    "The bot cannot be seen on {where} ({reason}). Set METRICS_PORT to a free port, or METRICS_ON to an address of "
    "this machine."
)
NO_OTEL = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and OpenTelemetry is not installed. Install it with: "
    "pip install 'citegram[otel]', or leave the setting out."
)
STOPPED = "The bot was stopped before it was done."
