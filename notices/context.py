"""The number on the bell."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from notices import queries


def unread(request: HttpRequest) -> dict[str, Any]:
    """``unread``: notices not read yet, counted when a template asks: one query, none for visitors and staff."""
    return {"unread": _counter(request)}


def _counter(request: HttpRequest) -> Callable[[], int]:
    def count() -> int:
        user = getattr(request, "user", None)
        if not isinstance(user, User) or user.staff_role:
            return 0
        return queries.unread(user)

    return count
