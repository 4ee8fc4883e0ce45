"""What is left of the reader's one review."""

from django.utils.translation import gettext as _

from arbitration import reviews
from arbitration.models import Review, Ruling
from arbitration.queries import CaseFile
from disputes.views.common import Data, act_url
from disputes.views.turns.base import passed


def review_box(file: CaseFile) -> Data | None:
    """1 次 / 未使用: what is left of the reader's one review."""
    if not file.rulings:
        return None
    mine = next((row for row in file.reviews if row.side == file.side), None)
    clock = file.clock("review_request")
    refused = file.acts.get("request_review")
    return {
        "used": mine is not None or not reviews.tries_left(file.case, file.side),
        "mine": _review(mine) if mine else None,
        "theirs": [_review(row) for row in file.reviews if row.side != file.side],
        "due": clock.due_at if clock is not None and not passed(clock, file.at) else None,
        "ended": next(
            (row.due_at for row in file.clocks if row.kind == "review_request" and row.state == "expired"), None
        ),
        "href": act_url(file.case, "request_review") if file.may("request_review") else "",
        "why_not": refused.message if refused is not None else _final_because(file),
        "set_aside": file.set_aside,
    }


def _final_because(file: CaseFile) -> str:
    if file.may("request_review"):
        return ""
    ruling = file.ruling
    if ruling is not None and ruling.kind == Ruling.Kind.CONSENT:
        return _("A ruling by consent cannot be reviewed.")
    return _("The ruling is final.")


def _review(row: Review) -> Data:
    return {
        "side": row.side,
        "state": row.get_state_display(),
        "at": row.requested_at,
        "argument": row.argument,
        "why_not_before": row.why_not_before,
        "answer": row.answer,
        "decision": row.get_decision_display() if row.decision else "",
        "reason": row.reason,
        "decided_at": row.decided_at,
    }
