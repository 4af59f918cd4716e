"""Everything that is looked at, in order; what goes wrong in one check hides no other."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from bot.doctor import configuration, documents, engine, sentences, storage, telegram, writing
from bot.doctor.engine import Engine
from bot.findings import Finding
from config import Settings
from index.errors import CitegramError

logger = logging.getLogger(__name__)

Check = Callable[[], Iterable[Finding]]


def examine(settings: Settings) -> Iterator[Finding]:
    """Each finding as soon as it is made; the language model, which may take its time, comes last."""
    for name, check in checks(settings).items():
        yield from findings(name, check)


def checks(settings: Settings) -> Mapping[str, Check]:
    parts = Engine(settings)
    return {
        configuration.NAME: partial(configuration.of_settings, settings),
        documents.NAME: lambda: documents.of_documents(settings.seeds_dir, parts.manifest),
        engine.INDEX: parts.of_index,
        engine.EMBEDDER: parts.of_embedder,
        engine.READER: parts.of_reader,
        storage.FOLDER: partial(storage.of_data_folder, settings),
        storage.SERVER: partial(storage.of_server, settings),
        storage.DATABASE: partial(storage.of_database, settings),
        telegram.NAME: partial(telegram.of_telegram, settings),
        writing.NAME: partial(writing.of_writer, settings),
    }


def findings(name: str, check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except CitegramError as error:
        yield Finding(name, False, str(error))
    except Exception as error:  # whatever it is, the other checks go on
        logger.debug("the check of %s broke", name, exc_info=True)
        yield Finding(name, False, sentences.BROKEN.format(error=type(error).__name__), sentences.BROKEN_ADVICE)


def line(finding: Finding) -> str:
    return f"{'ok' if finding.ok else 'wrong':<5}  {finding.name:<14}  {finding.told}"


def as_record(found: Iterable[Finding]) -> dict[str, Any]:
    """As --json prints it."""
    every = list(found)
    named = [{"name": each.name, "ok": each.ok, "sentence": each.sentence, "advice": each.advice} for each in every]
    return {"ok": all(each.ok for each in every), "findings": named}
