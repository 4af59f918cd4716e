"""Files that people sent, as a bot gets them."""

from pathlib import PurePosixPath

from ..errors import bad_request
from ..state import World
from ..values import Json

DOWNLOAD_LIMIT = 20 * 1024 * 1024
"""Source: getFile, "bots can download files of up to 20MB in size"."""


def get_file(world: World, *, file_id: str) -> Json:
    """Where a file can be downloaded: at /file/bot<token>/<file_path>."""
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    place = f"documents/{file_id}{PurePosixPath(file.name).suffix}"
    return {"file_id": file_id, "file_unique_id": f"{file_id}-unique", "file_size": file.size, "file_path": place}
