from datetime import UTC, datetime

import pytest
from telegram import Chat, ForumTopicCreated, Message, MessageEntity, PhotoSize, Sticker, User

from bot.telegram.access import Allowlist
from bot.telegram.addressing import Heard, Kind, asker_of, hear
from config.settings import load_settings

ME = User(1, "Citegram", is_bot=True, username="CitegramBot")
ALICE = User(10, "Alice", is_bot=False)
PRIVATE = Chat(10, Chat.PRIVATE)
GROUP = Chat(-5, Chat.SUPERGROUP, is_forum=True)

# Who may ask


@pytest.mark.parametrize(
    ("users", "chats", "asker", "chat", "allowed"),
    [
        ((), (), 1, 2, True),
        ((1,), (), 1, 99, True),
        ((1,), (), 2, 99, False),
        ((), (99,), 2, 99, True),
        ((), (99,), 2, 98, False),
        ((1,), (99,), 1, 98, True),
        ((1,), (99,), 2, 99, True),
        ((1,), (99,), 2, 98, False),
    ],
)
def test_a_question_passes_by_its_user_or_by_its_chat(
    users: tuple[int, ...], chats: tuple[int, ...], asker: int, chat: int, allowed: bool
) -> None:
    assert Allowlist(frozenset(users), frozenset(chats)).admits(asker=asker, chat=chat) is allowed


def test_access_is_set_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_USERS", "1, 2")
    monkeypatch.setenv("ALLOWED_CHATS", "-100")
    monkeypatch.setenv("ADMINS", "3")
    assert Allowlist.of(load_settings()) == Allowlist(frozenset({1, 2}), frozenset({-100}), frozenset({3}))


def test_an_admin_may_ask_in_any_case() -> None:
    allowlist = Allowlist(frozenset({1}), admins=frozenset({3}))
    assert allowlist.admits(asker=3, chat=99)
    assert not allowlist.admits(asker=2, chat=99)
    assert [allowlist.names(person) for person in (1, 2, 3)] == [True, False, True]


def test_admins_alone_shut_nobody_out() -> None:
    assert Allowlist(admins=frozenset({3})).admits(asker=1, chat=99)


# What is meant for the bot


def said(text: str = "", *, chat: Chat = GROUP, writer: User | None = ALICE, **more: object) -> Message:
    """A message as Telegram sends it, its commands and mentions marked."""
    return Message(
        20, datetime.now(UTC), chat, from_user=writer, text=text or None, entities=marked(text), **more  # type: ignore[arg-type]
    )  # fmt: skip


def marked(text: str) -> list[MessageEntity]:
    found, position = [], 0
    for word in text.split(" "):
        kind = {"/": MessageEntity.BOT_COMMAND, "@": MessageEntity.MENTION}.get(word[:1])
        if kind:
            found.append(MessageEntity(kind, units(text[:position]), units(word.rstrip(",?"))))
        position += len(word) + 1
    return found


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def asked(question: str) -> Heard:
    return Heard(Kind.QUESTION, question)


NO_WORDS = Heard(Kind.NO_WORDS)
UNKNOWN = Heard(Kind.UNKNOWN_COMMAND, command="unknown")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("How many steps?", None),
        ("@CitegramBot How many steps?", asked("How many steps?")),
        ("@citegrambot, how many?", asked("how many?")),
        ("😀 How many, @CitegramBot ?", asked("😀 How many,  ?")),
        ("@CitegramBotTwo how many?", None),
        ("@other how many?", None),
        ("@CitegramBot", NO_WORDS),
        ("/ask How many steps?", asked("How many steps?")),
        ("/ask@CitegramBot How many?", asked("How many?")),
        ("/ask@otherbot How many?", None),
        ("/ask", NO_WORDS),
        ("/unknown", None),
        ("/unknown@CitegramBot", UNKNOWN),
        ("Well /ask how", None),
    ],
)
def test_in_a_group_the_bot_is_asked_by_name_or_by_command(text: str, heard: Heard | None) -> None:
    assert hear(said(text), me=ME) == heard


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("How many steps?", asked("How many steps?")),
        ("/ask How many?", asked("How many?")),
        ("/unknown", UNKNOWN),
        ("@CitegramBot how many?", asked("how many?")),
        ("  \n ", NO_WORDS),
    ],
)
def test_in_private_everything_is_for_the_bot(text: str, heard: Heard) -> None:
    assert hear(said(text, chat=PRIVATE), me=ME) == heard


