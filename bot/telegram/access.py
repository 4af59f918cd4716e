"""Who may ask."""

from dataclasses import dataclass

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Access:
    """The ids of the users and of the chats that may ask; with neither, everyone may."""

    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Access":
        return cls(users=settings.allowed_users, chats=settings.allowed_chats)

    def allows(self, *, asker: int, chat: int) -> bool:
        everyone = not self.users and not self.chats
        return everyone or asker in self.users or chat in self.chats
