"""``/healthz``: this process answers. ``/readyz``: every part the product needs does, each with its age in seconds.

The roof may know every room, so the oldest overdue deadline is looked up here.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import app
from core import clock, health
from disputes import sweep
from disputes.stopped import stopped
from evidence import rounds

Part = dict[str, Any]


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """Alive. Asks nothing of any other part, so that a slow database does not get this process killed."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Each part's ``ok`` and ``age_seconds`` (null: never seen); 503 when one is red. Ten queries at most."""
    parts = {name: _checked(check) for name, check in CHECKS.items()}
    ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": ready, **parts}, status=200 if ready else 503)


def _checked(check: Callable[[], Part]) -> Part:
    try:
        return check()
    except Exception as error:  # whatever it was, the part is red and the others are still asked
        return {"ok": False, "age_seconds": None, "error": type(error).__name__}


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "age_seconds": 0.0}


def _broker() -> Part:
    with app.connection_for_write() as link:
        link.connect()  # opens a channel: Redis is asked and answers
    return {"ok": True, "age_seconds": 0.0}


def _beating(part: str) -> Callable[[], Part]:
    def check() -> Part:
        age = health.age(part)
        return {"ok": age is not None and age <= health.SILENT_AFTER_SECONDS, "age_seconds": age}

    return check


def _deadlines() -> Part:
    """How long the oldest open deadline has been due: over a minute, and the sweep does not keep up.

    A parked one stops nobody, so it does not turn the whole product red; it is counted for whoever watches, and
    supervisors have it at the top of their queue.
    """
    now = clock.now()
    due_at = sweep.due(now).values_list("due_at", flat=True).first()
    age = (now - due_at).total_seconds() if due_at else 0.0
    return {"ok": age <= health.SILENT_AFTER_SECONDS, "age_seconds": age, "parked": stopped().count()}


def _verification() -> Part:
    """How long ago the last round over every chain, row and file ended, and how many faults stand."""
    age, faults, well = rounds.state()
    return {"ok": well, "age_seconds": age, "faults": faults}


CHECKS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "broker": _broker,
    "worker": _beating("worker"),
    "money": _beating("money"),
    "scheduler": _beating("scheduler"),
    "oldest_overdue_deadline": _deadlines,
    "verification": _verification,
}
