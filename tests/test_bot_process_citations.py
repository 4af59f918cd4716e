"""Citations to touch, with `citegram bot` as a process of its own and a real index, a PDF in it."""

import io
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from bot import texts
from bot.languages import say_in
from index.formats.pictures import MARKER
from tests.botapi import BotApi
from tests.builders import plant
from tests.deployments import Deployment
from tests.files import a_pdf
from tests.scripted import FIRST_LIT, TEXTS
from tests.test_bot_process import QUESTION, Processes, index

pytestmark = pytest.mark.timeout(120)

PAGES = [
    "The meeting of the harbour council began at nine.",
    "The mayor said the old quay will be rebuilt in May.",
]
OF_MINUTES = "When will the old quay be rebuilt?"


@pytest.fixture
async def processes(tmp_path: Path, deployment: Deployment) -> AsyncIterator[Processes]:
    """With a folder of documents that nobody else uses, since it changes."""
    seeds, data = plant(tmp_path / "seeds", TEXTS), tmp_path / "data"
    (seeds / "minutes.pdf").write_bytes(a_pdf(PAGES))
    data.mkdir()
    index(seeds, data)
    async with BotApi() as api:
        processes = Processes(api, data_dir=data, deployment=deployment, folder=tmp_path)
        yield processes
        await processes.close()
        assert not api.violations


async def test_a_citation_is_opened_shown_on_its_page_and_outlives_its_document(
    processes: Processes, tmp_path: Path
) -> None:
    api, seeds = processes.api, tmp_path / "seeds"
    chat, say = api.private(api.user("Оля", language_code="ru")), say_in("ru")
    async with processes.serving(SEEDS_DIR=str(seeds)):
        answer = await chat.reply(to=await chat.say(chat.person, OF_MINUTES))
        await chat.tap(chat.person, answer, button="1")
        opened = await chat.edited(answer)
        assert opened.formatted("bold")[-1] == PAGES[1]
        await chat.tap(chat.person, opened, button=say(texts.OPEN_SOURCE))
        photo = await chat.next_photo()
        dots = Counter(Image.open(io.BytesIO(api.content(photo))).convert("RGB").get_flattened_data())
        assert dots[MARKER] > 1000
        assert say(texts.PAGE_NUMBER, page=2) in photo.text
    (seeds / "minutes.pdf").unlink()
    index(seeds, tmp_path / "data")
    async with processes.serving(SEEDS_DIR=str(seeds)):
        await chat.tap(chat.person, opened, button="· 1 ·")
        closed = await chat.edited(opened)
        await chat.tap(chat.person, closed, button="1")
        again = await chat.edited(closed)
        assert again.formatted("italic") == (say(texts.DOCUMENT_REMOVED),)
        assert again.formatted("bold")[-1] == PAGES[1]
        assert (await chat.tap(chat.person, again, button=say(texts.OPEN_SOURCE))).text == say(texts.FILE_IS_GONE)


async def test_a_citation_in_a_group_is_opened_in_private_by_its_link(processes: Processes, tmp_path: Path) -> None:
    api = processes.api
    alice = api.user("Alice")
    group, private = api.supergroup("Harbour", members=[alice]), api.private(alice)
    async with processes.serving(SEEDS_DIR=str(tmp_path / "seeds")):
        answer = await group.reply(to=await group.say(alice, f"/ask {QUESTION}"))
        await group.tap(alice, answer, button="1")
        (link,) = (await group.reply(to=answer)).buttons
        opened = await private.reply(to=await private.start((link.url or "").partition("=")[2]))
        assert opened.formatted("bold")[-1].endswith(FIRST_LIT)
        await private.tap(alice, opened, button=texts.OPEN_SOURCE)
        assert api.content(await private.next_file()) == TEXTS["keeping-the-light.txt"].encode()
