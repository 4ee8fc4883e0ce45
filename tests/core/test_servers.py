"""The tests run where the product runs."""

import os

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_database_is_postgresql_unless_asked_otherwise() -> None:
    wanted = "sqlite" if os.environ.get("GONGDUAN_TEST_DATABASE") == "sqlite" else "postgresql"
    assert connection.vendor == wanted


def test_database_sorts_and_lowers_chinese_and_accents() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("about PostgreSQL's locale")
    with connection.cursor() as cursor:
        cursor.execute("SELECT upper('é'), datctype FROM pg_database WHERE datname = current_database()")
        assert cursor.fetchone()[0] == "É"
