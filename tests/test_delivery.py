import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, MessageEntity
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

from bot import texts
from bot.languages import ENGLISH
from bot.pages import Button, Page, Style, split
from bot.telegram.budget import Budget
from bot.telegram.callbacks import callback_data, read_callback
from bot.telegram.delivery import Delivery, notice
from bot.telegram.markup import to_entities
from bot.telegram.patience import PATIENCE_SECONDS, patiently
from bot.telegram.places import Place, Target
from tests import botapi
from tests.botapi import BotApi, PrivateChat

PAGE = Page("😀 It was lit in 1871. [1]", (Style("bold", 2, 4),), ((Button("1", "1"),),))


# From characters to UTF-16


@given(st.text(st.sampled_from("a😀\u0301é "), max_size=40), st.data())
def test_an_entity_covers_the_same_characters(text: str, data: st.DataObject) -> None:
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    entities = to_entities(Page(text, (Style("bold", start, end),)))
    covered = text.encode("utf-16-le")
    shown = [covered[2 * each.offset : 2 * (each.offset + each.length)].decode("utf-16-le") for each in entities]
    assert shown == ([text[start:end]] if text[start:end].strip() else [])


def test_every_style_has_its_entity() -> None:
    kinds = ("bold", "italic", "underline", "quote", "expandable_quote", "code")
    page = Page("abcdefg", tuple(Style(kind, at, at + 1) for at, kind in enumerate(kinds)))  # type: ignore[arg-type]
    expected = ["bold", "italic", "underline", "blockquote", "expandable_blockquote", "code"]
    assert [entity.type for entity in to_entities(page)] == expected
    (link,) = to_entities(Page("here", (Style("link", 0, 4, "https://example.org"),)))
    assert (link.type, link.url) == (MessageEntity.TEXT_LINK, "https://example.org")


def test_callback_data_comes_back() -> None:
    data = callback_data("aZ-_09aZ-_09", Button("10", "10"))
    assert len(data.encode()) <= 64
    assert read_callback(data) == ("aZ-_09aZ-_09", 10)


@pytest.mark.parametrize(
    "data", ["", "c", "c:", "c::1", "c:abc", "c:abc:", "c:abc:x", "c:abc:-1", "c:abc:²", "d:abc:1"]
)
def test_callback_data_of_others_is_nothing(data: str) -> None:
    assert read_callback(data) is None


# Sending


@dataclass
class Pauses:
    """Sleeps without sleeping, and remembers."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Line:
    """A delivery on the line to a private chat in which someone has asked something."""

    api: BotApi
    chat: PrivateChat
    question: botapi.Message
    delivery: Delivery
    pauses: Pauses
    budget_pauses: Pauses
    """In place of the budget's; tests of the whole bot keep them."""

    @property
    def to(self) -> Target:
        return Target(Place(self.chat.id), self.question.id)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.chat.messages_of_bot]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with BotApi(paced=False) as api:
        request = HTTPXRequest(read_timeout=5)
        async with Bot(api.token, base_url=f"{api.url}/bot", request=request) as bot:
            chat = api.private(api.user("Alice"))
            question = await chat.say(chat.person, "When?")
            pauses = Pauses()
            budget_pauses = Pauses()
            delivery = Delivery(bot, sleep=pauses, budget=Budget(sleep=budget_pauses), typing_seconds=0.01)
            yield Line(api, chat, question, delivery, pauses, budget_pauses)
        assert not api.violations
        assert not api.unused_faults


async def test_a_page_arrives_as_it_is(line: Line) -> None:
    sent = await line.delivery.reply([PAGE], to=line.to, answer_id="abc")
    (message,) = line.chat.messages_of_bot
    assert sent == (message.id,)
    assert message.text == PAGE.text
    assert message.formatted("bold") == ("It",)
    assert [(button.text, button.callback_data) for button in message.buttons] == [("1", "c:abc:1")]
    assert message.reply_to == line.question.id
    assert message.link_preview == {"is_disabled": True}


async def test_of_a_long_answer_the_first_and_the_last_part_reply_and_the_last_has_the_buttons(line: Line) -> None:
    page = Page("A sentence of an answer. " * 400, (Style("italic", 0, 9000),), PAGE.buttons)
    parts = split(page)
    assert len(parts) == 3
    assert await line.delivery.reply(parts, to=line.to, answer_id="abc") == tuple(
        message.id for message in line.chat.messages_of_bot
    )
    assert line.texts == [part.text for part in parts]
    assert [message.reply_to for message in line.chat.messages_of_bot] == [line.question.id, None, line.question.id]
    assert [len(message.buttons) for message in line.chat.messages_of_bot] == [0, 0, 1]


