"""The settings: where they are read from, what they take, and what they say when they are wrong."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config import Settings, SettingsError, load_settings
from tests.command_line import ROOT

PASSWORD, TOKEN = "hunter2hunter2", "123456:AAF-very-secret"
EXAMPLE = ROOT / ".env.example"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `.env` is looked for."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def refusal(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    assert PASSWORD not in repr(caught.value)
    assert TOKEN not in repr(caught.value)
    return str(caught.value)


def values(settings: Settings) -> dict[str, Any]:
    return settings.model_dump()


def test_defaults() -> None:
    settings = load_settings()
    assert (settings.seeds_dir, settings.data_dir, settings.max_quotes) == (Path("seeds"), Path("data"), 3)
    assert (settings.telegram_bot_token, settings.database_url) == (None, None)
    assert str(settings.telegram_api_url) == "https://api.telegram.org/"
    assert (settings.allowed_users, settings.allowed_chats) == (frozenset(), frozenset())
    assert settings.log_level == "INFO"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SEEDS_DIR", "my papers/ü", Path("my papers/ü")),
        ("DATA_DIR", "/var/lib/citegram", Path("/var/lib/citegram")),
        ("MAX_QUOTES", "10", 10),
        ("MAX_QUOTES", "1", 1),
        ("ALLOWED_USERS", "12", {12}),
        ("ALLOWED_USERS", "12, 13,14", {12, 13, 14}),
        ("ALLOWED_USERS", " 12 12\t13, ", {12, 13}),
        ("ALLOWED_CHATS", "-1001234567890,5", {-1001234567890, 5}),
        ("DAILY_QUESTIONS", "20", 20),
        ("LLM_DAILY_TOKENS", "2000000", 2_000_000),
        ("LLM_DAILY_TOKENS_EACH", "50000", 50_000),
        ("KEEP_DAYS", "7", 7),
        ("LOG_LEVEL", "DEBUG", "DEBUG"),
        ("EMBED_MODEL", "models/e5", "models/e5"),
        ("EMBED_LANGUAGES", "en, ru,fil", {"en", "ru", "fil"}),
        ("EMBED_LANGUAGES", "*", {"*"}),
        ("EMBED_QUERY_PREFIX", "query: ", "query: "),
        ("EMBED_QUERY_PREFIX", "query:", "query: "),
        ("EMBED_PASSAGE_PREFIX", "none", ""),
        ("EMBED_PASSAGE_PREFIX", "Text:\n", "Text:\n"),
    ],
)
def test_a_value_from_the_environment(
    environment: pytest.MonkeyPatch, variable: str, value: str, expected: object
) -> None:
    environment.setenv(variable, value)
    assert values(load_settings())[variable.lower()] == expected


def test_secrets_and_addresses_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    environment.setenv("DATABASE_URL", f"postgresql+asyncpg://bot:{PASSWORD}@db/citegram")
    environment.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081")
    settings = load_settings()
    assert settings.telegram_bot_token
    assert settings.telegram_bot_token.get_secret_value() == TOKEN
    assert settings.database_url
    assert settings.database_url.get_secret_value() == f"postgresql+asyncpg://bot:{PASSWORD}@db/citegram"
    assert str(settings.telegram_api_url) == "http://127.0.0.1:8081/"


def test_the_environment_wins_over_env_and_an_argument_over_both(
    environment: pytest.MonkeyPatch, working_folder: Path
) -> None:
    (working_folder / ".env").write_text("MAX_QUOTES=4\nSEEDS_DIR=from-env-file\nLOG_LEVEL='DEBUG'\n")
    environment.setenv("MAX_QUOTES", "5")
    environment.setenv("DATA_DIR", "from-environment")
    settings = load_settings(data_dir=Path("argument"), seeds_dir=None)
    assert (settings.max_quotes, settings.log_level) == (5, "DEBUG")
    assert (settings.seeds_dir, settings.data_dir) == (Path("from-env-file"), Path("argument"))


def test_empty_counts_as_unset(environment: pytest.MonkeyPatch, working_folder: Path) -> None:
    (working_folder / ".env").write_text("".join(f"{name.upper()}=\n" for name in Settings.model_fields))
    assert values(load_settings()) == values(Settings(_env_file=None))  # type: ignore[call-arg]
    for name in Settings.model_fields:
        environment.setenv(name.upper(), "")
    assert values(load_settings()) == values(Settings(_env_file=None))  # type: ignore[call-arg]


def test_env_with_a_byte_order_mark_comments_and_foreign_variables(working_folder: Path) -> None:
    (working_folder / ".env").write_bytes("\ufeff# обо мне\r\nMAX_QUOTES=7 # seven\r\nEDITOR=vi\r\n".encode())
    assert load_settings().max_quotes == 7


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("MAX_QUOTES", "0", "a whole number from 1 to 10"),
        ("MAX_QUOTES", "11", "a whole number from 1 to 10"),
        ("MAX_QUOTES", "three", "a whole number from 1 to 10"),
        ("MAX_QUOTES", "2.5", "a whole number from 1 to 10"),
        ("TELEGRAM_API_URL", "ftp://files", "an http or https address"),
        ("TELEGRAM_API_URL", "api.telegram.org", "an http or https address"),
        ("ALLOWED_USERS", "@alice", "user ids, separated by commas"),
        ("ALLOWED_CHATS", "-12x", "chat ids, separated by commas"),
        ("DAILY_QUESTIONS", "0", "a whole number from 1: questions that a person may ask a day; or empty"),
        (
            "LLM_DAILY_TOKENS",
            "0",
            "a whole number from 1: tokens that the model may cost the bot a day, for all together",
        ),
        ("LLM_DAILY_TOKENS", "1e6", "a whole number from 1"),
        (
            "LLM_DAILY_TOKENS_EACH",
            "many",
            "a whole number from 1: tokens that the model may cost the bot a day, for each",
        ),
        ("KEEP_DAYS", "0", "a whole number from 1 to 3650: days"),
        ("KEEP_DAYS", "for ever", "a whole number from 1 to 3650"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
        ("EMBED_BASE_URL", "localhost:11434", "an http or https address"),
        ("EMBED_LANGUAGES", "English", "codes such as en or ru, separated by commas, or * for every language"),
        ("EMBED_LANGUAGES", "EN", "codes such as en or ru"),
    ],
)
def test_a_wrong_value_names_variable_value_and_what_is_allowed(
    environment: pytest.MonkeyPatch, variable: str, value: str, allowed: str
) -> None:
    environment.setenv(variable, value)
    sentence = refusal()
    assert sentence.startswith(f"{variable}={value!r} is not allowed. It takes {allowed}")
    assert "\n" not in sentence


def test_several_wrong_values_get_a_line_each(environment: pytest.MonkeyPatch) -> None:
    for variable, value in (("MAX_QUOTES", "many"), ("LOG_LEVEL", "loud"), ("ALLOWED_USERS", "1, bob, 3")):
        environment.setenv(variable, value)
    environment.setenv("DATABASE_URL", f"postgresql://bot:{PASSWORD}@db")
    environment.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    assert [line.split(" is not allowed")[0] for line in refusal().splitlines()] == [
        "MAX_QUOTES='many'",
        "ALLOWED_USERS='bob'",
        "LOG_LEVEL='loud'",
    ]


def test_env_in_another_encoding_is_said(working_folder: Path) -> None:
    (working_folder / ".env").write_bytes("SEEDS_DIR=Документы\n".encode("cp1251"))
    assert refusal() == ".env is not UTF-8 text. Save it in that encoding."


def test_secrets_show_nowhere(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    environment.setenv("DATABASE_URL", f"postgresql+asyncpg://bot:{PASSWORD}@db/citegram")
    environment.setenv("EMBED_API_KEY", PASSWORD)
    settings = load_settings()
    assert settings.embed_api_key
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert TOKEN not in shown
        assert PASSWORD not in shown
    environment.setenv("MAX_QUOTES", "0")
    assert "hidden" not in refusal()


def test_a_server_needs_a_models_name(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("EMBED_BASE_URL", "http://127.0.0.1:11434/v1")
    assert refusal() == "EMBED_BASE_URL is set, and EMBED_MODEL is not. Set it to the model's name on that server."
    environment.setenv("EMBED_MODEL", "nomic-embed-text")
    assert str(load_settings().embed_base_url) == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize("key", [f"{PASSWORD}\n", f"two {PASSWORD}", f"“{PASSWORD}”", f"{PASSWORD}ж"])
def test_a_key_that_no_header_can_carry_is_refused_and_hidden(environment: pytest.MonkeyPatch, key: str) -> None:
    environment.setenv("EMBED_API_KEY", key)
    assert refusal().startswith("EMBED_API_KEY=(hidden) is not allowed. It takes the server's key")


@pytest.mark.parametrize("name", ["telegram_bot_token", "database_url", "embed_api_key"])
def test_a_wrong_secret_is_hidden(name: str) -> None:
    assert refusal(**{name: [PASSWORD, TOKEN]}).startswith(f"{name.upper()}=(hidden) is not allowed. It takes ")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().max_quotes = 4


# .env.example


def lines_of_example() -> list[str]:
    return [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line]


def assignments() -> list[tuple[str, str]]:
    return re.findall(r"^#([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_example_lists_every_setting_once_in_order_and_nothing_else() -> None:
    assert [name.lower() for name, _ in assignments()] == list(Settings.model_fields)


def test_the_example_sets_nothing_and_explains_everything() -> None:
    lines = lines_of_example()
    assert all(line.startswith("#") for line in lines)
    for before, line in pairwise(lines):
        assert not re.match(r"#[A-Z]", line) or before.startswith("# "), f"{line} comes without an explanation"


def test_the_example_loads_as_it_is_and_shows_the_defaults(working_folder: Path) -> None:
    (working_folder / ".env").write_bytes(EXAMPLE.read_bytes())
    defaults = values(Settings(_env_file=None))  # type: ignore[call-arg]
    assert values(load_settings()) == defaults
    (working_folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in assignments()))
    assert values(load_settings()) == defaults
    empty = {name.lower() for name, value in assignments() if not value}
    assert empty == {name for name, each in Settings.model_fields.items() if each.default in (None, frozenset())}
