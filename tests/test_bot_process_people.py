"""People and a bot that is a process of its own, with a real index: the languages they speak, who is let in, what
groups get, and what its owner learns of all that. Whatever is to last is asked for after a restart."""

import re
from pathlib import Path

import pytest

from bot import texts
from bot.evaluation.questions import read_questions
from bot.feedback import EXPECTED
from bot.languages import say_in
from bot.telegram.profile import ADMINISTRATORS_COMMANDS, COMMANDS, FOR_ADMINS
from tests.botapi import BotApi
from tests.telegram_world import button_texts, texts_of
from tests.test_bot_process import QUESTION, Processes, chat, indexed, processes
from tests.test_bot_process_documents import MILL, Owner, owner
from tests.test_bot_process_documents import QUESTION as OF_MILL
from tests.test_telegram_access import answer, code_for, traces

__all__ = ["chat", "indexed", "owner", "processes"]

pytestmark = pytest.mark.timeout(180)

OF_LANTERN = "What does every boat show after sunset?"
RUSSIAN = say_in("ru")


# Languages


async def test_everyone_is_spoken_to_in_their_own_language_until_they_choose_another(processes: Processes) -> None:
    """And before they write at all: in the menus and descriptions that Telegram shows of the bot."""
    api = processes.api
    ada, olya = api.private(api.user("Ada")), api.private(api.user("Оля", language_code="ru"))
    ivan = api.user("Иван", language_code="ru")
    group = api.supergroup("Гавань", members=[olya.person, ivan])
    async with processes.serving(ADMINS=str(ada.id)):
        assert (await olya.reply(to=await olya.start())).text.startswith(RUSSIAN(texts.START))
        given = await answer(olya, QUESTION)
        assert given.text.startswith("1871\n\n")
        assert given.formatted("bold") == ("1871", RUSSIAN(texts.SOURCES))
        asked = await answer(olya, "/language")
        assert (asked.text, button_texts(asked)) == (RUSSIAN(texts.WHICH_LANGUAGE), ["English", "· Русский ·"])
        assert (await olya.tap(olya.person, asked, button="English")).text == texts.SPEAKING
        assert button_texts(await olya.edited(asked)) == ["· English ·", "Русский"]
        await api.called("setMyCommands", scope={"type": "chat", "chat_id": ada.id}, language_code="ru")
    async with processes.serving():
        assert (await answer(olya, OF_MILL)).text.startswith(texts.DOCUMENTS_SILENT)
        for person, sentence in ((olya.person, texts.HELP), (ivan, RUSSIAN(texts.HELP))):
            assert (await group.reply(to=await group.say(person, f"/help@{api.bot.username}"))).text == sentence
    check_menus(api, {f"chat:{ada.id}": COMMANDS | FOR_ADMINS})
    assert not api.violations


def check_menus(api: BotApi, of_admins: dict[str, dict[str, str]]) -> None:
    menus = {"default": COMMANDS, "all_chat_administrators": ADMINISTRATORS_COMMANDS} | of_admins
    for scope, commands in menus.items():
        russian = {name: RUSSIAN(meaning) for name, meaning in commands.items()}
        assert api.commands(scope=scope) == commands, scope
        assert api.commands(scope=scope, language_code="ru") == russian, scope
    for method, parameter, sentence in (
        ("setMyDescription", "description", texts.DESCRIPTION),
        ("setMyShortDescription", "short_description", texts.SHORT_DESCRIPTION),
    ):
        calls = api.calls_of(method)
        told = {call.parameters.get("language_code", ""): call.parameters[parameter] for call in calls}
        assert told == {"": sentence, "ru": RUSSIAN(sentence)}


# Who may ask


@pytest.mark.two_workers
async def test_a_stranger_is_let_in_by_a_code_limited_by_the_day_forgotten_and_put_out(
    processes: Processes, tmp_path: Path
) -> None:
    api, memory = processes.api, processes.database
    ada, eve = api.private(api.user("Ada")), api.private(api.user("Eve"))
    settings = {"ADMINS": str(ada.id), "ALLOWED_USERS": str(ada.id), "DAILY_QUESTIONS": "2", "KEEP_DAYS": "30"}
    async with processes.serving(**settings):
        code = await code_for(eve)
        await eve.say(eve.person, "Please?")
        assert (await answer(ada, "/allow AAAA-AAAA")).text == texts.NO_SUCH_CODE
    async with processes.serving(**settings):
        assert (await answer(ada, f"/allow {code}")).text == f"{eve.id} may ask me now. I told them."
        assert (await eve.next_message()).text == texts.YOU_ARE_IN
        kept = await answer(eve, QUESTION)
        assert kept.text.startswith("1871")
    async with processes.serving(**settings):
        assert (await answer(eve, OF_LANTERN)).text.startswith("a lantern")
        limit = texts.NO_MORE_TODAY.format(most=2, when="in [^.]+").replace(".", "[.]", 1)
        told = (await answer(eve, OF_MILL)).text
        assert re.fullmatch(limit, told), told
        for question in (QUESTION, OF_LANTERN, OF_MILL):
            assert texts.THUMBS_UP in button_texts(await answer(ada, question))
        told = (await answer(eve, "/privacy")).text
        assert told.startswith("For 30 days I keep:\n• your questions and my answers")
        assert all(sentence in told for sentence in (texts.GOES_NOWHERE, texts.LOGS_WORDS, texts.KEEPS_NOT))
        sure = await answer(eve, "/delete_me")
        await eve.tap(eve.person, sure, button=texts.DELETE_YES)
        deleted = (await eve.edited(sure)).text
        assert deleted.startswith("It is deleted:\n• 2 questions with their answers\n• 0 votes\n")
        assert (await eve.tap(eve.person, kept, button="1")).text == texts.ASK_AGAIN
        assert traces(memory, str(eve.id)) - {"updates"} == {"members"}  # of the last tap, till it is put away
        assert (await answer(ada, f"/remove {eve.id}")).text == f"{eve.id} is out."
        assert await code_for(eve) != code
    assert len(texts_of(eve)) == 8
    assert not api.violations


