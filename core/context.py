"""What every template may use: the navigation for the reader's role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import pgettext

Link = dict[str, Any]


def page(request: HttpRequest) -> dict[str, Any]:
    """``demo``, ``nav`` (links with ``href``, ``label``, ``current``) and ``store_names``. At most one query."""
    names = store_names(request)
    return {"demo": settings.DEMO, "nav": _nav(request, merchant=bool(names)), "store_names": names}


def store_names(request: HttpRequest) -> list[str]:
    """The stores the reader works for. One query a request; none for visitors and platform staff."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.staff_role:
        return []
    if not hasattr(request, "_store_names"):
        kept = getattr(user, "_store_names", None)  # what accounts.policy has already read
        if kept is None:
            rows = user.memberships.filter(is_active=True).order_by("store__name")
            kept = list(rows.values_list("store__name", flat=True))
        request._store_names = kept  # type: ignore[attr-defined]
    names: list[str] = request._store_names  # type: ignore[attr-defined]
    return names


def _nav(request: HttpRequest, *, merchant: bool) -> list[Link]:
    user = getattr(request, "user", None)
    rules = ("/rules/", pgettext("navigation", "Rules"))
    if user is None or not user.is_authenticated:
        links = [rules]
    elif user.staff_role:
        links = [("/desk/queue/", pgettext("navigation", "Queue")), rules]
    elif merchant:
        links = [("/store/cases/", pgettext("navigation", "Cases")), rules]
    else:
        links = [
            ("/orders/", pgettext("navigation", "My orders")),
            ("/disputes/", pgettext("navigation", "Dispute cases")),
            rules,
        ]
    return [{"href": href, "label": label, "current": request.path.startswith(href)} for href, label in links]
