"""Who may ask."""

from dataclasses import dataclass

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Access:
    """The ids of the users and of the chats that may ask; with neither, everyone may. Admins always may."""

    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()
    admins: frozenset[int] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Access":
        return cls(users=settings.allowed_users, chats=settings.allowed_chats, admins=settings.admins)

    def allows(self, *, asker: int, chat: int) -> bool:
        everyone = not self.users and not self.chats
        return everyone or asker in self.users or chat in self.chats or self.is_admin(asker)

    def is_admin(self, person: int) -> bool:
        """Whether they may change what the bot knows and whom it knows."""
        return person in self.admins
