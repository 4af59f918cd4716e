"""Access as people live with it: let in by a code, limited by the day, told and rid of what is kept about them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.engine import URL

from bot import texts
from bot.conversations import answers
from bot.database import metadata, now
from bot.languages import say_in
from bot.mailbox import updates
from bot.pairing import ALPHABET, codes
from tests.botapi import Message, PrivateChat
from tests.databases import ask
from tests.scripted import FIRST_LIT, LANTERN
from tests.telegram_world import World, button_texts, texts_of

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def admin(world: World) -> PrivateChat:
    return world.api.private(world.api.user("Ada"))


@pytest.fixture
def eve(world: World) -> PrivateChat:
    return world.api.private(world.api.user("Eve"))


def closed(admin: PrivateChat) -> dict[str, str]:
    """The settings of a bot that only its admin may ask as yet."""
    return {"admins": str(admin.id), "allowed_users": str(admin.id)}


async def answer(chat: PrivateChat, text: str) -> Message:
    return await chat.reply(to=await chat.say(chat.person, text))


async def code_for(chat: PrivateChat) -> str:
    """What the bot tells a stranger to send to its owner."""
    told = await answer(chat, "How many steps?")
    (code,) = told.formatted("code")
    assert told.text == texts.ACCESS_CODE.format(code=code)
    return code


def traces(database: URL, *words: str) -> set[str]:
    """The tables in which any of the words stands in any field; without that of updates, which are there until the
    next is taken in hand (tests/test_mailbox.py)."""
    rows = {table.name: ask(database, select(table)) for table in metadata.sorted_tables if table is not updates}
    return {table for table, found in rows.items() if any(word in str(row) for row in found for word in words)}


# Codes


@pytest.mark.two_workers
async def test_a_stranger_is_let_in_by_the_code_they_got(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(**closed(admin)):
        code = await code_for(eve)
        assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
        told = await answer(admin, f"/allow {code}")
        assert told.text == f"{eve.id} may ask me now. I told them."
        assert [entity.extra["url"] for entity in told.entities] == [f"tg://user?id={eve.id}"]
        assert (await eve.next_message()).text == texts.YOU_ARE_IN
        assert (await answer(eve, "How many steps?")).text.startswith(FIRST_LIT)
        assert (await answer(admin, f"/allow {code}")).text == texts.NO_SUCH_CODE
    async with world.bot(**closed(admin)):
        assert (await answer(eve, "lantern?")).text.startswith(LANTERN)


async def test_a_stranger_is_told_once_and_no_more_while_the_code_is_valid(
    world: World, admin: PrivateChat, eve: PrivateChat
) -> None:
    async with world.bot(**closed(admin)):
        await code_for(eve)
        for text in ("Please?", "/start", "/sources", "/allow 1", "/members"):
            await eve.say(eve.person, text)
        await eve.sticker(eve.person)
        await answer(admin, "lantern?")
    async with world.bot(**closed(admin)):
        await eve.say(eve.person, "Still not?")
        await answer(admin, "lantern?")
    assert len(texts_of(eve)) == 1
    assert world.answers.asked == []


async def test_a_day_later_there_is_a_new_code(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(**closed(admin)):
        first = await code_for(eve)
        ask(world.database, update(codes).values(created=now() - timedelta(hours=24)))
        assert (await answer(admin, f"/allow {first}")).text == texts.NO_SUCH_CODE
        second = await code_for(eve)
        assert second != first
        assert (await answer(admin, f"/allow {second.lower()}")).text.startswith(f"{eve.id} may ask")


async def test_a_newcomer_is_spoken_to_in_their_language_before_and_after(world: World, admin: PrivateChat) -> None:
    olya = world.api.private(world.api.user("Оля", language_code="ru"))
    async with world.bot(**closed(admin)):
        told = await answer(olya, "Сколько ступеней?")
        (code,) = told.formatted("code")
        assert told.text == say_in("ru")(texts.ACCESS_CODE, code=code)
        await answer(admin, f"/allow {code}")
        assert (await olya.next_message()).text == say_in("ru")(texts.YOU_ARE_IN)


async def test_an_admin_is_told_where_the_newcomer_cannot_be(
    world: World, admin: PrivateChat, eve: PrivateChat
) -> None:
    async with world.bot(**closed(admin)):
        code = await code_for(eve)
        await eve.block()
        assert (await answer(admin, f"/allow {code}")).text == f"{eve.id} may ask me now. {texts.NOT_REACHED}"
        stranger = 7_000_000_001
        assert (await answer(admin, f"/allow {stranger}")).text == f"{stranger} may ask me now. {texts.NOT_REACHED}"


async def test_by_their_id_somebody_is_let_in_too(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(**closed(admin)):
        await code_for(eve)
        assert (await answer(admin, f"/allow {eve.id}")).text == f"{eve.id} may ask me now. I told them."
        assert (await answer(admin, f"/allow {eve.id}")).text == f"{eve.id} was in already; nothing changed."
        assert (await answer(admin, f"/allow {admin.id}")).text == f"{admin.id} was in already; nothing changed."
        assert (await eve.next_message()).text == texts.YOU_ARE_IN


async def test_an_admin_makes_admins(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    bob = world.api.private(world.api.user("Bob"))
    async with world.bot(**closed(admin)):
        told = await answer(admin, f"/allow {await code_for(eve)} admin")
        assert told.text == f"{eve.id} is an admin now. I told them."
        assert (await eve.next_message()).text == texts.YOU_ARE_ADMIN
        assert (await answer(eve, f"/allow {await code_for(bob)}")).text == f"{bob.id} may ask me now. I told them."
        assert (await bob.next_message()).text == texts.YOU_ARE_IN
        assert (await answer(bob, f"/remove {eve.id}")).text == texts.ADMINS_ONLY
        helped = [await answer(eve, "/help"), await eve.next_message()]
        assert [message.text for message in helped] == [texts.HELP, texts.HELP_FOR_ADMINS]
        assert (await answer(bob, "/help")).text == texts.HELP
        assert (await answer(bob, "lantern?")).text.startswith(LANTERN)
    assert len(texts_of(bob)) == 5


async def test_a_member_can_do_nothing_that_an_admin_can(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(**closed(admin)):
        await answer(admin, f"/allow {await code_for(eve)}")
        await eve.next_message()
        for command in ("/allow 7", "/allow 7 admin", "/members", f"/remove {admin.id}"):
            assert (await answer(eve, command)).text == texts.ADMINS_ONLY
        members = (await answer(admin, "/members")).text
    assert re.search(r"^7,", members, re.MULTILINE) is None


@pytest.mark.two_workers
async def test_codes_cannot_be_guessed(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(**closed(admin)):
        code = await code_for(eve)
        for number in range(5):
            assert (await answer(admin, f"/allow WRONG-{number}")).text == texts.NO_SUCH_CODE
        assert (await answer(admin, f"/allow {code}")).text == texts.TOO_MANY_CODES
        await eve.say(eve.person, "lantern?")
        assert (await answer(admin, f"/allow {eve.id}")).text == f"{eve.id} may ask me now. I told them."
    assert len(texts_of(eve)) == 2


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("/allow", texts.ALLOW_HOW),
        ("/allow admin", texts.ALLOW_HOW),
        ("/allow -100200300", texts.NO_SUCH_CODE),
        ("/allow " + "9" * 40, texts.NO_SUCH_CODE),
        ("/remove", texts.REMOVE_HOW),
        ("/remove @eve", texts.REMOVE_HOW),
        ("/remove " + "9" * 40, texts.REMOVE_HOW),
        ("/remove 17", "17 is not among the members."),
    ],
)
async def test_what_an_admin_mistypes_gets_a_sentence(
    world: World, admin: PrivateChat, command: str, sentence: str
) -> None:
    async with world.bot(**closed(admin)):
        assert (await answer(admin, command)).text == sentence


# Members


async def test_members_are_listed_and_put_out(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    today = say_in("en").day(now().date())
    async with world.bot(admins=str(admin.id), allowed_users="77"):
        await answer(admin, f"/allow {await code_for(eve)}")
        await eve.next_message()
        listed = await answer(admin, "/members")
        assert listed.text == (
            f"Admins\n{admin.id}, by the settings\n\n"
            f"Members\n77, by the settings\n{eve.id}, since {today}, let in by {admin.id}"
        )
        assert [entity.extra["url"] for entity in listed.entities if entity.type == "text_link"] == [
            f"tg://user?id={person}" for person in (admin.id, 77, eve.id)
        ]
        kept = await answer(eve, "How many steps?")
        assert (await answer(admin, f"/remove {eve.id}")).text == f"{eve.id} is out."
        tapped = await eve.tap(eve.person, kept, button="1")
        assert (tapped.text, tapped.show_alert) == (texts.ASK_FOR_ACCESS, True)
        assert eve.latest(kept) == kept
        await code_for(eve)


@pytest.mark.parametrize("named", ["admin", "user"])
async def test_who_stands_in_the_settings_is_put_out_there(world: World, admin: PrivateChat, named: str) -> None:
    person = admin.id if named == "admin" else 77
    async with world.bot(admins=str(admin.id), allowed_users="77"):
        told = await answer(admin, f"/remove {person}")
        assert told.text == texts.SETTINGS_DECIDE.format(person=person)
        assert (await answer(admin, "lantern?")).text.startswith(LANTERN)


async def test_of_an_open_bot_it_is_said_that_it_is(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(admins=str(admin.id)):
        assert (await answer(admin, "/members")).text.startswith(texts.OPEN_TO_EVERYONE)
        assert (await answer(eve, "lantern?")).text.startswith(LANTERN)


# Groups and taps


async def test_in_a_group_a_stranger_is_told_once_to_write_in_private(world: World, admin: PrivateChat) -> None:
    eve = world.api.user("Eve")
    group = world.api.supergroup("Harbour", members=[admin.person, eve])
    async with world.bot(**closed(admin)):
        told = await group.reply(to=await group.say(eve, "/ask How many steps?"))
        assert told.text == texts.ASK_FOR_ACCESS_IN_GROUP.format(chat=group.id)
        await group.say(eve, "/ask And now?")
        shown = await group.reply(to=await group.say(admin.person, "/ask lantern?"))
        assert (await group.tap(eve, shown, button="1")).text == ""
        private = world.api.private(eve)
        await answer(admin, f"/allow {await code_for(private)}")
        await group.reply(to=await group.say(eve, "/ask lantern?"))
    assert len(texts_of(group)) == 3


async def test_a_group_that_the_settings_name_is_open_to_all_in_it(world: World, admin: PrivateChat) -> None:
    eve = world.api.user("Eve")
    group = world.api.supergroup("Harbour", members=[eve])
    async with world.bot(admins=str(admin.id), allowed_chats=str(group.id)):
        shown = await group.reply(to=await group.say(eve, "/ask lantern?"))
        assert shown.text.startswith(LANTERN)
        await group.tap(eve, shown, button="1")
        assert (await group.reply(to=shown)).text.startswith("[1]")
        await code_for(world.api.private(eve))


async def test_in_a_group_commands_for_admins_are_left_to_other_bots(world: World, admin: PrivateChat) -> None:
    group = world.api.supergroup("Harbour", members=[admin.person])
    async with world.bot(**closed(admin)):
        await group.say(admin.person, "/remove 5")
        await group.say(admin.person, "/members")
        await group.reply(to=await group.say(admin.person, "/ask lantern?"))
    assert len(texts_of(group)) == 1


async def test_a_language_is_not_chosen_by_who_may_not_ask(world: World, admin: PrivateChat) -> None:
    eve = world.api.user("Eve")
    group = world.api.supergroup("Harbour", members=[admin.person, eve])
    async with world.bot(**closed(admin)):
        asked = await group.reply(to=await group.say(admin.person, "/language"))
        assert (await group.tap(eve, asked, button="Русский")).text == texts.ASK_FOR_ACCESS
        assert group.latest(asked) == asked
    assert "people" not in traces(world.database, str(eve.id))


# So many questions a day


@pytest.mark.two_workers
async def test_after_the_last_question_of_the_day_one_is_told_and_then_left_in_peace(
    world: World, admin: PrivateChat, eve: PrivateChat
) -> None:
    limited = {"admins": str(admin.id), "daily_questions": 2}
    sentence = texts.NO_MORE_TODAY.format(most=2, when="in [^.]+").replace(".", "[.]", 1)
    async with world.bot(**limited):
        for question in ("How many steps?", "lantern?"):
            await answer(eve, question)
        told = await answer(eve, "And a third?")
        assert re.fullmatch(sentence, told.text), told.text
    async with world.bot(**limited):
        for question in ("And now?", "Now?"):
            assert re.fullmatch(sentence, (await answer(eve, question)).text)
        await eve.say(eve.person, "Really not?")
        assert (await answer(eve, "/sources")).text.startswith("I answer from")
        for question in ("How many steps?", "lantern?", "How many steps, again?"):
            assert (await answer(admin, question)).buttons
    assert len(texts_of(eve)) == 6
    assert "And a third?" not in world.answers.asked


async def test_an_edit_counts_if_the_words_are_others_and_a_tap_never(world: World, eve: PrivateChat) -> None:
    async with world.bot(daily_questions=2):
        question = await eve.say(eve.person, "How many steps?")
        kept = await eve.reply(to=question)
        await eve.edit(question, "How many steps?")
        await eve.tap(eve.person, kept, button="1")
        opened = await eve.edited(kept)
        await eve.tap(eve.person, opened, button="Close")
        closed_again = await eve.edited(opened)
        await eve.edit(question, "What about a lantern?")
        assert (await eve.edited(closed_again)).text.startswith(LANTERN)
        await eve.edit(question, "How many steps, then?")
        assert (await eve.reply(to=question)).text.startswith("That was all for today")


async def test_in_a_group_everyone_has_their_own_questions(world: World) -> None:
    eve, bob = world.api.user("Eve"), world.api.user("Bob")
    group = world.api.supergroup("Harbour", members=[eve, bob])
    async with world.bot(daily_questions=1):
        for person in (eve, bob):
            assert (await group.reply(to=await group.say(person, "/ask lantern?"))).text.startswith(LANTERN)
        told = await group.reply(to=await group.say(eve, "/ask How many steps?"))
        assert told.text.startswith("That was all for today: the most for each person is 1 a day.")


# What is kept


async def test_privacy_tells_what_is_kept_also_those_who_may_not_ask(
    world: World, admin: PrivateChat, eve: PrivateChat
) -> None:
    olya = world.api.private(world.api.user("Оля", language_code="ru"))
    group = world.api.supergroup("Harbour", members=[admin.person, eve.person])
    async with world.bot(**closed(admin), keep_days=7):
        for chat in (admin, eve):
            told = await answer(chat, "/privacy")
            assert told.text.startswith("For 7 days I keep:\n• your questions")
            assert texts.GOES_NOWHERE in told.text
        assert (await answer(olya, "/privacy")).text.startswith("7 дней я храню:\n• ваши вопросы")
        told = await group.reply(to=await group.say(eve.person, "/privacy"))
        assert told.text.startswith(texts.ASK_FOR_ACCESS)


@pytest.mark.two_workers
async def test_delete_me_deletes_everything_that_was_asked_and_said(world: World) -> None:
    alice = world.api.user("Alice", language_code="en")
    chat, bob = world.api.private(alice), world.api.user("Bob")
    group = world.api.supergroup("Harbour", members=[alice, bob])
    hers = (str(alice.id), "How many", "lantern, please")
    async with world.bot(daily_questions=5):
        await chat.tap(alice, await answer(chat, "/language"), button="Русский")
        kept = await answer(chat, "How many steps?")
        await chat.tap(alice, kept, button=texts.THUMBS_UP)
        shown = await group.reply(to=await group.say(alice, "/ask lantern, please?"))
        await group.tap(bob, shown, button=texts.THUMBS_DOWN)
        his = await group.reply(to=await group.say(bob, "/ask What of Bob's lantern?"))
        assert traces(world.database, *hers) == {"answers", "votes", "people", "asked", "chats"}
        say = say_in("ru")
        asked = await answer(chat, "/delete_me")
        assert asked.text == say(texts.DELETE_SURE)
        assert button_texts(asked) == [say(texts.DELETE_YES), say(texts.DELETE_NO)]
        assert traces(world.database, *hers)
        await chat.tap(alice, asked, button=say(texts.DELETE_YES))
        deleted = await chat.edited(asked)
        assert deleted.text.startswith("Удалено:\n• 2 вопроса с ответами\n• 1 оценка\n• ваш язык")
        assert not deleted.buttons
        assert not traces(world.database, *hers)
        assert traces(world.database, "Bob's lantern") == {"answers"}
        assert (await chat.tap(alice, kept, button="1")).text == texts.ASK_AGAIN
        await group.tap(bob, his, button="1")
        assert (await group.reply(to=his)).text.startswith("[1]")


@pytest.mark.two_workers
async def test_delete_me_deletes_what_is_being_answered_and_not_what_is_asked_afterwards(world: World) -> None:
    alice = world.api.user("Alice")
    chat, group = world.api.private(alice), world.api.supergroup("Harbour", members=[alice])
    async with world.bot():
        asked = await answer(chat, "/delete_me")
        begun = await group.say(alice, "/ask Please wait for the steps?")
        await world.answers.waited_at()
        await chat.tap(alice, asked, button=texts.DELETE_YES)
        await chat.edited(asked)
        await group.say(alice, "/ask How many stairs?")
        world.answers.gate.set()
        await group.reply(to=begun)
    assert not traces(world.database, "Please wait")
    assert "answers" in traces(world.database, "How many stairs")


async def test_anothers_vote_on_an_answer_that_is_gone_by_now_loses_its_words_too(world: World) -> None:
    alice, bob = world.api.user("Alice"), world.api.user("Bob")
    chat, group = world.api.private(alice), world.api.supergroup("Harbour", members=[alice, bob])
    async with world.bot():
        shown = await group.reply(to=await group.say(alice, "/ask How many steps?"))
        await group.tap(bob, shown, button=texts.THUMBS_DOWN)
        ask(world.database, delete(answers))
        assert traces(world.database, "How many") == {"votes"}
        asked = await answer(chat, "/delete_me")
        await chat.tap(alice, asked, button=texts.DELETE_YES)
        await chat.edited(asked)
    assert not traces(world.database, str(alice.id), "How many")
    assert traces(world.database, str(bob.id)) == {"votes"}


async def test_delete_me_asks_first_and_can_be_left(world: World, eve: PrivateChat) -> None:
    async with world.bot():
        kept = await answer(eve, "How many steps?")
        asked = await answer(eve, "/delete_me")
        await eve.tap(eve.person, asked, button=texts.DELETE_NO)
        assert (await eve.edited(asked)).text == texts.DELETED_NOTHING
        await eve.tap(eve.person, kept, button="1")
        assert (await eve.edited(kept)).text.startswith("[1]")


async def test_delete_me_in_a_group_is_asked_for_in_private(world: World) -> None:
    eve, bob = world.api.user("Eve"), world.api.user("Bob")
    group = world.api.supergroup("Harbour", members=[eve, bob])
    async with world.bot():
        shown = await group.reply(to=await group.say(eve, "/ask How many steps?"))
        told = await group.reply(to=await group.say(eve, "/delete_me"))
        assert (told.text, told.buttons) == (texts.DELETE_IN_PRIVATE, ())
        await group.press(bob, shown, data="c:delete_me:yes")
        await group.tap(bob, shown, button="1")
        assert (await group.reply(to=shown)).text.startswith("[1]")
    assert traces(world.database, str(eve.id)) == {"answers"}


async def test_a_stranger_can_have_their_code_and_their_traces_deleted(
    world: World, admin: PrivateChat, eve: PrivateChat
) -> None:
    async with world.bot(**closed(admin)):
        code = await code_for(eve)
        assert traces(world.database, str(eve.id)) == {"codes"}
        asked = await answer(eve, "/delete_me")
        await eve.tap(eve.person, asked, button=texts.DELETE_YES)
        await eve.edited(asked)
        assert not traces(world.database, str(eve.id))
        assert (await answer(admin, f"/allow {code}")).text == texts.NO_SUCH_CODE


async def test_who_was_let_in_stays_so_and_is_told_that(world: World, admin: PrivateChat, eve: PrivateChat) -> None:
    async with world.bot(**closed(admin)):
        await answer(admin, f"/allow {await code_for(eve)}")
        await eve.next_message()
        asked = await answer(eve, "/delete_me")
        await eve.tap(eve.person, asked, button=texts.DELETE_YES)
        assert (await eve.edited(asked)).text.endswith(texts.DELETED_NOT)
        assert traces(world.database, str(eve.id)) == {"members"}
        assert (await answer(eve, "lantern?")).text.startswith(LANTERN)


# In time


async def test_what_is_too_old_is_gone_with_the_start_whoever_asks(
    world: World, admin: PrivateChat, eve: PrivateChat
) -> None:
    async with world.bot():
        await eve.tap(eve.person, await answer(eve, "How many steps?"), button=texts.THUMBS_UP)
    for name, column in {"answers": "created", "votes": "created", "given": "created", "chats": "met"}.items():
        ask(world.database, update(metadata.tables[name]).values({column: now() - timedelta(days=8)}))
    async with world.bot(keep_days=9):
        await answer(admin, "/help")
        assert traces(world.database, str(eve.id), "How many") == {"answers", "votes", "chats"}
    async with world.bot(keep_days=7):
        await answer(admin, "/help")
        assert not traces(world.database, str(eve.id), "How many")
