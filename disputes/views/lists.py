"""Lists of cases: the buyer's own, and the inbox of a store."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from accounts.models import User
from core import clock
from core.clock import BEIJING
from disputes import queries
from disputes.models import Case, Deadline, State
from disputes.models.case import OVER
from rulebook.models import Remedy
from rulebook.queries import book

SHOWS = (
    ("open", pgettext_lazy("list of cases", "Open")),
    ("ended", pgettext_lazy("list of cases", "Ended")),
    ("all", pgettext_lazy("list of cases", "All")),
)
INBOX_SHOWS = (("mine", gettext_lazy("To do")), ("waiting", gettext_lazy("Waiting for others")), SHOWS[1])


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _tabs(shows: Sequence[tuple[str, Any]], show: str) -> list[dict[str, Any]]:
    return [{"label": label, "href": f"?show={key}", "current": key == show} for key, label in shows]


def _cause_name(case: Case) -> str:
    if not case.cause:
        return ""
    return book(case.rulebook_id).cause(case.cause).name


# --- the buyer's cases -----------------------------------------------------------------------------------------------
@require_GET
@login_required
def cases(request: HttpRequest) -> HttpResponse:
    """The buyer's cases, newest first, each by whose turn it is."""
    assert isinstance(request.user, User)
    show = request.GET.get("show", "open")
    show = show if show in dict(SHOWS) else "open"
    rows, further = queries.my_cases(request.user, show=show, before=_before(request))
    context = {
        "cards": [_card(row) for row in rows],
        "tabs": _tabs(SHOWS, show),
        "show": show,
        "next_href": f"?show={show}&before={further}" if further else "",
        "now": clock.now(),
    }
    return render(request, "disputes/cases.html", context)


def _card(row: queries.CaseRow) -> dict[str, Any]:
    case = row.case
    mine = row.duty is not None and case.state not in OVER
    drafted = case.state == State.DRAFT
    return {
        "case": case,
        "href": reverse("disputes:file" if drafted else "disputes:case", args=[case.number]),
        "title": case.line.title,
        "store": case.store.name,
        "cause": _cause_name(case),
        "claim": _claim(case),
        "state": queries.state_words(case),
        "turn": "" if drafted else row.turn,
        "mine": mine,
        "duty": queries.duty_name(row.duty) if row.duty is not None else "",
        "due": row.duty.due_at if row.duty is not None else None,
        "drafted": drafted,
    }


def _claim(case: Case) -> str:
    return str(Remedy(case.remedy).label) if case.remedy else ""


# --- the store's inbox -----------------------------------------------------------------------------------------------
@require_GET
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """What the reader's stores have to do, by urgency; then what waits for others; ended cases by filter."""
    assert isinstance(request.user, User)
    show = request.GET.get("show", "mine")
    show = show if show in dict(INBOX_SHOWS) else "mine"
    now = clock.now()
    groups, next_href = _duties(request, now) if show == "mine" else ([], "")
    if not next_href:
        listed = "ended" if show == "ended" else "waiting"
        rows, further = queries.store_cases(request.user, show=listed, before=_before(request))
        label = pgettext("list of cases", "Ended") if listed == "ended" else _("Waiting for others")
        groups.append({"label": label, "tone": "", "rows": [_case_row(case) for case in rows]})
        next_href = f"?show={listed}&before={further}" if further else ""
    context = {
        "groups": [group for group in groups if group["rows"]],
        "tabs": _tabs(INBOX_SHOWS, show),
        "show": show,
        "next_href": next_href,
        "now": now,
    }
    return render(request, "disputes/inbox.html", context)


def _duties(request: HttpRequest, now: datetime) -> tuple[list[dict[str, Any]], str]:
    """A page of what the stores have to do, grouped, and the link to the next."""
    assert isinstance(request.user, User)
    rows, more = queries.store_duties(request.user, after=_after(request))
    last = rows[-1] if more else None
    return _duty_groups(rows, now), f"?after={last.due_at.timestamp()}-{last.pk}" if last and last.due_at else ""


def _after(request: HttpRequest) -> tuple[datetime, int] | None:
    """``after=<unix seconds>-<key>`` of a next link; anything else starts at the beginning."""
    found = re.fullmatch(r"(\d{1,11}(?:\.\d{1,6})?)-(\d{1,18})", request.GET.get("after", ""))
    return (datetime.fromtimestamp(float(found[1]), UTC), int(found[2])) if found else None


def _duty_groups(rows: Sequence[Deadline], now: datetime) -> list[dict[str, Any]]:
    """Due today (Beijing's day), within 48 hours, later."""
    tonight = (now.astimezone(BEIJING) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    groups: Mapping[str, dict[str, Any]] = {
        "today": {"label": _("Due today"), "tone": "bad", "rows": []},
        "soon": {"label": _("Within 48 hours"), "tone": "wait", "rows": []},
        "later": {"label": _("Later"), "tone": "", "rows": []},
    }
    for row in rows:
        assert row.due_at is not None
        key = "today" if row.due_at < tonight else "soon" if row.due_at <= now + timedelta(hours=48) else "later"
        groups[key]["rows"].append(_duty_row(row))
    return list(groups.values())


def _duty_row(row: Deadline) -> dict[str, Any]:
    if row.case is not None:
        case = row.case
        act = queries.DUTIES[row.kind]
        href = reverse("disputes:file" if act == "file" else "disputes:case", args=[case.number])
        return {
            "href": href,
            "number": case.number,
            "title": case.line.title,
            "cause": _cause_name(case),
            "fen": case.claim_fen,
            "todo": queries.duty_name(row),
            "due": row.due_at,
        }
    assert row.after_sales is not None
    asked = row.after_sales
    return {
        "href": reverse("disputes:order", args=[asked.order.number]) + f"?line={asked.line_id}",
        "number": asked.order.number,
        "title": asked.line.title,
        "cause": str(Remedy(asked.asked).label),
        "fen": asked.amount_fen,
        "todo": queries.duty_name(row),
        "due": row.due_at,
    }


def _case_row(case: Case) -> dict[str, Any]:
    due = getattr(case, "their_due", None)
    return {
        "href": reverse("disputes:file" if case.state == State.DRAFT else "disputes:case", args=[case.number]),
        "number": case.number,
        "title": case.line.title,
        "cause": _cause_name(case),
        "fen": case.claim_fen,
        "todo": queries.state_words(case),
        "due": due if case.state not in OVER else None,
        "closed_at": case.closed_at,
    }
