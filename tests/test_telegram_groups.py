"""Groups and topics as their people and administrators live in them, with the bot running, over real HTTP."""

from pathlib import Path

import pytest
from sqlalchemy.schema import DropTable

from bot import texts
from bot.groups import modes
from bot.languages import say_in
from bot.telegram.profile import ADMINISTRATORS_COMMANDS
from tests.botapi import BotApi, Chat, ForumChat, GroupChat, Message, Topic, User
from tests.databases import ask
from tests.scripted import FIRST_LIT, LANTERN, TOO_VAGUE
from tests.telegram_world import GatedAnswers, World, button_texts, texts_of

pytestmark = pytest.mark.timeout(60)

ALWAYS, MENTIONED, OFF = texts.MODE_ALWAYS, texts.MODE_MENTIONED, texts.MODE_OFF
OF_GROUP = f"{texts.MODE_OF_GROUP}\n\n{texts.MODES_EXPLAINED}"


@pytest.fixture
def server() -> BotApi:
    """The bot sees everything, unless a test has it otherwise."""
    return BotApi(privacy=False)


@pytest.fixture
def alice(world: World) -> User:
    """An administrator of every group below."""
    return world.api.user("Alice")


@pytest.fixture
def boris(world: World) -> User:
    return world.api.user("Boris")


@pytest.fixture
def group(world: World, alice: User, boris: User) -> GroupChat:
    group = world.api.supergroup("Harbour", members=[alice, boris])
    group.promote(alice)
    return group


@pytest.fixture
def forum(world: World, alice: User, boris: User) -> ForumChat:
    forum = world.api.forum("Harbour", members=[alice, boris])
    forum.promote(alice)
    return forum


async def choose(chat: Chat, person: User, *labels: str, topic: Topic | None = None) -> Message:
    """/mode, then a tap on each label in turn; the message with the modes as it is afterwards."""
    shown = await chat.reply(to=await chat.say(person, "/mode", topic=topic))
    for label in labels:
        await chat.tap(person, shown, button=label)
        shown = await chat.edited(shown)
    return shown


# Modes


async def test_an_administrator_chooses_and_it_holds_after_a_restart(
    world: World, group: GroupChat, alice: User, boris: User
) -> None:
    async with world.bot():
        shown = await group.reply(to=await group.say(alice, "/mode"))
        assert shown.text == OF_GROUP
        assert button_texts(shown) == [ALWAYS, f"· {MENTIONED} ·", OFF]
        tapped = await group.tap(alice, shown, button=ALWAYS)
        assert (tapped.text, tapped.show_alert) == ("", False)
        assert button_texts(await group.edited(shown)) == [f"· {ALWAYS} ·", MENTIONED, OFF]
    async with world.bot():
        assert (await group.reply(to=await group.say(boris, "How many steps?"))).text.startswith(FIRST_LIT)


async def test_nobody_else_may_choose(api: BotApi, group: GroupChat, alice: User, boris: User) -> None:
    assert (await group.reply(to=await group.say(boris, "/mode"))).text == texts.ADMINISTRATORS_ONLY
    shown = await group.reply(to=await group.say(alice, "/mode"))
    tapped = await group.tap(boris, shown, button=OFF)
    assert (tapped.text, tapped.show_alert) == (texts.ADMINISTRATORS_ONLY, True)
    assert group.latest(shown) == shown
    await group.reply(to=await group.say(boris, "/ask How many steps?"))


async def test_a_forged_tap_chooses_nothing(api: BotApi, group: GroupChat, alice: User) -> None:
    shown = await group.reply(to=await group.say(alice, "/mode"))
    for data in ("c:mode:group-sometimes", "c:mode:", "c:mode:topic-"):
        assert (await group.tap(alice, shown, data=data)).text == ""
    assert f"· {MENTIONED} ·" in button_texts(group.latest(shown))


async def test_an_anonymous_administrator_may(api: BotApi, group: GroupChat, alice: User) -> None:
    shown = await group.reply(to=await group.say_as_group("/mode"))
    await group.tap(alice, shown, button=OFF)
    assert f"· {OFF} ·" in button_texts(await group.edited(shown))
    assert (await group.reply(to=await group.say_as_group("/mode"))).text == OF_GROUP


