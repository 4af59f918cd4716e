"""Citations to touch: opened in private and in groups, with the source, the quote to copy, and what changed since."""

import io
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from bot import texts
from bot.languages import say_in
from bot.originals import SENDABLE
from bot.telegram.asking import composed
from bot.telegram.opening import change, read_payload, with_fragment
from index.formats.pictures import MARKER
from index.types import Answer, Chunk, Passage, Quote, Source, Span
from tests import botapi
from tests.botapi import BotApi, Message
from tests.files import a_pdf
from tests.scripted import FIRST_LIT, LIGHTHOUSE, STEPS, TEXTS, answered
from tests.telegram_world import GatedAnswers, World, button_texts

pytestmark = pytest.mark.timeout(60)

PAGES = ["The meeting began at nine.", "The mayor spoke about the harbour.\nIt will be rebuilt."]
MINUTES = " ".join(PAGES).replace("\n", " ")
REBUILT = "It will be rebuilt."
PAPER = "The glass of the lamp is polished with chalk. " + "It must be done with great care and patience. " * 6
POLISHED = PAPER.strip()


def quoted(text: str, words: str, source: Source) -> Quote:
    start = text.index(words)
    chunk = Chunk(source.document, Span(text, 0, len(text)), source)
    return Quote(Span(words, start, start + len(words)), Passage(chunk, 1.0), chunk.span)


class CitingAnswers(GatedAnswers):
    """Of the "harbour" the minutes tell, a PDF; of the "glass" a page of the web, at length."""

    def __init__(self) -> None:
        super().__init__()
        self.texts |= {"minutes.pdf": MINUTES, "glass": PAPER}

    def answer(self, question: str, **_: object) -> Answer:
        if "harbour" in question:
            return answered(question, quoted(MINUTES, REBUILT, Source("minutes.pdf", "Minutes", page=2, label="ii")))
        if "glass" in question:
            source = Source("glass", "Glass", url="https://example.org/glass#care")
            return answered(question, quoted(PAPER, POLISHED, source))
        return super().answer(question)


@pytest.fixture
def answers() -> CitingAnswers:
    return CitingAnswers()


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "keeping-the-light.txt").write_text(LIGHTHOUSE, encoding="utf-8")
    (folder / "minutes.pdf").write_bytes(a_pdf(PAGES))
    return folder


@pytest.fixture
async def api(world: World, seeds: Path) -> AsyncIterator[BotApi]:
    async with world.bot(seeds_dir=seeds):
        yield world.api


async def test_an_opened_citation_can_be_copied_and_its_file_is_sent_with_the_page(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    await chat.tap(chat.person, answer, button="1")
    opened = await chat.edited(answer)
    numbers, steps = opened.keyboard
    assert [button.text for button in numbers] == ["· 1 ·", "2", texts.CLOSE]
    assert [button.text for button in steps] == [texts.OPEN_SOURCE, texts.COPY_QUOTE]
    assert steps[1].copy_text == FIRST_LIT
    assert (await chat.tap(chat.person, opened, button=texts.OPEN_SOURCE)).text == ""
    file = await chat.next_file()
    assert api.content(file) == LIGHTHOUSE.encode()
    assert file.attachment["document"]["file_name"] == "keeping-the-light.txt"
    assert (file.text.splitlines()[0], file.reply_to) == ("Keeping the light, p. 4", opened.id)
    assert file.formatted("blockquote") == (FIRST_LIT,)


async def test_of_a_pdf_the_page_is_shown_with_the_quote_marked_and_the_file_is_one_tap_away(
    api: BotApi, seeds: Path
) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "What about the harbour?"))
    await chat.tap(chat.person, answer, button="1")
    await chat.tap(chat.person, await chat.edited(answer), button=texts.OPEN_SOURCE)
    photo = await chat.next_photo()
    dots = Counter(Image.open(io.BytesIO(api.content(photo))).convert("RGB").get_flattened_data())
    assert dots[MARKER] > 1000
    assert photo.text.startswith("Minutes, p. ii\n")
    await chat.tap(chat.person, photo, button=texts.WHOLE_FILE)
    assert api.content(await chat.next_file()) == (seeds / "minutes.pdf").read_bytes()


async def test_a_pdf_that_cannot_be_drawn_any_more_is_sent_as_it_is(api: BotApi, seeds: Path) -> None:
    (seeds / "minutes.pdf").write_bytes(b"damaged")
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "What about the harbour?"))
    await chat.tap(chat.person, answer, button="1")
    await chat.tap(chat.person, await chat.edited(answer), button=texts.OPEN_SOURCE)
    assert api.content(await chat.next_file()) == b"damaged"


