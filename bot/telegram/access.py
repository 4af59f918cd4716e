"""Who may ask, and who may let others in."""

from dataclasses import dataclass

from bot.members import Members, Role
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Allowlist:
    """What the settings say: the ids of the users and of the chats that may ask, and of the admins, who always may."""

    users: frozenset[int] = frozenset()
    chats: frozenset[int] = frozenset()
    admins: frozenset[int] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Allowlist":
        return cls(users=settings.allowed_users, chats=settings.allowed_chats, admins=settings.admins)

    @property
    def is_open(self) -> bool:
        """With neither users nor chats, everyone may ask."""
        return not self.users and not self.chats

    def admits(self, *, asker: int, chat: int | None) -> bool:
        return self.is_open or asker in self.users or chat in self.chats or asker in self.admins

    def names(self, person: int) -> bool:
        return person in self.users or person in self.admins


class Access:
    """By the settings, else by what admins decided in the chat. Every method may raise ConversationsError."""

    def __init__(self, allowlist: Allowlist, members: Members) -> None:
        self.allowlist = allowlist
        self._members = members

    async def admits(self, *, asker: int, chat: int | None) -> bool:
        """Whether they may ask there; where nobody can say where, `chat` is None."""
        return self.allowlist.admits(asker=asker, chat=chat) or await self._members.member(asker) is not None

    async def administers(self, person: int) -> bool:
        """Whether they may change what the bot knows and whom it knows."""
        if person in self.allowlist.admins:
            return True
        member = await self._members.member(person)
        return member is not None and member.role is Role.ADMIN

    async def has_admins(self) -> bool:
        return bool(self.allowlist.admins) or await self._members.has_admin()