async def test_the_bots_own_admins_may(world: World, group: GroupChat, boris: User) -> None:
    async with world.bot(admins=str(boris.id)):
        assert f"· {OFF} ·" in button_texts(await choose(group, boris, OFF))
        assert f"· {MENTIONED} ·" in button_texts(await choose(group, boris, MENTIONED))


async def test_an_administrator_without_access_may_not(
    world: World, group: GroupChat, alice: User, boris: User
) -> None:
    async with world.bot(allowed_users=str(boris.id), admins=str(boris.id)):
        shown = await choose(group, boris)
        assert (await group.tap(alice, shown, button=OFF)).text == texts.ADMINISTRATORS_ONLY


async def test_in_private_there_is_nothing_to_choose(api: BotApi, alice: User) -> None:
    chat = api.private(alice)
    assert (await chat.reply(to=await chat.say(alice, "/mode"))).text == texts.MODE_IN_PRIVATE


async def test_where_it_answers_always_it_answers_what_it_can_and_else_keeps_quiet(
    api: BotApi, answers: GatedAnswers, group: GroupChat, alice: User, boris: User
) -> None:
    await choose(group, alice, ALWAYS)
    before = len(api.calls)
    await group.say(boris, "Something unknown, I think.")
    await group.say(boris, "a vague idea")
    await group.say(boris, "ok")
    await group.sticker(boris)
    answer = await group.reply(to=await group.say(boris, "I wonder how many steps there are"))
    assert answer.text.startswith(FIRST_LIT)
    assert answers.asked == ["Something unknown, I think.", "a vague idea", "I wonder how many steps there are"]
    done = [call.method for call in api.calls[before:] if call.method != "getUpdates"]
    assert done == ["sendMessage"]


async def test_of_what_is_overheard_only_answers_count_for_the_day(
    world: World, group: GroupChat, alice: User, boris: User
) -> None:
    async with world.bot(daily_questions=2):
        await choose(group, alice, ALWAYS)
        for said in ("Something unknown, I think.", "More that is unknown", "Still unknown, friends"):
            await group.say(boris, said)
        await group.reply(to=await group.say(boris, "I wonder how many steps there are"))
        await group.reply(to=await group.say(boris, "/ask lantern?"))
        told = await group.reply(to=await group.say(boris, "/ask How many steps?"))
        assert told.text.startswith("That was all for today")
        await group.say(boris, "I wonder how many steps there are, really")
        await group.reply(to=await group.say(alice, "/ask lantern?"))
    assert len([text for text in texts_of(group) if FIRST_LIT in text]) == 1


async def test_who_addresses_it_is_told_all_the_same(api: BotApi, group: GroupChat, alice: User, boris: User) -> None:
    await choose(group, alice, ALWAYS)
    by_name = await group.reply(to=await group.say(boris, f"@{api.bot.username} something unknown?"))
    assert by_name.text.startswith(texts.DOCUMENTS_SILENT)
    assert (await group.reply(to=await group.say(boris, "vague", reply_to=by_name))).text == TOO_VAGUE
    await api.called("sendChatAction", chat=group)


async def test_an_answer_to_what_was_overheard_follows_its_edit(
    api: BotApi, group: GroupChat, alice: User, boris: User
) -> None:
    await choose(group, alice, ALWAYS)
    said = await group.say(boris, "How many steps?")
    answer = await group.reply(to=said)
    await group.edit(said, "Something unknown?")
    assert (await group.edited(answer)).text.startswith(texts.DOCUMENTS_SILENT)


async def test_a_failure_is_not_told_to_those_who_talk_to_each_other(
    api: BotApi, group: GroupChat, alice: User, boris: User
) -> None:
    await choose(group, alice, ALWAYS)
    await group.say(boris, "This is broken, isn't it?")
    await group.say(boris, "unread as ever")
    told = await group.reply(to=await group.say(boris, "/ask something broken?"))
    assert told.text.startswith("Sorry, something went wrong")
    assert len(texts_of(group)) == 2


