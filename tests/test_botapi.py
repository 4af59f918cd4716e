"""The stand-in for the Bot API is as strict as Telegram: driven by python-telegram-bot, and raw where that is kind."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram import Message as TelegramMessage
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TimedOut
from telegram.error import RetryAfter as FloodControl
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.botapi import BadGateway, BotApi, DropAfter, DropBefore, PrivateChat, Refuse, RetryAfter, Stall
from tests.botapi.pace import Pace

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
ROCKET = "\N{ROCKET}"  # two UTF-16 units


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(paced=False) as server:
        yield server


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with bot_of(api) as client:
        yield client


@pytest.fixture
async def chat(api: BotApi) -> PrivateChat:
    """Alice's chat, started."""
    chat = api.private(api.user("Alice", language_code="en"))
    await chat.start()
    return chat


def bot_of(api: BotApi) -> Bot:
    return Bot(api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")


async def raw(api: BotApi, method: str, *, token: str | None = None, **request: Any) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{api.url}/bot{token or api.token}/{method}", **request) as response,
    ):
        return response.status, await response.json()


def refused(description: str) -> pytest.RaisesExc[BadRequest]:
    """The refusal that python-telegram-bot raises; it capitalizes Telegram's words."""
    return pytest.raises(BadRequest, match=f"(?i){re.escape(description)}")


def entity(kind: str, offset: int, length: int, **extra: Any) -> MessageEntity:
    return MessageEntity(kind, offset, length, **extra)


def keys(*rows: tuple[InlineKeyboardButton, ...]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(rows)


def key(text: str, data: str = "x") -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=data)


# Calls and parameters


async def test_a_bot_learns_who_it_is(api: BotApi, bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.can_read_all_group_messages) == (123456, "citegram_test_bot", False)
    assert [call.method for call in api.calls] == ["getMe", "getMe"]
    assert api.violations == []


async def test_two_servers_run_side_by_side(api: BotApi) -> None:
    async with BotApi(token="77:OTHER", username="other_bot") as other, bot_of(other) as bot:
        assert bot.username == "other_bot"
    assert api.calls == ()


@pytest.mark.parametrize(
    ("token", "method", "answer"),
    [
        ("123456:WRONG", "getMe", (401, "Unauthorized")),
        ("nonsense", "getMe", (404, "Not Found")),
        ("123456:TEST-TOKEN", "sendDice", (404, "Not Found")),
    ],
)
async def test_wrong_tokens_and_unknown_methods(api: BotApi, token: str, method: str, answer: tuple[int, str]) -> None:
    status, body = await raw(api, method, token=token)
    assert (status, body["description"]) == answer
    assert body["ok"] is False
    assert body["error_code"] == status
    assert [(call.method, call.status) for call in api.calls] == [(method, status)]
    assert len(api.violations) == 1


async def test_python_telegram_bot_takes_the_refusal_for_a_wrong_token(api: BotApi) -> None:
    with pytest.raises(InvalidToken):
        await Bot("123456:WRONG", base_url=f"{api.url}/bot").initialize()


