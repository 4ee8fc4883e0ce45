"""What every template may use: the navigation for the reader's role."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import pgettext

from accounts import policy
from accounts.models import User

Link = dict[str, Any]


def page(request: HttpRequest) -> dict[str, Any]:
    """``demo``, ``nav`` (links with ``href``, ``label``, ``current``) and ``store_names``. At most one query."""
    names = store_names(request)
    return {"demo": settings.DEMO, "nav": _nav(request, merchant=bool(names)), "store_names": names}


def store_names(request: HttpRequest) -> list[str]:
    """The stores the reader works for. One query a request; none for visitors and platform staff."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.staff_role:
        return []
    return policy.store_names(user)


def _nav(request: HttpRequest, *, merchant: bool) -> list[Link]:
    user = getattr(request, "user", None)
    rules = ("/rules/", pgettext("navigation", "Rules"))
    if user is None or not user.is_authenticated:
        links = [rules]
    elif user.staff_role == "administrator":
        links = [
            ("/settings/people/", pgettext("navigation", "People")),
            ("/settings/integrations/", pgettext("navigation", "Integrations")),
            ("/settings/debts/", pgettext("navigation", "Debts")),
            rules,
        ]
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
