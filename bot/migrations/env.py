"""Alembic runs this file. The connection, with a transaction of its own, is given by `running.upgrade`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