@pytest.mark.parametrize("form", ["json", "form", "multipart"])
async def test_every_kind_of_body(api: BotApi, chat: PrivateChat, form: str) -> None:
    entities = '[{"type": "bold", "offset": 0, "length": 2}]'
    fields = {"chat_id": str(chat.id), "text": "Hello", "entities": entities, "disable_notification": "true"}
    if form == "json":
        body = {"chat_id": chat.id, "text": "Hello", "disable_notification": True}
        status, _ = await raw(
            api, "sendMessage", json=body | {"entities": [{"type": "bold", "offset": 0, "length": 2}]}
        )
    elif form == "form":
        status, _ = await raw(api, "sendMessage", data=fields)
    else:
        with aiohttp.MultipartWriter("form-data") as parts:
            for name, value in fields.items():
                parts.append(value).set_content_disposition("form-data", name=name)
        status, _ = await raw(api, "sendMessage", data=parts)
    sent = await chat.next_message()
    assert (status, sent.formatted("bold"), sent.silent) == (200, ("He",), True)
    assert api.calls[-1].parameters["chat_id"] == chat.id


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": 5}, "must be str"),
        ({"chat_id": True, "text": "x"}, "must be int or str"),
        ({"chat_id": 1, "text": "x", "caption": "y"}, "unknown parameter caption"),
        ({"chat_id": 1, "text": "x", "disable_notification": "yes"}, "must be true or false"),
        ({"chat_id": 1, "text": "x", "entities": "["}, "as JSON"),
        ({"chat_id": 1, "text": "x", "entities": {"type": "bold"}}, "must be an array"),
        ({"chat_id": 1, "text": "x", "entities": [{"type": "bold"}]}, "missing field length, offset"),
        ({"chat_id": 1, "text": "x", "reply_parameters": {"message_id": "7"}}, "must be int"),
        ({"chat_id": 1, "text": "x", "reply_markup": {"force_reply": True}}, "unknown field force_reply"),
        ({"chat_id": 1, "text": "\ud83d"}, "UTF-8"),
    ],
)
async def test_malformed_parameters_are_violations(api: BotApi, body: dict[str, Any], complaint: str) -> None:
    status, answer = await raw(api, "sendMessage", json=body)
    assert status == 400
    assert complaint in answer["description"]
    assert api.violations == [f"sendMessage: {answer['description']}"]


