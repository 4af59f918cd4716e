"""The settings: their names, types, defaults and what is allowed, and the sentence said when one is wrong."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AnyHttpUrl, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def split_list(value: object) -> object:
    """`"12, -100345"` as a tuple of its parts; an empty string as none."""
    if isinstance(value, str):
        return tuple(part for part in value.replace(",", " ").split())
    return value


def check_key(key: SecretStr) -> SecretStr:
    """A key travels in a header: anything but visible ASCII would break there, in an error that shows it."""
    if not re.fullmatch(r"[!-~]+", key.get_secret_value()):
        raise ValueError("not visible ASCII")
    return key


def end_with_space(prefix: str) -> str:
    """`none` means no prefix at all, and white space at the end is easily lost in an environment."""
    if prefix.strip().lower() == "none":
        return ""
    return prefix if prefix[-1:].isspace() else prefix + " "


Ids = Annotated[frozenset[int], NoDecode, BeforeValidator(split_list)]
Language = Annotated[str, Field(pattern=r"^([a-z]{2,3}|\*)$")]
Languages = Annotated[frozenset[Language], NoDecode, BeforeValidator(split_list)]
Key = Annotated[SecretStr, AfterValidator(check_key)]
Prefix = Annotated[str, AfterValidator(end_with_space)]


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
    watch_seeds: bool = Field(
        False, description="on or off: on, the bot brings the index in line whenever something changes in SEEDS_DIR"
    )
    rebuild_minutes: float | None = Field(
        None, gt=0, le=100_000, description="a number of minutes: how often the bot brings the index in line; or empty"
    )
    max_quotes: int = Field(3, ge=1, le=10, description="a whole number from 1 to 10: quotes in an answer, at most")
    max_wrong: float = Field(
        0.15, ge=0.02, le=0.5, description="a number from 0.02 to 0.5: the share of given answers that may be wrong"
    )
    reader: bool = Field(True, description="on or off: off answers faster, without short answers, and less well")
    chroma_url: AnyHttpUrl | None = Field(
        None, description="an http or https address: the Chroma server that holds the index; empty: the data folder"
    )
    chroma_token: Key | None = Field(
        None, description="that server's token or Chroma Cloud's key, in letters, digits and signs without spaces"
    )
    chroma_tenant: str | None = Field(None, description="the name of a tenant there; empty: the server's default")
    chroma_database: str | None = Field(None, description="the name of a database there; empty: the server's default")
    chroma_prefix: str = Field(
        "citegram",
        pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?$",
        description="letters, digits, - and _, 64 at most: how the names of this bot's collections begin",
    )
    embed_model: str | None = Field(
        None,
        description="a model's folder, a name that fastembed knows, or a name on the server at EMBED_BASE_URL; "
        "empty: the built-in one",
    )
    embed_base_url: AnyHttpUrl | None = Field(
        None, description="an http or https address: an OpenAI-compatible server that makes the vectors"
    )
    embed_api_key: Key | None = Field(None, description="the server's key, in letters, digits and signs without spaces")
    embed_languages: Languages = Field(
        frozenset(), description="codes such as en or ru, separated by commas, or * for every language"
    )
    embed_query_prefix: Prefix | None = Field(
        None, description="what stands before a question for the model; none: nothing; empty: what its name asks for"
    )
    embed_passage_prefix: Prefix | None = Field(
        None, description="what stands before a passage for the model; none: nothing; empty: what its name asks for"
    )
    llm_provider: Literal["openai", "anthropic"] = Field(
        "openai", description="openai or anthropic: whose protocol the language model's server speaks"
    )
    llm_base_url: AnyHttpUrl | None = Field(
        None,
        description="an http or https address: the server whose model writes the answers; empty: Anthropic's own, with "
        "LLM_PROVIDER=anthropic",
    )
    llm_model: str | None = Field(None, description="the model's name on that server")
    llm_api_key: Key | None = Field(None, description="that server's key, in letters, digits and signs without spaces")
    llm_timeout: float = Field(
        60.0, gt=0, le=3600, description="a number of seconds: how long the model may be silent before quotes are given"
    )
    llm_daily_tokens: int | None = Field(
        None,
        ge=1,
        le=1_000_000_000_000,
        description="a whole number from 1: tokens that the model may cost the bot a day, for all together; or empty",
    )
    llm_daily_tokens_each: int | None = Field(
        None,
        ge=1,
        le=1_000_000_000_000,
        description="a whole number from 1: tokens that the model may cost the bot a day, for each person; or empty",
    )
    unsupported: Literal["remove", "mark"] = Field(
        "remove", description="remove or mark: what becomes of a sentence of the model's that no document says"
    )
    telegram_bot_token: SecretStr | None = Field(
        None, description="the token BotFather gave you, such as 123456:ABC-DEF"
    )
    telegram_api_url: AnyHttpUrl = Field(
        AnyHttpUrl("https://api.telegram.org"), description="an http or https address: the Bot API server"
    )
    webhook_url: AnyHttpUrl | None = Field(
        None, description="an https address at which Telegram reaches the bot's port; for citegram bot --webhook"
    )
    port: int = Field(8080, ge=1, le=65535, description="a port, from 1 to 65535: where citegram bot --webhook listens")
    listen_on: str = Field("0.0.0.0", description="an address of this machine; 0.0.0.0: every one")
    admins: Ids = Field(
        frozenset(), description="user ids, separated by commas: who may add documents and let others in; empty: nobody"
    )
    allowed_users: Ids = Field(frozenset(), description="user ids, separated by commas; empty: everyone")
    allowed_chats: Ids = Field(frozenset(), description="chat ids, separated by commas; empty: every chat")
    daily_questions: int | None = Field(
        None,
        ge=1,
        le=100_000,
        description="a whole number from 1: questions that a person may ask a day; or empty",
    )
    keep_days: int = Field(
        90, ge=1, le=3650, description="a whole number from 1 to 3650: days after which what was asked is forgotten"
    )
    database_url: SecretStr | None = Field(
        None, description="an async SQLAlchemy address whose driver is installed; empty: bot.sqlite in the data folder"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR; questions are logged at DEBUG only"
    )
    log_format: Literal["text", "json"] = Field("text", description="text or json: a JSON object a line")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="a port, from 1 to 65535: where /healthz, /readyz and /metrics are; or empty"
    )
    metrics_on: str = Field("127.0.0.1", description="an address of this machine; 0.0.0.0: every one")
    otel_exporter_otlp_endpoint: AnyHttpUrl | None = Field(
        None, description="an http or https address: the OpenTelemetry collector that traces are sent to; or empty"
    )

    @model_validator(mode="after")
    def _a_server_needs_a_models_name(self) -> Self:
        if self.embed_base_url and not self.embed_model:
            raise PydanticCustomError(
                "together", "EMBED_BASE_URL is set, and EMBED_MODEL is not. Set it to the model's name on that server."
            )
        return self

    @model_validator(mode="after")
    def _a_language_model_has_all_it_needs(self) -> Self:
        if self.llm_provider == "anthropic":
            if not (self.llm_model and self.llm_api_key):
                raise PydanticCustomError(
                    "together",
                    "LLM_PROVIDER=anthropic needs LLM_MODEL and LLM_API_KEY. Set both, or leave LLM_PROVIDER out.",
                )
        elif bool(self.llm_base_url) != bool(self.llm_model):
            raise PydanticCustomError(
                "together", "LLM_BASE_URL and LLM_MODEL go together. Set both for a language model, or neither."
            )
        return self


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
    """The sentence for one wrong value, or for values that don't go together. A secret's value is left out."""
    if not detail["loc"]:
        return detail["msg"]
    name = str(detail["loc"][0])
    field = Settings.model_fields[name]
    value = "(hidden)" if "Secret" in str(field.annotation) else repr(detail["input"])
    return f"{name.upper()}={value} is not allowed. It takes {field.description}."
