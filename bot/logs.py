"""What is logged, and from where."""

import logging

from config import Settings

TALKATIVE = ("httpx", "httpcore", "chromadb", "markdown_it", "asyncio", "aiosqlite", "telegram")
"""Libraries that are heard from WARNING on."""


def set_up_logging(settings: Settings, command: str) -> None:
    """The bot logs at LOG_LEVEL; the other commands, whose output is for a person, only warnings, unless at DEBUG."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    if command != "bot" and level == logging.INFO:
        level = logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for library in TALKATIVE:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
