"""The dated next steps of a ruling."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from arbitration.models import Remedy, Ruling
from arbitration.queries import CaseFile
from core import moments, money
from disputes.views.common import Data, owner
from rulebook.words import penalty_text


def steps(file: CaseFile, ruling: Ruling) -> list[Data]:
    """The dated next steps of a ruling: context of ``components/step_list.html``."""
    return [_step(file, row) for row in file.remedies if row.ruling_id == ruling.pk]


IF_NOT_DONE = lazy("Only if the step before is not done in time, and then paid by the platform")
_DONE = {
    Remedy.State.EXECUTED: lazy("Done"),
    Remedy.State.REVERSED: lazy("Reversed"),
    Remedy.State.LAPSED: lazy("Lapsed: not done in time"),
}


def _step(file: CaseFile, row: Remedy) -> Data:
    title = remedy_title(file, row)
    clock = file.clock("perform", "ship_back", "confirm_return", ref=str(row.pk))
    if row.if_not_done and row.state == Remedy.State.LAPSED:
        return {"title": title, "state": "done", "note": _note_not_due(file, row)}
    if row.state in _DONE:
        return {"title": title, "state": "done", "at": row.executed_at, "note": _note_done(row)}
    if row.state == Remedy.State.STAYED:
        return {"title": title, "state": "todo", "note": _("Held until the review is decided")}
    if row.state == Remedy.State.FAILED and row.kind in Remedy.MONEY:
        return {
            "title": title,
            "state": "now",
            "note": _("The payment service refused it. Nothing was paid; a supervisor looks into it."),
        }
    if row.state == Remedy.State.FAILED:
        return {
            "title": title,
            "state": "now",
            "note": _("%(finding)s. The platform decides what follows.")
            % {"finding": row.get_return_finding_display()},
        }
    if row.refund_id is not None:
        return {"title": title, "state": "news", "note": row.refund.get_state_display() if row.refund else ""}
    if clock is not None and clock.due_at is not None:
        return {
            "title": title,
            "state": "now" if clock.side == file.side else "news",
            "at": clock.due_at,
            "at_label": _("by"),
            "note": _note_open(file, row, clock.kind),
        }
    return {"title": title, "state": "todo", "note": _note_waiting(file, row)}


def _note_done(row: Remedy) -> str:
    text = str(_DONE[Remedy.State(row.state)])
    if row.waybill:
        paid = row.kind == Remedy.Kind.PAY_LOSS
        text += " · " + (_("payment %(number)s") if paid else _("waybill %(number)s")) % {"number": row.waybill}
    if row.kind == Remedy.Kind.RESTITUTION:
        text += " · " + _("given by the platform at once; the buyer owes it to the platform")
    elif row.by_platform:
        text += " · " + _("carried out by the platform")
    return text


def _note_not_due(file: CaseFile, row: Remedy) -> str:
    """Why a penalty in case goods were not delivered was never due."""
    goods = next(other for other in file.remedies if other.pk == row.after_id)
    if goods.state == Remedy.State.EXECUTED:
        return _("Falls away: the step before was done in time")
    return _("Falls away with the step before")


def penalty_waiting(file: CaseFile, goods: Remedy | None) -> Remedy | None:
    """The penalty that is paid if these goods are not delivered."""
    waiting = (row for row in file.remedies if row.if_not_done and row.state == Remedy.State.PENDING)
    return next((row for row in waiting if goods is not None and row.after_id == goods.pk), None)


def _note_open(file: CaseFile, row: Remedy, kind: str) -> str:
    if kind == "confirm_return":
        return _("Sent with %(carrier)s, waybill %(number)s. Not confirmed in time, it counts as received.") % {
            "carrier": row.carrier,
            "number": row.waybill,
        }
    if kind == "ship_back":
        return _("Not sent in time, the refund is not carried out.")
    if row.kind == Remedy.Kind.PAY_LOSS:
        return _("Paid by the buyer itself: the platform charges no card. Not paid in time, it lapses, with points.")
    if penalty := penalty_waiting(file, row):
        return penalty_text(row.kind, penalty.amount_fen)
    return _("Not performed in time, the platform carries it out from the merchant's deposit.")


def _note_waiting(file: CaseFile, row: Remedy) -> str:
    if row.if_not_done:
        return str(IF_NOT_DONE)
    if row.kind in Remedy.MONEY:
        hours = file.rules.length("perform", cause=file.case.cause).delta
        return _("Within %(time)s after the step before") % {"time": moments.duration_text(hours)}
    return _("After the step before")


def remedy_title(file: CaseFile, row: Remedy) -> str:
    """What is to be done, and by whom, in one line."""
    who = owner(file, row.owed_by)
    titles = {
        Remedy.Kind.REFUND: _("Refund of %(amount)s"),
        Remedy.Kind.COMPENSATION: _("Compensation of %(amount)s"),
        Remedy.Kind.PENALTY: _("Agreed penalty of %(amount)s"),
        Remedy.Kind.FREIGHT: _("Return freight of %(amount)s"),
        Remedy.Kind.RESTITUTION: _("Back to the merchant: %(amount)s"),
        Remedy.Kind.PAY_LOSS: _("%(who)s: pay the loss of %(amount)s"),
        Remedy.Kind.RETURN_GOODS: _("%(who)s: send the goods back"),
        Remedy.Kind.EXCHANGE: _("%(who)s: send new goods"),
        Remedy.Kind.RESEND: _("%(who)s: send the goods again"),
        Remedy.Kind.REPAIR: _("%(who)s: repair the goods and send them"),
        Remedy.Kind.WARNING: _("Warning"),
        Remedy.Kind.MARK_REVIEW: _("The review stays, marked and out of the score"),
        Remedy.Kind.REJECT: _("The return is rejected"),
        Remedy.Kind.DEDUCT: _("Deducted from the refund: %(amount)s"),
    }
    return titles[Remedy.Kind(row.kind)] % {"who": who, "amount": money.text(row.amount_fen)}
