"""The process that reads files for another; what it says of each format is in tests/test_formats.py."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
