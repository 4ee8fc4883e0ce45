"""Tables that only grow, on the database of a machine of one's own."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

GROW = {
    *("ledger_entry", "disputes_accountentry", "evidence_item"),
    *("rulebook_clause", "rulebook_cause", "rulebook_clocklength", "rulebook_number"),
}


@pytest.mark.slow
def test_sqlite_guards_every_table_that_only_grows_after_all_migrations(tmp_path: Path) -> None:
    """SQLite makes a table anew to alter it, and its triggers are gone unless the migration sets them again."""
    file = tmp_path / "migrated.sqlite3"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}"}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], env=environment, check=True)
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("SELECT tbl_name, lower(name) FROM sqlite_master WHERE type = 'trigger'").fetchall()
    assert sorted(found) == sorted((table, f"{table}_no_{verb}") for table in GROW for verb in ("update", "delete"))
