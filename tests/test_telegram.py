"""The bot as it runs, over real HTTP against the Bot API server of the tests; only the documents are scripted."""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from telegram.ext import ApplicationBuilder

from bot import owner_texts, texts
from bot.errors import AnotherPollerError, ConversationsError, MissingTokenError, RefusedTokenError
from bot.languages import LANGUAGES, say_in
from bot.telegram.polling import poll
from bot.telegram.profile import COMMANDS
from bot.telegram.updates import RawUpdate
from tests import botapi
from tests.botapi import BotApi
from tests.scripted import FIRST_LIT, LANTERN, TOO_VAGUE
from tests.telegram_world import VOTES, GatedAnswers, World, button_texts, texts_of

pytestmark = pytest.mark.timeout(60)

BY_ASKING = pytest.mark.one_worker("it asks Telegram")


# Commands


async def test_the_commands_are_told_to_telegram_and_answered(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    assert (await chat.reply(to=await chat.start())).text == texts.START
    assert (await chat.reply(to=await chat.say(chat.person, "/help"))).text == texts.HELP
    sources = await chat.reply(to=await chat.say(chat.person, "/sources"))
    assert "Keeping the light · keeping-the-light.txt" in sources.text
    assert (await chat.reply(to=await chat.say(chat.person, "/nonsense"))).text == texts.UNKNOWN_COMMAND
    assert (await chat.reply(to=await chat.say(chat.person, "/ask"))).text == texts.NO_QUESTION
    assert set(api.commands()) == {
        "ask",
        "new",
        "stop",
        "why",
        "watch",
        "watches",
        "sources",
        "language",
        "export",
        "privacy",
        "help",
    }


# A question


async def test_a_question_gets_typing_and_one_reply_with_sources_and_numbers(
    api: BotApi, answers: GatedAnswers
) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "How many steps?")
    reply = await chat.reply(to=question)
    assert reply.text.startswith(
        FIRST_LIT + " [1] A keeper climbs the 212 steps every evening. [2]\n\nSources\n1  Keep"
    )
    assert reply.formatted("expandable_blockquote")[0].startswith("Sources\n1  Keeping the light, p. 4")
    assert button_texts(reply) == ["1", "2", *VOTES]
    assert all(len((button.callback_data or "").encode()) <= 64 for button in reply.buttons)
    assert [call.method for call in api.calls if call.method.startswith("send")] == ["sendChatAction", "sendMessage"]
    assert answers.asked == ["How many steps?"]
    assert len(texts_of(chat)) == 1


async def test_that_documents_disagree_is_told_in_the_persons_language_and_exported(api: BotApi) -> None:
    chat = api.private(api.user("Оля", language_code="ru"))
    reply = await chat.reply(to=await chat.say(chat.person, "What is disputed?"))
    told = (
        "В документах сказано разное: [1] 1871, [2] sunset. Самый новый – [2].\n\n"
        "[2] – из более нового документа, чем [1].\n\n"
    )
    assert reply.text.startswith(
        f"{told}{FIRST_LIT} [1] {LANTERN} [2]\n\nИсточники\n1  Keeping the light, с. 4, 17 мая"
    )
    assert button_texts(reply) == ["1", "2", *VOTES]
    await chat.say(chat.person, "/export")
    exported = api.content(await chat.next_file()).decode()
    assert exported.startswith(f"# What is disputed?\n\n{told}{FIRST_LIT} [1]")


