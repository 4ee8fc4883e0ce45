"""Carrying out a ruling: paying, sending, sending back, checking what came."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from arbitration.models import Remedy
from arbitration.queries import CaseFile
from arbitration.remedies import freight_cap_fen
from core import moments, money
from disputes import shapes
from disputes.forms import FormState
from disputes.models import Deadline
from disputes.views.acts.page import Page, area, choice, last, line
from disputes.views.common import Data
from disputes.views.sections import steps


def _due_step(file: CaseFile, kind: str) -> tuple[Remedy | None, Deadline | None]:
    clock = file.clock(kind, side=file.side)
    rows = {str(row.pk): row for row in file.remedies}
    return (rows.get(clock.ref) if clock is not None else None), clock


def perform(file: CaseFile, form: FormState) -> Page:
    row, _clock = _due_step(file, "perform")
    fen = row.amount_fen if row else 0
    pays = row is not None and row.kind in Remedy.MONEY
    loss = row is not None and row.kind == Remedy.Kind.PAY_LOSS
    fields = (
        []
        if pays
        else [line(form, "waybill", _("Number of the payment"))]
        if loss
        else [line(form, "carrier", _("Carrier")), line(form, "waybill", _("Waybill number"))]
    )
    if pays:
        effects = [_("%(amount)s is sent to the buyer at once, exactly once.") % {"amount": money.text(fen)}]
    elif loss:
        effects = [
            _("You confirm that you paid %(amount)s to the merchant. The platform takes it from no card.")
            % {"amount": money.text(fen)},
            _("Both sides see the number of the payment."),
        ]
    else:
        effects = [_("Both sides see the waybill."), *_penalty_saved(file, row)]
    return Page(
        title=steps.remedy_title(file, row) if row else _("Perform the remedy"),
        effects=[*effects, _("This step of the ruling is then done.")],
        fields=fields,
        hidden={"remedy_id": row.pk if row else ""},
        button=_("Pay %(amount)s") % {"amount": money.text(fen)} if pays else _("Confirm that it is done"),
        done=_("The step is being carried out.") if pays else _("The step is done."),
    )


def _penalty_saved(file: CaseFile, goods: Remedy | None) -> list[str]:
    penalty = steps.penalty_waiting(file, goods)
    text = _("The agreed penalty of %(amount)s then falls away.")
    return [text % {"amount": money.text(penalty.amount_fen)}] if penalty else []


def ship_back(file: CaseFile, form: FormState) -> Page:
    row, clock = _due_step(file, "ship_back")
    cap_fen = freight_cap_fen(file.case, file.ruling, file.at) if file.ruling else 0
    effects = [_("The merchant then checks the goods and confirms.")]
    if clock is not None and clock.due_at is not None:
        effects.append(
            _("Not sent by %(at)s, the refund is not carried out.") % {"at": moments.beijing_text(clock.due_at)}
        )
    return Page(
        title=_("Send the goods back"),
        lead=_freight(file),
        fields=[
            line(form, "carrier", _("Carrier")),
            line(form, "waybill", _("Waybill number"), hint=_("As printed on the receipt; both sides see it.")),
            *([_freight_field(form, cap_fen)] if cap_fen else []),
        ],
        effects=effects,
        hidden={"remedy_id": row.pk if row else ""},
        button=_("Send the waybill"),
        done=_("The waybill is on file. The merchant now confirms the return."),
    )


def _freight_field(form: FormState, cap_fen: int) -> Data:
    hint = _("At most %(cap)s. The merchant owes it to you once the return is confirmed.")
    return {
        "kind": "money",
        "name": "freight_fen",
        "label": _("Freight you paid (yuan)"),
        "value": last(form, "freight_fen"),
        "hint": hint % {"cap": money.text(cap_fen)},
        "optional": True,
    }


def _freight(file: CaseFile) -> str:
    bears = file.case.side_of_party(file.ruling.freight_by) if file.ruling else ""
    if bears == "merchant":
        return _("The merchant bears the return freight; keep the receipt.")
    return _("The buyer bears the return freight.") if bears == "buyer" else ""


RETURN_HINTS = {
    Remedy.ReturnFinding.RECEIVED: lazy("The next step starts at once."),
    Remedy.ReturnFinding.NOT_RECEIVED: lazy("The parcel did not arrive."),
    Remedy.ReturnFinding.DAMAGED: lazy("Broken or used in a way that is not from the complaint."),
    Remedy.ReturnFinding.EMPTY: lazy("An empty parcel, or something else in it."),
    Remedy.ReturnFinding.INCOMPLETE: lazy("A part or accessory is missing."),
}


def _freight_follows(file: CaseFile, back: Remedy | None) -> list[str]:
    owed = [row for row in file.remedies if back and row.kind == Remedy.Kind.FREIGHT and row.after_id == back.pk]
    text = _("Once the return counts as received you also owe the return freight the buyer paid: %(amount)s.")
    return [text % {"amount": money.text(row.amount_fen)} for row in owed]


def confirm_return(file: CaseFile, form: FormState) -> Page:
    row, _clock = _due_step(file, "confirm_return")
    options: list[Data] = [
        {"value": found.value, "label": found.label, "hint": str(RETURN_HINTS[found])} for found in Remedy.ReturnFinding
    ]
    lead = ""
    if row is not None:
        lead = _("Sent with %(carrier)s, waybill %(number)s.") % {"carrier": row.carrier, "number": row.waybill}
    return Page(
        title=_("Say how the goods arrived"),
        lead=lead,
        fields=[
            choice(form, "finding", _("How did the goods come back?"), options),
            area(
                form,
                "note",
                _("What is wrong with them"),
                hint=_("Needed unless they came in order. The platform decides then."),
                most=shapes.SHORT,
                optional=True,
            ),
        ],
        hidden={"remedy_id": row.pk if row else ""},
        files="all",
        effects=[
            *_freight_follows(file, row),
            _(
                "Goods that came damaged, empty, different or incomplete: add at least one photo on arrival, unboxing"
                " video or record of the weight. It goes on file with your finding."
            ),
        ],
        button=_("Send the finding"),
        done=_("Your finding is on file."),
    )
