"""A law: whatever was done to the folder and to its index, the next sync gives the index built from scratch."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import CorruptIndexError
from index.types import Answer, Chunk, LeftOut, Source
from tests.builders import BAKERY, FERRY, OBSERVATORY, HashEmbedder, plant
from tests.office import Office

TEXTS = st.sampled_from(["", "\0", FERRY, BAKERY, OBSERVATORY, "One line.", "# Tide\n\nIt turns at noon.\n\n" * 2])
NAMES = st.sampled_from(["a.md", "b.txt", "deep/c.md", "deep/er/d.txt", "deep/.citegramignore"])
PARTS = st.sampled_from(["manifest.json", "texts.sqlite", "chroma/chroma.sqlite3", "chroma/*/*.bin", "lexical/*.idx"])
QUESTIONS = (
    "What does a bicycle pay?",
    "Who grinds rye on a stone?",
    "When does the tide turn?",
    "Когда видны кометы?",
)

Step = Callable[[Office], object]
"""Something that is done to a folder or its index."""


def write(name: str, text: str) -> Step:
    return lambda office: plant(office.seeds, {name: text})


def remove(name: str) -> Step:
    return lambda office: (office.seeds / name).unlink(missing_ok=True)


def rename(old: str, new: str) -> Step:
    def step(office: Office) -> None:
        with suppress(FileNotFoundError):
            (office.seeds / new).parent.mkdir(parents=True, exist_ok=True)
            (office.seeds / old).rename(office.seeds / new)

    return step


def date(name: str, day: int) -> Step:
    def step(office: Office) -> None:
        with suppress(FileNotFoundError):
            os.utime(office.seeds / name, (86_400.0 * day, 86_400.0 * day))

    return step


def touch(name: str, nanoseconds: int) -> Step:
    """Its time alone is another, mostly of the same day."""

    def step(office: Office) -> None:
        with suppress(FileNotFoundError):
            at = (office.seeds / name).stat().st_mtime_ns + nanoseconds
            os.utime(office.seeds / name, ns=(at, at))

    return step


def rebuild(*, full: bool) -> Step:
    return lambda office: office.sync(full=full)


def fail(texts: int, *, full: bool) -> Step:
    """A sync that is interrupted when so many texts were embedded."""

    def step(office: Office) -> None:
        with suppress(KeyboardInterrupt):
            office.sync(full=full, embedder=HashEmbedder(limit=texts))

    return step


def rebuild_with_another_model() -> Step:
    return lambda office: office.sync(embedder=HashEmbedder("other hashes"))


def lose_the_vectors() -> Step:
    def step(office: Office) -> None:
        for path in (office.folder / "data").glob("vectors.sqlite*"):
            path.unlink()

    return step


def damage(part: str, share: float) -> Step:
    """The published generation's file is cut off."""

    def step(office: Office) -> None:
        for path in office.generations.current().glob(part):
            os.truncate(path, int(path.stat().st_size * share))

    return step


def leave_half(part: str) -> Step:
    """What a writer that was killed leaves behind."""

    def step(office: Office) -> None:
        folder = office.generations.root / "20990101T000000-abcdef"
        folder.mkdir(exist_ok=True)
        for path in office.generations.current().glob(part):
            shutil.copy(path, folder)

    return step


STEPS = st.one_of(
    st.builds(write, NAMES, TEXTS),
    st.builds(remove, NAMES),
    st.builds(rename, NAMES, NAMES),
    st.builds(date, NAMES, st.integers(0, 2)),
    st.builds(touch, NAMES, st.sampled_from([-1, 1])),
    st.builds(rebuild, full=st.booleans()),
    st.builds(fail, st.integers(0, 3), full=st.booleans()),
    st.builds(rebuild_with_another_model),
    st.builds(lose_the_vectors),
    st.builds(damage, PARTS, st.sampled_from([0.0, 0.5])),
    st.builds(leave_half, PARTS),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_after_anything_a_sync_gives_the_index_built_from_scratch(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder, "edited"), HashEmbedder())
        plant(office.seeds, {"always.txt": "This one stays. It is short."})
        office.sync()
        for step in steps:
            step(office)
        sync(office)
        fresh = Office(Path(folder, "fresh"), HashEmbedder())
        shutil.copytree(office.seeds, fresh.seeds)
        fresh.sync()
        assert contents(office) == contents(fresh)
        assert answers(office) == answers(fresh)
        assert not office.sync().published


def sync(office: Office) -> None:
    """As a person would, who is told to say --full where what is published cannot be read."""
    office.sync()
    if not readable(office):
        office.sync(full=True)


def readable(office: Office) -> bool:
    try:
        answers(office)
    except CorruptIndexError:
        return False
    return True


Contents = tuple[dict[str, Chunk], tuple[Source, ...], tuple[LeftOut, ...], dict[str, str], list[str]]


def contents(office: Office) -> Contents:
    """All that a reader can find: chunks, sources, left-out files, texts, and what a search by words returns."""
    library = office.library()
    try:
        manifest = library.manifest
        everything = library.store.nearest(office.embedder.embed(["all"])[0], manifest.chunks)
        chunks = library.store.get([key for key, _ in everything])
        assert len(chunks) == manifest.chunks == library.lexical.count()
        texts = {source.document: library.texts.read(source.document) for source in manifest.sources()}
        found = library.lexical.search("the ferry stays in the oven of the tide комета", 50)
        return chunks, manifest.sources(), manifest.left_out, texts, sorted(key for key, _ in found)
    finally:
        library.close()


def answers(office: Office) -> list[Answer]:
    with office.answerer() as answerer:
        return [replace(answerer.answer(question), seconds=0.0) for question in QUESTIONS]
