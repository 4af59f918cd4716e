"""What is logged, and from where: as text for a person, or as a JSON object a line for a program."""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.request_id import request_id
from config import Settings

TALKATIVE = (
    "httpx", "httpcore", "httpx2", "httpcore2", "openai", "anthropic", "chromadb", "markdown_it", "asyncio",
    "aiosqlite", "telegram", "opentelemetry", "urllib3",
)  # fmt: skip
"""Libraries that are heard from WARNING on. Those that speak with servers log addresses, with all that is in them."""


class ToStderr(logging.Handler):
    """Writes to sys.stderr as it is at that moment: the console puts another in its place while it draws, which writes
    above what is drawn."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


class Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(request)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        identity = request_id.get()
        record.request = f"[{identity}] " if identity else ""
        return super().format(record)


class Json(logging.Formatter):
    """`request` is there where the line belongs to one, `error` where there is a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
            "error": record.exc_text or (self.formatException(record.exc_info) if record.exc_info else ""),
        }
        return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=False)


def set_up_logging(settings: Settings, command: str) -> None:
    """The bot logs at LOG_LEVEL; the other commands, whose output is for a person, only warnings, unless at DEBUG, and
    the doctor, which tells them in its own words, none."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    if command == "doctor" and level > logging.DEBUG:
        level = logging.CRITICAL
    if command != "bot" and level == logging.INFO:
        level = logging.WARNING
    handler = ToStderr()
    handler.setFormatter(Json() if settings.log_format == "json" else Text())
    logging.basicConfig(level=level, handlers=[handler])
    for library in TALKATIVE:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