async def test_flood_control_is_waited_for(line: Line) -> None:
    line.api.fail("sendMessage", botapi.RetryAfter(37), times=2)
    await line.delivery.reply([PAGE], to=line.to)
    assert line.pauses.seconds == [37, 37]
    assert line.texts == [PAGE.text]


async def test_after_a_flood_ban_of_hours_nobody_waits(line: Line) -> None:
    """The chat's next message is tried at once: whoever asks then must not wait for hours either."""
    line.api.fail("sendMessage", botapi.RetryAfter(int(PATIENCE_SECONDS) + 1))
    with pytest.raises(RetryAfter):
        await line.delivery.reply([PAGE], to=line.to)
    assert line.pauses.seconds == []
    await line.delivery.reply([PAGE], to=line.to)
    assert line.budget_pauses.seconds == pytest.approx([1.1, 2.2], abs=0.5)  # the clock has stood still meanwhile
    assert line.texts == [PAGE.text]


async def test_a_flood_ban_of_hours_is_not() -> None:
    pauses = Pauses()

    async def banned() -> None:
        raise RetryAfter(int(PATIENCE_SECONDS) + 1)

    with pytest.raises(RetryAfter):
        await patiently(banned, repeatable=True, sleep=pauses)
    assert not pauses.seconds


@pytest.mark.parametrize("html", [False, True])
async def test_a_bad_gateway_is_tried_again_with_growing_pauses(line: Line, html: bool) -> None:
    line.api.fail("sendMessage", botapi.BadGateway(html=html), times=6)
    await line.delivery.reply([PAGE], to=line.to)
    assert line.texts == [PAGE.text]
    assert line.pauses.seconds == [0.5, 1, 2, 4, 8, 8]


async def test_a_gateway_that_stays_bad_is_given_up_after_minutes(line: Line) -> None:
    line.api.fail("sendMessage", botapi.BadGateway(), times=1000)
    with pytest.raises(NetworkError):
        await line.delivery.reply([PAGE], to=line.to)
    assert not line.texts
    assert PATIENCE_SECONDS - 8 <= sum(line.pauses.seconds) <= PATIENCE_SECONDS
    line.api.heal()


async def test_an_answer_that_arrived_although_the_connection_broke_is_not_sent_again(line: Line) -> None:
    line.api.fail("sendMessage", botapi.DropAfter())
    sent = await line.delivery.reply([PAGE], to=line.to, answer_id="abc", notice=notice([PAGE], ENGLISH))
    assert line.texts == [PAGE.text, texts.CONNECTION_BROKE]
    told = line.chat.messages_of_bot[1]
    assert sent == (told.id,)
    assert [(button.text, button.callback_data) for button in told.buttons] == [("Show the answer", "c:abc:0")]


async def test_an_answer_that_may_be_lost_is_one_tap_away(line: Line) -> None:
    line.api.fail("sendMessage", botapi.DropBefore())
    await line.delivery.reply([PAGE], to=line.to, answer_id="abc", notice=notice([PAGE], ENGLISH))
    assert line.texts == [texts.CONNECTION_BROKE]
    assert not line.pauses.seconds


async def test_the_notice_is_said_until_it_has_surely_arrived(line: Line) -> None:
    for fault in (botapi.DropBefore(), botapi.DropBefore(), botapi.DropAfter()):
        line.api.fail("sendMessage", fault)
    await line.delivery.reply([PAGE], to=line.to, answer_id="abc", notice=notice([PAGE], ENGLISH))
    assert line.texts == [texts.CONNECTION_BROKE] * 2


async def test_of_a_long_answer_that_may_lack_a_part_the_rest_is_sent(line: Line) -> None:
    line.api.fail("sendMessage", botapi.DropBefore())
    pages = [Page("One."), PAGE]
    await line.delivery.reply(pages, to=line.to, answer_id="abc", notice=notice(pages, ENGLISH))
    assert line.texts == [PAGE.text, texts.CONNECTION_BROKE_LONG]


