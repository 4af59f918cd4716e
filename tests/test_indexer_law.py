"""A law: whatever was done to the folder and to its index, and wherever a sync failed, the next one gives the index
that is built from scratch."""

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from index.documents import find_files
from index.errors import CorruptIndexError, DataFolderError
from index.generations import Generations
from index.indexer import Progress
from index.types import Answer, Chunk, LeftOut, Quote, Source
from tests.builders import BAKERY, FERRY, OBSERVATORY, HashEmbedder, an_indexer, plant
from tests.failing_syncs import FullGenerations, InterruptedGenerations, ReaderKiller, interrupting
from tests.files import HTML, a_pdf
from tests.office import Office

MINUTES = a_pdf(["The meeting began at nine.", "The mayor spoke about the harbour."])
TEXTS = st.sampled_from(["", "\0", FERRY, BAKERY, OBSERVATORY, "One line.", "# Tide\n\nIt turns at noon.\n\n" * 2])
NEW_TEXTS = st.builds("# Notes\n\nA seal was seen {} times.\n\n# More\n\nIt was {}.".format, *[st.integers(0, 99)] * 2)
CONTENTS = st.sampled_from([MINUTES, a_pdf(["A page."]), MINUTES[:-100], HTML.encode(), b"<p>One line.</p>"])
DOCUMENTS = ["a.md", "b.txt", "deep/c.md", "deep/er/d.txt"]
NAMES = st.sampled_from([*DOCUMENTS, "deep/.citegramignore"])
READ_ELSEWHERE = st.sampled_from(["deep/e.html", "f.pdf", "g.pdf"])
ANY_NAMES = NAMES | READ_ELSEWHERE
PATTERNS = st.sampled_from(["", "deep/", "b.*", "*.md\n!a.md", "*.pdf"])
PARTS = st.sampled_from(["manifest.json", "texts.sqlite", "chroma/chroma.sqlite3", "chroma/*/*.bin", "lexical/*.idx"])
QUESTIONS = (
    "What does a bicycle pay?",
    "Who grinds rye on a stone?",
    "When does the tide turn?",
    "Когда видны кометы?",
    "When did the meeting begin?",
    "Who was the first keeper of the lighthouse?",
)

NEARLY = 2e-5
"""The last digit of a cosine is Chroma's, and depends on how the graph was filled."""

Step = Callable[[Office], object]
"""Something that is done to a folder or its index."""


def both(first: Step, then: Step) -> Step:
    return lambda office: (first(office), then(office))


def write(name: str, content: str | bytes) -> Step:
    def step(office: Office) -> None:
        path = office.seeds / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return step


def remove(name: str) -> Step:
    return lambda office: (office.seeds / name).unlink(missing_ok=True)


def rename(old: str, new: str) -> Step:
    def step(office: Office) -> None:
        with suppress(FileNotFoundError):
            (office.seeds / new).parent.mkdir(parents=True, exist_ok=True)
            (office.seeds / old).rename(office.seeds / new)

    return step


def close(name: str) -> Step:
    """It is there and cannot be read."""

    def step(office: Office) -> None:
        with suppress(FileNotFoundError):
            (office.seeds / name).unlink()
            (office.seeds / name).symlink_to(Path(name).name)

    return step


def date(name: str, day: int) -> Step:
    def step(office: Office) -> None:
        with suppress(OSError):
            os.utime(office.seeds / name, (86_400.0 * day, 86_400.0 * day))

    return step


def touch(name: str, nanoseconds: int) -> Step:
    """Its time alone is another, mostly of the same day."""

    def step(office: Office) -> None:
        with suppress(OSError):
            at = (office.seeds / name).stat().st_mtime_ns + nanoseconds
            os.utime(office.seeds / name, ns=(at, at))

    return step


def rebuild(*, full: bool) -> Step:
    return lambda office: office.sync(full=full)


