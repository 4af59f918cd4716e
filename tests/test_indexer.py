"""Bringing the index in line with the folder: what is seen, what is paid for, and what stays when it cannot be done."""

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.embedding import Vectors
from index.errors import CorruptIndexError, DataFolderError, IndexBusyError, IndexingError, SeedsError
from index.indexer import MOST_CHURN, Report
from index.manifest import read_manifest
from index.types import LeftOut
from tests.builders import FERRY, SEEDS, HashEmbedder, plant
from tests.mutations import mutated_files
from tests.office import Office

FERRY_CHUNKS = 2
"""What HashEmbedder's window makes of it."""


class BlindEmbedder(HashEmbedder):
    """Sees nothing in any text: its vectors have no direction, so that no chunk is found again by its own."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.zeros((len(texts), self.dimension), dtype=np.float32)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    plant(tmp_path / "seeds")
    return Office(tmp_path, HashEmbedder())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the index of such an office, made once."""
    office = Office(tmp_path_factory.mktemp("made"), HashEmbedder())
    plant(office.seeds)
    office.sync()
    return office.folder / "data"


@pytest.fixture
def indexed(office: Office, made: Path) -> Office:
    shutil.copytree(made, office.folder / "data")
    return office


@pytest.fixture
def unharmed(indexed: Office) -> Iterator[Office]:
    """As `indexed`; whatever the test does, nothing is published, and the index from before answers."""
    before = indexed.generations.current()
    yield indexed
    assert indexed.generations.current() == before
    assert indexed.still_answers()


def counts(report: Report) -> tuple[int, int, int, int]:
    return len(report.added), len(report.updated), len(report.removed), report.unchanged


# What is seen


def test_the_first_time_everything_is_added(office: Office) -> None:
    report = office.sync()
    assert report.added == tuple(sorted(SEEDS))
    assert (report.updated, report.removed, report.unchanged, report.left_out) == ((), (), 0, ())
    assert report.published
    assert report.chunks == report.embedded == len(office.embedder.embedded)
    assert office.sources().keys() == SEEDS.keys()
    assert office.still_answers()


def test_a_second_time_nothing_is_done(indexed: Office) -> None:
    before = indexed.generations.current()
    report = indexed.sync()
    assert counts(report) == (0, 0, 0, len(SEEDS))
    assert (report.published, report.embedded) == (False, 0)
    assert indexed.generations.current() == before
    assert not indexed.embedder.embedded
    assert len(list(indexed.generations.root.glob("*/manifest.json"))) == 1


def test_what_killed_writers_left_goes_though_nothing_is_to_be_published(office: Office) -> None:
    """One was killed while it wrote, one before it published, one when it had published and removed nothing yet."""
    office.sync()
    published, root = office.generations.current(), office.generations.root
    names = ("20200101T000000-abcdef", "20200102T000000-abcdef", "20990101T000000-abcdef", "20990102T000000-abcdef")
    for name in names:
        (root / name).mkdir()
    for name in names[:3]:
        (root / name / "manifest.json").touch()
    (root / "CURRENT.new").write_text(names[2])
    assert not office.sync().published
    assert {path.name for path in root.iterdir()} == {"CURRENT", "LOCK", names[1], published.name}
    assert office.still_answers()


def test_a_removed_text_is_in_no_file_when_two_more_generations_are_published(office: Office) -> None:
    plant(office.seeds, {"private.md": "The keeper's quagmire is a secret."})
    office.sync()
    assert any(b"quagmire" in path.read_bytes() for path in files_below(office.generations.root))
    (office.seeds / "private.md").unlink()
    assert office.sync().removed == ("private.md",)
    for number in range(2):
        plant(office.seeds, {f"new-{number}.md": f"The tide turns at {number}."})
        office.sync()
    assert [path for path in files_below(office.generations.root) if b"quagmire" in path.read_bytes()] == []


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_full_builds_anew_and_embeds_nothing(indexed: Office) -> None:
    before = indexed.generations.current()
    report = indexed.sync(full=True)
    assert counts(report) == (0, 0, 0, len(SEEDS))
    assert (report.published, report.embedded) == (True, 0)
    assert indexed.generations.current() != before
    assert not indexed.embedder.embedded
    assert indexed.still_answers()


def test_what_was_added_updated_and_removed(indexed: Office) -> None:
    plant(indexed.seeds, {"new.md": "# Tide\n\nThe tide turns at noon.", "ferry.md": FERRY.replace("four", "six")})
    (indexed.seeds / "обсерватория.txt").unlink()
    report = indexed.sync()
    assert (report.added, report.updated, report.removed) == (("new.md",), ("ferry.md",), ("обсерватория.txt",))
    assert (report.unchanged, report.published) == (1, True)
    assert indexed.sources().keys() == {"new.md", "ferry.md", "town/bakery.txt"}
    assert indexed.best_quote("When does the tide turn?") == "The tide turns at noon."
    assert indexed.best_quote("How often does the ferry cross the strait?").startswith(
        "The ferry crosses the strait six times a day."
    )


