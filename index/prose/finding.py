"""A quote found again in a text, whatever white space, quotation marks and dashes it was copied with."""

import re
import unicodedata
from functools import lru_cache

SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‐‑‒–—−―", "-"),
        "‹": "<",
        "…": "...",
        "\u00ad": "",
        "\u200b": "",
        "\ufeff": "",
    }
)
ELLIPSIS = re.compile(r"\s*(?:\.{3,}|\[\.{3,}\])\s*")
SHORTEST = 12
"""Letters of a part of a quote between ellipses, below which it could stand anywhere."""


def find(quote: str, text: str) -> tuple[int, int] | None:
    """Where it stands, as offsets in `text`; of a quote with an ellipsis, from its first part to its last.

    None where it does not stand there.
    """
    folded, places = fold(text)
    wanted = fold(quote)[0].strip(" \"'")
    parts = [part for part in (each.strip(" \"'") for each in ELLIPSIS.split(wanted)) if part]
    if not parts or (len(parts) > 1 and min(map(len, parts)) < SHORTEST):
        return None
    first = last = folded.find(parts[0])
    end = first + len(parts[0])
    for part in parts[1:]:
        if first < 0 or (last := folded.find(part, end)) < 0:
            return None
        end = last + len(part)
    return None if first < 0 else (places[first], places[end - 1] + 1)


@lru_cache(maxsize=64)
def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """The text with one space for any white space, one kind of quotation mark and dash, in lower case; and for each of
    its characters where it stood."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for each in unicodedata.normalize("NFKC", character).translate(SAME).lower():
            if each.isspace():
                if folded and folded[-1] == " ":
                    continue
                each = " "
            folded.append(each)
            places.append(place)
    return "".join(folded), tuple(places)
