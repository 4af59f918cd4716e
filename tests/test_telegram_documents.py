"""Documents through the chat, and what admins ask about them. The answers are scripted, the index is small."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import texts
from bot.collection import Collection
from bot.evaluation.questions import read_questions
from bot.inbox import MOST_BYTES
from bot.languages import say_in
from bot.telegram.profile import COMMANDS, FOR_ADMINS
from config import load_settings
from index.errors import IndexBusyError, IndexingError
from index.fetching import is_public
from index.indexer import Progress, Report
from index.pages import WebPages
from index.wiring import generations_of
from tests import botapi
from tests.botapi import BotApi, Message
from tests.builders import BAKERY, FERRY, HashEmbedder, an_indexer, plant
from tests.deployments import Deployment
from tests.scripted import FIRST_LIT
from tests.telegram_world import GatedAnswers, World
from tests.test_pages import Site, site

__all__ = ["site"]

pytestmark = pytest.mark.timeout(60)

ADMIN = 5_000_000_001
"""The id of the first person in a BotApi."""


class SmallSyncs:
    """Syncs of a real index with an embedder that is none. Each waits at the gate while that is closed."""

    def __init__(self, folder: Path) -> None:
        self.begun = 0
        """Without those that another one was in the way of."""
        self.gate = threading.Event()
        self.gate.set()
        self.failing: IndexingError | None = None
        self._ended = False
        self.allowed = is_public
        pages = WebPages(folder / "data" / "pages", is_allowed=lambda address: self.allowed(address))
        generations = generations_of(load_settings(data_dir=folder / "data"))
        self._indexer = an_indexer(folder, embedder=HashEmbedder(), pages=pages, generations=generations)

    def sync(self, *, progress: Progress = lambda stage, done, total: None) -> Report:
        self.begun += 1
        progress("embedding", 3, 10)
        assert self.gate.wait(30)
        if self._ended:
            raise IndexingError("cut short")
        if self.failing:
            raise self.failing
        try:
            return self._indexer.sync(progress=progress)
        except IndexBusyError:
            self.begun -= 1
            raise

    def end(self) -> None:
        self._ended = True
        self.gate.set()


class Shelf(World):
    """With a folder of documents that Alice, an admin, may change."""

    def __init__(self, api: BotApi, folder: Path, deployment: Deployment) -> None:
        super().__init__(api, GatedAnswers(), folder / "data", deployment=deployment)
        self.seeds = plant(folder / "seeds", {"rules/harbour.md": "Every boat shows a lantern after sunset."})
        self.syncs = SmallSyncs(folder)
        self.syncs.sync()
        self.syncs.begun = 0
        self.alice = api.private(api.user("Alice"))

    async def serve(self, *, stop: asyncio.Event, **overrides: object) -> None:
        settings: dict[str, object] = {
            "data_dir": self._data_dir,
            "seeds_dir": self.seeds,
            "admins": str(ADMIN),
        }
        settings |= overrides
        await self._deployment.serve(self.api, self.answers, stop=stop, parts=self._parts, **settings)

    def _parts(self) -> dict[str, object]:
        return {"collection": Collection(self.seeds, self.syncs)}

    @property
    def kept(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.seeds / "inbox").iterdir()}

    async def send(self, name: str, text: str = FERRY, **others: object) -> Message:
        return await self.alice.document(self.alice.person, name, text.encode(), **others)  # type: ignore[arg-type]

    async def say(self, text: str, *, reply_to: Message | None = None) -> Message:
        return await self.alice.say(self.alice.person, text, reply_to=reply_to)

    async def told(self, asked: Message) -> str:
        return (await self.alice.reply(to=asked)).text

    async def report(self, asked: Message) -> str:
        """What the message that shows the progress says in the end."""
        message = await self.alice.reply(to=asked)
        while " …" in message.text:
            message = await self.alice.edited(message)
        return message.text


@pytest.fixture
async def idle(tmp_path: Path, deployment: Deployment) -> AsyncIterator[Shelf]:
    """The bot does not run yet."""
    async with BotApi() as api:
        shelf = Shelf(api, tmp_path, deployment)
        assert shelf.alice.person.id == ADMIN
        yield shelf
        assert not api.violations
        assert not api.unused_faults


@pytest.fixture
async def shelf(idle: Shelf) -> AsyncIterator[Shelf]:
    async with idle.bot():
        yield idle


def added(*names: str) -> str:
    return "Added\n" + "\n".join(f"• inbox/{name}" for name in names) + "\n\nDocuments: "


# Files


@pytest.mark.two_workers
async def test_a_file_is_kept_indexed_and_reported(shelf: Shelf) -> None:
    report = await shelf.report(await shelf.send("ferry.md", forwarded=True))
    assert report.startswith(added("ferry.md") + "2, passages: ")
    assert report.endswith(texts.HOW_TO_FORGET)
    assert shelf.kept == {"ferry.md": FERRY}
    assert len(shelf.alice.messages_of_bot) == 1
    assert shelf.syncs.begun == 1


async def test_progress_is_shown_by_edits_of_one_message(shelf: Shelf) -> None:
    shelf.syncs.gate.clear()
    message = await shelf.alice.reply(to=await shelf.send("ferry.md"))
    assert message.text == texts.INDEXING
    shown = await shelf.alice.edited(message)
    assert shown.text == "I am learning the passages: 3 of 10 …"
    shelf.syncs.gate.set()
    assert (await shelf.alice.edited(shown)).text.startswith(added("ferry.md"))
    assert len(shelf.alice.messages_of_bot) == 1


@pytest.mark.one_worker("each worker reports on the files that came to it (decision 23)")
async def test_an_album_is_one_sync_and_one_report(shelf: Shelf) -> None:
    first = await shelf.send("ferry.md", FERRY, album="7")
    while not (shelf.seeds / "inbox" / "ferry.md").exists():  # noqa: ASYNC110 (a file wakes nobody)
        await asyncio.sleep(0.01)
    for name, text in (("bakery.txt", BAKERY), ("film.mp4", "x"), ("ferry.md", "# Another ferry\n\nIt is new.")):
        await shelf.send(name, text, album="7")
    report = await shelf.report(first)
    assert report.startswith(
        "Added\n• inbox/ferry.md\n• inbox/bakery.txt\n• inbox/ferry (2).md\n\nNot taken\n• film.mp4"
    )
    assert shelf.syncs.begun == 1
    assert len(shelf.alice.messages_of_bot) == 1


async def test_files_that_come_while_a_sync_runs_are_in_one_more(shelf: Shelf) -> None:
    shelf.syncs.gate.clear()
    first = await shelf.send("ferry.md")
    running = await shelf.alice.reply(to=first)
    second = await shelf.send("bakery.txt", BAKERY)
    waiting = await shelf.alice.reply(to=second)
    shelf.syncs.gate.set()
    assert (await finished(shelf, running)).startswith(added("ferry.md"))
    assert (await finished(shelf, waiting)).startswith(added("bakery.txt"))
    assert shelf.syncs.begun == 2


async def finished(shelf: Shelf, message: Message) -> str:
    message = shelf.alice.latest(message)
    while " …" in message.text:
        message = await shelf.alice.edited(message)
    return message.text


async def test_a_file_that_cannot_be_read_is_refused_with_the_reason_and_not_kept(shelf: Shelf) -> None:
    report = await shelf.report(await shelf.send("blank.txt", "  \n "))
    assert report.startswith("Not taken\n• inbox/blank.txt: is empty")
    assert shelf.kept == {}
    rebuilt = await shelf.report(await shelf.say("/rebuild"))
    assert "blank" not in rebuilt
    assert shelf.syncs.begun == 3 or shelf.workers > 1  # one waits for the other's and tries again


async def test_what_is_not_kept_is_not_fetched(shelf: Shelf) -> None:
    told = await shelf.told(await shelf.send("tool.exe"))
    assert told.startswith("Not taken\n• tool.exe: I can't read files of this type. I read .csv, ")
    told = await shelf.told(await shelf.send("film.pdf", size=MOST_BYTES + 1))
    assert told == f"Not taken\n• film.pdf: {texts.TOO_LARGE.format(most=20)}"
    assert not shelf.api.calls_of("getFile")
    assert shelf.syncs.begun == 0


async def test_names_are_made_safe_and_twins_are_known(shelf: Shelf) -> None:
    await shelf.report(await shelf.send("../../.ferry\x07.md"))
    assert shelf.kept == {"ferry.md": FERRY}
    assert "I have that one already: ferry.md" in await shelf.told(await shelf.send("other.md"))


async def test_a_file_that_telegram_does_not_hand_out_is_asked_for_again(shelf: Shelf) -> None:
    shelf.api.fail("getFile", botapi.Refuse("Bad Request: file is temporarily unavailable"))
    assert texts.NOT_FETCHED in await shelf.told(await shelf.send("ferry.md"))
    shelf.api.fail("getFile", botapi.DropBefore())
    assert (await shelf.report(await shelf.send("ferry.md"))).startswith(added("ferry.md"))


async def test_a_caption_is_passed_over_but_for_what_it_asks(shelf: Shelf) -> None:
    await shelf.report(await shelf.send("bakery.txt", BAKERY, caption="How many steps?"))
    assert not shelf.answers.asked
    sent = await shelf.send("ferry.md", FERRY, caption="/ask How many steps?")
    assert (await shelf.report(sent)).startswith(added("ferry.md"))
    assert (await shelf.alice.reply(to=sent)).text.startswith(FIRST_LIT)
    assert shelf.answers.asked == ["How many steps?"]


async def test_a_sync_that_fails_is_told_and_the_file_stays(shelf: Shelf) -> None:
    shelf.syncs.failing = IndexingError("The disk is full.")
    told = await shelf.report(await shelf.send("ferry.md"))
    assert told == texts.NOT_INDEXED.format(reason="The disk is full.")
    shelf.syncs.failing = None
    assert (await shelf.report(await shelf.say("/rebuild"))).startswith(added("ferry.md"))


async def test_a_stop_breaks_off_a_sync_and_says_so(idle: Shelf) -> None:
    idle.syncs.gate.clear()
    async with idle.bot():
        message = await idle.alice.reply(to=await idle.send("ferry.md"))
    told = texts.NOT_INDEXED.format(reason="The bot was stopped before it was done.")
    assert idle.alice.latest(message).text == told
    assert idle.kept == {"ferry.md": FERRY}


# Links


async def test_a_link_is_listed_fetched_and_forgotten(shelf: Shelf, site: Site) -> None:
    shelf.syncs.allowed = lambda address: True
    address = site.put("/ferry", "<html><title>Ferry</title><p>The ferry leaves at nine.</p></html>")
    report = await shelf.report(await shelf.say(address))
    assert report.startswith(f"Added\n• {address}\n\nDocuments: 2, ")
    assert (shelf.seeds / "urls.txt").read_text() == f"{address}\n"
    forgotten = await shelf.report(await shelf.say(f"/forget {address}"))
    assert forgotten.startswith(f"I have forgotten {address}.\n\nDocuments: 1, ")
    assert (shelf.seeds / "urls.txt").read_text() == ""


async def test_a_link_into_the_own_network_is_refused_and_listed_no_more(shelf: Shelf) -> None:
    report = await shelf.report(await shelf.say("http://127.0.0.1:9/page"))
    assert report.startswith("Not taken\n• http://127.0.0.1:9/page: is not fetched: 127.0.0.1 is on this machine")
    assert (shelf.seeds / "urls.txt").read_text() == ""


async def test_a_text_with_a_link_in_it_is_a_question(shelf: Shelf) -> None:
    await shelf.told(await shelf.say("How many steps at https://example.org ?"))
    assert shelf.answers.asked == ["How many steps at https://example.org ?"]
    assert texts.NO_ADDRESS in await shelf.told(await shelf.say("https://alice:secret@example.org"))


# Others


async def test_files_of_others_and_in_groups_are_what_they_were(shelf: Shelf) -> None:
    bob = shelf.api.private(shelf.api.user("Bob"))
    assert (await bob.reply(to=await bob.document(bob.person, "a.md", b"x"))).text == texts.TEXT_ONLY
    asked = await bob.document(bob.person, "a.md", b"x", caption="How many steps?")
    assert (await bob.reply(to=asked)).text.startswith(FIRST_LIT)
    link = await bob.say(bob.person, "https://example.org")
    await bob.reply(to=link)
    assert shelf.answers.asked == ["How many steps?", "https://example.org"]
    photo = await shelf.alice.photo(shelf.alice.person)
    assert await shelf.told(photo) == texts.TEXT_ONLY
    assert not (shelf.seeds / "inbox").exists()
    assert not (shelf.seeds / "urls.txt").exists()


@pytest.mark.parametrize("command", ["/forget ferry", "/rebuild", "/gaps"])
async def test_what_admins_do_is_refused_to_others_and_in_groups(shelf: Shelf, command: str) -> None:
    bob = shelf.api.user("Bob")
    chat, group = shelf.api.private(bob), shelf.api.supergroup("Harbour", members=[bob, shelf.alice.person])
    assert (await chat.reply(to=await chat.say(bob, command))).text == texts.ADMINS_ONLY
    assert (await group.reply(to=await group.say(bob, command))).text == texts.ADMINS_ONLY
    assert (await group.reply(to=await group.say(shelf.alice.person, command))).text == texts.IN_PRIVATE_ONLY
    assert shelf.syncs.begun == 0


# Forgetting, rebuilding, status


@pytest.mark.two_workers
async def test_a_document_is_forgotten_by_its_name_or_a_part(shelf: Shelf) -> None:
    sent = await shelf.send("ferry.md")
    await shelf.send("ferry times.txt", BAKERY)
    await shelf.report(sent)
    which = await shelf.told(await shelf.say("/forget ferry"))
    assert which == f"{texts.WHICH_ONE}\n• inbox/ferry times.txt\n• inbox/ferry.md"
    forgotten = await shelf.report(await shelf.say("/forget FERRY.md"))
    assert forgotten.startswith("I have forgotten inbox/ferry.md.\n\nDocuments: 2, ")
    assert list(shelf.kept) == ["ferry times.txt"]


async def test_what_is_not_in_the_inbox_cannot_be_forgotten(shelf: Shelf) -> None:
    assert await shelf.told(await shelf.say("/forget")) == texts.FORGET_WHAT
    assert await shelf.told(await shelf.say("/forget mill")) == texts.NO_SUCH_DOCUMENT.format(name="mill")
    owners = texts.OWNERS_DOCUMENT.format(name="rules/harbour.md")
    assert await shelf.told(await shelf.say("/forget harbour.md")) == owners
    assert (shelf.seeds / "rules" / "harbour.md").exists()
    assert shelf.syncs.begun == 0


async def test_a_rebuild_reports_what_the_owner_changed(shelf: Shelf) -> None:
    assert (await shelf.report(await shelf.say("/rebuild"))).startswith(texts.UP_TO_DATE)
    plant(shelf.seeds, {"ferry.md": FERRY, "blank.txt": " "})
    report = await shelf.report(await shelf.say("/rebuild"))
    assert report.startswith("Added\n• ferry.md\n\nLeft out\n• blank.txt: is empty\n\nDocuments: 2, ")


async def test_the_status_shows_others_the_counts_only(shelf: Shelf) -> None:
    counts = "Documents: 2\nPassages: 5\nLanguages: en\nAs of: 23 Nov 2024, 11:42"
    bob = shelf.api.private(shelf.api.user("Bob"))
    assert (await bob.reply(to=await bob.say(bob.person, "/status"))).text == counts
    assert await shelf.told(await shelf.say("/status")) == f"{counts}\n\nLeft out\n• photo.txt: it is not text"


# Gaps


async def test_gaps_are_grouped_and_come_as_a_file(shelf: Shelf, tmp_path: Path) -> None:
    bob = shelf.api.private(shelf.api.user("Bob"))
    assert await shelf.told(await shelf.say("/gaps")) == texts.NO_GAPS.format(days=30)
    for question in ("Who is the unknown keeper?", "The unknown keeper is who?"):
        await bob.reply(to=await bob.say(bob.person, question))
    await shelf.told(await shelf.say("who's the unknown keeper"))
    voted = await bob.reply(to=await bob.say(bob.person, "How many steps?"))
    await bob.tap(bob.person, voted, button=texts.THUMBS_DOWN)
    await bob.reply(to=await bob.say(bob.person, "How old is the lantern?"))
    asked = await shelf.say("/gaps 7")
    assert await shelf.told(asked) == (
        "Not answered, or voted down, in the last 7 days\n"
        "• 3× (2 asked): who's the unknown keeper\n• 1× (1 asked): How many steps?"
    )
    file = await shelf.alice.next_file()
    assert (file.attachment["document"]["file_name"], file.reply_to) == ("gaps.jsonl", asked.id)
    (tmp_path / "gaps.jsonl").write_bytes(shelf.api.content(file))
    assert [each.text for each in read_questions(tmp_path / "gaps.jsonl")] == [
        "who's the unknown keeper",
        "How many steps?",
    ]


@pytest.mark.parametrize("days", ["0", "91", "a week", "²"])
async def test_gaps_of_no_number_of_days(shelf: Shelf, days: str) -> None:
    assert await shelf.told(await shelf.say(f"/gaps {days}")) == texts.HOW_MANY_DAYS.format(most=90)


# Export


async def test_the_last_answer_or_the_one_replied_to_becomes_a_file(shelf: Shelf) -> None:
    assert await shelf.told(await shelf.say("/export")) == texts.NOTHING_TO_EXPORT
    long = await shelf.say("At length?")
    await shelf.alice.reply(to=long)
    last_part = await shelf.alice.next_message()
    await shelf.told(await shelf.say("How many steps?"))
    await shelf.say("/export")
    file = await shelf.alice.next_file()
    assert file.attachment["document"]["file_name"] == "how-many-steps.md"
    assert shelf.api.content(file).decode() == (
        f"# How many steps?\n\n{FIRST_LIT} [1] A keeper climbs the\n212 steps every evening. [2]\n\n## Sources\n\n"
        f"\\[1\\] **Keeping the light**, `keeping-the-light.txt`, p. 4, 17 May 2024\n\n> {FIRST_LIT}\n\n"
        "\\[2\\] **Keeping the light**, `keeping-the-light.txt`, p. 4, 17 May 2024\n\n"
        "> A keeper climbs the\n> 212 steps every evening.\n"
    )
    await shelf.say("/export", reply_to=last_part)
    content = shelf.api.content(await shelf.alice.next_file()).decode()
    assert content.startswith("# At length?\n\nA sentence. A sentence.")
    assert content.count("A sentence.") == 500


async def test_the_answers_of_one_chat_are_not_exported_in_another(shelf: Shelf) -> None:
    await shelf.told(await shelf.say("How many steps?"))
    bob = shelf.api.private(shelf.api.user("Bob"))
    assert (await bob.reply(to=await bob.say(bob.person, "/export"))).text == texts.NOTHING_TO_EXPORT


async def test_in_a_topic_the_last_answer_is_that_of_the_topic(shelf: Shelf) -> None:
    alice = shelf.alice.person
    forum = shelf.api.forum("Harbour", members=[alice])
    first, second = await forum.topic("Steps"), await forum.topic("Lanterns")
    await forum.reply(to=await forum.say(alice, "/ask How many steps?", topic=first))
    await forum.reply(to=await forum.say(alice, "/ask The lantern?", topic=second))
    await forum.say(alice, "/export", topic=first)
    file = await forum.next_file()
    assert (file.attachment["document"]["file_name"], file.thread_id) == ("how-many-steps.md", first.id)


# The menu


async def test_only_admins_have_the_commands_in_their_menu(shelf: Shelf) -> None:
    await shelf.api.called("setMyCommands", scope={"type": "chat", "chat_id": ADMIN}, language_code="ru")
    assert shelf.api.commands(scope=f"chat:{ADMIN}") == COMMANDS | FOR_ADMINS
    russian = shelf.api.commands(scope=f"chat:{ADMIN}", language_code="ru")
    assert russian == {name: say_in("ru")(meaning) for name, meaning in (COMMANDS | FOR_ADMINS).items()}
    assert shelf.api.commands() == COMMANDS


async def test_an_admin_who_is_not_known_to_telegram_is_a_warning(
    idle: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    async with idle.bot(admins=f"7, {ADMIN}"):
        await idle.api.called("setMyCommands", scope={"type": "chat", "chat_id": ADMIN}, language_code="ru")
    assert "the commands of admin 7 could not be set (en): Chat not found" in caplog.text


async def test_without_a_collection_files_are_what_they_were(tmp_path: Path) -> None:
    async with BotApi() as api:
        world, chat = World(api, GatedAnswers(), tmp_path), api.private(api.user("Alice"))
        async with world.bot(admins=str(ADMIN)):
            assert (await chat.reply(to=await chat.document(chat.person, "a.md", b"x"))).text == texts.TEXT_ONLY