async def test_a_page_of_the_web_is_a_link_to_the_quote_and_a_long_quote_is_sent_to_be_copied(api: BotApi) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "The glass?"))
    await chat.tap(chat.person, answer, button="1")
    opened = await chat.edited(answer)
    link = opened.buttons[-2].url
    assert link is not None
    assert link.startswith("https://example.org/glass#care:~:text=The%20glass%20of%20the%20lamp%20is,")
    await chat.tap(chat.person, opened, button=texts.COPY_QUOTE)
    assert (await chat.reply(to=opened)).formatted("code") == (POLISHED,)


async def test_a_file_that_is_gone_or_too_large_is_told(api: BotApi, seeds: Path) -> None:
    chat = api.private(api.user("Alice"))
    answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    await chat.tap(chat.person, answer, button="1")
    opened = await chat.edited(answer)
    with (seeds / "keeping-the-light.txt").open("ab") as file:
        file.truncate(SENDABLE + 1)
    assert (await chat.tap(chat.person, opened, button=texts.OPEN_SOURCE)).text == texts.TOO_LARGE_TO_SEND
    (seeds / "keeping-the-light.txt").unlink()
    assert (await chat.tap(chat.person, opened, button=texts.OPEN_SOURCE)).text == texts.FILE_IS_GONE


async def test_nothing_outside_the_folder_is_sent(world: World, seeds: Path) -> None:
    (seeds.parent / "secret.txt").write_text("secret", encoding="utf-8")

    class Straying(CitingAnswers):
        def answer(self, question: str, **_: object) -> Answer:
            return answered(question, quoted(MINUTES, REBUILT, Source("../secret.txt", "Secret")))

    world.answers = Straying()
    async with world.bot(seeds_dir=seeds):
        chat = world.api.private(world.api.user("Alice"))
        answer = await chat.reply(to=await chat.say(chat.person, "?? secret"))
        await chat.tap(chat.person, answer, button="1")
        told = await chat.tap(chat.person, await chat.edited(answer), button=texts.OPEN_SOURCE)
        assert told.text == texts.FILE_IS_GONE


# What has become of the document


@pytest.mark.parametrize(
    ("now", "note"),
    [
        (None, texts.DOCUMENT_REMOVED),
        (LIGHTHOUSE.replace("1871", "1872"), texts.QUOTE_GONE),
        (LIGHTHOUSE.replace("half a ton", "a ton"), texts.AROUND_CHANGED),
    ],
    ids=["removed", "changed", "changed around it"],
)
async def test_a_citation_keeps_its_text_and_says_that_the_document_changed(
    world: World, seeds: Path, now: str | None, note: str
) -> None:
    chat = world.api.private(world.api.user("Оля", language_code="ru"))
    async with world.bot(seeds_dir=seeds):
        answer = await chat.reply(to=await chat.say(chat.person, "How many steps?"))
    world.answers = CitingAnswers()
    world.answers.texts = {key: text for key, text in TEXTS.items() if key != "keeping-the-light.txt"}
    if now is not None:
        world.answers.texts["keeping-the-light.txt"] = now
    async with world.bot(seeds_dir=seeds):
        await chat.tap(chat.person, answer, button="1")
        opened = await chat.edited(answer)
        assert opened.formatted("italic") == (say_in("ru")(note),)
        assert FIRST_LIT in opened.formatted("bold")
        await chat.tap(chat.person, opened, button="· 1 ·")
        assert (await chat.edited(opened)).text == answer.text


def test_of_what_stands_as_it_stood_nothing_is_told() -> None:
    _, (citation, _) = composed(CitingAnswers().answer("How many steps?"), say_in("en"))
    assert change(citation, LIGHTHOUSE) is None
    assert change(citation, LIGHTHOUSE.replace(STEPS, "")) == texts.AROUND_CHANGED
    assert change(replace(citation, quote="gone"), LIGHTHOUSE) == texts.QUOTE_GONE


# Groups


