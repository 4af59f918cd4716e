"""What is said and how it is delivered, by a bot that is a process of its own, with a real index: conversations that go
on over a restart, answers too long for a message, and a bad day."""

from itertools import permutations, product
from pathlib import Path

import pytest

from bot import texts
from bot.languages import say_in
from bot.pages import MOST_PARTS
from tests import botapi
from tests.botapi import PrivateChat
from tests.builders import plant
from tests.scripted import LANTERN
from tests.telegram_world import VOTES, button_texts, texts_of
from tests.test_bot_process import QUESTION, Processes, chat, index, indexed, processes
from tests.test_telegram_access import answer

__all__ = ["chat", "indexed", "processes"]

pytestmark = pytest.mark.timeout(180)

OF_LANTERN = "What does every boat show after sunset?"
PAUSE_SECONDS = 8

VERBS = ("осматривать", "ремонтировать", "перекрашивать", "восстанавливать", "устанавливать", "инвентаризировать")
THINGS = (
    "противопожарное оборудование",
    "электротехническое имущество",
    "предохранительные ограждения",
    "гидрометеорологические приборы",
    "радионавигационные устройства",
    "вспомогательные светосигналы",
    "водонепроницаемые переборки",
    "пиротехнические принадлежности",
    "измерительные инструменты",
    "железобетонные конструкции",
)
DUTIES = ", ".join(f"{verb} {thing}" for thing, verb in product(THINGS, VERBS))
KEEPERS = [f"В {month} смотритель маяка обязан {DUTIES}." for month in ("мае", "июне", "июле", "августе", "сентябре")]
GUARDS = [f"По {day} сторож гавани должен {DUTIES}." for day in ("средам", "субботам", "воскресеньям")]
OF_KEEPER, OF_GUARD = "Смотритель маяка обязан осматривать", "Сторож гавани должен осматривать"


async def test_a_conversation_goes_on_after_a_restart(processes: Processes, chat: PrivateChat) -> None:
    alice, boris, cleo = chat.person, processes.api.user("Boris"), processes.api.user("Cleo")
    group = processes.api.supergroup("Harbour", members=[alice, boris, cleo])
    async with processes.serving():
        assert (await chat.reply(to=await chat.voice(alice))).text == texts.VOICE_UNHEARD
        assert (await chat.reply(to=await chat.sticker(alice))).text == texts.TEXT_ONLY
        assert (await answer(chat, "/sorces")).text == texts.DID_YOU_MEAN.format(command="sources")
        assert (await answer(chat, "/xyzzy")).text == texts.UNKNOWN_COMMAND
        pictured = await chat.reply(to=await chat.photo(alice, caption=QUESTION))
        assert pictured.text.startswith("1871\n\n")
        question = await chat.say(alice, QUESTION)
        answered = await chat.reply(to=question)
        in_group = await group.reply(to=await group.say(alice, f"/ask {QUESTION}"))
    async with processes.serving():
        await chat.edit(question, OF_LANTERN)
        anew = await chat.edited(answered)
        assert LANTERN in anew.text
        await chat.tap(alice, anew, button="1")
        assert (await chat.edited(anew)).formatted("bold")[-1] == LANTERN
        understood = "Understood as: Where was the lamp lit for the first time?\n\n"
        for place, person, earlier in ((chat, alice, pictured), (group, boris, in_group)):
            follow_up = await place.say(person, "Where?", reply_to=earlier)
            assert (await place.reply(to=follow_up)).text.startswith(understood)
        assert (await group.reply(to=await group.say(cleo, "/ask Where?"))).text.startswith(texts.DOCUMENTS_SILENT)
    assert (len(texts_of(chat)), len(texts_of(group))) == (7, 3)
    assert not processes.api.violations


