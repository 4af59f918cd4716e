"""A Chroma server or Chroma Cloud: its collections by name, and what goes wrong with it in one sentence."""

import json
import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from chromadb.api.fastapi import FastAPI
from chromadb.api.models.Collection import Collection
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, System
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError

from index.errors import IndexAwayError, IndexRefusedError

logger = logging.getLogger(__name__)

CLOUD = "trychroma.com"
"""The end of the host's name of Chroma Cloud."""

CONNECT_SECONDS = 5.0

ANSWER_SECONDS = 10.0
"""For a read. A server that is silent for longer is away."""

WRITE_SECONDS = 120.0
"""For what a writer asks: a full batch, a copy of a collection, the removal of one."""

CONNECTIONS = 10
"""Reads of one collection that Chroma Cloud takes at a time."""

MOST_SAID = 100
"""Characters of what something that is no Chroma server answers."""

EVERY = "*"
"""What the Cloud calls all databases of a tenant."""

PAGE = 100
"""Collections a call, when they are listed."""

REFUSALS = frozenset({401, 402, 403, 407})
FAILURES = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that pass: the server is overloaded, starts, or a proxy does not reach it."""

Metadata = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and who asks. Tenant and database may be left out: then they are Chroma's default ones, or
    in the Cloud those that the token belongs to. Names of collections begin with the prefix."""

    url: str
    token: str | None = field(default=None, repr=False)
    tenant: str | None = None
    database: str | None = None
    prefix: str = "citegram"

    @property
    def place(self) -> str:
        """Without what may be secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def is_cloud(self) -> bool:
        host = urlsplit(self.url).hostname or ""
        return host == CLOUD or host.endswith(f".{CLOUD}")

    @property
    def headers(self) -> dict[str, str]:
        if not self.token:
            return {}
        return {"x-chroma-token": self.token} if self.is_cloud else {"Authorization": f"Bearer {self.token}"}


class ChromaServer:
    """Nothing is sent before it is first asked for something. Safe to share among threads.

    Every method raises IndexAwayError where the server does not answer, and IndexRefusedError where it does not let
    this program in or its certificate is not trusted. What else it says comes as Chroma's own errors, NotFoundError
    among them.
    """

    def __init__(self, address: Address, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.address = address
        self._seconds = answer_seconds

    def collection(self, name: str) -> Collection:
        """Raises NotFoundError."""
        with self.reached():
            return self._opened(self._api.get_collection(name, **self._where))

    def metadata(self, name: str) -> Metadata | None:
        """None where there is no such collection."""
        with self.reached():
            try:
                return self._api.get_collection(name, **self._where).metadata or {}
            except NotFoundError:
                return None

    def create(
        self, name: str, *, metadata: Metadata | None = None, configuration: Any = None, there: bool = False
    ) -> Collection:
        """A collection, the one of that name where it may be `there`. Raises ChromaError where it may not."""
        with self.reached():
            told = dict(metadata) if metadata else None
            made = self._api.create_collection(
                name, metadata=told, configuration=configuration, get_or_create=there, **self._where
            )
            return self._opened(made)

    def change(self, id: UUID, *, name: str | None = None, metadata: Metadata | None = None) -> None:
        """A collection's name or metadata. Raises ChromaError where it is gone."""
        with self.reached():
            told = dict(metadata) if metadata else None
            self._api._modify(id=id, new_name=name, new_metadata=told, **self._where)

    def put(self, name: str, metadata: Metadata) -> None:
        """Metadata under a name, in place of what there was: a collection that holds nothing else."""
        self.change(self.create(name, metadata=metadata, there=True).id, metadata=metadata)

    def fork(self, collection: Collection, name: str) -> Collection | None:
        """A copy at no cost; None where the server makes none."""
        with self.reached():
            try:
                return self._opened(self._api._fork(collection.id, name, **self._where))
            except ChromaError as error:
                logger.debug("no fork: %s", error)
                return None

    def remove(self, name: str) -> None:
        """It may be gone before."""
        with self.reached():
            try:
                self._api.delete_collection(name, **self._where)
            except NotFoundError:
                logger.debug("%s was gone before", name)

    def named(self, beginning: str) -> dict[str, Metadata]:
        """The metadata of the collections whose name begins so, by name.

        Of more than one page a list is believed when the next says the same: what goes while the pages are read moves
        others to a page that was read before.
        """
        found = self._listed()
        while len(found) >= PAGE and (again := self._listed()).keys() != found.keys():
            found = again
        return {name: metadata for name, metadata in found.items() if name.startswith(beginning)}

    def _listed(self) -> dict[str, Metadata]:
        found: dict[str, Metadata] = {}
        offset = 0
        with self.reached():
            while page := self._api.list_collections(limit=PAGE, offset=offset, **self._where):
                found |= {each.name: each.metadata or {} for each in page}
                offset += len(page)
        return found

    def time(self) -> float:
        """Seconds, by the server's clock, which all who share it go by."""
        with self.reached():
            return self._api.heartbeat() / 1e9

    @contextmanager
    def reached(self) -> Iterator[None]:
        try:
            yield
        except httpx.RequestError as error:
            if fault := certificate_fault(error):
                raise IndexRefusedError(
                    f"The certificate of the Chroma server at {self.address.place} is not trusted ({fault}). If an "
                    "authority of your own made it, name that one's certificate in SSL_CERT_FILE."
                ) from error
            raise IndexAwayError(
                f"The Chroma server at {self.address.place} does not answer ({reason_of(error)}). See that it runs and "
                "that CHROMA_URL is right."
            ) from error
        except Exception as error:
            if not is_no_answer(error):
                raise
            raise IndexAwayError(
                f"What answers at {self.address.place} is no Chroma server ({reason_of(error)}). See that it runs and "
                "that CHROMA_URL is right."
            ) from error
        except BaseException:  # Ctrl-C in the midst of a request, whose connection is of no more use
            self.close()
            raise

    def close(self) -> None:
        if api := self.__dict__.pop("_api", None):
            api.close()

    def _opened(self, model: Any) -> Collection:
        return Collection(client=self._api, model=model, embedding_function=None, data_loader=None)

    @cached_property
    def _api(self) -> "Api":
        parts = urlsplit(self.address.url)
        settings = ChromaSettings(
            anonymized_telemetry=False,
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=self.address.url.rstrip("/"),
            chroma_server_http_port=parts.port or (443 if parts.scheme == "https" else 80),
            chroma_server_headers=self.address.headers,
            chroma_http_max_connections=CONNECTIONS,
        )
        try:
            return Api(System(settings), seconds=self._seconds, place=self.address.place)
        except OSError as error:
            raise IndexRefusedError(
                f"The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read ({error.strerror or error})."
            ) from error

    @cached_property
    def _where(self) -> dict[str, Any]:
        """Tenant and database, when it is known that they are there."""
        tenant, database = self.address.tenant, self.address.database
        if self.address.is_cloud and not (tenant and database):
            identity = self._api.get_user_identity()
            tenant = tenant or identity.tenant
            database = database or self._only(identity.databases or [])
        tenant, database = tenant or DEFAULT_TENANT, database or DEFAULT_DATABASE
        try:
            self._api.get_database(database, tenant)
        except ChromaError as error:
            raise IndexRefusedError(
                f"The Chroma server at {self.address.place} has no database {database!r} of a tenant {tenant!r}. Make "
                "it, or set CHROMA_TENANT and CHROMA_DATABASE."
            ) from error
        return {"tenant": tenant, "database": database}

    def _only(self, databases: Sequence[str]) -> str:
        if len(databases) != 1 or databases[0] == EVERY:
            raise IndexRefusedError(
                f"The key for Chroma at {self.address.place} does not say which database. Set CHROMA_DATABASE."
            )
        return databases[0]


class Api(FastAPI):
    """Chroma's client, which by itself would wait for ever, and raises nothing to tell a refusal by."""

    def __init__(self, system: System, *, seconds: float, place: str) -> None:
        super().__init__(system)
        self._place = place
        self._session.timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        self._session.event_hooks = {"response": [lambda response: self._refuse(response.status_code)]}

    def close(self) -> None:
        self._session.close()

    def _refuse(self, status: int) -> None:
        if status in REFUSALS:
            raise IndexRefusedError(
                f"The Chroma server at {self._place} lets nobody in ({status}) without a right CHROMA_TOKEN."
            )
        if status in FAILURES:
            raise IndexAwayError(f"The Chroma server at {self._place} cannot answer ({status}). Try again later.")


def certificate_fault(error: BaseException | None) -> str | None:
    """What is wrong with a server's certificate, where the error comes of it."""
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None


def is_no_answer(error: Exception) -> bool:
    """Whether it came of what is no answer of Chroma's, such as a proxy's page: its client has no name for that."""
    return type(error) is Exception or isinstance(error, json.JSONDecodeError)


def reason_of(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it is silent"
    said = str(error).strip().splitlines()
    return said[0][:MOST_SAID].rstrip(". ") if said else type(error).__name__
