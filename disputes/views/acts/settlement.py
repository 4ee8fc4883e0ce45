"""Offers of a settlement, and performing one."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arbitration.queries import CaseFile
from core import moments, money
from disputes import shapes
from disputes.forms import FormState
from disputes.models import Case, Offer
from disputes.views.acts.page import Page, area, choice, last, line, select
from disputes.views.common import Data
from disputes.views.sections import claims, exchanges
from evidence.models import Side

HOURS = (12, 24, 48, 72, 168)


DAYS = (1, 3, 7, 15)


def offer(file: CaseFile, form: FormState) -> Page:
    hours = [{"value": n, "label": moments.duration_text(timedelta(hours=n))} for n in HOURS]
    days = [{"value": n, "label": ngettext("%(n)d day", "%(n)d days", n) % {"n": n}} for n in DAYS]
    return Page(
        title=_("Offer a settlement"),
        lead=_("The platform does not see an offer unless it is accepted; a refused one is never held against you."),
        fields=[
            *_money(file, form),
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
        more={"compare": {"claim_fen": file.case.claim_in_all_fen}},
    )


def _money(file: CaseFile, form: FormState) -> list[Data]:
    """The amount; where the merchant filed, before it who pays: it claims a loss, or it may still give way."""
    amount = {"kind": "money", "name": "amount_fen", "value": last(form, "amount_fen"), "hint": _amount_hint(file)}
    if file.case.applicant_side == Side.BUYER:
        mine = file.side == Side.BUYER
        label = _("Amount the merchant pays you (yuan)") if mine else _("Amount paid to the buyer (yuan)")
        return [{**amount, "label": label}]
    ways = [
        {
            "value": Side.BUYER.value,
            "label": _("The buyer pays the merchant"),
            "hint": _("The buyer pays it directly and writes down the number of the payment."),
        },
        {
            "value": Side.MERCHANT.value,
            "label": _("The merchant pays the buyer"),
            "hint": _("It is refunded to the buyer as soon as the merchant performs."),
        },
    ]
    who = choice(form, "payer", _("Who pays"), ways) | {"value": last(form, "payer", Side.BUYER.value)}
    return [who, {**amount, "label": _("Amount, in yuan")}]


def _amount_hint(file: CaseFile) -> str:
    case = file.case
    facts = {
        "claim": money.text(case.claim_in_all_fen),
        "cap": money.text(case.order.refundable_for(case.line_id)),
        "paid": money.text(case.order.paid_for(case.line_id)),
    }
    if case.applicant_side == Side.BUYER:
        return _("The claim is %(claim)s; at most %(cap)s can go back. 0 if you offer something else.") % facts
    text = _("The buyer pays at most %(paid)s, the merchant at most %(cap)s. 0 if you offer something else.")
    if case.claim_fen:
        text = _(
            "The loss claimed is %(claim)s. The buyer pays at most %(paid)s, the merchant at most %(cap)s. "
            "0 if you offer something else."
        )
    return text % facts


def _their_offer(file: CaseFile) -> Offer | None:
    return next((row for row in file.offers if row.state == Offer.State.OPEN and row.side == file.other), None)


def accept_offer(file: CaseFile, form: FormState) -> Page:
    row = _their_offer(file)
    effects = [
        _("The dispute ends as settled. The platform does not rule and no review is possible."),
        _("Other open offers end. Every other clock of the case waits."),
    ]
    if row is not None:
        effects.insert(1, _performance(file, row))
    return Page(
        title=_("Accept the offer"),
        lead=_("This cannot be taken back. Compare first."),
        effects=effects,
        hidden={"offer_id": row.pk if row else ""},
        button=_accept_label(file, row),
        done=_("You accepted the offer. The dispute is settled once it is performed."),
        template="disputes/acts/offer.html",
        more={"compare": _compare(file, row), "decline": file.may("decline_offer")},
    )


def _performance(file: CaseFile, row: Offer) -> str:
    """Who does what by when once the offer is accepted."""
    facts = {"n": row.perform_days, "amount": money.text(row.amount_fen)}
    if row.payer != Side.BUYER:
        text = ngettext(
            "The merchant performs it within %(n)d day, otherwise the case goes on where it stood.",
            "The merchant performs it within %(n)d days, otherwise the case goes on where it stood.",
            row.perform_days,
        )
    elif file.side == Side.BUYER:
        text = ngettext(
            "You pay the merchant %(amount)s yourself within %(n)d day, otherwise the case goes on where it stood.",
            "You pay the merchant %(amount)s yourself within %(n)d days, otherwise the case goes on where it stood.",
            row.perform_days,
        )
    else:
        text = ngettext(
            "The buyer pays you %(amount)s directly within %(n)d day, otherwise the case goes on where it stood.",
            "The buyer pays you %(amount)s directly within %(n)d days, otherwise the case goes on where it stood.",
            row.perform_days,
        )
    return text % facts


def _accept_label(file: CaseFile, row: Offer | None) -> str:
    if row is None or not row.amount_fen:
        return _("Accept and settle")
    if row.payer == file.side == Side.BUYER:
        text = _("Agree to pay %(amount)s and settle")
    else:
        text = _("Accept %(amount)s and settle")
    return text % {"amount": money.text(row.amount_fen)}


def _compare(file: CaseFile, row: Offer | None) -> Data | None:
    if row is None:
        return None
    clock = file.clock("offer", ref=str(row.pk))
    return {
        "claim_text": claims.claim(file)["text"],
        "claim_fen": file.case.claim_in_all_fen,
        "amount_fen": row.amount_fen,
        "pays": exchanges.who_pays(file, row),
        "less_fen": _less(file.case, row),
        "conditions": row.conditions,
        "until": clock.due_at if clock is not None else None,
        "perform_days": row.perform_days,
        "title": exchanges.offer(file, row)["offer"]["title"],
    }


def _less(case: Case, row: Offer) -> int | None:
    """By how much the offer falls short of the claim; None where the claim is no sum the payer was to pay."""
    comparable = case.claim_fen and row.payer == case.respondent_side
    return case.claim_in_all_fen - row.amount_fen if comparable else None


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
    row = file.case.agreed_offer
    fen = row.amount_fen if row else 0
    itself = row is not None and row.payer == Side.BUYER
    if itself:
        effects = [
            _("You confirm that you paid %(amount)s to the merchant. The platform takes it from no card."),
            _("Both sides see the number of the payment."),
        ]
    elif fen:
        effects = [_("%(amount)s is sent to the buyer at once, exactly once.")]
    else:
        effects = [_("You confirm that the conditions are met.")]
    effects = [text % {"amount": money.text(fen)} for text in effects]
    if row is not None and row.conditions:
        effects.append(_("Conditions: %(text)s") % {"text": row.conditions})
    return Page(
        title=_("Perform the settlement"),
        fields=[line(form, "reference", _("Number of the payment"))] if itself else [],
        effects=[*effects, _("The case closes as settled, without violation points.")],
        button=_("Pay %(amount)s") % {"amount": money.text(fen)}
        if fen and not itself
        else _("Confirm that it is done"),
        done=_("The settlement is performed.") if itself or not fen else _("The settlement is being performed."),
    )
