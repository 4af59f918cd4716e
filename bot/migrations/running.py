"""A database gets the revisions that it lacks. Whoever calls this has the database to itself."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from bot.migrations.revisions import Revisions


def upgrade(connection: Connection, revisions: Revisions) -> None:
    """Within the transaction that has begun: whoever began it keeps all of it, or nothing."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(revisions.folder).replace("%", "%%"))
    command.upgrade(config, revisions.head)
