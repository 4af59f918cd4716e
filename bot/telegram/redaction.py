"""The bot's token stays out of the log, whoever writes there: it is part of every address of the Bot API."""

import logging
import traceback

HIDDEN = "[token]"


class Redaction(logging.Filter):
    """Takes the token out of each record: its message, its traceback, its stack."""

    def __init__(self, token: str) -> None:
        super().__init__()
        secret = token.partition(":")[2]
        self._secrets = [part for part in (token, secret) if len(part) >= 8]

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._without(record.getMessage()), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._without(record.exc_text)
        if record.stack_info:
            record.stack_info = self._without(record.stack_info)
        return True

    def _without(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def keep_out_of_logs(token: str) -> None:
    """Call once the handlers of the log are set up.

    Quiets httpx, which logs each address at INFO, and the library, which logs whole answers and updates that it cannot
    read: who asked for them says so.
    """
    for handler in logging.getLogger().handlers:
        handler.addFilter(Redaction(token))
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("telegram.request.BaseRequest", "telegram.ext.ExtBot"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
