"""The claim; and for a case that was not accepted why, and what is still possible."""

from django.urls import reverse
from django.utils.translation import gettext as _

from arbitration.admission import Ground
from arbitration.queries import CaseFile
from core import money
from disputes.models import State
from disputes.models.case import WITH_MONEY
from disputes.views.common import Data, again_until
from disputes.views.sections.rulings import clause
from rulebook.models import Remedy as Ordered
from rulebook.words import with_penalty


def remedy_text(kind: str, fen: int, penalty_fen: int) -> str:
    """``退货退款 ¥1,299.00``; the amount only where the remedy is money."""
    label = str(Ordered(kind).label) if kind else ""
    text = f"{label} {money.text(fen)}" if kind in WITH_MONEY or (kind == Ordered.DEDUCT and fen) else label
    return with_penalty(text, kind, penalty_fen)


def claim(file: CaseFile) -> Data:
    case = file.case
    return {
        "title": _("Your claim")
        if file.applies
        else (_("The buyer's claim") if case.applicant_side == "buyer" else _("The merchant's claim")),
        "who": "" if file.applies else (case.buyer.masked_name if case.applicant_side == "buyer" else case.store.name),
        "at": case.filed_at,
        "text": remedy_text(case.remedy, case.claim_fen, case.claim_penalty_fen),
        "facts": [
            {"label": _("What happened"), "value": case.what_happened},
            {"label": _("What was promised"), "value": case.difference},
            {"label": _("What would settle it"), "value": case.wanted},
        ]
        + ([{"label": _("Promise of a penalty"), "value": case.claim_penalty_ground}] if case.claim_penalty_fen else [])
        + ([{"label": _("Evidence not available"), "value": case.missing_reason}] if case.missing_reason else []),
    }


def refusal(file: CaseFile) -> Data | None:
    """Why the case was not accepted, and what is still possible until when."""
    case = file.case
    if case.state != State.NOT_ADMITTED:
        return None
    known = case.refusal_code in Ground.values
    return {
        "ground": str(Ground(case.refusal_code).label) if known else "",
        "reason": case.refusal_reason,
        "clause": clause(file, case.refusal_clause) if file.rules.has_clause(case.refusal_clause) else None,
        "again_until": again_until(file),
        "order_href": reverse("disputes:order", args=[case.order.number]),
        "applies": file.applies,
    }
