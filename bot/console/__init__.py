"""The chat on a terminal; without one, a question a line from stdin and plain answers to stdout."""

from bot.console.chat import run

__all__ = ["run"]
