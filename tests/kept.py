"""Worlds and stages of a case, made once by the verbs and put back as they stood for whoever asks next.

``@kept`` goes on what fills the database. The first time, in a process, it runs, and what it returned is kept with
every row and file there then is. The next time, where everything before it is as it was before, they are put back: a
stage takes a tenth of the time of its verbs. Where anything differs, or the clock is not frozen, it runs again.
"""

import functools
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db import connection, transaction

from core import clock
from tests.servers import FILLED_BY_MIGRATING

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class _Moment:
    """Everything there is: rows as JSON by table, sealed bytes by path, the frozen clock."""

    rows: dict[str, str]
    files: dict[str, bytes]
    at: datetime


_kept: dict[tuple[Any, ...], tuple[_Moment, _Moment, bytes]] = {}


def kept(make: Callable[P, R]) -> Callable[P, R]:
    """``make``, or what it made before. Its arguments tell one making from another by their ``repr``."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.vendor != "postgresql" or clock._frozen is None:
            return make(*args, **kwargs)
        key, before = (make.__qualname__, repr(args), repr(kwargs)), _present()
        found = _kept.get(key)
        if found is None or found[0] != before:
            answer = make(*args, **kwargs)
            _kept[key] = (before, _present(), pickle.dumps(answer))
            return answer
        _put_back(before, found[1])
        return cast(R, pickle.loads(found[2]))

    return made


@functools.cache
def _reading() -> str:
    """Every table that tests fill, in one statement."""
    tables = connection.introspection.django_table_names(include_views=False)
    written = sorted(table for table in tables if not table.startswith(FILLED_BY_MIGRATING))
    return " UNION ALL ".join(f"SELECT '{table}', json_agg(t)::text FROM {table} t" for table in written)


def _present() -> _Moment:
    with connection.cursor() as cursor:
        cursor.execute(_reading())
        rows = {table: rows for table, rows in cursor.fetchall() if rows}
    root = _root()
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return _Moment(rows, files, clock.now())


def _put_back(before: _Moment, after: _Moment) -> None:
    script = [f"DELETE FROM {table};" for table, rows in before.rows.items() if rows != after.rows.get(table)]
    given = []
    for table, rows in after.rows.items():
        if rows != before.rows.get(table):
            script.append(f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s);")
            given.append(rows)
    past_guards, again = "SET LOCAL session_replication_role = replica;", "SET LOCAL session_replication_role = origin;"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" ".join([past_guards, *script, again]), given)
    for name, content in after.files.items():
        path = _root() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o440)
    clock.set_frozen(after.at)


def _root() -> Path:
    return Path(settings.STORAGE_URL.removeprefix("file://"))