async def test_who_has_no_access_is_not_overheard(world: World, group: GroupChat, alice: User, boris: User) -> None:
    async with world.bot(allowed_users=str(alice.id)):
        await choose(group, alice, ALWAYS)
        await group.say(boris, "How many steps?")
        await group.reply(to=await group.say(alice, "And the lantern?"))
    assert len(texts_of(group)) == 2


async def test_what_it_offered_inline_is_not_asked_when_a_person_sends_it(
    api: BotApi, answers: GatedAnswers, group: GroupChat, alice: User
) -> None:
    await choose(group, alice, ALWAYS)
    private = api.private(alice)
    offered = await api.inline(alice, "How many steps?")
    for chat in (group, private):
        await chat.send_offer(alice, offered.articles[0])
        await chat.reply(to=await chat.say(alice, "What about a lantern?"))
    assert answers.asked == ["How many steps?"]  # "lantern" is not noted down


async def test_where_it_is_off_only_administrators_reach_it(
    api: BotApi, answers: GatedAnswers, group: GroupChat, alice: User, boris: User
) -> None:
    shown = await choose(group, alice, OFF)
    said = [
        await group.say(boris, "/ask How many steps?"),
        await group.say(alice, f"@{api.bot.username} How many steps?"),
        await group.say(boris, "How many steps?", reply_to=shown),
        await group.say(boris, f"/help@{api.bot.username}"),
        await group.say(alice, "/sources"),
        await group.say(boris, "/mode"),
        await group.say(boris, "/doctor"),
    ]
    await group.edit(said[1], f"@{api.bot.username} How many?")
    assert (await group.reply(to=await group.say(alice, "/doctor"))).text.count(OFF) == 1
    again = await group.reply(to=await group.say(alice, "/mode"))
    assert len(texts_of(group)) == 3
    await group.tap(alice, again, button=MENTIONED)
    await group.edited(again)
    await group.reply(to=await group.say(boris, "/ask How many steps?"))
    assert answers.asked == ["How many steps?"]


async def test_what_was_answered_can_be_opened_where_it_is_off_now(
    api: BotApi, group: GroupChat, alice: User, boris: User
) -> None:
    answer = await group.reply(to=await group.say(boris, "/ask How many steps?"))
    await choose(group, alice, OFF)
    await group.tap(boris, answer, button="1")
    assert (await group.reply(to=answer)).text.startswith("[1]")


async def test_always_without_seeing_anything_is_told_at_once(world: World, tmp_path: Path) -> None:
    async with BotApi() as api:
        world.api = api
        alice = api.user("Alice")
        group = api.supergroup("Harbour", members=[alice])
        group.promote(alice)
        async with world.bot():
            shown = await group.reply(to=await group.say(alice, "/mode"))
            tapped = await group.tap(alice, shown, button=ALWAYS)
            assert (tapped.text, tapped.show_alert) == (texts.ALWAYS_BUT_HIDDEN, True)
            warned = await group.edited(shown)
            assert warned.text == f"{OF_GROUP}\n\n{texts.ALWAYS_BUT_HIDDEN}"
            assert (await group.tap(alice, warned, button=OFF)).text == ""
            assert (await group.edited(warned)).text == OF_GROUP
        assert not api.violations


async def test_administrators_are_shown_their_commands(api: BotApi) -> None:
    await api.called("setMyDescription", language_code="ru")
    shown = api.commands(scope="all_chat_administrators")
    assert shown == ADMINISTRATORS_COMMANDS
    russian = api.commands(scope="all_chat_administrators", language_code="ru")
    assert russian["mode"] == say_in("ru")(texts.COMMAND_MODE)


# Topics


@pytest.mark.two_workers
async def test_a_topic_has_a_mode_of_its_own(api: BotApi, forum: ForumChat, alice: User, boris: User) -> None:
    talk, help_desk = await forum.topic("Talk", by=alice), await forum.topic("Help", by=alice)
    shown = await choose(forum, alice, ALWAYS, topic=help_desk)
    assert shown.text == f"{texts.MODE_OF_TOPIC}\n\n{texts.MODES_EXPLAINED}"
    like = texts.MODE_LIKE_GROUP.format(mode=MENTIONED)
    assert button_texts(shown) == [f"· {ALWAYS} ·", MENTIONED, OFF, like, texts.TO_GROUP]
    await forum.say(boris, "How many steps?", topic=talk)
    await forum.say(boris, "How many steps?")
    answer = await forum.reply(to=await forum.say(boris, "How many steps?", topic=help_desk))
    assert answer.thread_id == help_desk.id
    await forum.reply(to=await forum.say(boris, "/ask lantern?", topic=talk))
    await forum.reply(to=await forum.say(boris, "/ask lantern?"))
    assert len(texts_of(forum)) == 4