async def test_where_the_documents_are_silent_the_closest_is_shown_without_numbers(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    reply = await chat.reply(to=await chat.say(chat.person, "Something unknown?"))
    assert reply.text.startswith(texts.DOCUMENTS_SILENT)
    assert reply.formatted("blockquote") == (f"“{LANTERN}”",)
    assert button_texts(reply) == VOTES


async def test_a_long_answer_comes_in_parts_with_the_buttons_last(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "At length?")
    first = await chat.reply(to=question)
    last = await chat.next_message()
    assert (button_texts(first), button_texts(last)) == ([], ["1", *VOTES])
    assert (first.reply_to, last.reply_to) == (question.id, question.id)
    assert last.formatted("expandable_blockquote")


async def test_a_question_that_is_none_gets_its_sentence(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    reply = await chat.reply(to=await chat.say(chat.person, "vague"))
    assert (reply.text, reply.buttons) == (TOO_VAGUE, ())


# Buttons


async def test_a_tap_opens_the_passage_and_a_second_one_closes_it(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    tapped = await chat.tap(chat.person, answer, button="2")
    assert (tapped.text, tapped.show_alert) == ("", False)
    opened = await chat.edited(answer)
    assert opened.text.startswith("[2] Keeping the light\nkeeping-the-light.txt › The lamp › Its keeper › p. 4")
    assert opened.formatted("bold")[-1] == "A keeper climbs the 212 steps every evening."
    assert button_texts(opened)[:3] == ["1", "· 2 ·", "Close"]
    await chat.tap(chat.person, opened, button="1")
    other = await chat.edited(opened)
    assert other.formatted("bold")[-1] == FIRST_LIT
    await chat.tap(chat.person, other, button="· 1 ·")
    closed = await chat.edited(other)
    assert closed.version() == answer.version()
    await chat.tap(chat.person, closed, button="1")
    await chat.tap(chat.person, await chat.edited(closed), button="Close")
    assert len(texts_of(chat)) == 1


async def test_buttons_work_after_a_restart_with_other_documents(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    world.answers = GatedAnswers()
    async with world.bot():
        await chat.tap(chat.person, answer, button="1")
        assert (await chat.edited(answer)).formatted("bold")[-1] == FIRST_LIT
    assert not world.answers.asked


async def test_a_quick_second_tap_on_the_same_number_is_no_error(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    data = answer.buttons[0].callback_data
    for _ in range(2):
        assert (await chat.tap(chat.person, answer, data=data)).text == ""
    assert (await chat.edited(answer)).text.startswith("[1]")


@pytest.mark.parametrize("data", ["c:unknown:1", "c:unknown", "x", "c::"])
async def test_a_tap_on_what_is_no_longer_known_says_ask_again(api: BotApi, data: str) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    tapped = await chat.tap(chat.person, answer, data=data)
    assert (tapped.text, tapped.show_alert) == (texts.ASK_AGAIN, True)
    assert chat.latest(answer) == answer


async def test_the_answers_of_one_chat_cannot_be_opened_from_another(api: BotApi) -> None:
    alice, eve = api.private(api.user("Alice")), api.private(api.user("Eve"))
    private = await alice.reply(to=await alice.say(alice.person, "How many steps?"))
    hers = await eve.reply(to=await eve.say(eve.person, "lantern?"))
    tapped = await eve.tap(eve.person, hers, data=private.buttons[0].callback_data)
    assert tapped.text == texts.ASK_AGAIN
    assert eve.latest(hers) == hers


async def test_an_answer_that_may_be_lost_is_one_tap_away(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    api.fail("sendMessage", botapi.DropBefore())
    notice = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    assert notice.text == texts.CONNECTION_BROKE
    await chat.tap(chat.person, notice, button=texts.SHOW_ANSWER)
    answer = await chat.edited(notice)
    assert answer.text.startswith(FIRST_LIT)
    assert button_texts(answer) == ["1", "2", *VOTES]


# Votes


async def test_a_good_vote_is_thanked_for_and_changes_nothing(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    tapped = await chat.tap(chat.person, answer, button=texts.THUMBS_UP)
    assert (tapped.text, tapped.show_alert) == (texts.THANKS, False)
    assert chat.latest(answer) == answer


async def test_a_bad_vote_is_asked_for_its_reason(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    tapped = await chat.tap(chat.person, answer, button=texts.THUMBS_DOWN)
    assert (tapped.text, tapped.show_alert) == (texts.WHAT_IS_WRONG, False)
    asked = await chat.edited(answer)
    assert (asked.text, asked.entities) == (answer.text, answer.entities)
    assert button_texts(asked) == ["1", "2", texts.WRONG, texts.BESIDE, texts.MISSING]
    assert (await chat.tap(chat.person, asked, button=texts.BESIDE)).text == texts.THANKS
    assert (await chat.edited(asked)).version() == answer.version()


async def test_in_a_group_everyone_votes_and_nobody_is_asked_for_a_reason(api: BotApi) -> None:
    alice, boris = api.user("Alice"), api.user("Boris")
    group = api.supergroup("Harbour", members=[alice, boris])
    answer = await group.reply(to=await group.say(alice, "/ask How many steps?"))
    for person in (alice, boris):
        assert (await group.tap(person, answer, button=texts.THUMBS_DOWN)).text == texts.THANKS
    assert group.latest(answer) == answer


async def test_a_vote_on_an_answer_of_another_chat_does_not_count(api: BotApi) -> None:
    alice, eve = api.private(api.user("Alice")), api.private(api.user("Eve"))
    private = await alice.reply(to=await alice.say(alice.person, "How many steps?"))
    hers = await eve.reply(to=await eve.say(eve.person, "lantern?"))
    tapped = await eve.tap(eve.person, hers, data=private.buttons[-1].callback_data)
    assert (tapped.text, tapped.show_alert) == (texts.ASK_AGAIN, True)


# Groups and topics


async def test_in_a_group_the_bot_answers_when_it_is_meant(world: World) -> None:
    world.api = BotApi(privacy=False)
    async with world.api as api, world.bot():
        alice = api.user("Alice")
        group = api.supergroup("Harbour", members=[alice])
        await group.say(alice, "How many steps?")
        await group.sticker(alice)
        await group.say(alice, "@someone_else how many steps?")
        by_name = await group.reply(to=await group.say(alice, f"@{api.bot.username} How many steps?"))
        by_reply = await group.reply(to=await group.say(alice, "And the lantern?", reply_to=by_name))
        await group.reply(to=await group.say(alice, "/ask How many steps?"))
        await group.reply(to=await group.say(alice, f"/ask@{api.bot.username} How many boats?"))
        await group.tap(alice, by_reply, button="1")
        assert world.answers.asked == ["How many steps?"] * 2 + ["How many boats?"]  # "lantern" is not noted down
        assert len(texts_of(group)) == 4
    assert not api.violations


async def test_in_a_topic_that_the_bot_opened_it_does_not_answer_everything(api: BotApi) -> None:
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice])
    topic = await forum.topic("Talk")
    await forum.say(alice, "Just talking to the others.", topic=topic)
    asked = await forum.say(alice, f"@{api.bot.username} How many steps?", topic=topic)
    reply = await forum.reply(to=asked)
    assert reply.thread_id == topic.id
    assert len(texts_of(forum)) == 1
    follow_up = await forum.say(alice, "And the lantern?", topic=topic, reply_to=reply)
    assert (await forum.reply(to=follow_up)).thread_id == topic.id
    await api.called("sendChatAction", chat=forum, topic=topic)


async def test_every_part_of_a_long_answer_stays_in_its_topic(api: BotApi) -> None:
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice])
    topic = await forum.topic("Talk", by=alice)
    await forum.reply(to=await forum.say(alice, "/ask at length?", topic=topic))
    last = await forum.next_message()
    await forum.tap(alice, last, button="1")
    assert (await forum.reply(to=last)).thread_id == topic.id
    assert not forum.messages_in_general


async def test_general_is_answered_in_general(api: BotApi) -> None:
    alice = api.user("Alice")
    forum = api.forum("Harbour", members=[alice])
    reply = await forum.reply(to=await forum.say(alice, "/ask How many steps?"))
    assert reply.thread_id is None
    await api.called("sendChatAction", chat=forum, message_thread_id=1)


# Who may ask


async def test_who_has_no_access_is_told_once(world: World) -> None:
    alice, eve = world.api.user("Alice"), world.api.user("Eve")
    hers, eves = world.api.private(alice), world.api.private(eve)
    async with world.bot(allowed_users=str(alice.id)):
        told = await eves.reply(to=await eves.say(eve, "How many steps?"))
        assert told.text == texts.NO_ACCESS.format(asker=eve.id)
        await eves.say(eve, "Please?")
        await eves.say(eve, "/sources")
        await eves.say(eve, "/start")
        await eves.sticker(eve)
        await hers.reply(to=await hers.say(alice, "How many steps?"))
    async with world.bot(allowed_users=str(alice.id)):
        await eves.say(eve, "Still not?")
        await hers.reply(to=await hers.say(alice, "lantern?"))
    assert texts_of(eves) == [told.text]
    assert world.answers.asked == ["How many steps?"]


async def test_in_a_group_with_access_everyone_may_ask_and_elsewhere_not(world: World) -> None:
    alice, eve = world.api.user("Alice"), world.api.user("Eve")
    group = world.api.supergroup("Harbour", members=[alice, eve])
    other = world.api.supergroup("Elsewhere", members=[alice, eve])
    async with world.bot(allowed_users=str(alice.id), allowed_chats=str(group.id)):
        await group.reply(to=await group.say(eve, "/ask How many steps?"))
        answer = await other.reply(to=await other.say(alice, "/ask How many steps?"))
        tapped = await other.tap(eve, answer, button="1")
        assert tapped.text == texts.NO_ACCESS.format(asker=eve.id)
        assert (await other.tap(eve, answer, button="1")).text == ""
        assert other.latest(answer) == answer
        await other.say(eve, "/ask How many steps?")
        await other.reply(to=await other.say(alice, "/ask lantern?"))
    assert len(texts_of(other)) == 2


async def test_in_a_group_without_access_only_those_who_mean_the_bot_are_told(world: World) -> None:
    world.api = BotApi(privacy=False)
    async with world.api as api, world.bot(allowed_users="1"):
        eve = api.user("Eve")
        group = api.supergroup("Elsewhere", members=[eve])
        await group.say(eve, "Just talking.")
        told = await group.reply(to=await group.say(eve, "/ask How many steps?"))
        assert told.text == texts.NO_ACCESS_IN_GROUP.format(asker=eve.id, chat=group.id)
        assert len(texts_of(group)) == 1


# Edited, and other than text


async def test_an_edited_question_is_answered_anew_in_place(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "How many steps?")
    answer = await chat.reply(to=question)
    await chat.edit(question, "What about a lantern?")
    anew = await chat.edited(answer)
    assert anew.text.startswith(f"{LANTERN} [1]")
    await chat.tap(chat.person, anew, button="1")
    assert (await chat.edited(anew)).formatted("bold")[-1] == LANTERN
    assert len(texts_of(chat)) == 1


async def test_an_edit_that_leads_to_the_same_answer_changes_nothing(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "How many steps?")
    answer = await chat.reply(to=question)
    await chat.edit(question, "How many steps??")
    await chat.reply(to=await chat.say(chat.person, "lantern?"))
    assert chat.latest(answer) == answer


async def test_an_edit_that_failed_can_be_tried_again(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "How many steps?")
    answer = await chat.reply(to=question)
    api.fail("editMessageText", botapi.Refuse("Bad Request: something odd"))
    await chat.edit(question, "lantern?")
    assert (await chat.reply(to=question)).text.startswith("Sorry")
    await chat.edit(question, "lantern, please?")
    assert (await chat.edited(answer)).text.startswith(LANTERN)


async def test_a_question_that_was_none_is_answered_in_place_once_it_is_one(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    question = await chat.say(chat.person, "vague")
    sentence = await chat.reply(to=question)
    await chat.edit(question, "How many steps?")
    assert (await chat.edited(sentence)).text.startswith(FIRST_LIT)


async def test_an_edited_question_whose_answer_is_gone_or_unknown_gets_a_new_one(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    unheard = await chat.say(chat.person, "/help")
    async with world.bot():
        await chat.reply(to=unheard)
        await chat.edit(unheard, "How many steps?")
        assert (await chat.reply(to=unheard)).text.startswith(FIRST_LIT)
        question = await chat.say(chat.person, "How many steps?")
        await chat.delete(await chat.reply(to=question))
        await chat.edit(question, "lantern?")
        assert (await chat.reply(to=question)).text.startswith(LANTERN)


async def test_what_is_not_text_gets_one_kind_sentence_in_private(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    for message in (await chat.sticker(chat.person), await chat.photo(chat.person)):
        assert (await chat.reply(to=message)).text == texts.TEXT_ONLY
    captioned = await chat.photo(chat.person, caption="How many steps?")
    assert (await chat.reply(to=captioned)).text.startswith(FIRST_LIT)


# Order


async def test_questions_of_a_chat_are_answered_in_order_and_others_need_not_wait(
    api: BotApi, answers: GatedAnswers
) -> None:
    alice, bob = api.private(api.user("Alice")), api.private(api.user("Bob"))
    earlier = await alice.reply(to=await alice.say(alice.person, "How many steps?"))
    slow = await alice.say(alice.person, "How long do I wait?")
    quick = await alice.say(alice.person, "lantern?")
    await answers.waited_at()
    await bob.reply(to=await bob.say(bob.person, "lantern?"))
    await alice.tap(alice.person, earlier, button="1")
    await alice.edited(earlier)
    assert len(texts_of(alice)) == 1
    answers.gate.set()
    await alice.reply(to=quick)
    assert [message.reply_to for message in alice.messages_of_bot[1:]] == [slow.id, quick.id]


# What goes wrong


async def test_an_error_is_logged_under_an_id_that_the_person_gets(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    chat = api.private(api.user("Alice"))
    caplog.set_level(logging.INFO)
    reply = await chat.reply(to=await chat.say(chat.person, "Is this broken?"))
    found = re.search(r": ([0-9a-f]{8})$", reply.text)
    assert found, reply.text
    (record,) = [record for record in caplog.records if found[1] in record.getMessage()]
    assert record.levelno == logging.ERROR
    assert "scripted.py" in record.getMessage()
    assert record.getMessage().endswith("RuntimeError\n")
    assert "Is this broken?" not in caplog.text


async def test_what_an_error_says_of_the_question_is_logged_at_debug_only(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chat = api.private(api.user("Alice"))
    await chat.reply(to=await chat.say(chat.person, "Is it unwise, or 'quoted'?"))
    above_debug = "\n".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)
    assert "ValueError" in above_debug
    assert "quoted" not in above_debug
    assert "no idea what ['Is', 'it', 'unwise,'" in caplog.text


async def test_no_index_is_said_kindly_and_the_log_says_what_to_do(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    chat = api.private(api.user("Alice"))
    reply = await chat.reply(to=await chat.say(chat.person, "unread?"))
    assert reply.text.startswith("Sorry, I can't read my documents just now.")
    assert "Nothing is indexed yet." in caplog.text


async def test_a_server_that_stays_away_is_told_and_the_question_may_be_asked_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.tempo = replace(world.tempo, patience_seconds=0.1)
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        reply = await chat.reply(to=await chat.say(chat.person, "unreachable?"))
    assert reply.text == texts.DOCUMENTS_AWAY
    assert "The Chroma server is away." in caplog.text


async def test_neither_questions_nor_the_token_stand_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.INFO)
    chat = world.api.private(world.api.user("Alice"))
    world.api.fail(world.entering, botapi.DropBefore())
    world.api.fail("sendMessage", botapi.BadGateway())
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    above_debug = "\n".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)
    assert "How many steps?" not in above_debug
    assert world.api.token.partition(":")[2] not in caplog.text
    assert "cannot be reached" in above_debug


async def test_who_blocked_the_bot_costs_nothing(api: BotApi, answers: GatedAnswers) -> None:
    chat = api.private(api.user("Alice"))
    await chat.say(chat.person, "How long do I wait?")
    await answers.waited_at()
    await chat.block()
    answers.gate.set()
    bob = api.private(api.user("Bob"))
    await bob.reply(to=await bob.say(bob.person, "lantern?"))
    assert not texts_of(chat)


# Starting and stopping


async def test_what_is_being_answered_and_sent_is_finished(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    stop = asyncio.Event()
    serving = asyncio.create_task(world.serve(stop=stop))
    waiting = await chat.say(chat.person, "How long do I wait?")
    next_one = await chat.say(chat.person, "lantern?")
    await world.answers.waited_at()
    stall = botapi.Stall()
    world.api.fail("sendMessage", stall)
    stop.set()
    world.answers.gate.set()
    await stall.reached()
    assert not serving.done()
    stall.release()
    async with asyncio.timeout(30):
        await serving
    assert [message.reply_to for message in chat.messages_of_bot] == [waiting.id, next_one.id]


async def test_what_was_answered_is_not_answered_again_after_a_restart(world: World) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "lantern?"))
    assert world.answers.asked == ["How many steps?"]


async def test_what_came_with_the_stop_is_not_fetched_again() -> None:
    stop, taken = asyncio.Event(), list[RawUpdate]()

    async def take(raws: Sequence[RawUpdate]) -> None:
        """With the first update comes the stop."""
        taken.extend(raws)
        stop.set()

    async with BotApi() as api:
        application = ApplicationBuilder().token(api.token).base_url(f"{api.url}/bot").updater(None).build()
        chat = api.private(api.user("Alice"))
        await chat.say(chat.person, "How many steps?")
        async with application:
            await poll(application, take=take, stop=stop)
            assert len(taken) == 1
            assert (await application.bot.get_webhook_info()).pending_update_count == 0


async def test_without_a_token_a_sentence_says_where_to_get_one(world: World) -> None:
    with pytest.raises(MissingTokenError, match="@BotFather") as caught:
        await world.serve(stop=asyncio.Event(), telegram_bot_token="")
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("token", ["123456:WRONG-TOKEN", "1:x"])
async def test_a_refused_token_ends_in_a_sentence_without_it(tmp_path: Path, token: str) -> None:
    async with BotApi() as api:
        with pytest.raises(RefusedTokenError) as caught:
            await World(api, GatedAnswers(), tmp_path).serve(stop=asyncio.Event(), telegram_bot_token=token)
    assert str(caught.value) == owner_texts.TOKEN_REFUSED
    assert caught.value.exit_status == 1
    assert caught.value.__cause__ is None


@BY_ASKING
async def test_a_token_withdrawn_while_the_bot_runs_ends_it(world: World) -> None:
    world.api.fail("getUpdates", botapi.Refuse("Unauthorized", status=401))
    with pytest.raises(RefusedTokenError):
        await world.serve(stop=asyncio.Event())


@BY_ASKING
async def test_the_second_poller_leaves_and_the_first_goes_on(world: World, tmp_path: Path) -> None:
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
        second = World(world.api, GatedAnswers(), tmp_path / "second")
        with pytest.raises(AnotherPollerError) as caught:
            async with asyncio.timeout(30):
                await second.serve(stop=asyncio.Event())
        assert str(caught.value) == owner_texts.ANOTHER_POLLER
        await chat.reply(to=await chat.say(chat.person, "lantern?"))


async def test_a_network_that_is_down_at_the_start_is_waited_for(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.fail("getMe", botapi.BadGateway())
    world.api.fail(world.entering, botapi.DropBefore())
    world.api.fail("setMyCommands", botapi.BadGateway(html=True))
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    assert "cannot be reached" in caplog.text


@pytest.mark.parametrize(
    "method",
    ["getMe", *(pytest.param(each, marks=BY_ASKING) for each in ("deleteWebhook", "getUpdates"))],
)
@pytest.mark.parametrize(
    "fault", [botapi.LoginPage(), botapi.Refuse("Forbidden: not from here", status=403)], ids=["page", "forbidden"]
)
async def test_an_answer_that_is_not_telegrams_is_borne(
    world: World, caplog: pytest.LogCaptureFixture, method: str, fault: botapi.Fault
) -> None:
    world.api.fail(method, fault)
    chat = world.api.private(world.api.user("Alice"))
    async with world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    assert "cannot be reached" in caplog.text


async def test_commands_that_may_only_be_set_later_hold_nothing_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.api.fail("setMyCommands", botapi.RetryAfter(300))
    chat = world.api.private(world.api.user("Alice"))
    async with asyncio.timeout(20), world.bot():
        await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    assert "could not be set (en)" in caplog.text


async def test_commands_whose_setting_hangs_hold_nothing_up(world: World) -> None:
    stalls = [botapi.Stall() for _ in range(world.workers)]
    for stall in stalls:
        world.api.fail("setMyCommands", stall)
    chat = world.api.private(world.api.user("Alice"))
    async with asyncio.timeout(20), world.bot():
        for stall in stalls:
            await stall.reached()
        answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
        assert answer.text.startswith(FIRST_LIT)
    assert not world.api.commands()


async def test_a_bot_without_a_network_can_be_stopped(world: World) -> None:
    stall = botapi.Stall()
    world.api.fail("getMe", stall)
    async with world.bot():
        await stall.reached()
    assert not world.api.calls_of("getUpdates")
    world.api.heal()


@pytest.mark.one_worker("it damages the file of SQLite's")
async def test_a_damaged_database_ends_in_a_sentence(world: World, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.sqlite").write_bytes(b"not a database " * 1000)
    with pytest.raises(ConversationsError, match="move it away"):
        await world.serve(stop=asyncio.Event())


# Languages


async def test_a_person_is_spoken_to_in_the_language_of_their_telegram(api: BotApi) -> None:
    russian, french = api.private(api.user("Оля", language_code="ru")), api.private(api.user("Luc", language_code="fr"))
    say = say_in("ru")
    assert (await russian.reply(to=await russian.start())).text == say(texts.START)
    assert (await french.reply(to=await french.start())).text == texts.START
    answer = await russian.reply(to=await russian.say(russian.person, "How many steps?"))
    assert say(texts.SOURCES) in answer.formatted("bold")
    assert "с. 4, 17 мая 2024" in answer.text
    await russian.tap(russian.person, answer, button="1")
    assert say(texts.CLOSE) in button_texts(await russian.edited(answer))


async def test_a_language_is_chosen_by_a_tap_and_kept(world: World) -> None:
    alice = world.api.user("Alice", language_code="en")
    chat = world.api.private(alice)
    async with world.bot():
        asked = await chat.reply(to=await chat.say(alice, "/language"))
        assert (asked.text, button_texts(asked)) == (texts.WHICH_LANGUAGE, ["· English ·", "Русский"])
        assert (await chat.tap(alice, asked, button="Русский")).text == say_in("ru")(texts.SPEAKING)
        assert button_texts(await chat.edited(asked)) == ["English", "· Русский ·"]
    async with world.bot():
        silent = await chat.reply(to=await chat.say(alice, "unknown?"))
        assert silent.text.startswith(say_in("ru")(texts.DOCUMENTS_SILENT))


async def test_commands_and_descriptions_are_told_in_every_language(api: BotApi) -> None:
    await api.called("setMyDescription", language_code="ru")
    assert api.commands(language_code="ru") == {name: say_in("ru")(meaning) for name, meaning in COMMANDS.items()}
    assert api.commands() == COMMANDS
    described = {call.parameters.get("language_code", "en") for call in api.calls_of("setMyShortDescription")}
    assert described == set(LANGUAGES)