async def test_a_mere_sentence_that_may_be_lost_is_let_go(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    line.api.fail("sendMessage", botapi.DropAfter())
    assert await line.delivery.reply([Page("Hello.")], to=line.to) == ()
    assert line.texts == ["Hello."]
    assert "may be lost" in caplog.text
    assert "Hello." not in caplog.text


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    pauses = Pauses()
    async with BotApi() as api:
        gone = api.url
    delivery = Delivery(Bot("1:x", base_url=f"{gone}/bot"), sleep=pauses, budget=Budget(sleep=Pauses()))
    with pytest.raises(NetworkError):
        await delivery.reply([PAGE], to=Target(Place(1), 1), answer_id="abc")
    assert sum(pauses.seconds) > PATIENCE_SECONDS - 8


async def test_a_question_deleted_meanwhile_is_answered_all_the_same(line: Line) -> None:
    await line.chat.delete(line.question)
    await line.delivery.reply([PAGE], to=line.to)
    assert line.texts == [PAGE.text]


async def test_who_blocked_the_bot_is_left_alone(line: Line) -> None:
    await line.chat.block()
    assert await line.delivery.reply([PAGE, PAGE], to=line.to, answer_id="abc") == ()
    assert len(line.api.calls_of("sendMessage")) == 1


async def test_a_closed_topic_is_left_alone(line: Line) -> None:
    line.api.fail("sendMessage", botapi.Refuse("Bad Request: TOPIC_CLOSED"))
    assert await line.delivery.reply([PAGE], to=line.to) == ()


async def test_another_refusal_is_an_error(line: Line) -> None:
    line.api.fail("sendMessage", botapi.Refuse("Bad Request: something else"))
    with pytest.raises(BadRequest, match="omething else"):
        await line.delivery.reply([PAGE], to=line.to)


async def test_a_group_that_became_a_supergroup_is_answered_there(line: Line) -> None:
    group = line.api.group("Harbour", members=[])
    moved = line.api.supergroup("Harbour", members=[])
    for fault in (became(moved), botapi.Fault(), became(moved)):
        line.api.fail("sendMessage", fault)
    sent = await line.delivery.reply([Page("One."), PAGE], to=Target(Place(group.id), 1), answer_id="abc")
    assert [message.text for message in moved.messages_of_bot] == ["One.", PAGE.text]
    assert sent == tuple(message.id for message in moved.messages_of_bot)
    assert [message.reply_to for message in moved.messages_of_bot] == [None, None]


async def test_a_group_that_moves_on_and_on_is_not_followed(line: Line) -> None:
    group = line.api.group("Harbour", members=[])
    line.api.fail("sendMessage", became(group), times=2)
    with pytest.raises(ChatMigrated):
        await line.delivery.reply([PAGE], to=Target(Place(group.id), 1))


async def test_what_was_said_before_the_group_became_a_supergroup_is_said_anew(line: Line) -> None:
    group = line.api.group("Harbour", members=[])
    moved = line.api.supergroup("Harbour", members=[])
    for method in ("editMessageText", "sendMessage", "deleteMessage"):
        line.api.fail(method, became(moved))
    await line.delivery.replace((3, 4), [PAGE], to=Target(Place(group.id), 1), answer_id="abc")
    assert [message.text for message in moved.messages_of_bot] == [PAGE.text]


def became(group: botapi.Chat) -> botapi.Refuse:
    description = "Bad Request: group chat was upgraded to a supergroup chat"
    return botapi.Refuse(description, parameters={"migrate_to_chat_id": group.id})


# Editing


async def test_an_edit_that_changes_nothing_is_no_error(line: Line) -> None:
    (message,) = await line.delivery.reply([PAGE], to=line.to)
    assert await line.delivery.edit(PAGE, message=message, to=line.to.place)


async def test_an_edit_is_done_again_when_the_connection_broke(line: Line) -> None:
    (message,) = await line.delivery.reply([PAGE], to=line.to)
    line.api.fail("editMessageText", botapi.DropAfter())
    line.api.fail("editMessageText", botapi.DropBefore())
    assert await line.delivery.edit(Page("Other."), message=message, to=line.to.place)
    assert line.texts == ["Other."]


async def test_an_edit_of_a_deleted_message_says_so(line: Line) -> None:
    assert not await line.delivery.edit(PAGE, message=999, to=line.to.place)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 3), (3, 1), (2, 2), (0, 2)])
async def test_an_answer_given_anew_takes_the_messages_of_the_earlier(line: Line, before: int, after: int) -> None:
    earlier = await line.delivery.reply([Page(f"Old {n}.") for n in range(before)], to=line.to)
    anew = await line.delivery.replace(earlier, [Page(f"New {n}.") for n in range(after)], to=line.to, answer_id="abc")
    assert line.texts == [f"New {n}." for n in range(after)]
    assert anew == tuple(message.id for message in line.chat.messages_of_bot)
    assert anew[: min(before, after)] == earlier[: min(before, after)]


async def test_an_answer_deleted_meanwhile_is_sent_anew(line: Line) -> None:
    earlier = await line.delivery.reply([Page("Old.")], to=line.to)
    await line.chat.delete(line.chat.messages_of_bot[0])
    anew = await line.delivery.replace(earlier, [PAGE], to=line.to, answer_id="abc")
    assert line.texts == [PAGE.text]
    assert anew != earlier


# Typing


async def test_typing_is_shown_at_once_and_again_until_the_work_is_done(line: Line) -> None:
    async with line.delivery.typing(line.to.place):
        for _ in range(3):
            await line.api.called("sendChatAction", chat=line.chat, action="typing")
    calls = len(line.api.calls_of("sendChatAction"))
    await line.delivery.reply([PAGE], to=line.to)
    assert [call.method for call in line.api.calls if call.method != "getMe"][-2:] == ["sendChatAction", "sendMessage"]
    assert len(line.api.calls_of("sendChatAction")) == calls


