"""What can go wrong in the bot, each in a sentence that says what its owner can do.

CitegramError                (index.errors)
└── BotError                 `exit_status` is the process's
    ├── ConversationsError       the bot's database cannot be opened, read or written
    │   ├── DatabaseUrlError         DATABASE_URL is no address of a database that can be used
    │   ├── DatabaseRefusedError     there is no such database there, or it takes no such name or password
    │   ├── DatabaseAwayError        it cannot be reached, which may pass by itself
    │   ├── NewerDatabaseError       a later version of the bot made it
    │   └── MigrationError           its tables cannot be brought to this version
    ├── GivenUpError             an update was begun again and again, and no worker came to its end
    ├── BackupError              a backup cannot be made or restored
    ├── MissingTokenError        TELEGRAM_BOT_TOKEN is not set
    ├── MalformedTokenError      TELEGRAM_BOT_TOKEN is set to what can be no token
    ├── RefusedTokenError        Telegram does not know the token
    ├── AnotherPollerError       a second process asks for the same bot's updates
    ├── NoWebhookUrlError        --webhook without WEBHOOK_URL
    ├── RefusedWebhookError      Telegram will not call WEBHOOK_URL
    ├── PortInUseError           PORT or METRICS_PORT cannot be listened on
    └── MissingExtraError        a setting asks for what is not installed
"""

from typing import ClassVar

from index.errors import CitegramError


class BotError(CitegramError):
    exit_status: ClassVar[int] = 1


class ConversationsError(BotError):
    pass


class DatabaseUrlError(ConversationsError):
    exit_status = 2


class DatabaseRefusedError(ConversationsError):
    exit_status = 2


class DatabaseAwayError(ConversationsError):
    pass


class NewerDatabaseError(ConversationsError):
    exit_status = 2


class MigrationError(ConversationsError):
    pass


class GivenUpError(BotError):
    pass


class BackupError(BotError):
    pass


class MissingTokenError(BotError):
    exit_status = 2


class MalformedTokenError(BotError):
    exit_status = 2


class RefusedTokenError(BotError):
    pass


class AnotherPollerError(BotError):
    pass


class NoWebhookUrlError(BotError):
    exit_status = 2


class RefusedWebhookError(BotError):
    pass


class PortInUseError(BotError):
    pass


class MissingExtraError(BotError):
    exit_status = 2
