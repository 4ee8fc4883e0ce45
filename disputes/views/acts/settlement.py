"""Offers of a settlement, and performing one."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arbitration.queries import CaseFile
from core import moments, money
from disputes import shapes
from disputes.forms import FormState
from disputes.models import Offer
from disputes.views.acts.page import Page, area, last, select
from disputes.views.common import Data
from disputes.views.sections import claims, exchanges
from evidence.models import Side

HOURS = (12, 24, 48, 72, 168)


DAYS = (1, 3, 7, 15)


def offer(file: CaseFile, form: FormState) -> Page:
    cap = file.case.order.refundable_for(file.case.line_id)
    hours = [{"value": n, "label": moments.duration_text(timedelta(hours=n))} for n in HOURS]
    days = [{"value": n, "label": ngettext("%(n)d day", "%(n)d days", n) % {"n": n}} for n in DAYS]
    return Page(
        title=_("Offer a settlement"),
        lead=_("The platform does not see an offer unless it is accepted; a refused one is never held against you."),
        fields=[
            {
                "kind": "money",
                "name": "amount_fen",
                "label": _("Amount the merchant pays you (yuan)")
                if file.side == Side.BUYER
                else _("Amount paid to the buyer (yuan)"),
                "value": last(form, "amount_fen"),
                "hint": _amount_hint(file, cap),
            },
            area(
                form,
                "conditions",
                _("Conditions"),
                hint=_("For example: the goods stay with the buyer."),
                most=shapes.SHORT,
                optional=True,
            ),
            select(form, "valid_hours", _("The offer is valid for"), hours, "48"),
            select(form, "perform_days", _("Performed within, after it is accepted"), days, "3"),
        ],
        effects=[
            _("If it is accepted, the dispute stops and the settlement is performed."),
            _("You can take it back until it is answered. One open offer per side."),
        ],
        button=_("Send the offer"),
        done=_("Your offer was sent to the other side."),
        more={"compare": {"claim_fen": file.case.claim_fen}},
    )


def _amount_hint(file: CaseFile, cap_fen: int) -> str:
    """Where the merchant filed, its claim is no measure of what the merchant would pay."""
    if file.case.applicant_side == Side.MERCHANT:
        text = _(
            "Money goes from the merchant to the buyer only, at most %(cap)s. "
            "Leave 0 and write a condition for anything else."
        )
        return text % {"cap": money.text(cap_fen)}
    return _("The claim is %(claim)s; at most %(cap)s can go back. 0 if you offer something else.") % {
        "claim": money.text(file.case.claim_fen),
        "cap": money.text(cap_fen),
    }


def _their_offer(file: CaseFile) -> Offer | None:
    return next((row for row in file.offers if row.state == Offer.State.OPEN and row.side == file.other), None)


def accept_offer(file: CaseFile, form: FormState) -> Page:
    row = _their_offer(file)
    fen = row.amount_fen if row else 0
    effects = [
        _("The dispute ends as settled. The platform does not rule and no review is possible."),
        _("Other open offers end. Every other clock of the case waits."),
    ]
    if row is not None:
        performed = ngettext(
            "The merchant performs it within %(n)d day, otherwise the case goes on where it stood.",
            "The merchant performs it within %(n)d days, otherwise the case goes on where it stood.",
            row.perform_days,
        )
        effects.insert(1, performed % {"n": row.perform_days})
    return Page(
        title=_("Accept the offer"),
        lead=_("This cannot be taken back. Compare first."),
        effects=effects,
        hidden={"offer_id": row.pk if row else ""},
        button=_("Accept %(amount)s and settle") % {"amount": money.text(fen)} if fen else _("Accept and settle"),
        done=_("You accepted the offer. The dispute is settled once it is performed."),
        template="disputes/acts/offer.html",
        more={"compare": _compare(file, row), "decline": file.may("decline_offer")},
    )


def _compare(file: CaseFile, row: Offer | None) -> Data | None:
    if row is None:
        return None
    clock = file.clock("offer", ref=str(row.pk))
    return {
        "claim_text": claims.remedy_text(file.case.remedy, file.case.claim_fen),
        "claim_fen": file.case.claim_fen,
        "amount_fen": row.amount_fen,
        "less_fen": file.case.claim_fen - row.amount_fen,
        "conditions": row.conditions,
        "until": clock.due_at if clock is not None else None,
        "perform_days": row.perform_days,
        "title": exchanges.offer(file, row)["offer"]["title"],
    }


def decline_offer(file: CaseFile, form: FormState) -> Page:
    row = _their_offer(file)
    return Page(
        title=_("Decline the offer"),
        lead=_("The case goes on as it stands. The platform never learns of the offer."),
        fields=[
            area(form, "reason", _("Reason"), hint=_("The other side reads it."), most=shapes.SHORT, optional=True)
        ],
        hidden={"offer_id": row.pk if row else ""},
        button=_("Decline the offer"),
        done=_("You declined the offer."),
        template="disputes/acts/offer.html",
        more={"compare": _compare(file, row)},
    )


def withdraw_offer(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Take the offer back"),
        effects=[_("The other side can no longer accept it. You can make another one.")],
        button=_("Take the offer back"),
        done=_("Your offer was taken back."),
    )


def perform_settlement(file: CaseFile, form: FormState) -> Page:
    row = next((row for row in file.offers if row.state == Offer.State.ACCEPTED), None)
    fen = row.amount_fen if row else 0
    effects = [
        _("%(amount)s is sent to the buyer at once, exactly once.") % {"amount": money.text(fen)}
        if fen
        else _("You confirm that the conditions are met."),
        _("The case closes as settled, without violation points."),
    ]
    if row is not None and row.conditions:
        effects.insert(1, _("Conditions: %(text)s") % {"text": row.conditions})
    return Page(
        title=_("Perform the settlement"),
        effects=effects,
        button=_("Pay %(amount)s") % {"amount": money.text(fen)} if fen else _("Confirm that it is done"),
        done=_("The settlement is being performed."),
    )
