"""The values a test sees: people, formatted texts, buttons, messages and calls. All are frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class User:
    """A person or a bot. Ids lie beyond 32 bits, as those of newer accounts do."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    def to_json(self) -> Json:
        named = {"username": self.username, "language_code": self.language_code}
        return {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name} | _present(named)


@dataclass(frozen=True, kw_only=True)
class Entity:
    """Formatting of a range of a text; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)  # url, language, user, ...

    @property
    def url(self) -> str | None:
        return self.extra.get("url")

    def to_json(self) -> Json:
        return {"type": self.type, "offset": self.offset, "length": self.length, **self.extra}


@dataclass(frozen=True, kw_only=True)
class Formatted:
    """A text as Telegram keeps it: cleaned and trimmed, its entities moved along.

    `complaints` says what Telegram would have dropped in silence.
    """

    text: str = ""
    entities: tuple[Entity, ...] = ()
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Button:
    """One inline button; `raw` is the object as the bot sent it."""

    text: str
    raw: Mapping[str, Any] = field(hash=False)

    @property
    def callback_data(self) -> str | None:
        return self.raw.get("callback_data")

    @property
    def url(self) -> str | None:
        return self.raw.get("url")

    @property
    def copy_text(self) -> str | None:
        copied: Mapping[str, str] = self.raw.get("copy_text", {})
        return copied.get("text")


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that someone sent. `size` is what Telegram says of it; a test need not hold as many bytes."""

    name: str
    content: bytes = field(repr=False)
    size: int


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a message said before an edit."""

    text: str
    entities: tuple[Entity, ...]
    keyboard: Keyboard


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it stood when the test was handed it.

    `text` holds the caption where `kind` is not "text". `reply_to` is the id of the message that the sender chose
    to answer: the topic's starter, which every message of a topic seems to answer on the wire, is not in it.
    """

    id: int
    chat_id: int
    sender: User
    date: int
    kind: str = "text"
    text: str = ""
    entities: tuple[Entity, ...] = ()
    keyboard: Keyboard = ()
    reply_to: int | None = None
    quote: str | None = None
    thread_id: int | None = None
    silent: bool = False
    protected: bool = False
    link_preview: Mapping[str, Any] | None = field(default=None, hash=False)
    attachment: Mapping[str, Any] = field(default_factory=dict, hash=False)  # the media's or service's own fields
    edits: tuple[Version, ...] = ()  # earlier versions, the oldest first
    edited_at: int | None = None

    @property
    def buttons(self) -> tuple[Button, ...]:
        return tuple(button for row in self.keyboard for button in row)

    def version(self) -> Version:
        return Version(text=self.text, entities=self.entities, keyboard=self.keyboard)

    def covered(self, entity: Entity) -> str:
        """The part of the text under an entity."""
        units = self.text.encode("utf-16-le")
        return units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")

    def formatted(self, entity_type: str) -> tuple[str, ...]:
        """Every part of the text under an entity of this type."""
        return tuple(self.covered(entity) for entity in self.entities if entity.type == entity_type)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a person sees the bot write. `at` is when it came, in seconds of time.monotonic."""

    id: int
    text: str
    entities: tuple[Entity, ...]
    at: float


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Where the bot wants its updates, and the latest call that failed."""

    url: str
    secret: str | None
    max_connections: int
    failed_at: int = 0
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the bot answered to a tap on a button."""

    text: str = ""
    show_alert: bool = False
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """A tap on a button, waiting for the bot's answer."""

    id: str
    person: User
    chat_id: int
    message_id: int
    data: str


@dataclass(frozen=True, kw_only=True)
class InlineQuery:
    """The bot's name and a text, typed in any chat, waiting for the bot's offers."""

    id: str
    person: User
    text: str


@dataclass(frozen=True, kw_only=True)
class Article:
    """One offer: what the person chooses by, and the message that is sent."""

    id: str
    title: str
    description: str
    text: str
    entities: tuple[Entity, ...] = ()
    keyboard: Keyboard = ()


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What the bot answered to an inline query."""

    articles: tuple[Article, ...] = ()
    button: str | None = None
    cache_time: int = 300
    is_personal: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Call:
    """One call by the bot: what it asked, and either the result or the error's description.

    `at` is in seconds of the event loop's clock. `fault` names the fault that struck, if one did.
    """

    method: str
    parameters: Mapping[str, Any]
    at: float
    status: int
    result: Any = None
    error: str | None = None
    fault: str | None = None


def _present(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
