"""The queue and the next case."""

from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from arbitration import assignment, waiting
from arbitration.views import stopped
from arbitration.views.common import DECIDERS, reader, staff_page
from arbitration.waiting import Waiting
from core import clock, moments
from core.errors import Refused
from core.templatetags.ui import icon
from disputes.models import Case
from rulebook.queries import book, in_use

GROUPS = {
    "overdue": (gettext_lazy("Past the target"), "bad"),
    "soon": (gettext_lazy("Within 2 hours"), "wait"),
    "today": (gettext_lazy("Today"), ""),
    "later": (gettext_lazy("Later"), ""),
}
HOLDERS = [
    ("open", gettext_lazy("Free and mine")),
    ("mine", gettext_lazy("Mine")),
    ("free", gettext_lazy("Free")),
    ("all", gettext_lazy("All")),
]


@staff_page
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for the platform. At most seven queries, whatever the number of cases; one more for a supervisor."""
    user, at = reader(request), clock.now()
    filters = _filters(request, user)
    if filters.search and (found := _exact(user, filters.search)):
        return redirect("arbitration:case", number=found)
    page = waiting.queue(user, filters, at, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    first = _first(user, filters, page, at)
    context = {
        "now": at,
        "next": first,
        "next_kind": waiting.KINDS[waiting.KIND_OF[first.kind]][1] if first else "",
        "next_cause": book(first.rulebook_id).cause(first.cause).name if first else "",
        "groups": [_group(group, user, first, at) for group in page.groups],
        "filters": _filter_fields(filters, at),
        "filtered": request.GET.urlencode() != "",
        "stats": _stats(page),
        "count_text": _count_text(page),
        "previous": _link(request, before=page.previous),
        "following": _link(request, after=page.following),
        "may_decide": user.staff_role in DECIDERS,
        "begins": not page.previous,
        "shortcuts": user.shortcuts,
        "stopped": stopped.rows(user),
    }
    return render(request, "arbitration/queue.html", context)


def _first(user: User, filters: waiting.Filters, page: waiting.Queue, at: datetime) -> Waiting | None:
    """The case to do next, for those who decide, on the page a queue begins with. No query where that holds it."""
    if user.staff_role not in DECIDERS or page.previous:
        return None
    if filters == waiting.Filters():
        found = waiting.first_free(row for group in page.groups for row in group.rows)
        if found is not None:
            return found
    return next(iter(waiting.next_free(user, at, limit=1)), None)


def _filters(request: HttpRequest, user: User) -> waiting.Filters:
    holder = request.GET.get("holder", "")
    usual = "open" if user.staff_role in DECIDERS else "all"
    return waiting.Filters(
        kind=request.GET.get("kind", ""),
        cause=request.GET.get("cause", ""),
        holder=holder if holder in dict(HOLDERS) else usual,
        search=request.GET.get("q", "").strip()[:60],
    )


def _exact(user: User, number: str) -> str | None:
    """A whole case number leads to its case, wherever the case stands. One query, only for a search."""
    return (
        Case.objects.visible_to(user)
        .filter(number=number.upper())
        .exclude(buyer=user)
        .values_list("number", flat=True)
        .first()
    )


def _group(group: waiting.Group, user: User, first: Waiting | None, at: datetime) -> dict[str, Any]:
    label, tone = GROUPS[group.key]
    count = f"{group.count}+" if group.more else str(group.count)
    note = ""
    if len(group.rows) < group.count:
        note = _("%(n)d shown on this page") % {"n": len(group.rows)}
    return {
        "label": label,
        "tone": tone,
        "count_text": ngettext("%(n)s case", "%(n)s cases", group.count) % {"n": count},
        "note": note,
        "rows": [_row(row, user, first, at) for row in group.rows],
    }


def _row(row: Waiting, user: User, first: Waiting | None, at: datetime) -> dict[str, Any]:
    kind = waiting.KIND_OF[row.kind]
    return {
        "chip": _chip(kind, get_language()),
        "number": row.number,
        "href": f"/desk/cases/{row.number}/",
        "title": " ".join(filter(None, [row.title, row.option])),
        "cause": book(row.rulebook_id).cause(row.cause).name,
        "fen": row.claim_fen,
        "stage": _stage(row, kind),
        "escalated": row.escalated_at is not None,
        "waited": at - row.opened_at,
        "due": row.due_at,
        "lock": _lock(row, user, at),
        "current": first is not None and first.pk == row.pk,
    }


@cache
def _chip(kind: str, _language: str | None) -> SafeString:
    """What kind of work it is, as a chip; blue where somebody came back with something."""
    _target, word, name = waiting.KINDS[kind]
    news = kind in {"review", "set_aside", "return", "payment"}
    return format_html('<span class="chip{}">{}{}</span>', " chip--info" if news else "", icon(name), word)


def _stage(row: Waiting, kind: str) -> str:
    if row.waits_for == "ruling_undo":
        return _("Signed, takes effect in a minute")
    if kind == "review":
        return _("Waiting for the other side's answer") if row.waits_for == "review_answer" else _("Both heard")
    if kind == "ruling" and row.by_default:
        return _("No response in time")
    return str(_STAGES[kind])


_STAGES = {
    "admission": gettext_lazy("Awaiting preliminary review"),
    "ruling": gettext_lazy("Evidence is closed"),
    "set_aside": gettext_lazy("Default to be set aside?"),
    "return": gettext_lazy("Return is disputed"),
    "payment": gettext_lazy("For a supervisor"),
}


def _lock(row: Waiting, user: User, at: datetime) -> str:
    if row.handler_id is None or row.taken_at is None:
        return ""
    local = row.taken_at.astimezone(clock.BEIJING)
    today = local.date() == at.astimezone(clock.BEIJING).date()
    since = f"{local:%H:%M}" if today else moments.short_text(row.taken_at)
    if row.handler_id == user.pk:
        return _("You, since %(at)s") % {"at": since}
    return _("%(name)s, since %(at)s") % {"name": row.handler_name, "at": since}


def _filter_fields(filters: waiting.Filters, at: datetime) -> list[dict[str, Any]]:
    rules = in_use(at)
    causes = [("", _("All causes")), *((cause.code, cause.name) for cause in (rules.causes if rules else ()))]
    kinds = [("", _("All kinds")), *((code, word) for code, (_target, word, _icon) in waiting.KINDS.items())]
    return [
        _field("kind", _("Kind"), kinds, filters.kind),
        _field("cause", _("Cause"), causes, filters.cause),
        _field("holder", _("Handled by"), HOLDERS, filters.holder),
        {
            "name": "q",
            "label": _("Find"),
            "type": "text",
            "value": filters.search,
            "placeholder": _("Case or order number"),
        },
    ]


def _field(name: str, label: str, options: Any, value: str) -> dict[str, Any]:
    drawn = [{"value": code, "label": word} for code, word in options]
    return {"name": name, "label": label, "type": "select", "options": drawn, "value": value}


def _stats(page: waiting.Queue) -> list[dict[str, Any]]:
    total = f"{page.total}+" if page.more else page.total
    return [
        {"label": _("To do"), "value": total},
        {"label": _("Past the target"), "value": page.counts["overdue"]},
        {"label": _("Due within 2 hours"), "value": page.counts["soon"]},
        {"label": _("Due today"), "value": page.counts["today"]},
        {"label": _("You decided today"), "value": page.done},
    ]


def _count_text(page: waiting.Queue) -> str:
    total = f"{page.total}+" if page.more else str(page.total)
    return _("Showing %(shown)d of %(total)s") % {"shown": page.shown, "total": total}


def _link(request: HttpRequest, **position: str) -> str:
    """The same list at another position; empty where there is none."""
    if not any(position.values()):
        return ""
    kept = {name: value for name, value in request.GET.items() if name not in {"after", "before"}}
    return f"?{urlencode({**kept, **position})}"


@staff_page
@require_POST
def next_case(request: HttpRequest) -> HttpResponse:
    """Take the next free case and open it. Whoever is beaten to one gets the one after it."""
    user = reader(request)
    for row in waiting.next_free(user, clock.now()):
        try:
            assignment.take(actor=user, case_id=row.case_id)
        except Refused:
            continue
        return redirect("arbitration:case", number=row.number)
    messages.info(request, _("Nothing is free for you now. Cases you hold are in the list."))
    return redirect("arbitration:queue")