@pytest.mark.two_workers
async def test_in_a_group_a_citation_is_a_reply_once_and_opens_in_private_by_its_link(api: BotApi) -> None:
    alice, bob = api.user("Alice"), api.user("Bob")
    forum = api.forum("Harbour", members=[alice, bob])
    topic = await forum.topic("Lamps", by=alice)
    answer = await forum.reply(to=await forum.say(alice, "/ask How many steps?", topic=topic))
    assert (await forum.tap(bob, answer, button="1")).text == ""
    shown = await forum.reply(to=answer)
    assert (shown.thread_id, FIRST_LIT in shown.formatted("bold")) == (topic.id, True)
    assert forum.latest(answer) == answer
    assert (await forum.tap(alice, answer, button="1")).text == texts.OPEN_ALREADY
    await forum.tap(alice, answer, button="2")
    assert (await forum.reply(to=answer)).formatted("bold") != shown.formatted("bold")

    private = api.private(bob)
    opened = await private.reply(to=await private.start(payload_of(shown, api)))
    assert FIRST_LIT in opened.formatted("bold")
    await private.tap(bob, opened, button=texts.OPEN_SOURCE)
    await private.next_file()
    await private.tap(bob, opened, button=texts.CLOSE)
    closed = await private.edited(opened)
    assert closed.text == answer.text
    assert texts.THUMBS_UP not in button_texts(closed)


async def test_a_citation_that_may_be_lost_can_be_opened_again(api: BotApi) -> None:
    alice = api.user("Alice")
    group = api.supergroup("Harbour", members=[alice])
    answer = await group.reply(to=await group.say(alice, "/ask How many steps?"))
    api.fail("sendMessage", botapi.DropBefore())
    await group.tap(alice, answer, button="1")
    while (await group.tap(alice, answer, button="1")).text == texts.OPEN_ALREADY:
        pass
    assert FIRST_LIT in (await group.reply(to=answer)).formatted("bold")


async def test_after_an_edit_the_new_citation_can_be_opened(api: BotApi) -> None:
    alice = api.user("Alice")
    group = api.supergroup("Harbour", members=[alice])
    question = await group.say(alice, "/ask How many steps?")
    answer = await group.reply(to=question)
    await group.tap(alice, answer, button="1")
    await group.reply(to=answer)
    await group.edit(question, "/ask What about the harbour?")
    await group.tap(alice, await group.edited(answer), button="1")
    assert REBUILT in (await group.reply(to=answer)).formatted("bold")


async def test_a_link_opens_nothing_for_who_is_not_in_the_chat(api: BotApi) -> None:
    alice, eve = api.user("Alice"), api.user("Eve")
    group = api.supergroup("Harbour", members=[alice])
    answer = await group.reply(to=await group.say(alice, "/ask How many steps?"))
    await group.tap(alice, answer, button="1")
    payload = payload_of(await group.reply(to=answer), api)
    hers = api.private(eve)
    assert (await hers.reply(to=await hers.start(payload))).text == texts.NOT_YOURS
    assert (await hers.reply(to=await hers.start(payload[:-1] + "7"))).text == texts.ASK_AGAIN
    assert (await hers.reply(to=await hers.start("cunknown-1"))).text == texts.ASK_AGAIN
    assert (await hers.reply(to=await hers.start("whatever"))).text == texts.START


def payload_of(message: Message, api: BotApi) -> str:
    (button,) = message.buttons
    address, _, payload = (button.url or "").partition("?start=")
    assert (button.text, address) == (texts.OPEN_IN_PRIVATE, f"https://t.me/{api.bot.username}")
    return payload


@pytest.mark.parametrize("text", ["", "c", "c-", "cabc", "cabc-x", "cabc-1234", "abc-1", "cabc-²"])
def test_what_is_no_payload_of_a_citation(text: str) -> None:
    assert read_payload(text) == ("", 0)


def test_a_fragment_names_the_quote_by_its_ends() -> None:
    assert with_fragment("https://e.org/a", "One, two-three & four") == (
        "https://e.org/a#:~:text=One%2C%20two%2Dthree%20%26%20four"
    )
    words = " ".join(f"w{n}" for n in range(20))
    assert with_fragment("https://e.org/a", words).endswith(
        "text=w0%20w1%20w2%20w3%20w4%20w5,w14%20w15%20w16%20w17%20w18%20w19"
    )


async def test_buttons_of_other_chats_do_nothing(api: BotApi) -> None:
    alice, eve = api.user("Alice"), api.user("Eve")
    hers, eves = api.private(alice), api.private(eve)
    answer = await hers.reply(to=await hers.say(alice, "How many steps?"))
    await hers.tap(alice, answer, button="1")
    data = next(b.callback_data for b in (await hers.edited(answer)).buttons if b.text == texts.OPEN_SOURCE)
    own = await eves.reply(to=await eves.say(eve, "How many steps?"))
    assert (await eves.tap(eve, own, data=data)).text == texts.ASK_AGAIN
