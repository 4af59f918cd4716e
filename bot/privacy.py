"""What /privacy tells: what is kept, for how long, and where a question goes, as the settings have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import AnyHttpUrl

from bot import texts
from bot.languages import Say
from bot.pages import Page, Style
from config.settings import Settings
from index.writer_anthropic import ADDRESS

FOR_DAYS = {
    "answers": texts.KEEPS_ANSWERS,
    "given": texts.KEEPS_ANSWERS,
    "openings": texts.KEEPS_ANSWERS,
    "votes": texts.KEEPS_VOTES,
    "asked": texts.KEEPS_COUNTS,
    "spent": texts.KEEPS_TOKENS,
    "chats": texts.KEEPS_CHATS,
    "denials": texts.KEEPS_DENIALS,
}
"""By table, what is kept for as many days as the settings say."""

OTHERWISE = {
    "people": texts.KEEPS_LANGUAGE,
    "watches": texts.KEEPS_WATCHES,
    "codes": texts.KEEPS_CODES,
    "attempts": texts.KEEPS_ATTEMPTS,
    "updates": texts.KEEPS_UPDATES,
    "members": texts.KEEPS_MEMBERS,
}
"""By table, what is kept for a time of its own, which its sentence tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`vectors_host` is the server that makes the vectors of questions, if one does, `model_host` that of the language
    model that answers; `logs_words` tells whether the log holds what people write."""

    days: int
    vectors_host: str | None = None
    model_host: str | None = None
    logs_words: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            days=settings.keep_days,
            vectors_host=settings.embed_base_url.host if settings.embed_base_url else None,
            model_host=(settings.llm_base_url or AnyHttpUrl(ADDRESS)).host if settings.llm_model else None,
            logs_words=settings.log_level == "DEBUG",
        )


def privacy_page(policy: Policy, say: Say) -> Page:
    logs = texts.LOGS_WORDS if policy.logs_words else texts.LOGS_NO_WORDS
    return (
        section(say.counted(texts.KEEPS_ONE_DAY, texts.KEEPS_DAYS, policy.days), FOR_DAYS, say)
        + section(say(texts.KEEPS_OTHERWISE), OTHERWISE, say)
        + Page(f"{where_questions_go(policy, say)} {say(texts.TELEGRAM_CARRIES)}\n\n")
        + Page("\n\n".join(say(paragraph) for paragraph in (texts.KEEPS_NOT, logs, texts.OWNER_READS)))
    )


def where_questions_go(policy: Policy, say: Say) -> str:
    hosts = {texts.GOES_TO_SERVER: policy.vectors_host, texts.GOES_TO_MODEL: policy.model_host}
    told = [say(sentence, host=host) for sentence, host in hosts.items() if host]
    return " ".join(told) or say(texts.GOES_NOWHERE)


def section(title: str, kept: Mapping[str, str], say: Say) -> Page:
    """Each sentence once: some tables serve one purpose."""
    lines = "".join(f"• {say(sentence)}\n" for sentence in dict.fromkeys(kept.values()))
    return Page(f"{title}\n{lines}\n", (Style("bold", 0, len(title)),))