async def test_trouble_with_typing_is_nobodys_trouble(line: Line) -> None:
    line.api.fail("sendChatAction", botapi.BadGateway())
    line.api.fail("sendChatAction", botapi.RetryAfter(30))
    async with line.delivery.typing(line.to.place):
        await line.api.called("sendChatAction")
        await line.api.called("sendChatAction")
    assert len(line.api.calls_of("sendChatAction")) == 2


@pytest.mark.parametrize(
    "fault",
    [
        botapi.Refuse("Bad Request: upgraded", parameters={"migrate_to_chat_id": -1001}),
        botapi.Refuse("Unauthorized", status=401),
        botapi.Refuse("Conflict", status=409),
        botapi.LoginPage(),
    ],
    ids=["migrated", "unauthorized", "conflict", "page"],
)
async def test_no_error_of_the_typing_action_reaches_the_work(line: Line, fault: botapi.Fault) -> None:
    line.api.fail("sendChatAction", fault)
    async with line.delivery.typing(line.to.place):
        await line.api.called("sendChatAction")
    assert len(line.api.calls_of("sendChatAction")) == 1


async def test_a_typing_action_that_hangs_does_not_hold_the_answer(line: Line) -> None:
    stall = botapi.Stall()
    line.api.fail("sendChatAction", stall)
    async with asyncio.timeout(5), line.delivery.typing(line.to.place):
        await stall.reached()
    await line.delivery.reply([PAGE], to=line.to)
    assert line.texts == [PAGE.text]


# Files


async def test_a_file_arrives_whole_as_a_reply(line: Line) -> None:
    content = bytes(range(256)) * 5000
    sent = await line.delivery.send_file("gaps, часть 1.jsonl", content, caption=PAGE, to=line.to)
    file = await line.chat.next_file()
    assert sent == (file.id,)
    assert (file.attachment["document"]["file_name"], line.api.content(file)) == ("gaps, часть 1.jsonl", content)
    assert (file.text, file.formatted("bold"), file.reply_to) == (PAGE.text, ("It",), line.question.id)


async def test_a_file_needs_no_caption_and_shows_the_beginning_of_a_long_one(line: Line) -> None:
    await line.delivery.send_file("a.md", b"a", caption=Page(""), to=line.to)
    assert (await line.chat.next_file()).text == ""
    await line.delivery.send_file("b.md", b"b", caption=Page("A sentence. " * 200), to=line.to)
    assert 512 < len((await line.chat.next_file()).text) <= 1024


async def test_a_file_goes_to_its_topic(line: Line) -> None:
    forum = line.api.forum("Harbour", members=[])
    topic = await forum.topic("Talk")
    await line.delivery.send_file("a.md", b"a", caption=PAGE, to=Target(Place(forum.id, thread=topic.id), topic.id))
    assert (await forum.next_file()).thread_id == topic.id


async def test_a_file_that_may_have_arrived_is_not_sent_again(line: Line) -> None:
    line.api.fail("sendDocument", botapi.DropAfter())
    assert await line.delivery.send_file("a.md", b"a", caption=PAGE, to=line.to) == ()
    assert len(line.chat.messages_of_bot) == 1


async def test_a_file_is_sent_again_where_it_surely_did_not_arrive(line: Line) -> None:
    line.api.fail("sendDocument", botapi.RetryAfter(7))
    line.api.fail("sendDocument", botapi.BadGateway())
    await line.delivery.send_file("a.md", b"abc", caption=PAGE, to=line.to)
    assert line.api.content(await line.chat.next_file()) == b"abc"
    assert line.pauses.seconds == [7, 0.5]
    assert len(line.budget_pauses.seconds) == 3


class Clock(botapi.Fault):
    """Goes on where somebody sleeps, and by ten seconds in each call that it strikes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def after(self, request: object) -> None:
        self.now += 10


async def test_after_a_file_the_next_message_waits_from_the_end_of_the_upload(line: Line) -> None:
    clock = Clock()
    line.api.fail("sendDocument", clock)
    async with Bot(line.api.token, base_url=f"{line.api.url}/bot") as bot:
        delivery = Delivery(bot, budget=Budget(clock=clock, sleep=clock.sleep))
        await delivery.send_file("a.md", b"a", caption=PAGE, to=line.to)
        uploaded = clock.now
        await delivery.reply([PAGE], to=line.to)
    assert clock.now == uploaded + 1


async def test_a_file_for_who_blocked_the_bot_is_let_go(line: Line) -> None:
    await line.chat.block()
    assert await line.delivery.send_file("a.md", b"a", caption=PAGE, to=line.to) == ()
