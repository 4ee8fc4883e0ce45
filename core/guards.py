"""Tables that only grow: migration operations that make the database itself refuse UPDATE, DELETE and TRUNCATE.

The triggers bind every role that goes through the application, on PostgreSQL and on SQLite alike. SQLite has no
TRUNCATE, and lets a row that ``INSERT OR REPLACE`` pushes out go past its triggers unless ``recursive_triggers`` is on,
as it is on each of our connections (``config/settings.py``).
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_POSTGRES = """
CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{rule}: {table} only grows'; END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_append_only();
"""
_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{rule}: {table} only grows'); END
"""

_NEVER_EMPTIED = """
CREATE OR REPLACE FUNCTION never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: % is never emptied', TG_ARGV[0], TG_TABLE_NAME; END $$;
CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION never_emptied('{rule}');
"""


def append_only(table: str, *, rule: str) -> migrations.RunPython:
    """A migration operation guarding ``table``; the error it raises starts with the rule's code."""
    return migrations.RunPython(_create(table, rule), _drop(table))


def never_emptied(table: str, *, rule: str) -> migrations.RunPython:
    """A migration operation against TRUNCATE, which goes past the triggers of rows. It stays when these are lifted."""

    def create(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(_NEVER_EMPTIED.format(table=table, rule=rule), params=None)

    def drop(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")

    return migrations.RunPython(create, drop)


def fill(table: str, *, rule: str, sql: str) -> migrations.RunPython:
    """A migration operation that lifts the guard of ``table`` for one statement, to fill a column added later."""

    def run(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        _drop(table)(apps, editor)
        editor.execute(sql)
        if editor.connection.vendor == "postgresql":
            editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _create(table, rule)(apps, editor)

    return migrations.RunPython(run, migrations.RunPython.noop)


def lifted(table: str, *, rule: str) -> migrations.RunPython:
    """A migration operation that takes ``table``'s guard away, so that the table can be altered and guarded again."""
    return migrations.RunPython(_drop(table), _create(table, rule))


def _create(table: str, rule: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def run(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(_POSTGRES.format(table=table, rule=rule))
        else:
            for verb in ("UPDATE", "DELETE"):
                editor.execute(_SQLITE.format(table=table, rule=rule, verb=verb))

    return run


def _drop(table: str) -> Callable[[Any, BaseDatabaseSchemaEditor], None]:
    def run(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER {table}_append_only ON {table}; DROP FUNCTION {table}_append_only()")
        else:
            for verb in ("UPDATE", "DELETE"):
                editor.execute(f"DROP TRIGGER {table}_no_{verb}")

    return run