async def test_the_whole_group_is_chosen_for_from_a_topic_and_the_topic_follows_again(
    api: BotApi, forum: ForumChat, alice: User, boris: User
) -> None:
    talk, other = await forum.topic("Talk", by=alice), await forum.topic("Other", by=alice)
    shown = await choose(forum, alice, OFF, texts.TO_GROUP, ALWAYS, topic=talk)
    assert shown.text == OF_GROUP
    assert button_texts(shown) == [f"· {ALWAYS} ·", MENTIONED, OFF, texts.TO_TOPIC]
    await forum.say(boris, "How many steps?", topic=talk)
    for topic in (other, None):
        await forum.reply(to=await forum.say(boris, "How many steps?", topic=topic))
    assert len(texts_of(forum)) == 3
    await forum.tap(alice, shown, button=texts.TO_TOPIC)
    in_topic = await forum.edited(shown)
    assert f"· {OFF} ·" in button_texts(in_topic)
    like = texts.MODE_LIKE_GROUP.format(mode=ALWAYS)
    await forum.tap(alice, in_topic, button=like)
    assert f"· {like} ·" in button_texts(await forum.edited(in_topic))
    await forum.reply(to=await forum.say(boris, "How many steps?", topic=talk))


async def test_general_is_a_topic_like_the_others(api: BotApi, forum: ForumChat, alice: User, boris: User) -> None:
    talk = await forum.topic("Talk", by=alice)
    await choose(forum, alice, ALWAYS)
    assert (await forum.reply(to=await forum.say(boris, "How many steps?"))).thread_id is None
    await forum.say(boris, "How many steps?", topic=talk)
    await forum.reply(to=await forum.say(boris, "/ask lantern?", topic=talk))
    assert len(texts_of(forum)) == 3


@pytest.mark.parametrize("in_general", [False, True], ids=["topic", "general"])
async def test_everything_said_stays_in_its_topic(
    world: World, forum: ForumChat, alice: User, in_general: bool
) -> None:
    """A reply that strays is a violation."""
    topic = None if in_general else await forum.topic("Talk", by=alice)
    async with world.bot(admins="1"):
        for words in ("/help", "/sources", "/language", "/mode", "/doctor", "/ask", "/ask vague", "/ask broken?"):
            reply = await forum.reply(to=await forum.say(alice, words, topic=topic))
            assert reply.thread_id == (topic.id if topic else None), words
    assert len(texts_of(forum)) == 8


# /doctor


async def test_the_doctor_is_content_where_all_is_well(api: BotApi, group: GroupChat, boris: User) -> None:
    told = await group.reply(to=await group.say(boris, "/doctor"))
    assert told.text.split("\n\n") == [
        f"✅ {texts.DOCTOR_SEES_ALL}",
        f"✅ {texts.DOCTOR_MODE.format(mode=MENTIONED)}",
        f"✅ {texts.DOCTOR_WRITES}",
        f"✅ {texts.DOCTOR_DOCUMENTS.format(count=2)}",
        f"✅ {texts.DOCTOR_INLINE.format(name=api.bot.username)}",
    ]


async def test_privacy_mode_is_explained_and_matters_where_it_is_to_answer_always(world: World) -> None:
    async with BotApi(inline=False) as api:
        world.api = api
        alice = api.user("Alice")
        group = api.supergroup("Harbour", members=[alice])
        administered = api.supergroup("Quay", members=[alice], bot_is_administrator=True)
        group.promote(alice)
        async with world.bot():
            addressed = await group.reply(to=await group.say(alice, "/doctor"))
            assert addressed.text.startswith(f"✅ {texts.DOCTOR_PRIVACY}")
            assert addressed.text.endswith(f"✅ {texts.DOCTOR_NO_INLINE.format(name=api.bot.username)}")
            await choose(group, alice, ALWAYS)
            always = await group.reply(to=await group.say(alice, "/doctor"))
            assert always.text.startswith(f"⚠️ {texts.DOCTOR_PRIVACY}")
            sees = await administered.reply(to=await administered.say(alice, "/doctor"))
            assert sees.text.startswith(f"✅ {texts.DOCTOR_SEES_AS_ADMINISTRATOR}")
        assert not api.violations


