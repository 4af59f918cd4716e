"""What a citation was taken from, as it can be sent: the file, or of a PDF the page with the quote marked."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot import texts
from index.types import Source

ROOT = Path(__file__).parent.parent
"""Where `index` can be imported from."""

SENDABLE = 50_000_000
"""Bytes: the largest file that a bot may upload."""

MEGABYTES, SECONDS = 2048, 30.0
"""What drawing a page may take."""


class NoOriginalError(Exception):
    """It cannot be sent; the text is one of bot.texts."""


@dataclass(frozen=True, slots=True)
class Original:
    """`is_picture`: of a page, a PNG; else the file as it is."""

    name: str
    content: bytes
    is_picture: bool = False


class Originals:
    """Those of one folder of documents."""

    def __init__(self, seeds: Path) -> None:
        self._seeds = seeds

    async def shown(self, source: Source, quote: str) -> Original:
        """The page of a PDF as a picture with the quote marked, else the file. Raises NoOriginalError."""
        path = self._path(source)
        if source.page is None or path.suffix.lower() != ".pdf":
            return await self.file(source)
        drawn = await page_picture(path, source.page, quote)
        return Original(f"{path.stem}-{source.page}.png", drawn, is_picture=True) if drawn else await self.file(source)

    async def file(self, source: Source) -> Original:
        """Raises NoOriginalError."""
        path = self._path(source)
        if path.stat().st_size > SENDABLE:
            raise NoOriginalError(texts.TOO_LARGE_TO_SEND)
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except OSError:
            raise NoOriginalError(texts.FILE_IS_GONE) from None
        if not content:
            raise NoOriginalError(texts.FILE_IS_GONE)
        return Original(path.name, content)

    def _path(self, source: Source) -> Path:
        """Within the folder, whatever the source says."""
        path = self._seeds / PurePosixPath(source.document)
        if not path.is_file() or not path.resolve().is_relative_to(self._seeds.resolve()):
            raise NoOriginalError(texts.FILE_IS_GONE)
        return path


async def page_picture(path: Path, page: int, quote: str) -> bytes:
    """Drawn by a process of its own, for a file may crash it; empty where it could not be."""
    command = (sys.executable, "-m", "index.formats.pictures", str(MEGABYTES), str(path.absolute()), str(page))
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        drawn, _ = await asyncio.wait_for(process.communicate(quote.encode()), SECONDS)
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return drawn if process.returncode == 0 else b""
