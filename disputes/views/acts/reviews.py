"""Asking for a review, and answering one."""

from django.utils.translation import gettext as _

from arbitration import reviews
from arbitration.models import Review
from arbitration.queries import CaseFile
from disputes import shapes
from disputes.forms import FormState
from disputes.views.acts.page import Page, area, last
from disputes.views.common import Data
from disputes.views.sections import exhibits, rulings
from evidence.queries import known_bytes


def request_review(file: CaseFile, form: FormState) -> Page:
    clock = file.clock("review_request")
    return Page(
        title=_("Ask for a review"),
        button=_("Ask for the review"),
        done=_("Your review was asked for. Another arbiter decides."),
        files="choose",
        template="disputes/acts/request_review.html",
        more={
            "due": clock.due_at if clock is not None else None,
            "argument": area(form, "argument", _("What is wrong with this finding?")),
            "why_not_before": area(
                form, "why_not_before", _("Why does the new evidence come only now?"), most=shapes.SHORT
            ),
            "old": [exhibits.exhibit(file, item) for item in file.exhibits],
            "same": same_bytes(file),
            "last_try": reviews.tries_left(file.case, file.side) == 1,
            "finding": last(form, "finding_id"),
        },
    )


def same_bytes(file: CaseFile) -> list[Data]:
    """Unsent files whose bytes are on the file already: they are not new, whatever they are called. Two queries."""
    known = known_bytes(file.case.dossier, file.side)
    return [
        {"name": item.name, "side": known[item.sha256].side, "no": known[item.sha256].exhibit_no}
        for item in file.drafts
        if item.sha256 in known
    ]


def answer_review(file: CaseFile, form: FormState) -> Page:
    """What the other side asks stands above the answer, whole. Three queries for it."""
    asked = next((row for row in file.reviews if row.side == file.other), None)
    return Page(
        title=_("Answer the review request"),
        fields=[area(form, "statement", _("Your answer"))],
        files="all",
        effects=[_("Files you add here are put on file with your answer.")],
        button=_("Send the answer"),
        done=_("Your answer was sent. Another arbiter decides."),
        template="disputes/acts/answer_review.html",
        more=_request(file, asked) if asked is not None else {},
    )


def _request(file: CaseFile, asked: Review) -> Data:
    new = {item.pk for item in asked.items.all()}
    return {
        "asked": asked,
        "finding": rulings.finding(file, asked.finding) if asked.finding is not None else None,
        "items": [exhibits.exhibit(file, item) for item in file.exhibits if item.id in new],
    }
