"""One unsent file: what of it is covered, who sees it, and what the other side will see."""

import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from core import clock
from core.errors import Refused
from disputes.models import Case, State
from disputes.views.common import name, party_case
from disputes.views.files import own_item
from evidence import items as custody
from evidence import redaction
from evidence.models import OWN, REASON_LENGTH, Derivative, Item, Redaction, Side, Variant
from evidence.storage import store

Data = dict[str, Any]
TOOLS = (
    ("left", "arrow-left", gettext_lazy("Move left")),
    ("right", "arrow-right", gettext_lazy("Move right")),
    ("up", "arrow-up", gettext_lazy("Move up")),
    ("down", "arrow-down", gettext_lazy("Move down")),
    ("narrower", "fold-horizontal", gettext_lazy("Narrower")),
    ("wider", "unfold-horizontal", gettext_lazy("Wider")),
    ("lower", "fold-vertical", gettext_lazy("Lower")),
    ("taller", "unfold-vertical", gettext_lazy("Taller")),
    ("remove", "trash-2", gettext_lazy("Take this box away")),
)
"""What the page's script offers for the box in hand: its name there, icon, words."""
FIELDS = ("page", "x", "y", "width", "height")
WORD_FIELDS = 3
SHOWN_SIGNS = 4000
KINDS = {
    "phone": gettext_lazy("Phone"),
    "identity": gettext_lazy("Identity number"),
    "card": gettext_lazy("Bank card"),
    "address": gettext_lazy("Address"),
}


@require_http_methods(["GET", "POST"])
@login_required
def cover(request: HttpRequest, number: str, item_id: uuid.UUID) -> HttpResponse:
    """The page; on POST what was asked for, then the page again with what the other side will see."""
    assert isinstance(request.user, User)
    user = request.user
    case = party_case(user, number)
    item = redaction.coverable(own_item(user, case, item_id))
    back = _back(request, case)
    if request.method == "GET" or {"add", "remove"} & request.POST.keys():
        return _page(request, case, item, back)
    try:
        said = _limit(user, item, request.POST) if "limit" in request.POST else _cover(user, item, request)
    except Refused as refused:
        return _page(request, case, item, back, refused)
    messages.success(request, said)
    return redirect(f"{request.path}?{urlencode({'next': back})}#seen")


def _limit(user: User, item: Item, post: Mapping[str, Any]) -> str:
    alone = post.get("platform_only") == "1"
    reason = post.get("platform_only_reason", "")
    custody.restrict(actor=user, item=item, platform_only=alone, reason=reason, at=clock.now())
    return _("Only the platform will see this file.") if alone else _("Both sides and the platform will see this file.")


def _cover(user: User, item: Item, request: HttpRequest) -> str:
    boxes = [_box(row) for row in _typed_rows(request) if any(row[name] for name in FIELDS[1:])]
    spans = [(int(start), int(end)) for start, _dash, end in _spans(request)]
    words = request.POST.getlist("words")
    redaction.redact(actor=user, item=item, boxes=boxes, spans=spans, words=words, at=clock.now())
    if boxes or spans or any(word.strip() for word in words):
        return _("Covered. Below is what the other side will see; the original stays sealed.")
    return _("Nothing is covered.")


def _spans(request: HttpRequest) -> list[tuple[str, str, str]]:
    found = [value.partition("-") for value in request.POST.getlist("span")]
    return [(start, dash, end) for start, dash, end in found if start.isdecimal() and end.isdecimal()]


def _typed_rows(request: HttpRequest) -> list[dict[str, str]]:
    """The boxes as typed, in percent, without the one to be removed; one empty row more where that is asked for."""
    columns = {name: request.POST.getlist(f"{name}[]") for name in FIELDS}
    count = min(redaction.MOST + 1, *map(len, columns.values()))
    rows = [{name: columns[name][place].strip() for name in FIELDS} for place in range(count)]
    gone = request.POST.get("remove", "")
    if gone.isdecimal() and int(gone) < count:
        del rows[int(gone)]
    return [*rows, _empty_row()] if "add" in request.POST else rows


def _empty_row() -> dict[str, str]:
    return {"page": "1", "x": "", "y": "", "width": "", "height": ""}


def _box(row: Mapping[str, str]) -> redaction.Box:
    try:
        x, y, width, height = (float(row[name].replace(",", ".")) / 100 for name in FIELDS[1:])
        box = redaction.Box(x, y, width, height, int(row["page"] or "1"))
    except ValueError:
        box = redaction.Box(math.nan, 0, 0, 0)
    if not all(math.isfinite(part) and abs(part) <= 10 for part in (box.x, box.y, box.width, box.height)):
        raise Refused("redaction_inside", _("Give each box four numbers from 0 to 100."), field="boxes")
    return box