async def test_commands_are_kept_by_scope_and_language(api: BotApi, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("help", "What I can do")], language_code="en")
    assert api.commands(language_code="en") == {"help": "What I can do"}
    assert await bot.get_my_commands() == ()
    with refused("BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand("Help", "no capitals")])


# Polling


async def test_long_polling_wakes_at_once_and_confirms_by_offset(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    (start,) = await bot.get_updates()
    assert await bot.get_updates() == (start,)  # unconfirmed: it comes again
    loop = asyncio.get_running_loop()
    began = loop.time()
    poll = asyncio.create_task(bot.get_updates(offset=start.update_id + 1, timeout=20))
    await api.polled()
    assert not poll.done()
    said = await chat.say(chat.person, "Hello")
    (update,) = await poll
    assert loop.time() - began < 5
    assert update.message is not None
    assert update.message.message_id == said.id
    assert update.update_id == start.update_id + 1
    assert api.calls_of("getUpdates")[-1].parameters == {"offset": start.update_id + 1, "timeout": 20}


async def test_a_poll_ends_when_its_time_is_over(bot: Bot) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await bot.get_updates(timeout=1) == ()
    assert 0.9 < loop.time() - began < 5


async def test_limit_negative_offset_and_pending_updates(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    for number in range(4):
        await chat.say(chat.person, str(number))
    assert len(await bot.get_updates(limit=2)) == 2
    assert (await bot.get_webhook_info()).pending_update_count == 5
    assert [update.message.text for update in await bot.get_updates(offset=-2) if update.message] == ["2", "3"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_only_allowed_updates_are_kept(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["edited_message"])
    said = await chat.say(chat.person, "One")
    await chat.edit(said, "Two")
    updates = await bot.get_updates(offset=(await bot.get_updates())[0].update_id + 1)
    assert [update.edited_message.text for update in updates if update.edited_message] == ["Two"]
    assert len(updates) == 1


async def test_the_second_poller_cuts_off_the_first(api: BotApi, bot: Bot) -> None:
    async with bot_of(api) as other:
        first = asyncio.create_task(bot.get_updates(timeout=20))
        await api.polled()
        second = asyncio.create_task(other.get_updates(timeout=20))
        with pytest.raises(Conflict, match=CONFLICT.removeprefix("Conflict: ")):
            await first
        third = asyncio.create_task(bot.get_updates(timeout=20))
        with pytest.raises(Conflict):
            await second
        third.cancel()
    assert [call.status for call in api.calls_of("getUpdates")] == [409, 409]


async def test_an_application_polls_answers_and_stops(api: BotApi, chat: PrivateChat) -> None:
    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_text(f"You said {update.message.text}", do_quote=True)

    application = Application.builder().token(api.token).base_url(f"{api.url}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    async with application:
        assert application.updater is not None
        await application.start()
        await application.updater.start_polling()
        said = await chat.say(chat.person, "Good morning")
        reply = await chat.reply(to=said)
        await application.updater.stop()
        await application.stop()
    assert (reply.text, reply.reply_to, reply.sender) == ("You said Good morning", said.id, api.bot)
    assert api.violations == []


async def test_a_poller_that_went_away_takes_nothing_with_it(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    (start,) = await bot.get_updates()
    poll = asyncio.create_task(bot.get_updates(offset=start.update_id + 1, timeout=20))
    await api.polled()
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    again = asyncio.create_task(bot.get_updates(offset=start.update_id + 1, timeout=20))
    await api.polled()
    said = await chat.say(chat.person, "Anyone?")
    (update,) = await again
    assert update.message is not None
    assert update.message.message_id == said.id
    assert [call.status for call in api.calls_of("getUpdates")] == [200, 200]  # no conflict with one who is gone


# Texts, entities and keyboards


async def test_lengths_count_utf16_units(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await bot.send_message(chat.id, ROCKET * 2048)
    with refused("too long"):
        await bot.send_message(chat.id, ROCKET * 2048 + "x")
    with refused("text is empty"):
        await bot.send_message(chat.id, " \n\u200b ")
    assert len(chat.messages_of_bot) == 1
    assert len(api.violations) == 2


async def test_spaces_at_the_ends_go_and_entities_move_along(bot: Bot, chat: PrivateChat) -> None:
    text = f"\n {ROCKET} fly\r\tnow \n"
    await bot.send_message(chat.id, text, entities=[entity("bold", 5, 7), entity("italic", 13, 2)])
    sent = await chat.next_message()
    assert sent.text == f"{ROCKET} fly now"
    assert sent.formatted("bold") == ("fly no",)
    assert sent.formatted("italic") == ()


@pytest.mark.parametrize(
    ("wrong", "description"),
    [
        (entity("bold", 0, 1), "ends in a middle"),
        (entity("bold", 1, 2), "begins in a middle"),
        (entity("bold", 0, 9), "ends after the end"),
        (entity("bold", 8, 1), "begins after the end"),
        (entity("bold", -1, 2), "incorrect offset"),
        (entity("bold", 0, 0), "incorrect length"),
        (entity("loud", 0, 2), "unsupported type"),
        (entity("text_link", 0, 2), 'needs "url"'),
    ],
)
async def test_wrong_entities_are_refused(
    api: BotApi, bot: Bot, chat: PrivateChat, wrong: MessageEntity, description: str
) -> None:
    with refused(description):
        await bot.send_message(chat.id, f"{ROCKET} flies", entities=[wrong])
    assert len(api.violations) == 1
    assert chat.messages_of_bot == ()


@pytest.mark.parametrize(
    ("entities", "complaint"),
    [
        ([entity("blockquote", 0, 9), entity("expandable_blockquote", 0, 5)], "quotes do not nest"),
        ([entity("bold", 0, 5), entity("italic", 3, 5)], "overlap"),
        ([entity("code", 0, 5), entity("bold", 1, 2)], "nothing nests in code"),
        ([entity("bold", 0, 1)] * 101, "101 entities"),
    ],
)
async def test_what_telegram_mends_in_silence_is_a_violation(
    api: BotApi, bot: Bot, chat: PrivateChat, entities: list[MessageEntity], complaint: str
) -> None:
    await bot.send_message(chat.id, "Handbook, page 12", entities=entities)
    assert complaint in api.violations[0]
    assert len((await chat.next_message()).entities) <= 100


async def test_parse_mode_is_refused_unless_allowed(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    with refused("send entities"):
        await bot.send_message(chat.id, "<b>x</b>", parse_mode="HTML")
    async with BotApi(allow_parse_mode=True) as lenient, bot_of(lenient) as other:
        eve = lenient.private(lenient.user("Eve"))
        await eve.start()
        await other.send_message(eve.id, "<b>x</b>", parse_mode="HTML")
        assert lenient.violations == []


@pytest.mark.parametrize(
    "markup",
    [
        keys((key("1", "я" * 33),)),
        keys((key("1", ""),)),
        keys((key(" "),)),
        keys(tuple(key("1") for _ in range(9))),
        keys(*[tuple(key("1") for _ in range(8))] * 12, tuple(key("1") for _ in range(5))),
        keys((InlineKeyboardButton("1", copy_text=CopyTextButton("x" * 257)),)),
        keys((InlineKeyboardButton("1", url="handbook.pdf"),)),
        keys((InlineKeyboardButton("1"),)),
        keys((InlineKeyboardButton("1", url="https://example.org", callback_data="x"),)),
    ],
)
async def test_wrong_keyboards_are_refused(
    api: BotApi, bot: Bot, chat: PrivateChat, markup: InlineKeyboardMarkup
) -> None:
    with pytest.raises(BadRequest):
        await bot.send_message(chat.id, "x", reply_markup=markup)
    assert len(api.violations) == 1


async def test_keyboards_at_the_limits(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    rows = [tuple(key("1", "я" * 32) for _ in range(8))] * 12
    copy = InlineKeyboardButton("copy", copy_text=CopyTextButton("x" * 256))
    await bot.send_message(chat.id, "x", reply_markup=keys(*rows, (copy, key("a"), key("b"), key("c"))))
    sent = await chat.next_message()
    assert len(sent.buttons) == 100
    assert sent.buttons[96].copy_text == "x" * 256
    assert api.violations == []


# Editing, replying, deleting


async def test_edits_are_kept_and_an_edit_must_change_something(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    markup = keys((key("1"),))
    await bot.send_message(chat.id, "Looking", reply_markup=markup)
    sent = await chat.next_message()
    edit = asyncio.create_task(chat.edited(sent))
    await bot.edit_message_text("Found ", chat.id, sent.id, entities=[entity("bold", 0, 5)], reply_markup=markup)
    edited = await edit
    assert (edited.text, edited.formatted("bold"), edited.buttons[0].text) == ("Found", ("Found",), "1")
    assert [version.text for version in edited.edits] == ["Looking"]
    with refused("message is not modified"):
        await bot.edit_message_text("Found", chat.id, sent.id, entities=[entity("bold", 0, 5)], reply_markup=markup)
    await bot.edit_message_text("Found", chat.id, sent.id)
    assert chat.latest(sent).buttons == ()
    with refused("message is not modified"):
        await bot.edit_message_reply_markup(chat.id, sent.id)
    assert api.violations == []


async def test_what_is_gone_or_not_the_bots_cannot_be_edited(bot: Bot, chat: PrivateChat) -> None:
    said = await chat.say(chat.person, "Mine")
    with refused("message can't be edited"):
        await bot.edit_message_text("Yours", chat.id, said.id)
    await bot.send_message(chat.id, "x")
    sent = await chat.next_message()
    await bot.delete_message(chat.id, sent.id)
    await chat.deleted(sent)
    with refused("message to edit not found"):
        await bot.edit_message_text("y", chat.id, sent.id)
    with refused("message to delete not found"):
        await bot.delete_message(chat.id, sent.id)
    assert [message.text for message in chat.messages] == ["/start", "Mine"]


async def test_a_reply_needs_its_message_or_leave_to_go_without(bot: Bot, chat: PrivateChat) -> None:
    said = await chat.say(chat.person, "Never mind")
    await chat.delete(said)
    with refused("message to be replied not found"):
        await bot.send_message(chat.id, "x", reply_parameters=ReplyParameters(said.id))
    await bot.send_message(chat.id, "x", reply_parameters=ReplyParameters(said.id, allow_sending_without_reply=True))
    assert (await chat.next_message()).reply_to is None


async def test_whom_a_bot_may_write_to(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    with refused("Chat not found"):
        await bot.send_message(999, "x")
    stranger = api.private(api.user("Bob"))
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(stranger.id, "x")
    await chat.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(chat.id, "x")
    update = (await bot.get_updates())[-1]
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    await chat.unblock()
    await bot.send_message(chat.id, "x")
    team = api.group("Team", members=[chat.person])
    await bot.leave_chat(team.id)
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.send_message(team.id, "x")
    assert api.violations == []


async def test_chats_and_members_can_be_looked_up(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    bob = api.user("Bob")
    forum = api.forum("Forum", members=[chat.person], bot_is_administrator=True)
    assert (await bot.get_chat(forum.id)).is_forum is True
    assert (await bot.get_chat(chat.id)).first_name == "Alice"
    statuses = [(await bot.get_chat_member(forum.id, person.id)).status for person in (chat.person, bob, api.bot)]
    assert statuses == ["member", "left", "administrator"]


# Buttons


async def test_a_tap_is_answered_once(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await bot.send_message(chat.id, "Answer [1]", reply_markup=keys((key("1", "c:7:1"), key("2", "c:7:2"))))
    sent = await chat.next_message()
    tap = asyncio.create_task(chat.tap(chat.person, sent, button="2"))
    (update,) = await bot.get_updates(offset=(await bot.get_updates())[0].update_id + 1, timeout=20)
    query = update.callback_query
    assert query is not None
    assert isinstance(query.message, TelegramMessage)
    assert (query.data, query.message.message_id, query.from_user.id) == ("c:7:2", sent.id, chat.person.id)
    assert query.chat_instance
    await query.answer("Here it is", show_alert=True)
    answer = await tap
    assert (answer.text, answer.show_alert) == ("Here it is", True)
    with refused("query is too old"):
        await query.answer()


async def test_old_queries_and_long_answers_are_refused(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    await bot.send_message(chat.id, "x", reply_markup=keys((key("1"),)))
    sent = await chat.next_message()
    query = await chat.press(chat.person, sent, data="forged")
    with pytest.raises(BadRequest):
        await bot.answer_callback_query(query.id, text="x" * 201)
    with refused("URL_INVALID"):
        await bot.answer_callback_query(query.id, url="https://example.org")
    chat.expire(query)
    with refused("query is too old"):
        await bot.answer_callback_query(query.id, text="x" * 200)
    with pytest.raises(AssertionError, match="0 buttons '3'"):
        await chat.press(chat.person, sent, button="3")


async def test_a_deep_link_starts_a_chat_with_its_payload(api: BotApi, bot: Bot) -> None:
    bob = api.private(api.user("Bob"))
    await bob.start("docs_7-a")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start docs_7-a"
    assert update.message.parse_entities() == {entity("bot_command", 0, 6): "/start"}
    for impossible in ("a b", "ключ", "x" * 65):
        with pytest.raises(AssertionError, match="no deep link"):
            await bob.start(impossible)


# Groups and topics


async def test_privacy_mode_hides_what_is_not_for_the_bot(api: BotApi, bot: Bot) -> None:
    alice, bob = api.user("Alice"), api.user("Bob", username="bob_b")
    team = api.supergroup("Team", members=[alice, bob])
    await bot.send_message(team.id, "Hello, all")
    greeting = await team.next_message()
    for hidden in ("Hello", "@bob_b look", "/ask@other_bot x", "mail@citegram_test_bot", "@citegram_test_bot2"):
        await team.say(alice, hidden)
    seen = [
        await team.say(alice, "/ask x"),
        await team.say(bob, f"{ROCKET} @Citegram_test_bot what?"),
        await team.say(bob, "/ask@citegram_test_bot x"),
        await team.say(bob, "And now?", reply_to=greeting),
        await team.photo(bob, caption="@citegram_test_bot"),
    ]
    messages = [update.message for update in await bot.get_updates() if update.message]
    assert [message.message_id for message in messages] == [message.id for message in seen]
    assert messages[1].parse_entities() == {entity("mention", 3, 18): "@Citegram_test_bot"}
    assert messages[0].entities[0].type == "bot_command"
    assert messages[3].reply_to_message is not None
    assert messages[3].message_thread_id == greeting.id  # a chain of replies, and no topic
    assert not messages[3].is_topic_message
    with refused("thread not found"):
        await bot.send_message(team.id, "x", message_thread_id=greeting.id)


@pytest.mark.parametrize("open_by", ["administrator", "privacy off"])
async def test_a_bot_may_see_all_of_a_group(open_by: str) -> None:
    async with BotApi(privacy=open_by != "privacy off") as api, bot_of(api) as bot:
        alice = api.user("Alice")
        team = api.group("Team", members=[alice], bot_is_administrator=open_by == "administrator")
        await team.say(alice, "Hello")
        await team.sticker(alice)
        await team.voice(alice)
        one, two, three = [update.message for update in await bot.get_updates()]
        assert one is not None
        assert two is not None
        assert three is not None
        assert (one.text, two.sticker is not None, three.voice is not None) == ("Hello", True, True)


async def test_every_message_of_a_topic_looks_like_a_reply_to_its_starter(api: BotApi, bot: Bot) -> None:
    alice = api.user("Alice")
    forum = api.forum("Forum", members=[alice])
    ours, hers = await forum.topic("Questions"), await forum.topic("General talk", by=alice)
    await forum.say(alice, "Chatter", topic=hers)
    await forum.say(alice, "Chatter", topic=ours)
    await forum.say(alice, "/ask x", topic=hers)
    await forum.say(alice, "/ask y")
    opened, chatter, asked, general = [update.message for update in await bot.get_updates()]
    assert opened is not None
    assert opened.forum_topic_created is not None
    for message, topic in ((chatter, ours), (asked, hers)):
        assert message is not None
        assert message.reply_to_message is not None
        assert (message.message_thread_id, message.is_topic_message) == (topic.id, True)
        assert message.reply_to_message.message_id == topic.id
        assert message.reply_to_message.forum_topic_created is not None
    assert general is not None
    assert (general.message_thread_id, general.reply_to_message) == (None, None)


async def test_without_a_thread_id_the_answer_lands_in_general(api: BotApi, bot: Bot) -> None:
    alice = api.user("Alice")
    forum = api.forum("Forum", members=[alice])
    topic = await forum.topic("Questions", by=alice)
    asked = await forum.say(alice, "/ask x", topic=topic)
    await bot.send_chat_action(forum.id, "typing", message_thread_id=topic.id)
    await bot.send_message(forum.id, "x", message_thread_id=topic.id, reply_parameters=ReplyParameters(asked.id))
    assert (await forum.reply(to=asked)).thread_id == topic.id
    assert api.violations == []
    await bot.send_message(forum.id, "strayed", reply_parameters=ReplyParameters(asked.id))
    assert [message.text for message in forum.messages_in_general] == ["strayed"]
    assert "landed in General" in api.violations[0]
    for wrong in (1, 999):
        with refused("thread not found"):
            await bot.send_message(forum.id, "x", message_thread_id=wrong)
    assert await api.called("sendChatAction", chat=forum, topic=topic, action="typing")


# Faults


async def test_refusals_on_demand(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    api.fail("sendMessage", RetryAfter(2))
    api.fail("sendMessage", BadGateway())
    api.fail("sendMessage", BadGateway(html=True))
    api.fail("sendMessage", Refuse("Bad Request: CHAT_RESTRICTED"), times=2)
    with pytest.raises(FloodControl) as flood:
        await bot.send_message(chat.id, "x")
    assert flood.value.retry_after == 2
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(chat.id, "x")
    with pytest.raises(NetworkError, match="502"):
        await bot.send_message(chat.id, "x")
    for _ in range(2):
        with refused("chat_restricted"):
            await bot.send_message(chat.id, "x")
    assert chat.messages_of_bot == ()
    await bot.send_message(chat.id, "x")
    statuses = [call.status for call in api.calls_of("sendMessage")]
    assert statuses == [429, 502, 502, 400, 400, 200]
    assert (await api.called("sendMessage", chat=chat)).fault == "RetryAfter(seconds=2)"
    assert (api.violations, api.unused_faults) == ([], {})


@pytest.mark.parametrize(("fault", "messages"), [(DropBefore(), 0), (DropAfter(), 1)])
async def test_dropped_connections(
    api: BotApi, bot: Bot, chat: PrivateChat, fault: DropBefore | DropAfter, messages: int
) -> None:
    api.fail("sendMessage", fault)
    with pytest.raises(NetworkError) as dropped:
        await bot.send_message(chat.id, "x")
    assert not isinstance(dropped.value, BadRequest | TimedOut)
    assert len(chat.messages_of_bot) == messages


@pytest.mark.parametrize("delivered", [False, True])
async def test_a_stall_holds_the_answer_until_released(
    api: BotApi, bot: Bot, chat: PrivateChat, delivered: bool
) -> None:
    stall = Stall(delivered=delivered)
    api.fail("sendMessage", stall)
    sending = asyncio.create_task(bot.send_message(chat.id, "x"))
    await stall.reached()
    assert len(chat.messages_of_bot) == int(delivered)
    assert not sending.done()
    stall.release()
    await sending
    assert len(chat.messages_of_bot) == 1


async def test_the_server_stops_in_spite_of_polls_and_stalls() -> None:
    async with BotApi() as api, bot_of(api) as bot:
        stall = Stall()
        api.fail("getWebhookInfo", stall)
        poll, stalled = asyncio.create_task(bot.get_updates(timeout=50)), asyncio.create_task(bot.get_webhook_info())
        await stall.reached()
        await api.polled()
        async with asyncio.timeout(2):
            await api.__aexit__(None, None, None)
        assert await poll == ()
        assert (await stalled).url == ""


# What the test is told


async def test_waiting_in_vain_says_what_happened_instead(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    said = await chat.say(chat.person, "A question")
    await bot.send_message(chat.id, "Beside the point")
    with pytest.raises(AssertionError, match=r"(?s)no reply to message .*sendMessage .*Beside the point.*-> 200 ok"):
        await chat.reply(to=said, timeout_seconds=0.05)


async def test_each_message_and_call_is_handed_out_once(api: BotApi, bot: Bot, chat: PrivateChat) -> None:
    said = await chat.say(chat.person, "A question")
    for text in ("one", "two", "three"):
        await bot.send_message(chat.id, text, reply_parameters=ReplyParameters(said.id))
    texts = [(await chat.reply(to=said)).text, (await chat.next_message()).text, (await chat.reply(to=said)).text]
    assert texts == ["one", "two", "three"]
    calls = [await api.called("sendMessage", chat=chat) for _ in range(3)]
    assert [call.result["text"] for call in calls] == texts
    with pytest.raises(AssertionError, match="no call of sendMessage"):
        await api.called("sendMessage", timeout_seconds=0.05)


# How much may be said


async def test_a_bot_that_says_too_much_violates_the_pace() -> None:
    async with BotApi() as api, bot_of(api) as bot:
        chat = api.private(api.user("Alice"))
        await chat.start()
        sent = await bot.send_message(chat.id, "One")
        await bot.send_chat_action(chat.id, "typing")
        assert not api.violations
        await bot.edit_message_text("Two", chat_id=chat.id, message_id=sent.message_id)
        assert api.violations == ["editMessageText: a chat's 1 in 1 s exceeded"]


@pytest.mark.parametrize(
    ("chats", "seconds", "expected"),
    [
        ([7, 7], 1.0, None),
        ([7, 7], 0.9, "a chat's 1 in 1 s exceeded"),
        ([-7] * 20, 0.1, None),
        ([-7] * 21, 0.1, "a chat's 20 in 60 s exceeded"),
        ([-7] * 21, 3.0, None),
        (list(range(30)), 0.01, None),
        (list(range(31)), 0.01, "all chats' 30 in 1 s exceeded"),
        (list(range(31)), 0.04, None),
    ],
)
def test_the_limits(chats: list[int], seconds: float, expected: str | None) -> None:
    pace = Pace()
    told = [pace.arrived("sendMessage", chat, number * seconds) for number, chat in enumerate(chats)]
    assert told == [None] * (len(chats) - 1) + [expected]


# For long runs


async def test_messages_of_the_bot_are_overheard(api: BotApi, bot: Bot) -> None:
    heard: list[str] = []
    api.overhear(lambda message: heard.append(message.text))
    chat = api.private(api.user("Alice"))
    await chat.say(chat.person, "Hello")
    await bot.send_message(chat.id, "Good day.")
    assert heard == ["Good day."]


async def test_a_forgetful_server_keeps_the_latest_only() -> None:
    async with BotApi(paced=False, forgetful=True) as api, bot_of(api) as bot:
        chat = api.private(api.user("Alice"))
        for number in range(15):
            await chat.say(chat.person, f"Question {number}?")
        await bot.send_message(chat.id, "One answer.")
        assert [message.text for message in chat.messages][-2:] == ["Question 14?", "One answer."]
        assert len(chat.messages) == 10
        for _ in range(1000):
            await bot.get_me()
        assert {call.method for call in api.calls} == {"getMe"}
