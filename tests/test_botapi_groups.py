"""The stand-in's administrators, muted bots, migrations and inline queries are as strict as Telegram's."""

from typing import Any

import pytest
from telegram import (
    Bot,
    ChatMemberRestricted,
    InlineQueryResultArticle,
    InlineQueryResultCachedSticker,
    InlineQueryResultsButton,
    InputTextMessageContent,
    MessageEntity,
)
from telegram.error import ChatMigrated

from tests.botapi import BotApi, InlineQuery, User
from tests.test_botapi import api, bot, bot_of, key, keys, raw, refused

__all__ = ["api", "bot"]


@pytest.fixture
def alice(api: BotApi) -> User:
    return api.user("Alice")


@pytest.fixture
async def query(api: BotApi, alice: User) -> InlineQuery:
    return await api.type_inline(alice, "How many?")


def article(id: str = "1", title: str = "One", text: str = "It says so.", **fields: Any) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(id, title, InputTextMessageContent(text, **fields))


# Groups


async def test_administrators_are_told_apart(api: BotApi, bot: Bot, alice: User) -> None:
    boris = api.user("Boris")
    team = api.supergroup("Team", members=[alice, boris])
    team.promote(alice)
    assert [member.user.id for member in await bot.get_chat_administrators(team.id)] == [alice.id]
    statuses = [(await bot.get_chat_member(team.id, person.id)).status for person in (alice, boris)]
    assert statuses == ["administrator", "member"]
    chat = api.private(api.user("Eve"))
    await chat.start()
    with refused("no administrators in the private chat"):
        await bot.get_chat_administrators(chat.id)


async def test_an_anonymous_administrator_writes_in_the_groups_name(api: BotApi, bot: Bot, alice: User) -> None:
    team = api.supergroup("Team", members=[alice])
    await team.say_as_group("/mode")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.sender_chat == update.message.chat
    assert update.message.from_user is not None
    assert update.message.from_user.username == "GroupAnonymousBot"


async def test_a_muted_bot_may_not_write(api: BotApi, bot: Bot, alice: User) -> None:
    team = api.supergroup("Team", members=[alice])
    await team.mute_bot(alice)
    with refused("not enough rights to send text messages"):
        await bot.send_message(team.id, "x")
    member = await bot.get_chat_member(team.id, api.bot.id)
    assert isinstance(member, ChatMemberRestricted)
    assert not member.can_send_messages


async def test_a_group_becomes_a_supergroup(api: BotApi, bot: Bot, alice: User) -> None:
    team = api.group("Team", members=[alice])
    team.promote(alice)
    said = await team.say(alice, "/ask x")
    sent = await bot.send_message(team.id, "x", reply_markup=keys((key("1"),)))
    large = await api.upgrade(team, by=alice)
    _, left, came = [update.message for update in await bot.get_updates()]
    assert left is not None
    assert came is not None
    assert (left.chat.id, left.migrate_to_chat_id) == (team.id, large.id)
    assert (came.chat.id, came.migrate_from_chat_id) == (large.id, team.id)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(team.id, "x")
    assert moved.value.new_chat_id == large.id
    with pytest.raises(ChatMigrated):
        await bot.edit_message_text("y", chat_id=team.id, message_id=sent.message_id)
    assert [member.user.id for member in await bot.get_chat_administrators(large.id)] == [alice.id]
    assert (await large.say(alice, "/ask y")).id > 0
    with pytest.raises(AssertionError, match="became a supergroup"):
        await team.say(alice, "z", reply_to=said)
    assert not api.violations


# Inline mode


@pytest.mark.parametrize("inline", [True, False])
async def test_the_bot_is_told_whether_inline_mode_is_on(inline: bool) -> None:
    async with BotApi(inline=inline) as api, bot_of(api) as bot:
        assert (await bot.get_me()).supports_inline_queries is inline
        if not inline:
            with pytest.raises(AssertionError, match="inline mode is off"):
                await api.type_inline(api.user("Alice"), "x")


async def test_a_query_reaches_the_bot_and_its_answer_the_person(
    api: BotApi, bot: Bot, alice: User, query: InlineQuery
) -> None:
    (update,) = await bot.get_updates()
    assert update.inline_query is not None
    assert (update.inline_query.query, update.inline_query.from_user.id) == ("How many?", alice.id)
    bold = [MessageEntity("bold", 0, 2)]
    button = InlineQueryResultsButton("Ask", start_parameter="x")
    await bot.answer_inline_query(query.id, [article(entities=bold)], button=button, is_personal=True, cache_time=60)
    offered = await api.offered(query)
    (only,) = offered.articles
    assert (only.id, only.title, only.text, only.entities[0].length) == ("1", "One", "It says so.", 2)
    assert (offered.button, offered.is_personal, offered.cache_time) == ("Ask", True, 60)
    assert not api.violations


