"""What every test stands on: no network but loopback, no settings of the developer's, one embedder for all."""

import os
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from config import Settings
from index.embedding import OnnxEmbedder
from index.lexical import Analyzer
from index.library import Library, open_library
from index.reader import OnnxReader
from tests import builders, chroma_server, deployments
from tests.chroma_server import Chroma
from tests.databases import database_url, postgres_server, postgres_url
from tests.deployments import deployment
from tests.model_world import model, model_answerer, model_folders, model_settings
from tests.telegram_world import answers, api, server, world

__all__ = [
    "answers", "api", "database_url", "deployment", "model", "model_answerer", "model_folders", "model_settings",
    "postgres_server", "postgres_url", "server", "world",
]  # fmt: skip

pytest_addoption = deployments.add_option
pytest_generate_tests = deployments.generate

settings.register_profile("no clock", deadline=None)
settings.load_profile("no clock")
"""A slow machine fails no test."""

INTERNET = (socket.AF_INET, socket.AF_INET6)


@pytest.fixture(scope="session", autouse=True)
def offline() -> Iterator[None]:
    """A test that leaves the machine fails, whatever the code under test does with errors: the failure is none."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, only_loopback(getattr(socket.socket, name)))
        yield


def only_loopback(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def checked(own: socket.socket, address: Any) -> Any:
        if own.family in INTERNET and not is_loopback(address[0]):
            pytest.fail(f"a test reached for {address[0]} over the network")
        return connect(own, address)

    return checked


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session", autouse=True)
def undecided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting is set, and the working folder is an empty one: neither .env nor seeds nor data of the developer's."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in [each for each in os.environ if each.lower() in Settings.model_fields]:
            patch.delenv(variable)
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        yield


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    """A Chroma server for all tests, which nobody stops; each takes a prefix of its own."""
    with chroma_server.running(tmp_path_factory.mktemp("chroma")) as server:
        yield server


@pytest.fixture(scope="session")
def embedder() -> OnnxEmbedder:
    """The one that ships with the project."""
    return OnnxEmbedder()


@pytest.fixture(scope="session")
def reader() -> OnnxReader:
    """The one that ships with the project."""
    return OnnxReader()


@pytest.fixture(scope="session")
def generation(tmp_path_factory: pytest.TempPathFactory, embedder: OnnxEmbedder) -> Path:
    """The folder of a published generation of `builders.SEEDS`; a test that harms it must work on a copy."""
    return builders.index(tmp_path_factory.mktemp("citegram"), embedder=embedder).current()


@pytest.fixture(scope="session")
def library(generation: Path) -> Iterator[Library]:
    """That generation, open."""
    library = open_library(generation, analyzer=Analyzer())
    yield library
    library.close()