def test_only_what_changed_is_embedded(indexed: Office) -> None:
    plant(indexed.seeds, {"ferry.md": FERRY.replace("seven crowns", "eight crowns")})
    report = indexed.sync()
    assert report.embedded == len(indexed.embedder.embedded) == 1
    assert "eight crowns" in indexed.embedder.embedded[0]


def test_a_renamed_document_costs_no_model_time(indexed: Office) -> None:
    (indexed.seeds / "ferry.md").rename(indexed.seeds / "strait.md")
    report = indexed.sync()
    assert (report.renamed, report.added, report.removed) == ((("ferry.md", "strait.md"),), (), ())
    assert (report.embedded, report.published) == (0, True)
    assert indexed.sources().keys() == {*SEEDS, "strait.md"} - {"ferry.md"}


def test_another_date_is_seen(indexed: Office) -> None:
    os.utime(indexed.seeds / "ferry.md", (86_400.0, 86_400.0))
    report = indexed.sync()
    assert (report.published, report.embedded, counts(report)) == (True, 0, (0, 0, 0, len(SEEDS)))
    assert indexed.sources()["ferry.md"].modified == date(1970, 1, 2)
    assert not indexed.sync().published


def test_another_title_is_seen(indexed: Office) -> None:
    plant(indexed.seeds, {"ferry.md": FERRY.replace("# The ferry", "# The boat")})
    assert indexed.sync().updated == ("ferry.md",)
    assert indexed.sources()["ferry.md"].title == "The boat"


def test_another_time_of_the_same_day_is_nothing_new(indexed: Office) -> None:
    path = indexed.seeds / "ferry.md"
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns // 10**9 * 10**9 + 1))
    assert not indexed.sync().published


