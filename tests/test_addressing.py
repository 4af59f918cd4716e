"""What the bot makes of a message, by the mode of its group."""

from datetime import UTC, datetime

import pytest
from telegram import Chat, Message, MessageEntity, MessageOriginHiddenUser, User

from bot.groups import Mode
from bot.telegram.addressing import Heard, Kind, hear, is_addressed

ME = User(7, "Citegram", is_bot=True, username="citegram_bot")
ALICE = User(5, "Alice", is_bot=False)
GROUP, PRIVATE = Chat(-100, Chat.SUPERGROUP), Chat(5, Chat.PRIVATE)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def message(text: str | None, *, chat: Chat = GROUP, sender: User = ALICE, **fields: object) -> Message:
    kind = MessageEntity.BOT_COMMAND if (text or "").startswith("/") else MessageEntity.MENTION
    first = (text or "").split(maxsplit=1)[:1]
    marked = [MessageEntity(kind, 0, len(word)) for word in first if word[0] in "/@"]
    return Message(1, NOW, chat, from_user=sender, text=text, entities=marked, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["How many steps?", "the lamp burns oil", "Why?", "Сколько ступеней", "多少台阶？", "@alice how many steps?"],
)
def test_where_the_bot_answers_always_people_are_overheard(text: str) -> None:
    assert hear(message(text), me=ME, mode=Mode.ALWAYS) == Heard(Kind.QUESTION, text, addressed=False)
    assert hear(message(text), me=ME) is None


@pytest.mark.parametrize(
    "text", ["ok", "Thanks!", "?!", "12 34", "👍 👍", "https://example.org/?a", "/weather today", None]
)
def test_what_asks_and_states_nothing_is_not(text: str | None) -> None:
    assert hear(message(text), me=ME, mode=Mode.ALWAYS) is None


def test_only_a_persons_own_words_are_overheard() -> None:
    forward = MessageOriginHiddenUser(NOW, "Boris")
    other = User(8, "Gifs", is_bot=True)
    assert hear(message("How many steps?", forward_origin=forward), me=ME, mode=Mode.ALWAYS) is None
    assert hear(message("How many steps?", via_bot=other), me=ME, mode=Mode.ALWAYS) is None
    assert hear(message("How many steps?", sender=other), me=ME, mode=Mode.ALWAYS) is None


@pytest.mark.parametrize("chat", [GROUP, PRIVATE])
def test_what_the_bot_offered_and_a_person_sent_is_no_question(chat: Chat) -> None:
    assert hear(message("It was lit in 1871 [1]", chat=chat, via_bot=ME), me=ME, mode=Mode.ALWAYS) is None


@pytest.mark.parametrize("text", ["@citegram_bot how many steps?", "/ask how many steps?"])
def test_who_addresses_the_bot_is_heard_as_such_in_both_modes(text: str) -> None:
    for mode in (Mode.ALWAYS, Mode.MENTIONED):
        assert hear(message(text), me=ME, mode=mode) == Heard(Kind.QUESTION, "how many steps?")


@pytest.mark.parametrize("text", ["@citegram_bot how many?", "/ask how many?", "/help@citegram_bot", "How many?"])
def test_where_it_is_off_nothing_is_heard(text: str) -> None:
    assert hear(message(text), me=ME, mode=Mode.OFF) is None


@pytest.mark.parametrize(
    ("asked", "addressed"),
    [
        (message("How many?", chat=PRIVATE), True),
        (message("/sources"), True),
        (message("@citegram_bot"), True),
        (message("How many?", reply_to_message=message("It says", sender=ME)), True),
        (message("How many?"), False),
        (message("/sources@other_bot"), False),
        (message(None), False),
    ],
)
def test_who_addresses_the_bot_is_told_when_something_fails(asked: Message, addressed: bool) -> None:
    assert is_addressed(asked, me=ME) is addressed