async def test_a_query_is_answered_once_and_soon(api: BotApi, bot: Bot, alice: User, query: InlineQuery) -> None:
    await bot.answer_inline_query(query.id, [])
    old = await api.type_inline(alice, "Too late")
    api.expire(old)
    for each in (query, old):
        with refused("query is too old"):
            await bot.answer_inline_query(each.id, [])
    assert not api.violations


@pytest.mark.parametrize(
    ("results", "complaint"),
    [
        ([article(str(number)) for number in range(51)], "RESULTS_TOO_MUCH"),
        ([article(), article()], "RESULT_ID_DUPLICATE"),
        ([article("x" * 65)], "RESULT_ID_INVALID"),
        ([article("ж" * 33)], "RESULT_ID_INVALID"),
        ([article("")], "RESULT_ID_INVALID"),
        ([article(title=" ")], "ARTICLE_TITLE_EMPTY"),
        ([article(text=" ")], "message text is empty"),
        ([article(text="x" * 4097)], "message is too long"),
        ([article(entities=[MessageEntity("bold", 0, 99)])], "ends after the end"),
        ([article(parse_mode="HTML")], "parse_mode is not allowed"),
        ([InlineQueryResultCachedSticker("1", "file")], "unknown field sticker_file_id"),
    ],
)
async def test_offers_beyond_the_limits_are_refused(
    api: BotApi, query: InlineQuery, results: Any, complaint: str
) -> None:
    given = {"inline_query_id": query.id, "results": [result.to_dict() for result in results]}
    status, refusal = await raw(api, "answerInlineQuery", json=given)
    assert status == 400
    assert complaint.lower() in refusal["description"].lower()
    assert len(api.violations) == 1


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"button": InlineQueryResultsButton("Ask")}, "exactly one action"),
        ({"button": InlineQueryResultsButton(" ", start_parameter="x")}, "button text is empty"),
        ({"button": InlineQueryResultsButton("Ask", start_parameter="a b")}, "START_PARAM_INVALID"),
        ({"cache_time": -1}, "cache_time must not be negative"),
        ({"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ],
)
async def test_the_rest_of_the_answer_is_checked(
    api: BotApi, bot: Bot, query: InlineQuery, fields: dict[str, Any], complaint: str
) -> None:
    with refused(complaint):
        await bot.answer_inline_query(query.id, [article()], **fields)
    assert len(api.violations) == 1
    await bot.answer_inline_query(query.id, [article()])


async def test_silent_mistakes_in_an_offer_are_violations(api: BotApi, bot: Bot, query: InlineQuery) -> None:
    overlapping = [MessageEntity("bold", 0, 5), MessageEntity("italic", 3, 5)]
    await bot.answer_inline_query(query.id, [article(entities=overlapping)])
    assert "overlap" in api.violations[0]


async def test_telegram_answers_in_the_bots_place_as_long_as_it_may(api: BotApi, bot: Bot, alice: User) -> None:
    boris = api.user("Boris")
    for text, cache_time, is_personal in (("personal", 60, True), ("for all", 60, False), ("not kept", 0, False)):
        query = await api.type_inline(alice, text)
        await bot.answer_inline_query(query.id, [article(title=text)], cache_time=cache_time, is_personal=is_personal)
    assert (await api.inline(alice, "personal")).articles[0].title == "personal"
    assert (await api.inline(boris, "for all")).articles[0].title == "for all"
    for person, text in ((boris, "personal"), (alice, "not kept")):
        with pytest.raises(AssertionError, match="no answer to the inline query"):
            await api.offered(await api.type_inline(person, text), timeout_seconds=0.05)
        assert api._world.kept_offer(person, text) is None


async def test_what_a_person_sends_by_way_of_the_bot_reaches_it(
    api: BotApi, bot: Bot, alice: User, query: InlineQuery
) -> None:
    await bot.answer_inline_query(query.id, [article()])
    (offer,) = (await api.offered(query)).articles
    team = api.supergroup("Team", members=[alice])
    sent = await team.send_offer(alice, offer)
    _, update = await bot.get_updates()
    assert update.message is not None
    assert update.message.via_bot is not None
    assert (update.message.text, update.message.via_bot.id, sent.sender) == ("It says so.", api.bot.id, alice)