def test_a_file_of_the_same_size_and_time_is_not_read(indexed: Office) -> None:
    indexed.sync(full=True)
    path = indexed.seeds / "ferry.md"
    before = path.stat()
    path.write_text(FERRY.replace("four", "five"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not indexed.sync().published
    assert indexed.sync(full=True).updated == ("ferry.md",)


def test_a_file_of_the_same_size_and_another_time_is_told_by_its_content(indexed: Office) -> None:
    path = indexed.seeds / "ferry.md"
    before = path.stat()
    path.write_text(FERRY.replace("four", "five"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert indexed.sync().updated == ("ferry.md",)
    assert indexed.best_quote("How often does the ferry cross?").startswith("The ferry crosses the strait five times")


def test_equal_documents_under_two_names_both_keep_their_citations(indexed: Office) -> None:
    plant(indexed.seeds, {"twin.md": FERRY})
    report = indexed.sync()
    assert (report.added, report.renamed, report.embedded) == (("twin.md",), (), 0)
    (indexed.seeds / "ferry.md").unlink()
    report = indexed.sync()
    assert (report.removed, report.renamed) == (("ferry.md",), ())
    assert indexed.sources()["twin.md"].title == "The ferry"
    assert indexed.best_quote("What does a bicycle pay?").startswith("A bicycle travels free of charge.")


def test_what_was_removed_is_found_no_more(indexed: Office) -> None:
    plant(indexed.seeds, {"ferry.md": FERRY.replace("bicycle", "tandem")})
    indexed.sync()
    library = indexed.library()
    try:
        everything = library.store.nearest(indexed.embedder.embed(["all"])[0], 100)
        texts = [chunk.span.text for chunk in library.store.get([key for key, _ in everything]).values()]
        assert len(texts) == library.manifest.chunks
        assert any("tandem" in text for text in texts)
        assert not any("bicycle" in text for text in texts)
        assert library.lexical.search("bicycle", 10) == []
        assert library.lexical.document_frequency("bicycl", "en") == 0
    finally:
        library.close()


def test_after_much_churn_it_is_built_afresh(indexed: Office) -> None:
    def churn() -> int:
        return read_manifest(indexed.generations.current()).churn

    seen = [churn()]
    for number in range(6):
        plant(indexed.seeds, {"ferry.md": FERRY.replace("seven", f"{number + 10}")})
        report = indexed.sync()
        assert (report.updated, report.published) == (("ferry.md",), True)
        seen.append(churn())
    cut = FERRY_CHUNKS
    assert seen == [0, cut, 2 * cut, 0, cut, 2 * cut, 0]
    assert 2 * cut > MOST_CHURN * report.chunks >= cut


def test_without_a_difference_much_churn_is_no_reason_to_build(indexed: Office) -> None:
    """Nor is a file that cannot be read, which is looked at every time."""
    (indexed.seeds / "closed.md").symlink_to("closed.md")
    for number in range(2):
        plant(indexed.seeds, {"ferry.md": FERRY.replace("seven", f"{number + 10}")})
        indexed.sync()
    assert not indexed.sync().published


def test_a_new_language_is_searched_in_its_own_words(indexed: Office) -> None:
    german = "Die Sternwarte steht auf dem Hügel. Das Fernrohr wurde im Jahr 1931 aufgestellt, und die Wächter läuten."
    plant(indexed.seeds, {"sternwarte.txt": german})
    assert indexed.sync().added == ("sternwarte.txt",)
    library = indexed.library()
    library.close()
    assert library.manifest.languages == ("de", "en", "ru")
    assert [key[:2] for key, _ in library.lexical.search("Fernrohre", 5)] == ["de"]
    assert library.lexical.search("bicycles", 5)
    (indexed.seeds / "sternwarte.txt").unlink()
    indexed.sync()
    library = indexed.library()
    library.close()
    assert (library.manifest.languages, library.lexical.fields) == (("en", "ru"), ("text_en", "text_ru"))


@pytest.mark.parametrize("pattern", ["chroma/chroma.sqlite3", "texts.sqlite"])
def test_where_the_copy_is_damaged_it_is_built_afresh(indexed: Office, pattern: str) -> None:
    """Damage that the sizes of the files don't tell."""
    (path,) = indexed.generations.current().glob(pattern)
    path.write_bytes(b"\1" * path.stat().st_size)
    plant(indexed.seeds, {"new.md": "# Tide\n\nThe tide turns at noon."})
    report = indexed.sync()
    assert (report.added, report.published, report.embedded) == (("new.md",), True, 1)
    assert indexed.best_quote("When does the tide turn?") == "The tide turns at noon."
    assert indexed.still_answers()


def test_another_recipe_means_another_index(indexed: Office) -> None:
    other = HashEmbedder("other hashes")
    report = indexed.sync(embedder=other)
    assert (report.published, report.embedded, counts(report)) == (True, report.chunks, (0, 0, 0, len(SEEDS)))
    assert not indexed.sync(embedder=other).published
    back = indexed.sync()
    assert (back.published, back.embedded) == (True, 0)


def test_without_the_vector_cache_everything_is_embedded_again(indexed: Office) -> None:
    for path in (indexed.folder / "data").glob("vectors.sqlite*"):
        path.unlink()
    assert not indexed.sync().published
    report = indexed.sync(full=True)
    assert report.embedded == report.chunks == len(indexed.embedder.embedded)


# What is left out


def test_left_out_files_are_reported_and_kept_in_the_manifest(indexed: Office) -> None:
    (indexed.seeds / "empty.txt").write_bytes(b" \n")
    (indexed.seeds / "photo.md").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (indexed.seeds / "gone.txt").symlink_to("nowhere")
    (indexed.seeds / "notes.doc").write_bytes(b"PK")
    report = indexed.sync()
    assert [each.document for each in report.left_out] == ["empty.txt", "gone.txt", "photo.md"]
    assert report.left_out[0] == LeftOut("empty.txt", "is empty")
    assert report.left_out[1].reason == "cannot be read (No such file or directory)"
    assert "not text" in report.left_out[2].reason
    assert report.published
    library = indexed.library()
    library.close()
    assert library.manifest.left_out == report.left_out
    again = indexed.sync()
    assert (again.left_out, again.published) == (report.left_out, False)
    (indexed.seeds / "photo.md").write_bytes(b"")
    other = indexed.sync()
    assert (other.left_out[2], other.published) == (LeftOut("photo.md", "is empty"), True)


def test_a_document_that_becomes_unreadable_is_removed(indexed: Office) -> None:
    (indexed.seeds / "ferry.md").write_bytes(b"")
    report = indexed.sync()
    assert (report.removed, report.left_out) == (("ferry.md",), (LeftOut("ferry.md", "is empty"),))
    assert "ferry.md" not in indexed.sources()


def test_front_matter_that_a_parser_stumbles_over_ends_no_sync(indexed: Office) -> None:
    tags = ("!!bool maybe", "!!timestamp x", "!!int ''", "!!python/name:os.system", '"\\UFFFFFFFF"')
    made = {f"{number}.md": f"---\ndraft: {tag}\n---\nNumber {number}." for number, tag in enumerate(tags)}
    plant(indexed.seeds, made)
    report = indexed.sync()
    assert (report.added, report.left_out) == (tuple(sorted(made)), ())


@pytest.mark.timeout(300)
def test_damaged_files_of_every_format_never_end_a_sync(indexed: Office) -> None:
    """tests/benchmarks/mutated.py does it with ten thousand."""
    made = dict(mutated_files(180, seed=20))
    for name, content in made.items():
        (indexed.seeds / name).write_bytes(content)
    report = indexed.sync()
    assert {*report.added, *(each.document for each in report.left_out)} == made.keys()
    assert report.added
    assert report.left_out
    assert indexed.still_answers()


# What cannot be done


def test_an_empty_folder(unharmed: Office) -> None:
    shutil.rmtree(unharmed.seeds)
    unharmed.seeds.mkdir()
    with pytest.raises(SeedsError, match=r"holds no document\. Add some \(\.csv, .*\.txt"):
        unharmed.sync()


def test_a_missing_folder(unharmed: Office) -> None:
    shutil.rmtree(unharmed.seeds)
    with pytest.raises(SeedsError, match="does not exist"):
        unharmed.sync()


def test_a_folder_that_is_a_file(unharmed: Office) -> None:
    shutil.rmtree(unharmed.seeds)
    unharmed.seeds.write_text("a text")
    with pytest.raises(SeedsError, match="is not a folder"):
        unharmed.sync()


def test_a_folder_in_which_nothing_can_be_read(unharmed: Office) -> None:
    for name in SEEDS:
        (unharmed.seeds / name).write_bytes(b"\0\1\2")
    with pytest.raises(SeedsError) as caught:
        unharmed.sync(full=True)
    assert all(name in str(caught.value) for name in SEEDS)


def test_a_data_folder_that_cannot_be_written(office: Office) -> None:
    (office.folder / "data").write_text("a file")
    with pytest.raises(DataFolderError, match="cannot be written"):
        office.sync()


@pytest.mark.parametrize("harm", ["folder", "garbage"])
def test_a_vector_cache_that_cannot_be_used(unharmed: Office, harm: str) -> None:
    cache = unharmed.folder / "data" / "vectors.sqlite"
    for path in cache.parent.glob("vectors.sqlite*"):
        path.unlink()
    if harm == "folder":
        cache.mkdir()
    else:
        cache.write_bytes(b"not a database" * 1000)
    with pytest.raises(DataFolderError, match=r"vectors\.sqlite"):
        unharmed.sync(full=True)


def test_two_at_once(unharmed: Office) -> None:
    with unharmed.generations.writing(), pytest.raises(IndexBusyError):
        unharmed.sync(full=True)


def test_an_interruption_keeps_what_was_embedded(unharmed: Office) -> None:
    plant(unharmed.seeds, {f"{n}.md": f"# Note {n}\n\nNote number {n} says {n * n}." for n in range(300)})
    hasty = HashEmbedder(limit=256)
    with pytest.raises(KeyboardInterrupt):
        unharmed.sync(embedder=hasty)
    assert unharmed.still_answers()
    shutil.rmtree(unharmed.seeds)
    plant(unharmed.seeds)
    assert not unharmed.sync(embedder=hasty).published


def test_a_new_index_that_fails_its_check_is_not_published(unharmed: Office) -> None:
    blind = BlindEmbedder("blind")
    with pytest.raises(CorruptIndexError, match="was not published"):
        unharmed.sync(embedder=blind)


def test_a_failed_check_leaves_nothing_behind_after_the_next_sync(indexed: Office) -> None:
    with pytest.raises(CorruptIndexError):
        indexed.sync(embedder=BlindEmbedder("blind"))
    assert indexed.sync(full=True).published
    assert len([path for path in indexed.generations.root.iterdir() if path.is_dir()]) <= 2


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        ("manifest.json", 0.5),
        ("texts.sqlite", 0.5),
        ("chroma/chroma.sqlite3", 0.0),
        ("chroma/chroma.sqlite3", 0.5),
        ("lexical/meta.json", 0.0),
        ("lexical/*.pos", 0.5),
    ],
)
def test_a_corrupt_published_generation_is_rebuilt(indexed: Office, pattern: str, kept: float) -> None:
    (path,) = indexed.generations.current().glob(pattern)
    os.truncate(path, int(path.stat().st_size * kept))
    with pytest.raises(IndexingError):
        indexed.library()
    report = indexed.sync()
    assert (report.published, report.embedded) == (True, 0)
    assert indexed.still_answers()


def test_readers_leave_the_vectors_files_alone(indexed: Office) -> None:
    """Several processes read one generation. Left to itself Chroma writes graph files whenever a reader opens them."""
    files = sorted(indexed.generations.current().glob("chroma/*/*"))
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    assert indexed.still_answers()
    assert files
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in files] == before


@pytest.mark.parametrize("named", ["", "../elsewhere", "20200101T000000-abcdef", "\0"])
def test_a_damaged_pointer_is_mended(indexed: Office, named: str) -> None:
    (indexed.generations.root / "CURRENT").write_text(named)
    with pytest.raises(CorruptIndexError):
        indexed.generations.current()
    assert indexed.sync().published
    assert indexed.still_answers()
