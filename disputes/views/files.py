"""The unsent files of a case: received, described, removed."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import policy
from accounts.models import User
from core import clock
from core.clock import BEIJING
from core.errors import Refused
from disputes import exhibits, from_order
from disputes.models import Case, State
from disputes.views import uploads
from disputes.views.common import party_case
from disputes.views.filing.application import chosen_cause, kept_answers
from evidence import items as custody
from evidence.models import CAPTION_LENGTH, Item
from evidence.queries import Exhibit, checklist, silent
from evidence.queries import drafts as unsent
from rulebook.models import Cause, in_english
from rulebook.queries import applying

NO_ID = uuid.UUID(int=0)
"""Stands in an address for an item the script does not know yet."""


def evidence_uploads(case: Case, user: User, *, cause: Cause | None = None, choose: bool = False) -> dict[str, Any]:
    """Everything ``disputes/_evidence_upload.html`` and ``_evidence_rows.html`` need for the reader's unsent files.

    ``cause``: whose checklist is shown (default: the case's). ``choose``: each row gets a ticked ``items[]`` box, for
    acts that put chosen files on file. Three queries.
    """
    side = policy.side_of(user, case)
    if cause is None and case.cause:
        cause = applying(case.rulebook_id, clock.now()).cause(case.cause)
    slots = (cause.asked("applicant" if side == case.applicant_side else "respondent")) if cause else []
    waiting = unsent(case.dossier, side)
    lodged = list(case.dossier.items.filter(side=side, state="lodged").only("slot", "state", "side"))
    meter = checklist(slots, [*waiting, *lodged])
    return {
        "action": reverse("disputes:files", args=[case.number]),
        "describe_href": reverse("disputes:files", args=[case.number]) + "?describe",
        "rows": [_upload_row(item, case, slots, choose=choose) for item in waiting],
        "slots": _slot_rows(slots, [*waiting, *lodged]),
        "meter": meter_of(cause, meter, slots),
        "tus": reverse("evidence_api:uploads", args=[case.number]),
        "check": reverse("disputes:file_check", args=[case.number, NO_ID]) + ("?choose=1" if choose else ""),
        "from_order": reverse("disputes:files_from_order", args=[case.number]),
        "accept": uploads.ACCEPT,
        "limits": uploads.limits(len(waiting) + len(lodged)),
        "choose": choose,
        "hidden": {"choose": "1"} if choose else {},
        "count": len(waiting),
        "silent": len(silent(slots, [item for item in waiting if item.state == "ready"])),
    }


def slot_name(slot: Mapping[str, Any]) -> str:
    return str(slot["en"] if in_english() else slot["zh"])


def _slot_rows(slots: list[dict[str, Any]], items: list[Any]) -> list[dict[str, Any]]:
    filled = {item.slot for item in items if item.state not in {"refused", "withdrawn"}}
    return [
        {
            "label": slot_name(slot),
            "required": slot["required"],
            "state": "in" if slot["slot"] in filled else "missing",
        }
        for slot in slots
    ]


def meter_of(cause: Cause | None, meter: Any, slots: list[dict[str, Any]] | None = None) -> dict[str, Any] | None:
    if cause is None:
        return None
    return {
        "required_done": meter.required_done,
        "required_total": meter.required_total,
        "helpful_done": meter.helpful_done,
        "helpful_total": meter.helpful_total,
        "missing": [slot_name(slot) for slot in meter.missing],
    }


def _upload_row(item: Exhibit | Item, case: Case, slots: list[dict[str, Any]], *, choose: bool) -> dict[str, Any]:
    key = uploads.id_of(item)
    known = {slot["slot"] for slot in slots}
    shown = uploads.row(item)
    return {
        **shown,
        "slot": shown["slot"] if shown["slot"] in known else "",
        "tag_again": bool(shown["slot"] and known and shown["slot"] not in known),
        "options": [{"value": slot["slot"], "label": slot_name(slot)} for slot in slots],
        "caption_name": f"caption-{key}",
        "slot_name": f"slot-{key}",
        "max": CAPTION_LENGTH,
        "choose": choose,
        "discard_href": reverse("disputes:file_discard", args=[case.number, key]),
        "cover_href": reverse("disputes:file_cover", args=[case.number, key]) if shown["state"] == "ok" else "",
        "check_href": reverse("disputes:file_check", args=[case.number, key]) + ("?choose=1" if choose else "")
        if shown["state"] == "busy"
        else "",
    }


@require_POST
@login_required
def files(request: HttpRequest, number: str) -> HttpResponse:
    """Receive one file or many, where there is no script; or, with ``?describe``, what is said about those there."""
    assert isinstance(request.user, User)
    user = request.user
    case = party_case(user, number)
    if "describe" in request.GET:
        return _describe_all(request, user, case)
    received = uploads.take(
        request, lambda upload, slot: exhibits.receive(actor=user, case_id=case.pk, upload=upload, slot=slot)
    )
    uploads.tell(request, received)
    if not received.kept and not received.refused:
        messages.error(request, _("Choose at least one file."))
    return redirect(_next(request, case))


@require_POST
@login_required
def add_from_order(request: HttpRequest, number: str) -> HttpResponse:
    """The negotiation, the carrier's reports and the listing as unsent files, in one tap."""
    assert isinstance(request.user, User)
    case = party_case(request.user, number)
    try:
        added = len(from_order.take_from_order(actor=request.user, case_id=case.pk))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect(_next(request, case))
    if added:
        text = ngettext("%(n)d record of the order was added.", "%(n)d records of the order were added.", added)
        messages.success(request, text % {"n": added})
    else:
        messages.info(request, _("Everything the order holds is among your files already."))
    return redirect(_next(request, case))


@require_POST
@login_required
def check(request: HttpRequest, number: str, item_id: uuid.UUID) -> HttpResponse:
    """For the page's script: the row of a file that was being checked."""
    assert isinstance(request.user, User)
    case = party_case(request.user, number)
    item = own_item(request.user, case, item_id)
    return uploads.verdict(request, item, _row_of(request, request.user, case), fields="disputes/_upload_fields.html")


def _row_of(request: HttpRequest, user: User, case: Case) -> Callable[[Item], dict[str, Any]]:
    slots, choose = _asked_of(user, case), "1" in {request.POST.get("choose"), request.GET.get("choose")}
    return lambda item: _upload_row(item, case, slots, choose=choose)


def _asked_of(user: User, case: Case) -> list[dict[str, Any]]:
    """The checklist of the reader's side, for the cause chosen so far."""
    side = policy.side_of(user, case)
    if case.state != State.DRAFT:
        return exhibits.asked_of(case, side, clock.now())
    cause = chosen_cause(case, kept_answers(user, case))
    return cause.asked_applicant if cause is not None else []


def _next(request: HttpRequest, case: Case) -> str:
    """Back to where the files were sent from, a path of this site."""
    back = request.POST.get("next", "") or request.headers.get("Referer", "")
    if back and url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return back
    if case.state == State.DRAFT:
        return reverse("disputes:file_step", args=[case.number, "evidence"])
    return reverse("disputes:act", args=[case.number, "lodge"])


def _describe_all(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    """Keep captions and slots of all rows of a page; for the page's script, the moment they were saved."""
    by_script = "application/json" in request.headers.get("Accept", "")
    try:
        keep_descriptions(user, case, request.POST)
        if not by_script:
            messages.success(request, _("Saved. Nothing was sent."))
            return redirect(_next(request, case))
    except Refused as refused:
        if not by_script:
            messages.error(request, refused.message)
            return redirect(_next(request, case))
        return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
    return JsonResponse({"saved_at": f"{clock.now().astimezone(BEIJING):%H:%M}"})


def keep_descriptions(user: User, case: Case, post: Mapping[str, Any]) -> None:
    """Write ``caption-<id>`` and ``slot-<id>`` to the side's unsent items. All that can be kept is kept; then raises.

    Raises Refused with the field of the first caption at fault.
    """
    at, first = clock.now(), None
    own = case.dossier.items.filter(side=policy.side_of(user, case), lodged_at=None)
    for item in own:
        if f"caption-{item.pk}" not in post and f"slot-{item.pk}" not in post:
            continue
        item.dossier = case.dossier
        try:
            custody.describe(
                actor=user,
                item=item,
                slot=str(post.get(f"slot-{item.pk}", item.slot))[:40],
                caption=str(post.get(f"caption-{item.pk}", item.caption)),
                at=at,
            )
        except Refused as refused:
            first = first or Refused(refused.code, refused.message, field=f"caption-{item.pk}", status=refused.status)
    if first is not None:
        raise first


@require_POST
@login_required
def discard(request: HttpRequest, number: str, item_id: uuid.UUID) -> HttpResponse:
    """Remove one unsent file. What was said about the others on the same page is kept."""
    assert isinstance(request.user, User)
    case = party_case(request.user, number)
    item = own_item(request.user, case, item_id)
    try:
        keep_descriptions(request.user, case, request.POST)
        custody.discard(actor=request.user, item=item, at=clock.now())
        messages.success(request, _("“%(name)s” was removed.") % {"name": item.original_name})
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect(_next(request, case))


def own_item(user: User, case: Case, item_id: uuid.UUID) -> Item:
    item = case.dossier.items.filter(pk=item_id, side=policy.side_of(user, case)).first()
    if item is None:
        raise Http404
    item.dossier = case.dossier
    return item