def test_a_name_without_a_username_is_a_mention_too() -> None:
    mention = MessageEntity(MessageEntity.TEXT_MENTION, 0, 8, user=ME)
    message = Message(20, datetime.now(UTC), GROUP, from_user=ALICE, text="Citegram, how many?", entities=[mention])
    assert hear(message, me=ME) == asked("how many?")


def test_the_name_as_mere_text_is_no_mention() -> None:
    message = Message(20, datetime.now(UTC), GROUP, from_user=ALICE, text="@CitegramBot how many?")
    assert hear(message, me=ME) is None


def of_mine(**more: object) -> Message:
    return Message(15, datetime.now(UTC), GROUP, from_user=ME, **more)  # type: ignore[arg-type]


def test_a_reply_to_the_bot_asks_it() -> None:
    assert hear(said("And the bell?", reply_to_message=of_mine()), me=ME) == asked("And the bell?")
    others = Message(15, datetime.now(UTC), GROUP, from_user=User(11, "Bob", is_bot=False))
    assert hear(said("And the bell?", reply_to_message=others), me=ME) is None


def test_in_a_topic_that_the_bot_opened_a_message_is_no_reply() -> None:
    starter = of_mine(forum_topic_created=ForumTopicCreated("Topic", 0), message_thread_id=15, is_topic_message=True)
    in_topic = said("Just talking.", reply_to_message=starter, message_thread_id=15, is_topic_message=True)
    assert hear(in_topic, me=ME) is None
    bare_starter = of_mine(message_thread_id=15)
    assert (
        hear(said("Talk.", reply_to_message=bare_starter, message_thread_id=15, is_topic_message=True), me=ME) is None
    )


def test_in_a_topic_a_reply_to_an_answer_is_one() -> None:
    answer = of_mine(message_thread_id=9, is_topic_message=True)
    reply = said("And the bell?", reply_to_message=answer, message_thread_id=9, is_topic_message=True)
    assert hear(reply, me=ME) == asked("And the bell?")


def test_in_a_group_without_topics_the_first_answer_of_a_chain_can_be_replied_to() -> None:
    reply = said("And the bell?", reply_to_message=of_mine(), message_thread_id=15)
    assert hear(reply, me=ME) == asked("And the bell?")


STICKER = Sticker("s", "s", 1, 1, is_animated=False, is_video=False, type=Sticker.REGULAR)
PHOTO = (PhotoSize("p", "p", 1, 1),)


def test_what_is_not_text_is_told_so_in_private_and_where_addressed() -> None:
    assert hear(said(chat=PRIVATE, sticker=STICKER), me=ME) == Heard(Kind.NOT_TEXT)
    assert hear(said(sticker=STICKER), me=ME) is None
    assert hear(said(sticker=STICKER, reply_to_message=of_mine()), me=ME) == Heard(Kind.NOT_TEXT)


def test_a_pictures_caption_is_a_question() -> None:
    assert hear(said(chat=PRIVATE, photo=PHOTO, caption="How many steps?"), me=ME) == asked("How many steps?")
    caption = "@CitegramBot How many?"
    assert hear(said(photo=PHOTO, caption=caption, caption_entities=marked(caption)), me=ME) == asked("How many?")
    assert hear(said(photo=PHOTO, caption="How many?"), me=ME) is None


def test_service_messages_are_nothing() -> None:
    assert hear(said(chat=PRIVATE, delete_chat_photo=True), me=ME) is None


def test_other_bots_are_not_answered_but_anonymous_people_are() -> None:
    other = User(12, "Other", is_bot=True)
    assert hear(said("@CitegramBot hello", writer=other), me=ME) is None
    anonymous = said("@CitegramBot how many?", writer=User(1087968824, "Group", is_bot=True), sender_chat=GROUP)
    assert hear(anonymous, me=ME) == asked("how many?")
    assert asker_of(anonymous) == GROUP.id
    assert asker_of(said("hello")) == ALICE.id
