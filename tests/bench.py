"""Speed against bare Django, in the same rounds: ``python3 dev.py bench [AREA]``, one JSON object a line.

``ratio`` is the median of our page over the median of a bare Django view of the same kind (``tests.bench_urls``);
``cpu_ratio`` the same of this process's own time, for machines that do other work meanwhile.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dev
from tests import bench_upload, servers

ROUNDS = 40
FOLDER = Path(dev.ROOT) / "var" / "bench"


def main(area: str | None) -> int:
    os.environ |= {
        "GONGDUAN_DEMO": "1",
        "GONGDUAN_VAR_DIR": str(FOLDER),
        "GONGDUAN_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    (FOLDER / "static").mkdir(parents=True, exist_ok=True)
    os.environ["DATABASE_URL"] = servers.start_postgres(FOLDER / "postgres").rpartition("/")[0] + "/postgres"
    try:
        _prepare()
        for name, measure in AREAS.items():
            if area is None or area == name:
                for row in measure():
                    print(json.dumps(row, ensure_ascii=False), flush=True)
    finally:
        servers.stop_all()
    return 0


def _prepare() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ROOT_URLCONF = "tests.bench_urls"
    call_command("migrate", verbosity=0)
    from tests import benchdata

    benchdata.make()


def pages() -> list[dict[str, Any]]:
    """Queue, lists, their last pages and the rich case page, each in turn with its bare twin."""
    from tests import benchdata

    arbiter, merchant = _client("arbiter@bench.test"), _client("merchant@bench.test")
    buyer = _client(benchdata.BUYER)
    rows = []
    for name, client, path, bare in (
        ("queue page", arbiter, "/desk/queue/", "/bare/list/"),
        ("queue last page", arbiter, _last_page(arbiter, "/desk/queue/"), "/bare/list/"),
        ("list page", buyer, "/disputes/", "/bare/list/"),
        ("inbox page", merchant, "/store/cases/", "/bare/list/"),
        ("inbox last page", merchant, _last_page(merchant, "/store/cases/"), "/bare/list/"),
        ("case page", merchant, f"/disputes/{benchdata.RICH}/", f"/bare/row/{benchdata.RICH}/"),
        ("desk case page", arbiter, f"/desk/cases/{benchdata.RICH}/", f"/bare/row/{benchdata.RICH}/"),
    ):
        (ours, twin), (cpu, cpu_twin) = _paired(lambda: _get(client, path), lambda: _get(client, bare))  # noqa: B023
        rows.append(
            {
                "name": name,
                "median_ms": round(ours * 1000, 2),
                "bare_ms": round(twin * 1000, 2),
                "ratio": round(ours / twin, 2),
                "cpu_ratio": round(cpu / cpu_twin, 2),
                "sql": _queries(client, path),
                "path": path,
            }
        )
    return rows


def expiry() -> list[dict[str, Any]]:
    """A thousand due clocks carried out among 100,000 open ones, and again with the others closed."""
    from django.db import connection

    rows = []
    for name, condition in (("expiry among all open", None), ("expiry alone", "due_at > now() + interval '2 hours'")):
        with connection.cursor() as cursor:
            if condition:
                cursor.execute(f"UPDATE disputes_deadline SET state = 'dropped' WHERE state = 'open' AND {condition}")
                cursor.execute("ANALYZE disputes_deadline")
        open_before = _open_clocks()
        due = _make_due(1000)
        from disputes import sweep

        start = time.perf_counter()
        done = sweep.sweep()
        seconds = time.perf_counter() - start
        assert done == due, (done, due)
        rows.append(
            {
                "name": name,
                "open": open_before,
                "rows": done,
                "rows_per_second": round(done / seconds, 1),
                "median_ms": round(seconds * 1000 / done, 2),
            }
        )
        with connection.cursor() as cursor:
            if condition:
                cursor.execute(f"UPDATE disputes_deadline SET state = 'open' WHERE state = 'dropped' AND {condition}")
                cursor.execute("ANALYZE disputes_deadline")
    return rows


def _open_clocks() -> int:
    from disputes.models import Deadline

    return Deadline.objects.filter(state="open").count()


def _make_due(count: int) -> int:
    """Let the response clocks of ``count`` waiting cases run out now."""
    from datetime import timedelta

    from core import clock
    from disputes.models import Deadline

    waiting = Deadline.objects.filter(kind="response").exclude(case__number="DC-2026-0101-0000").order_by("-pk")
    chosen = list(waiting.filter(case__state="awaiting_response").values_list("pk", flat=True)[:count])
    due_at = clock.now() - timedelta(seconds=5)
    return Deadline.objects.filter(pk__in=chosen).update(due_at=due_at, state="open")


AREAS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "pages": pages,
    "expiry": expiry,
    "upload": bench_upload.uploads,
}


def _client(email: str) -> Any:
    from django.test import Client

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def _get(client: Any, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    content: bytes = response.content
    return content


def _last_page(client: Any, path: str) -> str:
    """Where paging ends: the view's own link to it, else following its next links."""
    import html
    import re

    here, seen = path, 0
    while (
        found := re.search(rb'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', _get(client, here))
    ) and seen < 3000:
        link = html.unescape((found[1] or found[2]).decode())
        here, seen = (path.partition("?")[0] + link if link.startswith("?") else link), seen + 1
    return here


def _paired(ours: Callable[[], object], twin: Callable[[], object]) -> list[tuple[float, float]]:
    """Medians in seconds of the two, measured in alternation after a warm-up: by the clock on the wall, and of this
    process's own time, which a busy machine disturbs less (the database's is not in it)."""
    took: list[list[tuple[float, float]]] = [[], []]
    for round_ in range(ROUNDS + 5):
        for which, run in enumerate((ours, twin)):
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            if round_ >= 5:
                took[which].append((time.perf_counter() - wall, time.process_time() - cpu))
    return [
        (statistics.median(row[kind] for row in took[0]), statistics.median(row[kind] for row in took[1]))
        for kind in (0, 1)
    ]


def _queries(client: Any, path: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        _get(client, path)
    return len(captured)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