# Groups


async def test_what_a_group_hides_is_explained_and_its_mode_goes_along_to_the_supergroup(processes: Processes) -> None:
    """The move comes while the bot is not running."""
    api = processes.api
    alice, boris = api.user("Alice"), api.user("Boris")
    hidden = api.supergroup("Quay", members=[alice])
    small = api.group("Harbour", members=[alice, boris], bot_is_administrator=True)
    for group in (hidden, small):
        group.promote(alice)
    settings = {"ALLOWED_USERS": str(alice.id), "ALLOWED_CHATS": str(small.id)}
    async with processes.serving(**settings):
        told = await hidden.reply(to=await hidden.say(alice, "/doctor"))
        assert told.text.split("\n\n") == [
            f"✅ {texts.DOCTOR_PRIVACY}",
            f"✅ {texts.DOCTOR_MODE.format(mode=texts.MODE_MENTIONED)}",
            f"✅ {texts.DOCTOR_WRITES}",
            f"✅ {texts.DOCTOR_DOCUMENTS.format(count=2)}",
            f"✅ {texts.DOCTOR_INLINE.format(name=api.bot.username)}",
        ]
        shown = await hidden.reply(to=await hidden.say(alice, "/mode"))
        tapped = await hidden.tap(alice, shown, button=texts.MODE_ALWAYS)
        assert (tapped.text, tapped.show_alert) == (texts.ALWAYS_BUT_HIDDEN, True)
        told = await hidden.reply(to=await hidden.say(alice, "/doctor"))
        assert told.text.startswith(f"⚠️ {texts.DOCTOR_PRIVACY}\n\n✅ My mode here is “Always”.")
        shown = await small.reply(to=await small.say(alice, "/mode"))
        assert (await small.tap(alice, shown, button=texts.MODE_ALWAYS)).text == ""
    large = await api.upgrade(small, by=alice)
    said = await large.say(boris, QUESTION)
    async with processes.serving(**settings):
        assert (await large.reply(to=said)).text.startswith("1871\n\n")
        await large.say(boris, "We had soup for lunch yesterday.")
        told = await large.reply(to=await large.say(boris, "/doctor"))
        assert told.text.startswith(f"✅ {texts.DOCTOR_SEES_AS_ADMINISTRATOR}\n\n✅ My mode here is “Always”.")
    assert len(texts_of(large)) == 2
    assert not api.violations


# What the owner learns


async def test_what_was_not_answered_is_listed_added_and_then_answered(
    owner: Owner,
    processes: Processes,
    tmp_path: Path,
) -> None:
    api, alice = processes.api, owner.chat
    bob, eve = api.private(api.user("Bob")), api.private(api.user("Eve"))
    process = await owner.start()
    for asker, question in ((bob, OF_MILL), (eve, "So who cast the bell of the mill, please?"), (eve, OF_MILL)):
        assert (await answer(asker, question)).text.startswith(texts.DOCUMENTS_SILENT)
    voted = await answer(bob, QUESTION)
    await bob.tap(bob.person, voted, button=texts.THUMBS_DOWN)
    await owner.end(process)
    (owner.seeds / "mill.md").write_text(MILL)
    (owner.seeds / "timetable.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    process = await owner.start()
    for command in ("/gaps", "/rebuild"):
        assert (await answer(bob, command)).text == texts.ADMINS_ONLY
    assert await owner.told("/gaps 7") == (
        f"Not answered, or voted down, in the last 7 days\n• 3× (2 asked): {OF_MILL}\n• 1× (1 asked): {QUESTION}"
    )
    (tmp_path / "gaps.jsonl").write_bytes(api.content(await alice.next_file()))
    listed = [(each.text, each.answers) for each in read_questions(tmp_path / "gaps.jsonl")]
    assert listed == [(OF_MILL, (EXPECTED,)), (QUESTION, (EXPECTED,))]
    report = await owner.report(await alice.say(alice.person, "/rebuild"))
    assert report.startswith("Added\n• mill.md\n\nLeft out\n• timetable.pdf: ")
    counts = (await answer(bob, "/status")).text
    assert counts.startswith("Documents: 3\nPassages: ")
    assert (await owner.told("/status")).startswith(f"{counts}\n\nLeft out\n• timetable.pdf: ")
    assert (await answer(bob, OF_MILL)).text.startswith("Jonas Bell\n\n")
    await bob.say(bob.person, "/export")
    exported = api.content(await bob.next_file()).decode()
    sentence = MILL.splitlines()[-1]
    assert exported.startswith(f"# {OF_MILL}\n\n{sentence} [1]\n\n## Sources\n\n\\[1\\] **The mill**, `mill.md`, ")
    assert exported.endswith(f"\n\n> {sentence}\n")
    await bob.say(bob.person, "/export", reply_to=voted)
    assert api.content(await bob.next_file()).decode().startswith(f"# {QUESTION}\n\n")
    await owner.end(process)