async def test_where_it_may_not_write_the_person_is_told_in_private(api: BotApi, group: GroupChat, alice: User) -> None:
    private = api.private(alice)
    await private.reply(to=await private.start())
    await group.mute_bot(alice)
    await group.say(alice, "/doctor")
    told = await private.next_message()
    assert told.text.startswith(f"Harbour\n\n⚠️ {texts.DOCTOR_MUTED}\n\n✅ {texts.DOCTOR_SEES_ALL}")
    assert told.reply_to is None
    assert texts.DOCTOR_WRITES not in told.text


async def test_in_private_the_doctor_looks_at_the_documents(api: BotApi, alice: User) -> None:
    chat = api.private(alice)
    told = await chat.reply(to=await chat.say(alice, "/doctor"))
    assert told.text.startswith(f"✅ {texts.DOCTOR_DOCUMENTS.format(count=2)}")


# Becoming a supergroup


@pytest.mark.two_workers
async def test_what_is_known_of_a_group_goes_along_to_its_supergroup(world: World, alice: User, boris: User) -> None:
    small = world.api.group("Harbour", members=[alice, boris])
    small.promote(alice)
    async with world.bot(allowed_chats=str(small.id)):
        await choose(small, alice, ALWAYS)
        said = await small.say(boris, "How many steps?")
        answer = await small.reply(to=said)
        large = await world.api.upgrade(small, by=alice)
        answered = await large.reply(to=await large.say(boris, "And the lantern?"))
        assert answered.text.startswith(LANTERN)
        await small.tap(boris, answer, button="2")
        shown = await large.next_message()
        assert shown.text.startswith("[2] Keeping the light")
        assert (await small.tap(boris, answer, button=texts.THUMBS_UP)).text == texts.THANKS
    async with world.bot(allowed_chats=str(small.id)):
        await large.reply(to=await large.say(boris, "How many steps?"))


async def test_an_edit_in_the_supergroup_is_not_taken_for_one_in_the_group(
    world: World, alice: User, boris: User
) -> None:
    """Messages are numbered anew there."""
    small = world.api.group("Harbour", members=[alice, boris])
    async with world.bot():
        for _ in range(2):
            await small.say(boris, "Just talking.")
        asked = await small.say(boris, "/ask How many steps?")
        await small.reply(to=asked)
        large = await world.api.upgrade(small, by=alice)
        said = await large.say(boris, "/help")
        assert said.id == asked.id
        helped = await large.reply(to=said)
        await large.edit(said, "/ask lantern?")
        assert (await large.reply(to=said)).text.startswith(LANTERN)
        assert large.latest(helped) == helped


async def test_a_reply_under_way_while_the_group_moves_arrives(api: BotApi, answers: GatedAnswers, alice: User) -> None:
    small = api.group("Harbour", members=[alice])
    await small.say(alice, "/ask how long do I wait?")
    await answers.waited_at()
    large = await api.upgrade(small, by=alice)
    answers.gate.set()
    answer = await large.next_message()
    assert answer.text.startswith(FIRST_LIT)
    await large.tap(alice, answer, button="1")
    assert (await large.reply(to=answer)).text.startswith("[1]")


# What goes wrong


async def test_a_database_that_fails_is_told_once_and_only_to_those_who_address_the_bot(
    api: BotApi, world: World, group: GroupChat, alice: User
) -> None:
    await group.reply(to=await group.say(alice, "/ask lantern?"))
    ask(world.database, DropTable(modes))
    await group.say(alice, "Just talking to the others.")
    asked = await group.say(alice, "/ask How many steps?")
    assert (await group.reply(to=asked)).text.startswith("Sorry")
    await group.reply(to=await group.say(alice, "/ask again"))
    assert len(texts_of(group)) == 3
