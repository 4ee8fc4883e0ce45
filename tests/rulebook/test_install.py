import os

import pytest
from django.core.management import call_command
from django.db import connection

from rulebook import queries
from rulebook.models import Clause


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    os.environ.get("GONGDUAN_TEST_DATABASE") == "sqlite", reason="SQLite empties a table row by row, which these refuse"
)
def test_emptied_tables_get_the_published_rules_back() -> None:
    before = queries.book(2)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        call_command("flush", interactive=False, verbosity=0)
        cursor.execute("SET session_replication_role = origin")
    after = queries.book(2)
    assert after is not before
    assert [clause.code for clause in after.clauses] == [clause.code for clause in before.clauses]
    assert Clause.objects.filter(pk=after.clauses[0].pk).exists()
