"""A Postgres of the tests' own: a server on a port of loopback, its files in a temporary folder that goes with it."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from pwd import getpwall
from tempfile import TemporaryDirectory

import psutil

FOLDERS = (*map(Path, os.get_exec_path()), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))

ANYONE = ("postgres", "nobody")
"""Postgres refuses to run as root: then it runs as one of these."""

STARTING_SECONDS = 60.0

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",  # a power cut in the middle of a test loses nothing
    "log_min_messages": "panic",
}


def program(name: str) -> Path | None:
    return next((folder / name for folder in FOLDERS if os.access(folder / name, os.X_OK)), None)


def why_not() -> str | None:
    """Why there is no Postgres, if so."""
    if program("initdb") and program("postgres"):
        return None
    return "needs Postgres: no initdb and postgres on PATH or in /usr/lib/postgresql"


class Server:
    """Made by `server_in_a_folder`; it can be stopped and started again, and held still."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._user, self._port = folder, whom_to_run_as(), free_port()
        self._data, self._log = folder / "data", folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"postgresql+asyncpg://citegram@127.0.0.1:{self._port}/"
        """For SQLAlchemy; the name of a database is to follow, and there is one called postgres."""

    def make(self) -> None:
        if self._user:
            shutil.chown(self._folder, self._user)
        make = [program("initdb"), "-D", self._data, "-U", "citegram", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(list(map(str, make)), user=self._user, cwd=self._folder, check=True, capture_output=True)

    def start(self, **settings: str) -> None:
        """Returns once it takes connections."""
        start = [program("postgres"), "-D", self._data, "-p", str(self._port)]
        start += [part for setting in (SETTINGS | settings).items() for part in ("-c", "=".join(setting))]
        with self._log.open("ab") as told:
            self._process = subprocess.Popen(
                list(map(str, start)), user=self._user, cwd=self._folder, stdout=told, stderr=told
            )
        wait_until_ready(self._data / "postmaster.pid", self._process, self._log)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT ends every session at once; SIGQUIT as a power cut would."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(STARTING_SECONDS)
            self._process = None

    def ask_for_passwords(self, *, of: str) -> None:
        """From the next start."""
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"host all {of} all scram-sha-256\n{rules.read_text()}")

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """It takes connections, and says nothing: the server with each of its sessions."""
        assert self._process
        server = psutil.Process(self._process.pid)
        held = [server]
        try:
            server.suspend()  # first, so that it starts no more
            held += server.children(recursive=True)
            for each in held[1:]:
                with suppress(psutil.NoSuchProcess):  # a session may end meanwhile
                    each.suspend()
            yield
        finally:
            for each in held:
                with suppress(psutil.NoSuchProcess):
                    each.resume()


@contextmanager
def server_in_a_folder() -> Iterator[Server]:
    """A server that runs."""
    with TemporaryDirectory(prefix="citegram-postgres-") as folder:
        server = Server(Path(folder))
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def server() -> Iterator[str]:
    """Its address."""
    with server_in_a_folder() as started:
        yield started.address


def wait_until_ready(file: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """The server writes its state into the last line of the file."""
    end = time.monotonic() + STARTING_SECONDS
    while not (file.exists() and file.read_text().rstrip().endswith("ready")):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, f"Postgres does not start: {log.read_text()}"
        time.sleep(0.05)


def whom_to_run_as() -> str | None:
    """None: whoever runs the tests."""
    if os.getuid():
        return None
    there = {each.pw_name for each in getpwall()}
    return next(name for name in ANYONE if name in there)


def free_port() -> int:
    """Below those that the system gives to connections, so that none of these takes it before it is listened on."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
