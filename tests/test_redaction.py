import logging

from bot.telegram.redaction import Redaction


def test_the_token_reaches_no_log() -> None:
    token = "123456:AAsecretsecretsecret"
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keeping()
    handler.addFilter(Redaction(token))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError(f"https://api.telegram.org/bot{token}/getMe")
    except ValueError as error:
        logger.exception("calling %s", f"/bot{token}/getMe")
        logger.error("%s and %r", error, {"url": token}, stack_info=True)
    logger.info("no secret, %d%%", 100)
    assert "secretsecret" not in "\n".join(lines)
    assert "ValueError: https://api.telegram.org/bot[token]/getMe" in lines[0]
    assert "Stack" in lines[1]
    assert lines[2] == "no secret, 100%"
