"""Everything once more, as the other side will see it; then it is sent."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from arbitration.operations import OPERATIONS
from core import money
from core.errors import Refused
from core.templatetags.ui import html_id
from disputes import queries
from disputes.forms import FormState, blank, submit
from disputes.models import Case
from disputes.views.files import meter_of, slot_name
from disputes.views.filing.application import (
    SHAPES,
    SHORT,
    Declared,
    chosen_cause,
    claimed_amount,
    claimed_penalty,
    form_name,
    frame,
    is_complete,
    kept_answers,
    starting_values,
)
from evidence.models import Side
from evidence.queries import Exhibit, checklist
from evidence.queries import drafts as unsent
from rulebook.models import Cause, Remedy
from rulebook.words import slot_words, with_penalty

CARRIED = ("cause", "remedy", "what_happened", "difference", "wanted", "exception")
"""Answers that go to the last step as they were typed."""


def check(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    """Everything once more, as the other side will see it; on POST it is filed, once."""
    answers = kept_answers(user, case)
    if request.method == "POST":
        form = submit(
            request,
            form_name(case),
            shape=Declared,
            based_on=case.version,
            act=lambda **given: OPERATIONS["file"].verb(actor=user, case_id=case.pk, **given).number,
        )
        if form.done:
            return redirect("disputes:submitted", case.number)
    else:
        missing = next((key for key, shape in SHAPES.items() if not is_complete(shape, answers)), None)
        if missing is not None:
            return redirect("disputes:file_step", case.number, missing)
        form = blank(request, form_name(case), based_on=case.version, start=starting_values(case))
    return _check_page(request, user, case, form)


def _check_page(request: HttpRequest, user: User, case: Case, form: FormState) -> HttpResponse:
    values = form.flat
    cause = chosen_cause(case, values)
    if cause is None:
        return redirect("disputes:file_step", case.number, "cause")
    items = unsent(case.dossier, case.applicant_side)
    sound = [item for item in items if item.state == "ready"]
    meter = checklist(cause.asked_applicant, sound)
    context = {
        **frame(case, "check", values),
        "form": form,
        "values": values,
        "cause": cause,
        "rows": _rows(case, values, cause),
        "items": [_exhibit_row(item, number, cause, case, form) for number, item in enumerate(sound, 1)],
        "meter": meter_of(cause, meter),
        "missing": [slot_name(slot) for slot in meter.missing],
        "carried": [
            ("amount_fen", claimed_amount(values)),
            *claimed_penalty(values, cause).items(),
            *((name, values.get(name, "")) for name in CARRIED),
        ],
        "other": Side(case.respondent_side),
        "claim_words": _claim_words(values, cause),
        "penalty_ground": _penalty_ground(values, cause),
        "me": user.masked_name if case.applicant_side == Side.BUYER else str(case.store),
        "evidence_href": reverse("disputes:file_step", args=[case.number, "evidence"]),
        "max": SHORT,
    }
    return render(request, "disputes/filing_check.html", context, status=form.status)


def _rows(case: Case, values: Mapping[str, str], cause: Cause) -> list[dict[str, Any]]:
    def at(key: str) -> str:
        return reverse("disputes:file_step", args=[case.number, key])

    said = [
        ("what_happened", _("What happened and when")),
        ("difference", _("How it differs from what was promised")),
        ("wanted", _("What would settle it")),
    ]
    ground = _penalty_ground(values, cause)
    return [
        {"label": _("Cause"), "value": cause.name, "href": at("cause")},
        {"label": pgettext("step", "Claim"), "value": _claim_words(values, cause), "href": at("claim")},
        *([{"label": _("Promise of a penalty"), "value": ground, "href": at("claim"), "own": True}] if ground else []),
        *(
            {"label": label, "value": values.get(name, ""), "href": at("statement"), "own": True}
            for name, label in said
        ),
    ]


def _claim_words(values: Mapping[str, str], cause: Cause) -> str:
    remedy = values.get("remedy", "")
    label = str(Remedy(remedy).label) if remedy in Remedy.values else ""
    fen = _fen(claimed_amount(values))
    return with_penalty(f"{label} {money.text(fen)}" if fen else label, remedy, _penalty_fen(values, cause))


def _penalty_fen(values: Mapping[str, str], cause: Cause) -> int:
    return _fen(claimed_penalty(values, cause).get("penalty_fen", ""))


def _penalty_ground(values: Mapping[str, str], cause: Cause) -> str:
    return values.get("penalty_ground", "") if _penalty_fen(values, cause) else ""


def _fen(typed: str) -> int:
    try:
        return money.parse(typed or "0")
    except Refused:
        return 0


def _exhibit_row(item: Exhibit, number: int, cause: Cause, case: Case, form: FormState) -> dict[str, Any]:
    return {
        "id": html_id(f"caption-{item.id}"),  # where the summary of what is wrong leads
        "side": case.applicant_side,
        "no": number,
        "caption": _("Only the platform sees this item") if item.platform_only else queries.shows(cause, item),
        "kind_word": item.kind_label,
        "at": item.received_at,
        "slot_word": slot_words(cause, item.slot) if item.caption or item.platform_only else "",
        "facts": form.errors.get(f"caption-{item.id}", ()),
        "thumb": "" if item.platform_only else item.thumb_url,
        "href": "" if item.platform_only else item.open_url,
        "picture": item.is_picture and not item.platform_only,
        "platform_only": item.platform_only,
    }