async def test_a_long_answer_comes_in_parts_and_a_longer_one_as_its_beginning_and_a_file(
    processes: Processes, tmp_path: Path
) -> None:
    """Real sentences are as long where the law speaks; quotes of them are whole."""
    api, data, say = processes.api, tmp_path / "data", say_in("ru")
    documents = {f"{number}.md": f"# Распорядок {number}\n\n{text}\n" for number, text in enumerate(KEEPERS + GUARDS)}
    data.mkdir()
    index(plant(tmp_path / "seeds", documents), data)
    olya = api.private(api.user("Оля", language_code="ru"))
    async with processes.serving(DATA_DIR=str(data), MAX_QUOTES="10"):
        question = await olya.say(olya.person, OF_GUARD)
        parts = [await olya.next_message() for _ in range(MOST_PARTS)]
        assert [button_texts(part) for part in parts] == [[], [], ["1", "2", "3", *VOTES]]
        assert [part.reply_to for part in parts] == [question.id, None, question.id]
        (sources,) = parts[-1].formatted("expandable_blockquote")
        assert sources.startswith(f"{say(texts.SOURCES)}\n1  Распорядок ")
        whole = " ".join(part.text for part in parts).split()
        assert whole in [
            f"{one} [1] {two} [2] {three} [3] {sources}".split() for one, two, three in permutations(GUARDS)
        ]
        await olya.tap(olya.person, parts[-1], button="2")
        opened = await olya.edited(parts[-1])
        assert opened.formatted("bold")[-1] in GUARDS
        await olya.tap(olya.person, opened, button="· 2 ·")
        assert (await olya.edited(opened)).version() == parts[-1].version()
        await olya.edit(question, OF_KEEPER)
        short, file = await olya.edited(parts[0]), await olya.next_file()
        assert texts_of(olya) == [short.text]
        assert f"\n\n{say(texts.ANSWER_IN_FILE)}\n\n{say(texts.SOURCES)}\n1  Распорядок " in short.text
        assert short.text.split("\n\n")[0] in [f"{text} [1]" for text in KEEPERS]
        assert button_texts(short) == ["1", "2", "3", "4", "5", *VOTES]
        content = api.content(file).decode()
        assert content.startswith(f"{OF_KEEPER}\n\n")
        assert all(content.count(text) == 1 for text in KEEPERS)
        await olya.edit(question, "Кто?")
        await olya.edited(short)
        await olya.deleted(file)
        assert len(texts_of(olya)) == 1
    assert not api.violations


async def test_on_a_bad_day_one_chat_waits_alone_and_nothing_is_said_twice(processes: Processes) -> None:
    api = processes.api
    waiting, calm, heard, unheard = (api.private(api.user(name)) for name in ("Walter", "Carol", "Heather", "Ulf"))
    api.fail("sendMessage", botapi.RetryAfter(PAUSE_SECONDS), chat=waiting)
    api.fail("sendMessage", botapi.DropAfter(), chat=heard)
    api.fail("sendMessage", botapi.DropBefore(), chat=unheard)
    asked = {each: await each.say(each.person, QUESTION) for each in (waiting, heard, unheard)}
    async with processes.serving():
        await api.called("sendChatAction", chat=waiting, action="typing")
        refused = await api.called("sendMessage", chat=waiting)
        later = await waiting.say(waiting.person, OF_LANTERN)
        questions = [await calm.say(calm.person, words) for words in (QUESTION, "/help", OF_LANTERN)]
        await calm.reply(to=questions[0])
        assert not waiting.messages_of_bot
        for question in questions[1:]:
            await calm.reply(to=question)
        assert (await heard.reply(to=asked[heard])).text.startswith("1871\n\n")
        assert (await heard.reply(to=asked[heard])).text == texts.CONNECTION_BROKE
        notice = await unheard.reply(to=asked[unheard])
        await unheard.tap(unheard.person, notice, button=texts.SHOW_ANSWER)
        assert (await unheard.edited(notice)).text.startswith("1871\n\n")
        await waiting.reply(to=later)
    assert [each.reply_to for each in calm.messages_of_bot] == [each.id for each in questions]
    assert [each.reply_to for each in waiting.messages_of_bot] == [asked[waiting].id, later.id]
    assert (len(heard.messages_of_bot), len(unheard.messages_of_bot)) == (2, 1)
    second = await api.called("sendMessage", chat=waiting)
    assert (refused.status, second.status) == (429, 200)
    assert second.at - refused.at >= PAUSE_SECONDS
    methods = [call.method for call in api.calls if call.parameters.get("chat_id") == calm.id]
    assert methods[0] == "sendChatAction"
    assert not api.unused_faults
    assert not api.violations