def _back(request: HttpRequest, case: Case) -> str:
    """Where the file was looked at before: a path of this site."""
    asked = request.POST.get("next") or request.GET.get("next") or request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if asked and known and request.path not in asked:
        return asked
    if case.state == State.DRAFT:
        return reverse("disputes:file_step", args=[case.number, "evidence"])
    return reverse("disputes:act", args=[case.number, "lodge"])


# --- the page --------------------------------------------------------------------------------------------------------
def _page(request: HttpRequest, case: Case, item: Item, back: str, refused: Refused | None = None) -> HttpResponse:
    """Five queries, and one stored text where there is one."""
    rows = {row.variant: row for row in Derivative.every.filter(item=item)}
    made = Redaction.objects.filter(item=item).first()
    kind = redaction.kind_of(item)
    context: Data = {
        "case": case,
        "item": item,
        "kind": kind,
        "back": back,
        "refusal": refused,
        "max": REASON_LENGTH,
        "tools": TOOLS,
        "other": name(Side(item.side).other),
        "alone": item.platform_only,
        "reason": item.platform_only_reason,
        "pages": item.pages if item.media_type == redaction.PAGED else None,
        "made": made,
        "pictures": _pictures(item, rows, clear=True),
        "seen": _pictures(item, rows, clear=False),
        "view_url": _url(item, Variant.VIEW),
    }
    if refused is not None and "limit" in request.POST:
        context |= {"alone": request.POST.get("platform_only") == "1"}
        context |= {"reason": request.POST.get("platform_only_reason", "")}
    if kind == "boxes":
        posted = request.method == "POST" and "limit" not in request.POST
        context["rows"] = _typed_rows(request) if posted else _kept_rows(made)
        context["spare"] = _empty_row()
    elif kind == "text":
        context |= _text(request, item, made)
    return render(request, "disputes/cover.html", context, status=refused.status if refused else 200)


def _kept_rows(made: Redaction | None) -> list[Data]:
    boxes = made.boxes if made else []
    return [{name: box[name] if name == "page" else f"{box[name] * 100:.4g}" for name in FIELDS} for box in boxes]


def _pictures(item: Item, rows: Mapping[str, Derivative], *, clear: bool) -> list[Data]:
    """The picture, or the pages that are drawn, as the own side draws on them or as others see them."""
    names: list[str] = [Variant.VIEW] if item.media_type != redaction.PAGED else []
    names += [f"page-{number}" for number in range(1, (item.pages or 0) + 1) if f"page-{number}" in rows]
    found = []
    for number, plain in enumerate(names, 1):
        variant = OWN + plain if clear and OWN + plain in rows else plain
        row = rows.get(variant)
        if row is not None and row.media_type == "image/webp":
            tall = (row.height or 0) > (row.width or 0)
            found.append({"page": number, "url": f"{_url(item, variant)}?{row.sha256[:8]}", "row": row, "tall": tall})
    return found


def _url(item: Item, variant: str) -> str:
    return reverse("evidence:file", args=[item.pk, variant])


def _text(request: HttpRequest, item: Item, made: Redaction | None) -> Data:
    clear = redaction.clear_text(item)
    with store().open(item.derivatives.get(variant=Variant.VIEW).sha256) as file:
        seen = file.read().decode()
    chosen = {tuple(span) for span in made.spans} if made else set()
    asked = {(int(start), int(end)) for start, _dash, end in _spans(request)}
    found = redaction.suggestions(clear)
    words = [*request.POST.getlist("words"), *[""] * WORD_FIELDS][:WORD_FIELDS]
    return {
        "suggestions": _choices(found, clear, chosen, asked if request.method == "POST" else None),
        "words": words,
        "seen_text": seen[:SHOWN_SIGNS],
        "seen_more": len(seen) > SHOWN_SIGNS,
    }


def _choices(
    found: Sequence[redaction.Suggestion], text: str, chosen: set[Any], asked: set[tuple[int, int]] | None
) -> list[Data]:
    """What is suggested and what was covered beside that, in order, ticked as it stands or was typed."""
    places = {(row.start, row.end): row for row in found}
    rows = []
    for start, end in sorted({*places, *chosen})[: 10 * redaction.MOST]:
        row = places.get((start, end))
        ticked = (start, end) in asked if asked is not None else not chosen or (start, end) in chosen
        rows.append(
            {
                "value": f"{start}-{end}",
                "kind": KINDS[row.kind] if row else _("Chosen words"),
                "before": text[max(0, start - 18) : start].rpartition("\n")[2],
                "text": text[start:end],
                "after": text[end : end + 18].partition("\n")[0],
                "ticked": ticked,
            }
        )
    return rows
