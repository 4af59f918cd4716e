"""The process that reads files for another; what it says of each format is in tests/test_formats.py."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.documents import AGAIN_SECONDS, File, read_document
from index.extraction import Extraction
from index.formats.extract import TOO_MUCH_MEMORY, BrokenOffError
from index.formats.kinds import LARGE, read_text
from index.types import LeftOut
from tests.command_line import ROOT
from tests.files import a_pdf

ABANDONED = """
import os, signal, sys
from pathlib import Path
from index.extraction import Extraction
extraction = Extraction()
extraction.read(Path(sys.argv[1]))
reader = extraction._process.pid
os.kill(reader, signal.SIGSTOP)  # as one that hangs: it sees no end of its input
print(reader, flush=True)
sys.stdin.read()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_reader_that_hangs_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(a_pdf(["A page."]))
    parent = subprocess.Popen(
        [sys.executable, "-c", ABANDONED, tmp_path / "a.pdf"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout
    reader = os.pidfd_open(int(parent.stdout.readline()))
    try:
        assert not select.select([reader], [], [], 0)[0]
        parent.communicate(timeout=20)
        assert parent.returncode == -signal.SIGKILL
        assert select.select([reader], [], [], 20)[0]
    finally:
        os.close(reader)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(a_pdf(["A page."]))
    return path


@pytest.fixture
def crashing(tmp_path: Path) -> Path:
    """So deeply nested that its library asks for more memory than there is, and ends its process."""
    path = tmp_path / "crashing.pdf"
    path.write_bytes(b"%PDF-1.4\n1 0 obj\n" + b"[" * 3_000_000 + b"\nendobj\ntrailer<</Root 1 0 R>>")
    return path


def test_what_became_of_the_process_is_not_the_next_files_fault(pdf: Path) -> None:
    with Extraction() as extraction:
        extraction.read(pdf)
        process = extraction._process
        assert process
        process.kill()
        process.wait()
        assert extraction.read(pdf).text == "A page."


def test_memory_that_earlier_files_took_is_not_the_next_files_fault(tmp_path: Path) -> None:
    large, small = tmp_path / "large.html", tmp_path / "small.html"
    large.touch()
    os.truncate(large, 1_000_000_000)
    small.write_text("<p>A bicycle travels free of charge.</p>")
    with Extraction(megabytes=900) as narrow:
        narrow.read(small)
        process = narrow._process
        with pytest.raises(BrokenOffError, match=TOO_MUCH_MEMORY):
            narrow.read(large)
        assert process
        assert process.returncode == -signal.SIGKILL
        assert "free of charge" in narrow.read(small).text


def test_a_file_that_ends_every_process_is_told(pdf: Path, crashing: Path) -> None:
    """Once by a process that has read another, and by one that has not."""
    with Extraction(megabytes=400) as narrow:
        narrow.read(pdf)
        with pytest.raises(BrokenOffError, match="made the program that reads it crash"):
            narrow.read(crashing)
        assert narrow.read(pdf).text == "A page."


def test_a_file_whose_reading_was_broken_off_is_read_again_later(pdf: Path) -> None:
    with Extraction(seconds=0.01) as hasty:
        begun = time.time()
        found = read_document(File(pdf.name, pdf), extraction=hasty)
    assert isinstance(found, LeftOut)
    assert found.again
    assert begun + AGAIN_SECONDS <= found.again <= time.time() + AGAIN_SECONDS


def test_a_broken_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with Extraction() as extraction:
        found = read_document(File("a.pdf", tmp_path / "a.pdf"), extraction=extraction)
    assert isinstance(found, LeftOut)
    assert (found.size, found.again) == (6, None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "---\ntitle: Tides\n---\n# High water\n\nIt comes at noon.\n" + "A line.\n" * LARGE),
        ("a.rst", "High water\n==========\n\nIt comes at noon.\n" + "A line.\n" * LARGE),
        ("a.csv", "Boat,Berth\n" + "Swan,4\n" * LARGE),
        ("a.json", json.dumps([{"boat": "Swan", "berth": 4}] * (LARGE // 10))),
    ],
)
def test_a_large_text_says_the_same_whoever_reads_it(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with Extraction() as extraction:
        assert extraction.read(tmp_path / name) == read_text(content.encode(), Path(name).suffix)


def test_a_text_that_takes_a_thousand_times_its_size(tmp_path: Path) -> None:
    """It is not read by the process that asks."""
    (tmp_path / "list.md").write_text("- a\n" * 250_000)
    with Extraction(megabytes=400) as narrow:
        found = read_document(File("list.md", tmp_path / "list.md"), extraction=narrow)
    assert isinstance(found, LeftOut)
    assert found.again
