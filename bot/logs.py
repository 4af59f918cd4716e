"""What is logged, and from where."""

import logging
import sys

from config import Settings

TALKATIVE = (
    "httpx", "httpcore", "httpx2", "httpcore2", "openai", "anthropic", "chromadb", "markdown_it", "asyncio",
    "aiosqlite", "telegram",
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


def set_up_logging(settings: Settings, command: str) -> None:
    """The bot logs at LOG_LEVEL; the other commands, whose output is for a person, only warnings, unless at DEBUG, and
    the doctor, which tells them in its own words, none."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    if command == "doctor" and level > logging.DEBUG:
        level = logging.CRITICAL
    if command != "bot" and level == logging.INFO:
        level = logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[ToStderr()])
    for library in TALKATIVE:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
