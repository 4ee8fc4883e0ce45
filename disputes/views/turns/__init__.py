"""Whose turn it is in a state of the case, as one side sees it. One function a state."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from disputes.models import Offer, State
from disputes.views.turns.base import Turn, passed
from disputes.views.turns.contest import (
    admission,
    deliberation,
    information,
    not_admitted,
    rebuttal,
    response,
    settlement,
    suspended,
)
from disputes.views.turns.outcome import closed, decided, review


def turn(file: CaseFile) -> Turn:
    """Whose turn it is, as the reader sees it. No query."""
    found = _TURNS[State(file.case.state)](file)
    found = _overlay(file, found) if found.whose not in (file.side, "both") else found
    if passed(found.due, file.at):
        return Turn(
            "platform",
            _("The time is over"),
            due=found.due,
            due_label=_("Ended"),
            note=_("This step is being closed. The page shows what follows in a moment."),
        )
    return found


_TURNS: dict[State, Callable[[CaseFile], Turn]] = {
    State.AWAITING_ADMISSION: admission,
    State.NOT_ADMITTED: not_admitted,
    State.AWAITING_RESPONSE: response,
    State.AWAITING_REBUTTAL: rebuttal,
    State.AWAITING_INFORMATION: information,
    State.DELIBERATION: deliberation,
    State.SUSPENDED: suspended,
    State.SETTLEMENT: settlement,
    State.RULED: decided,
    State.ENFORCING: decided,
    State.IN_REVIEW: review,
    State.CLOSED: closed,
}


def _overlay(file: CaseFile, found: Turn) -> Turn:
    """What the other side asked of the reader comes before waiting for somebody else."""
    offer = next((row for row in file.offers if row.state == Offer.State.OPEN and row.side == file.other), None)
    if offer is not None and file.may("accept_offer"):
        return Turn(
            file.side,
            _("Your turn: an offer is waiting"),
            due=file.clock("offer", ref=str(offer.pk)),
            due_label=_("The offer is valid until"),
            act="accept_offer",
            action=_("See the offer"),
            note=_("You need not answer. The case goes on as it stands."),
        )
    if file.case.state != State.SUSPENDED and file.may("suspend"):
        return Turn(
            file.side,
            _("Your turn: a suspension is proposed"),
            due=found.due,
            due_label=found.due_label,
            act="suspend",
            action=_("See the proposal"),
            note=_("You need not answer. The case goes on as it stands."),
        )
    return found
