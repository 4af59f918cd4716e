"""A Postgres of the tests' own: a server on a port of loopback, its files in a temporary folder that goes with it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pwd import getpwall
from tempfile import TemporaryDirectory

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


@contextmanager
def server() -> Iterator[str]:
    """An address for SQLAlchemy, which the name of a database is to follow; there is one called postgres."""
    with TemporaryDirectory(prefix="citegram-postgres-") as folder:
        user = whom_to_run_as()
        data, log, port = Path(folder) / "data", Path(folder) / "log", free_port()
        if user:
            shutil.chown(folder, user)
        make = [program("initdb"), "-D", data, "-U", "citegram", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        start = [program("postgres"), "-D", data, "-p", str(port)]
        start += [part for setting in SETTINGS.items() for part in ("-c", "=".join(setting))]
        subprocess.run(list(map(str, make)), user=user, cwd=folder, check=True, capture_output=True)
        with (
            log.open("wb") as told,
            subprocess.Popen(list(map(str, start)), user=user, cwd=folder, stdout=told, stderr=told) as process,
        ):
            try:
                wait_until_ready(data / "postmaster.pid", process, log)
                yield f"postgresql+asyncpg://citegram@127.0.0.1:{port}/"
            finally:
                process.terminate()


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
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
