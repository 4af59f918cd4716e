"""A Chroma server of the tests' own: a process on a port of loopback, its files in a folder, stopped and started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.postgres import free_port

STARTING_SECONDS = 60.0


class Chroma:
    """What was kept is there again after a stop and a start, at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        program = Path(sys.executable).parent / "chroma"
        command = [program, "run", "--path", self._folder / "data", "--host", "127.0.0.1", "--port", str(self._port)]
        with (self._folder / "log").open("ab") as told:
            self._process = subprocess.Popen(list(map(str, command)), cwd=self._folder, stdout=told, stderr=told)
        end = time.monotonic() + STARTING_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < end, "Chroma does not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait()
            self._process = None

    def suspend(self) -> None:
        """It takes connections, and answers nothing."""
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process
        os.kill(self._process.pid, signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat", timeout=5).is_success
        except httpx.TransportError:
            return False


@contextmanager
def running(folder: Path) -> Iterator[Chroma]:
    chroma = Chroma(folder)
    chroma.start()
    try:
        yield chroma
    finally:
        chroma.stop()
