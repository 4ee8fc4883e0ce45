"""Tables that only grow, on the database of a machine of one's own."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from arbitration import admission, assignment
from ledger.models import Entry
from tests.conftest import World

GROW = {
    *("ledger_entry", "disputes_accountentry", "evidence_item"),
    *("rulebook_clause", "rulebook_cause", "rulebook_clocklength", "rulebook_number"),
}
ROLE = Path(settings.BASE_DIR) / "docker/application-role.sh"
postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")


@postgresql
@pytest.mark.django_db
def test_postgresql_guards_rows_and_whole_tables_alike() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT tgrelid::regclass::text, CASE WHEN tgtype & 32 > 0 THEN 'whole' ELSE 'row' END
               FROM pg_trigger WHERE NOT tgisinternal"""
        )
        assert sorted(cursor.fetchall()) == sorted((table, kind) for table in GROW for kind in ("row", "whole"))


@postgresql
@pytest.mark.parametrize("table", [*sorted(GROW), "accounts_user"])
def test_postgresql_refuses_to_empty(world: World, table: str) -> None:
    """Also by way of a table that an entry hangs on."""
    world.filed()
    before = Entry.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(ProgrammingError, match="is never emptied"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")
    assert Entry.objects.count() == before > 0


@postgresql
def test_postgresql_role_of_the_application_works_and_cannot_lift_a_guard(world: World) -> None:
    """The containers' role, made as the image makes it: it does what the product does, and nothing to the tables."""
    statements = ROLE.read_text().partition("<<'SQL'\n")[2].rpartition("SQL\n")[0].replace(":'password'", "'x'")
    case = world.filed()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statements)
        cursor.execute("SET ROLE gongduan_app")
        assignment.take(actor=world.arbiter, case_id=case.pk)
        assert admission.admit(actor=world.arbiter, case_id=case.pk).state == "awaiting_response"
        for forbidden in (
            "TRUNCATE ledger_entry CASCADE",
            "DELETE FROM ledger_entry",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL",
            "DROP TRIGGER ledger_entry_append_only ON ledger_entry",
            "DROP TABLE ledger_entry CASCADE",
            "SET session_replication_role = replica",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                cursor.execute(forbidden)
        cursor.execute("RESET ROLE")
        cursor.execute("CREATE TABLE of_a_later_version (id integer)")
        cursor.execute("SET ROLE gongduan_app")
        cursor.execute("INSERT INTO of_a_later_version VALUES (1)")
        cursor.execute("RESET ROLE")


def manage(database: Path, *command: str) -> str:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}"}
    return subprocess.check_output([sys.executable, "manage.py", *command], env=environment, text=True)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database after all migrations."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    manage(file, "migrate", "--verbosity=0")
    return file


@pytest.mark.slow
def test_sqlite_guards_every_table_that_only_grows_after_all_migrations(migrated: Path) -> None:
    """SQLite makes a table anew to alter it, and its triggers are gone unless the migration sets them again."""
    with closing(sqlite3.connect(migrated)) as database:
        found = database.execute("SELECT tbl_name, lower(name) FROM sqlite_master WHERE type = 'trigger'").fetchall()
    assert sorted(found) == sorted((table, f"{table}_no_{verb}") for table in GROW for verb in ("update", "delete"))


REPLACING = """
from django.db import IntegrityError, connection
from accounts.actors import CLOCK
from core import clock
from ledger.models import Entry
from ledger.recording import record
record(subject="case:1", verb="x", actor=CLOCK, role="system", at=clock.now())
columns = ", ".join(f'"{field.column}"' for field in Entry._meta.concrete_fields)
changed = columns.replace('"verb"', "'y'")
with connection.cursor() as cursor:
    try:
        cursor.execute(f"INSERT OR REPLACE INTO ledger_entry ({columns}) SELECT {changed} FROM ledger_entry")
    except IntegrityError as no:
        print(no, Entry.objects.get().verb)
"""


@pytest.mark.slow
def test_sqlite_refuses_to_replace_a_row(migrated: Path) -> None:
    said = manage(migrated, "shell", "--verbosity=0", "--command", REPLACING)
    assert said.strip() == "ledger_only_grows: ledger_entry only grows x"
