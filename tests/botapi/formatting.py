"""Formatted text: entities in UTF-16 units, and what Telegram makes of a text before it stores it.

Sources: "MessageEntity" and "Formatting options" of the Bot API's documentation; refusals in the words of the server.
"""

from collections.abc import Sequence
from itertools import accumulate, combinations

from .errors import malformed
from .shapes import EntityShape
from .values import Entity, Formatted

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ENTITY_LIMIT = 100  # "the rest ignored"

_TYPES = frozenset(
    [
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
    ]
)
_NEEDED = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
_QUOTES = frozenset({"blockquote", "expandable_blockquote"})
_MONOSPACE = frozenset({"code", "pre"})
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")  # alone they make no message
_REMOVED = frozenset("\r" + "".join(map(chr, range(0x2028, 0x202F))))
_TRIMMED = " \n"

Span = tuple[int, int, Entity]  # from and to, in characters


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def format_text(text: str, entities: Sequence[EntityShape] | None = None, *, limit: int = TEXT_LIMIT) -> Formatted:
    """The text as Telegram would keep it, or a refusal.

    Control characters become spaces, spaces and line breaks at the ends go (at the front only up to the first entity),
    entities move along, and those left over nothing but space vanish.
    """
    given = list(entities or ())
    complaints = []
    if len(given) > ENTITY_LIMIT:
        complaints.append(f"{len(given)} entities: Telegram ignores all after the first {ENTITY_LIMIT}")
    spans = _spans(text, given[:ENTITY_LIMIT])
    complaints += _nesting_mistakes(spans)
    kept, spans = _cleaned(text, spans)
    if not kept.strip().strip("".join(_INVISIBLE)).strip():
        raise malformed("message text is empty")
    kept, spans = _trimmed(kept, spans)
    if utf16_length(kept) > limit:
        raise malformed("message is too long" if limit == TEXT_LIMIT else "message caption is too long")
    return Formatted(text=kept, entities=_entities(kept, spans), complaints=tuple(complaints))


def _spans(text: str, given: Sequence[EntityShape]) -> list[Span]:
    """Entities in characters; Telegram refuses a range outside the text or through a surrogate pair."""
    characters = {offset: index for index, offset in enumerate(_offsets(text))}
    end = _offsets(text)[-1]
    return [(*_range(entity, characters, end), _entity(entity)) for entity in given]


def _range(entity: EntityShape, characters: dict[int, int], end: int) -> tuple[int, int]:
    start, stop = entity["offset"], entity["offset"] + entity["length"]
    if start < 0:
        raise malformed(f"receive an entity with incorrect offset {start}")
    if entity["length"] < 1:
        raise malformed(f"receive an entity with incorrect length {entity['length']}")
    if start >= end:
        raise malformed(f"entity begins after the end of the text at UTF-16 offset {start}")
    if stop > end:
        raise malformed(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {stop}"
        )
    if start not in characters:
        raise malformed(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {start}")
    if stop not in characters:
        raise malformed(f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol")
    return characters[start], characters[stop]


def _entity(entity: EntityShape) -> Entity:
    kind = entity["type"]
    if kind not in _TYPES:
        raise malformed(f'can\'t parse MessageEntity: unsupported type "{kind}"')
    if kind in _NEEDED and not entity.get(_NEEDED[kind]):
        raise malformed(f'can\'t parse MessageEntity: {kind} needs "{_NEEDED[kind]}"')
    extra = {name: value for name, value in entity.items() if name not in ("type", "offset", "length")}
    return Entity(type=kind, offset=entity["offset"], length=entity["length"], extra=extra)


def _nesting_mistakes(spans: Sequence[Span]) -> list[str]:
    """What Telegram mends without a word, and seldom as the bot meant it."""
    mistakes = []
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    for (_, stop, outer), (start, inner_stop, inner) in combinations(ordered, 2):
        if start >= stop:
            continue
        pair = f"{inner.type} at {inner.offset} in {outer.type} at {outer.offset}"
        if inner_stop > stop:
            mistakes.append(f"entities overlap without nesting: {pair}")
        elif outer.type in _QUOTES and inner.type in _QUOTES:
            mistakes.append(f"quotes do not nest: {pair}")
        elif outer.type in _MONOSPACE and (outer.offset, outer.length) != (inner.offset, inner.length):
            mistakes.append(f"nothing nests in code: {pair}")
    return mistakes


def _cleaned(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    moved = [0, *accumulate(int(character not in _REMOVED) for character in text)]
    kept = "".join(
        " " if character < " " and character != "\n" else character for character in text if character not in _REMOVED
    )
    return kept, [(moved[start], moved[stop], entity) for start, stop, entity in spans]


def _trimmed(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    stop = len(text.rstrip(_TRIMMED))
    blank = len(text) - len(text.lstrip(_TRIMMED))
    start = min([blank, *(span[0] for span in spans)])
    clipped = [(max(first, start), min(last, stop), entity) for first, last, entity in spans]
    left = [(first - start, last - start, entity) for first, last, entity in clipped if text[first:last].strip()]
    return text[start:stop], left


def _entities(text: str, spans: Sequence[Span]) -> tuple[Entity, ...]:
    offsets = _offsets(text)
    made = [
        Entity(type=entity.type, offset=offsets[start], length=offsets[stop] - offsets[start], extra=entity.extra)
        for start, stop, entity in spans
    ]
    return tuple(sorted(made, key=lambda entity: (entity.offset, -entity.length)))


def _offsets(text: str) -> list[int]:
    """The UTF-16 offset of every character, and of the end."""
    return [0, *accumulate(1 + (character > "\uffff") for character in text)]
