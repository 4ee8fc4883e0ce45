"""Whose turn once there is a ruling: carrying it out, reviewing it, closed."""

from django.utils.translation import gettext as _

from arbitration.models import Remedy
from arbitration.queries import CaseFile
from arbitration.reviews import tries_left
from disputes.models import Deadline
from disputes.views.common import name, ruling_url
from disputes.views.sections.steps import penalty_waiting
from disputes.views.turns.base import Turn, passed
from rulebook.words import penalty_text


def _duty(file: CaseFile, clock: Deadline) -> Turn:
    """A step of the ruling that somebody must take now."""
    mine = clock.side == file.side
    big = {
        "ship_back": _("Your turn to send the goods back"),
        "confirm_return": _("Your turn to check the return"),
        "perform": _("Your turn to perform the ruling"),
    }
    wait = {
        "ship_back": _("Waiting for %(who)s to send the goods back"),
        "confirm_return": _("Waiting for %(who)s to check the return"),
        "perform": _("Waiting for %(who)s to perform the ruling"),
    }
    action = {
        "ship_back": _("Enter the return waybill"),
        "confirm_return": _("Say how the goods arrived"),
        "perform": _("Perform the remedy"),
    }
    after = {
        "ship_back": _("If the goods are not sent by then, the refund is not carried out."),
        "confirm_return": _("If nothing is confirmed by then, the goods count as received."),
        "perform": _unperformed(file, clock),
    }
    if mine:
        return Turn(
            clock.side,
            big[clock.kind],
            due=clock,
            due_label=_("Due"),
            act=clock.kind,
            action=action[clock.kind],
            note=after[clock.kind],
        )
    return Turn(
        clock.side,
        wait[clock.kind] % {"who": name(clock.side)},
        due=clock,
        due_label=_("The other side's time ends"),
        href=ruling_url(file.case),
        action=_("Read the ruling"),
        note=after[clock.kind],
    )


def _unperformed(file: CaseFile, clock: Deadline) -> str:
    if clock.side != "merchant":
        return _("If it is not paid by then, it lapses, and points are given. The platform charges no card.")
    row = next((row for row in file.remedies if str(row.pk) == clock.ref), None)
    if row is not None and (penalty := penalty_waiting(file, row)):
        return penalty_text(row.kind, penalty.amount_fen)
    return _("If it is not performed by then, the platform carries it out from the merchant's deposit.")


def decided(file: CaseFile) -> Turn:
    steps = ("ship_back", "confirm_return", "perform")
    clock = file.clock(*steps, side=file.side) or file.clock(*steps)
    if clock is not None:
        return _duty(file, clock)
    window = file.clock("review_request")
    failed = [row for row in file.remedies if row.state == Remedy.State.FAILED]
    if any(row.kind in Remedy.MONEY for row in failed):
        return Turn(
            "platform",
            _("The platform looks into the payment"),
            note=_("The payment service refused it. Nothing was paid; you need do nothing."),
        )
    if failed:
        return Turn("platform", _("The platform looks at the return"), note=_("There is nothing you must do now."))
    return Turn(
        "" if window is None else "both",
        _("The ruling is in effect"),
        due=window,
        due_label=_window(file) if window else "",
        href=ruling_url(file.case),
        action=_("Read the ruling"),
        mode="news",
    )


def _window(file: CaseFile) -> str:
    """Whose time runs while a review can be asked for: two requests without new evidence use a side's right up."""
    if file.side and not tries_left(file.case, file.side):
        return _("The case closes") if not tries_left(file.case, file.other) else _("The other side can ask until")
    return _("A review can be asked until")


def review(file: CaseFile) -> Turn:
    answering = file.clock("review_answer", side=file.side)
    if answering is not None and file.may("answer_review"):
        return Turn(
            file.side,
            _("Your turn to answer in review"),
            due=answering,
            due_label=_("Due"),
            act="answer_review",
            action=_("Answer the review request"),
            note=_("Without an answer the review is decided on what there is."),
        )
    if (theirs := file.clock("review_answer", side=file.other)) is not None and not passed(theirs, file.at):
        return Turn(
            file.other,
            _("Waiting for %(who)s to answer in review") % {"who": name(file.other)},
            due=theirs,
            due_label=_("The other side's time ends"),
            note=_("Steps of the ruling that were not carried out yet are held."),
        )
    return Turn(
        "platform",
        _("Another arbiter decides the review"),
        due=file.clock("review_target", "review_decision"),
        due_label=_("Decision expected by"),
        note=_("Steps of the ruling that were not carried out yet are held."),
    )


def closed(file: CaseFile) -> Turn:
    ruled = file.ruling is not None
    return Turn(
        "",
        str(file.case.get_outcome_display()),
        href=ruling_url(file.case) if ruled else "",
        action=_("Read the ruling") if ruled else "",
        mode="other",
    )