def failing(
    office: Office,
    place: str,
    *,
    full: bool,
    embedder: HashEmbedder | None = None,
    generations: Generations | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> None:
    """A sync that is to fail at a place, where it comes to that. What is published stays."""
    before = office.generations.current()
    found = contents(office) if readable(office) else None
    indexer = an_indexer(office.folder, embedder=embedder or office.embedder, generations=generations)
    try:
        indexer.sync(full=full, progress=progress)
    except (KeyboardInterrupt, DataFolderError):
        event(f"failed: {place}")
        if isinstance(generations, InterruptedGenerations) and generations.after:
            return
        assert office.generations.current() == before
        assert found is None or contents(office) == found
    else:
        event(f"did not come to: {place}")


def fail_embedding(texts: int, full: bool) -> Step:
    """When so many texts were embedded."""
    return lambda office: failing(office, "embedding", full=full, embedder=HashEmbedder(limit=texts))


def fail_in_progress(word: int, full: bool) -> Step:
    return lambda office: failing(office, f"word {word} of progress", full=full, progress=interrupting(word))


def fail_writing(writes: int, full: bool) -> Step:
    """When so much is written that the disk is full."""

    def step(office: Office) -> None:
        full_disk = FullGenerations(office.generations.root, writes=writes)
        failing(office, f"{writes} writes", full=full, generations=full_disk)

    return step


def fail_publishing(after: bool, full: bool) -> Step:
    def step(office: Office) -> None:
        interrupted = InterruptedGenerations(office.generations.root, after=after)
        failing(office, "published" if after else "before it is published", full=full, generations=interrupted)

    return step


def kill_readers_between_files(full: bool) -> Step:
    """Which harms nothing."""

    def step(office: Office) -> None:
        killer = ReaderKiller()
        report = an_indexer(office.folder, embedder=office.embedder).sync(full=full, progress=killer.after_each_file)
        assert not full or not any(each.again for each in report.left_out), "what was broken off before is read, too"
        event(f"processes killed between files: {len(killer.killed)}")

    return step


def kill_readers(most: int, full: bool) -> Step:
    """Each costs a file at most, which is left out for now."""

    def step(office: Office) -> None:
        killer = ReaderKiller()
        with killer.at_birth(most):
            report = office.sync(full=full)
        assert not full or sum(each.again is not None for each in report.left_out) <= len(killer.killed)
        event(f"processes killed that read: {len(killer.killed)}")

    return step


def write_and_close_meanwhile(name: str, text: str, full: bool) -> Step:
    """A sync while a file cannot be read."""

    def step(office: Office) -> None:
        write(name, text)(office)
        path, aside = office.seeds / name, office.folder / "aside"
        path.rename(aside)
        path.symlink_to(path.name)
        report = office.sync(full=full)
        listed = name in (file.name for file in find_files(office.seeds))
        assert (name in (each.document for each in report.left_out)) == listed
        path.unlink()
        aside.rename(path)
        event("closed meanwhile")

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


FULL = st.booleans()
WRITES = st.builds(write, NAMES, TEXTS | NEW_TEXTS)
WRITES_FOR_READERS = st.builds(write, READ_ELSEWHERE, CONTENTS)
TWO_FOR_READERS = st.builds(
    both, st.builds(write, st.just("deep/e.html"), CONTENTS), st.builds(write, st.just("f.pdf"), CONTENTS)
)
NEWS = st.builds(write, st.sampled_from(DOCUMENTS), NEW_TEXTS)
EDITS = st.one_of(
    WRITES,
    WRITES_FOR_READERS,
    st.builds(write, st.just(".citegramignore"), PATTERNS),
    st.builds(remove, ANY_NAMES),
    st.builds(rename, ANY_NAMES, ANY_NAMES),
    st.builds(close, ANY_NAMES),
    st.builds(date, ANY_NAMES, st.integers(0, 2)),
    st.builds(touch, ANY_NAMES, st.sampled_from([-1, 1])),
)
KILLS = st.one_of(st.builds(kill_readers_between_files, FULL), st.builds(kill_readers, st.integers(1, 2), FULL))
SYNCS = st.one_of(
    st.builds(rebuild, full=FULL),
    st.builds(rebuild_with_another_model),
    st.builds(write_and_close_meanwhile, st.sampled_from(DOCUMENTS), NEW_TEXTS, FULL),
    st.builds(both, TWO_FOR_READERS, KILLS),
)
FAILURES = st.one_of(
    st.builds(both, NEWS, st.builds(fail_embedding, st.integers(0, 1), FULL)),
    st.builds(both, NEWS, st.builds(fail_in_progress, st.integers(1, 4), FULL)),
    st.builds(both, NEWS, st.builds(fail_writing, st.integers(0, 2), FULL)),
    st.builds(both, NEWS, st.builds(fail_publishing, st.booleans(), FULL)),
)
HARMS = st.one_of(
    st.builds(lose_the_vectors),
    st.builds(damage, PARTS, st.sampled_from([0.0, 0.5])),
    st.builds(leave_half, PARTS),
)
ROUNDS = st.builds(both, EDITS, st.one_of(SYNCS, HARMS, FAILURES))


def news(number: int, failure: Step) -> Step:
    return both(write(DOCUMENTS[number % 4], f"# Notes\n\nA seal was seen {number + 100} times."), failure)


EVERY_FAILURE = [
    news(0, fail_embedding(0, False)),
    news(1, fail_in_progress(1, True)),
    news(2, fail_in_progress(2, False)),
    *(news(number, fail_writing(number % 3, number % 2 == 0)) for number in range(3, 9)),
    news(9, fail_publishing(False, False)),
    news(10, fail_publishing(True, False)),
    both(both(write("deep/e.html", HTML), write("f.pdf", MINUTES)), kill_readers_between_files(True)),
    both(both(write("deep/e.html", "<p>One line.</p>"), write("g.pdf", MINUTES)), kill_readers(1, False)),
]
"""Each place where a sync fails, and each time it does."""


@pytest.mark.timeout(300)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(steps=EVERY_FAILURE)
@given(steps=st.lists(ROUNDS, min_size=1, max_size=4))
def test_after_anything_a_sync_gives_the_index_built_from_scratch(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        office = Office(Path(folder, "edited"), HashEmbedder())
        plant(office.seeds, {"always.txt": "This one stays. It is short.", "a.md": FERRY, "b.txt": BAKERY})
        office.sync()
        for step in steps:
            step(office)
        sync(office)
        fresh = Office(Path(folder, "fresh"), HashEmbedder())
        shutil.copytree(office.seeds, fresh.seeds, symlinks=True)
        fresh.sync()
        assert contents(office) == contents(fresh)
        (given, numbers), (expected, of_fresh) = answers(office), answers(fresh)
        assert given == expected
        assert numbers == pytest.approx(of_fresh, abs=NEARLY)
        assert not office.sync().published
        kept = [path for path in office.generations.root.iterdir() if path.is_dir()]
        assert len(kept) <= 2
        assert all((folder / "manifest.json").exists() for folder in kept)


def sync(office: Office) -> None:
    """As a person would, who says --full where what is published cannot be read, or the reading of a file was broken
    off."""
    report = office.sync()
    if any(each.again for each in report.left_out) or not readable(office):
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


def answers(office: Office) -> tuple[list[Answer], list[float]]:
    """The answers without their numbers, and these."""
    with office.answerer() as answerer:
        given = [answerer.answer(question) for question in QUESTIONS]
    numbers = [number for each in given for number in (each.confidence, *(passage.score for passage in each.passages))]
    return [without_numbers(each) for each in given], numbers


def without_numbers(answer: Answer) -> Answer:
    return replace(
        answer,
        seconds=0.0,
        confidence=0.0,
        citations=tuple(replace(each, quote=without_score(each.quote)) for each in answer.citations),
        closest=tuple(map(without_score, answer.closest)),
        passages=tuple(replace(each, score=0.0) for each in answer.passages),
    )


def without_score(quote: Quote) -> Quote:
    return replace(quote, passage=replace(quote.passage, score=0.0))
