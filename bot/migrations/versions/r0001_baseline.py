"""The tables as they were when revisions began. A database of an earlier version has some of them: it gets the rest,
and the columns and indexes that it lacks."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
)

revision = "0001"
down_revision = None

NUMBER = BigInteger().with_variant(Integer, "sqlite")

baseline = MetaData()

Table(
    "asked",
    baseline,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("questions", Integer, nullable=False),
    Column("told", Integer, nullable=False),
)

Table(
    "chats",
    baseline,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("met", DateTime(timezone=True), nullable=False),
)

Table(
    "answers",
    baseline,
    Column("id", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("thread", BigInteger),
    Column("question", BigInteger, nullable=False),
    Column("asker", BigInteger),
    Column("words", Text),
    Column("replies", Text, nullable=False),
    Column("file", BigInteger),
    Column("pages", Text, nullable=False),
    Column("short", Text),
    Column("considered", Text),
    Column("writing", Text),
    Column("over", Boolean),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("answers_by_age", "created"),
    Index("answers_by_question", "chat", "question"),
)

Table(
    "albums",
    baseline,
    Column("id", String(64), primary_key=True),
    Column("message", BigInteger, nullable=False),
    Column("seen", DateTime(timezone=True), nullable=False),
)

Table(
    "attempts",
    baseline,
    Column("admin", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
)

Table(
    "openings",
    baseline,
    Column("answer", String(32), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

Table(
    "denials",
    baseline,
    Column("asker", BigInteger, primary_key=True, autoincrement=False),
    Column("told", DateTime(timezone=True), nullable=False),
)

Table(
    "given",
    baseline,
    Column("answer", String(32), primary_key=True),
    Column("answered", Boolean, nullable=False),
    Column("quotes", Text, nullable=False),
    Column("text", Text),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("given_by_age", "created"),
)

Table(
    "votes",
    baseline,
    Column("answer", String(32), primary_key=True),
    Column("voter", BigInteger, primary_key=True, autoincrement=False),
    Column("good", Boolean, nullable=False),
    Column("reason", String(16)),
    Column("question", Text, nullable=False),
    Column("asker", BigInteger),
    Column("answered", Boolean, nullable=False),
    Column("quotes", Text, nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

Table(
    "modes",
    baseline,
    Column("chat", BigInteger, primary_key=True, autoincrement=False),
    Column("thread", BigInteger, primary_key=True, autoincrement=False),
    Column("mode", String(16), nullable=False),
)

Table(
    "updates",
    baseline,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("turn", Text, nullable=False),
    Column("person", BigInteger),
    Column("body", Text, nullable=False),
    Column("arrived", DateTime(timezone=True), nullable=False),
    Column("worker", String(32)),
    Column("until", DateTime(timezone=True)),
    Column("tries", Integer, nullable=False),
    Column("claims", Integer),
    Column("stopped", DateTime(timezone=True)),
    Index("updates_by_person", "person"),
    Index("updates_by_turn", "turn", "id"),
)

Table(
    "came",
    baseline,
    Column("id", NUMBER, primary_key=True, autoincrement=False),
    Column("arrived", DateTime(timezone=True), nullable=False, index=True),
)

Table(
    "codes",
    baseline,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("language", String(8), nullable=False),
    Column("created", DateTime(timezone=True), nullable=False),
)

Table(
    "people",
    baseline,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", String(8)),
)

Table(
    "spent",
    baseline,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("answers", Integer, nullable=False),
)

Table(
    "spent_in_all",
    baseline,
    Column("day", Date, primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("answers", Integer, nullable=False),
)

Table(
    "watches",
    baseline,
    Column("id", String(32), primary_key=True),
    Column("chat", BigInteger, nullable=False),
    Column("thread", BigInteger),
    Column("message", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("language", String(8), nullable=False),
    Column("words", Text, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("told", Text, nullable=False),
    Column("generation", String(64), nullable=False),
    Column("sending", String(32)),
    Column("created", DateTime(timezone=True), nullable=False),
    Index("watches_by_chat", "chat"),
    Index("watches_by_person", "person"),
)

Table(
    "watched_documents",
    baseline,
    Column("sha256", String(64), primary_key=True),
)

Table(
    "members",
    baseline,
    Column("person", BigInteger, primary_key=True, autoincrement=False),
    Column("role", String(16), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("by", BigInteger, nullable=False),
)

Table(
    "moves",
    baseline,
    Column("old", BigInteger, primary_key=True, autoincrement=False),
    Column("new", BigInteger, nullable=False, index=True),
)


def upgrade() -> None:
    connection = op.get_bind()
    for table in baseline.sorted_tables:
        if inspect(connection).has_table(table.name):
            complete(table, connection)
    baseline.create_all(connection)


def complete(table: Table, connection: Connection) -> None:
    """Columns of later versions are empty in the rows that are there."""
    columns = {each["name"] for each in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in columns:
            op.add_column(table.name, Column(column.name, column.type))
    for index in table.indexes:
        index.create(connection, checkfirst=True)
