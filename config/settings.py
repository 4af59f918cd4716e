"""The settings: their names, types, defaults and what is allowed, and the sentence said when one is wrong."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AnyHttpUrl, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def split_ids(value: object) -> object:
    """`"12, -100345"` as a tuple of numbers; an empty string as none."""
    if isinstance(value, str):
        return tuple(part for part in value.replace(",", " ").split())
    return value


Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(split_ids)]


class SettingsError(Exception):
    """One or more settings are wrong; the text has a line for each: variable, value, what is allowed."""


class Settings(BaseSettings):
    """Every field is an environment variable of the same name in capitals, read from `.env` too.

    The environment wins over `.env`. An empty variable counts as unset. Secrets show neither in repr nor in errors.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    seeds_dir: Path = Field(Path("seeds"), description="a folder: where the documents lie")
    data_dir: Path = Field(Path("data"), description="a folder: where the index and the bot's state are kept")
    max_quotes: int = Field(3, ge=1, le=10, description="a whole number from 1 to 10: quotes in an answer, at most")
    max_wrong: float = Field(
        0.15, ge=0.02, le=0.5, description="a number from 0.02 to 0.5: the share of given answers that may be wrong"
    )
    reader: bool = Field(True, description="on or off: off answers faster, without short answers, and less well")
    telegram_bot_token: SecretStr | None = Field(
        None, description="the token BotFather gave you, such as 123456:ABC-DEF"
    )
    telegram_api_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.telegram.org"), description="an http or https address: the Bot API server"
    )
    allowed_users: Ids = Field(frozenset(), description="user ids, separated by commas; empty: everyone")
    allowed_chats: Ids = Field(frozenset(), description="chat ids, separated by commas; empty: every chat")
    database_url: SecretStr | None = Field(
        None, description="an async SQLAlchemy address whose driver is installed; empty: bot.sqlite in the data folder"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR; questions are logged at DEBUG only"
    )


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `overrides` (by field name) come first, as the command line's options do.

    Raises SettingsError with one line for each wrong value, or where `.env` cannot be decoded.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise SettingsError("\n".join(explain(detail) for detail in error.errors())) from None
    except UnicodeDecodeError:
        raise SettingsError(".env is not UTF-8 text. Save it in that encoding.") from None


def explain(detail: ErrorDetails) -> str:
    """The sentence for one wrong value. A secret's value is left out."""
    name = str(detail["loc"][0])
    field = Settings.model_fields[name]
    value = "(hidden)" if "Secret" in str(field.annotation) else repr(detail["input"])
    return f"{name.upper()}={value} is not allowed. It takes {field.description}."
