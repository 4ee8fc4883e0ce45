"""What the page of each act of a party says and asks. One builder an act; the acts are ``arbitration.operations``'s."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, pgettext

from arbitration.models import InformationRequest, Remedy
from arbitration.queries import CaseFile
from arbitration.remedies import STEPS
from core import moments, money
from disputes import shapes
from disputes.forms import FormState
from disputes.models import Deadline, Offer, Suspension
from disputes.models.case import WITH_MONEY
from disputes.views import sections
from evidence.queries import Exhibit
from rulebook import calendar
from rulebook.models import in_english

Data = dict[str, Any]


@dataclass
class Page:
    """``effects``: what will happen, sentence by sentence. ``fields``: contexts of ``components/field.html`` and kin.

    ``files``: "" none, "all" (what is uploaded goes with the act), "choose" (the ticked ones). ``hidden``: ids the
    act is about, always the case's own, never what a draft remembers. ``done``: what is said once it has happened.
    """

    title: str
    button: str
    done: str
    lead: str = ""
    effects: list[str] = field(default_factory=list)
    fields: list[Data] = field(default_factory=list)
    hidden: Data = field(default_factory=dict)
    files: str = ""
    danger: bool = False
    template: str = "disputes/acts/form.html"
    more: Data = field(default_factory=dict)


Build = Callable[[CaseFile, FormState], Page]


def last(form: FormState, name: str, default: str = "") -> str:
    """The value of a field as typed."""
    values = form.values.get(name)
    return values[-1] if values else default


def area(form: FormState, name: str, label: str, *, hint: str = "", most: int = shapes.LONG, **more: Any) -> Data:
    value = last(form, name)
    return {"kind": "textarea", "name": name, "label": label, "hint": hint, "max": most, "value": value, **more}


def line(form: FormState, name: str, label: str, **more: Any) -> Data:
    return {"kind": "text", "name": name, "label": label, "value": last(form, name), **more}


def choice(form: FormState, name: str, label: str, options: list[Data], **more: Any) -> Data:
    return {"kind": "radio", "name": name, "label": label, "options": options, "value": last(form, name), **more}


def select(form: FormState, name: str, label: str, options: list[Data], default: str, **more: Any) -> Data:
    value = last(form, name, default)
    return {"kind": "select", "name": name, "label": label, "options": options, "value": value, **more}


# --- response and rebuttal -------------------------------------------------------------------------------------------
def respond(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Respond to the claim"),
        lead=_("What you send cannot be changed afterwards; evidence can be added until your time is over."),
        button=_("Send the response"),
        done=_("Your response was sent. The other side can now see it."),
        template="disputes/acts/respond.html",
        files="all",
        more={
            "points": points(file, form),
            "statement": area(
                form,
                "statement",
                _("Your side as a whole"),
                hint=_("Dates and facts, in your own words. The other side reads it."),
            ),
            "missing": _missing(file, form, file.cause.asked_respondent),
            "impact": impact(file),
            "first_proof": _first_proof(file),
        },
    )


def rebut(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Answer the other side's evidence"),
        lead=_("This round is once and optional. What you send cannot be changed afterwards."),
        button=_("Send the answers"),
        done=_("Your answers were sent. The platform now decides."),
        template="disputes/acts/respond.html",
        files="all",
        more={
            "points": points(file, form),
            "statement": area(form, "statement", _("Anything else"), optional=True),
        },
    )


def points(file: CaseFile, form: FormState) -> list[Data]:
    """One block for each item of the other side: its picture, and the reader's answer as typed so far."""
    found: list[Data] = []
    own = [item for item in file.of(file.side) if not item.withdrawn]
    ready = [item for item in file.drafts if item.state == "ready"]
    for item in file.of(file.other):
        if any(row.side == file.side for row in file.replies.get(item.id, [])):
            continue
        found.append(_point(file, form, item, len(found), [*own, *ready]))
    opened = next((point for point in found if not point["stance"] and not point["closed"]), None)
    if opened is not None and not any(point["open"] for point in found):
        opened["open"] = True
    return found


def _point(file: CaseFile, form: FormState, item: Exhibit, index: int, own: list[Exhibit]) -> Data:
    name = f"answers[{index}]"
    stance = last(form, f"{name}.stance")
    picked = form.values.get(f"{name}.support[]", [])
    shown = sections.exhibit(file, item)
    return {
        "item": shown,
        "key": str(item.id),
        "number": index + 1,
        "anchor": f"p-{shown['id']}",
        "name": name,
        "closed": item.withdrawn,
        "stance": stance,
        "degree": sections.STANCES.get(stance, "open"),
        "stance_word": str(sections.STANCE_WORDS.get(stance, "")),
        "stances": [
            {"value": code, "label": str(word), "degree": sections.STANCES[code]}
            for code, word in sections.STANCE_WORDS.items()
        ],
        "reason": area(form, f"{name}.reason", _("Reason"), hint=_("Facts and times; cite your own items"), most=500),
        "support": [_cite(item) for item in own],
        "picked": picked,
        "cited": [_cite(item) for item in own if str(item.id) in picked],
        "slot": sections.slot_words(file).get(item.slot, ("", False))[0],
        "open": any(key.startswith(f"{name}.") for key in form.errors),
    }


def _cite(item: Exhibit) -> Data:
    label = item.caption or item.name
    row: Data = {"value": str(item.id), "label": label if item.exhibit_no else _("%(name)s (new)") % {"name": label}}
    return row | ({"mark_side": item.side, "mark_no": item.exhibit_no} if item.exhibit_no else {})


def _missing(file: CaseFile, form: FormState, asked: list[Data]) -> Data | None:
    """Where required evidence is not there: the field to say why."""
    have = {item.slot for item in [*file.of(file.side), *file.drafts] if item.state in {"ready", "lodged"}}
    words = sections.slot_words(file)
    lacking = [words[slot["slot"]][0] for slot in asked if slot["required"] and slot["slot"] not in have]
    if not lacking and not last(form, "missing_reason"):
        return None
    return area(
        form,
        "missing_reason",
        _("I do not have a required item because"),
        hint=_("Still missing: %(items)s") % {"items": pgettext("list", ", ").join(lacking)} if lacking else "",
        most=shapes.SHORT,
    )


def _first_proof(file: CaseFile) -> str:
    row = next((row for row in file.cause.burden if row["side"] == "respondent"), None)
    return "" if row is None else str(row["en" if in_english() else "zh"])


def impact(file: CaseFile) -> list[Data]:
    """What each end would cost the respondent: money out, violation points."""
    fen = file.case.claim_fen if file.case.remedy in WITH_MONEY else 0
    return [
        {"label": _("You agree"), "fen": fen, "points": 0},
        {"label": _("Ruling against you"), "fen": fen, "points": file.cause.points},
        {"label": _("Ruling for you"), "fen": 0, "points": 0},
    ]


def skip(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Skip the rebuttal round"),
        effects=[
            _("The platform starts deciding at once, on what is on file."),
            _("You cannot answer the other side's items any more. Late evidence is kept and marked."),
        ],
        button=_("Skip the round"),
        done=_("The platform now decides."),
    )


def state_late(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Send a late statement"),
        lead=_(
            "Your time to respond is over. The statement is kept, marked late, and weighed if the arbiter says why."
        ),
        fields=[area(form, "statement", _("Late statement"))],
        button=_("Send the late statement"),
        done=_("Your late statement is on file, marked late."),
    )


def answer(file: CaseFile, form: FormState) -> Page:
    asked = next((row for row in file.requests if row.state == InformationRequest.State.OPEN), None)
    questions = asked.questions if asked else []
    return Page(
        title=_("Answer the platform's questions"),
        lead=asked.why if asked else "",
        fields=[{**area(form, f"answers[{index}]", text), "quote": True} for index, text in enumerate(questions)],
        files="all",
        effects=[
            _("Only the platform reads your answers now."),
            _("Files you add here are put on file with your answers."),
        ],
        button=_("Send the answers"),
        done=_("Your answers were sent to the platform."),
    )


def concede(file: CaseFile, form: FormState) -> Page:
    case = file.case
    fen = min(case.claim_fen, case.order.refundable_fen) if case.remedy in WITH_MONEY else 0
    effects = [
        _("The claim is granted as filed: %(claim)s.") % {"claim": sections.remedy_text(case.remedy, fen)},
        _("No violation points."),
        _("The ruling by consent takes effect at once and is final: no review by either side."),
    ]
    return Page(
        title=_("Agree to the claim"),
        lead=_("This cannot be taken back. Look at what follows first."),
        effects=effects,
        button=_("Agree and refund %(amount)s") % {"amount": money.text(fen)} if fen else _("Agree to the claim"),
        done=_("You agreed to the claim. What follows now is listed below."),
        danger=False,
        template="disputes/acts/concede.html",
        more={
            "amount": fen,
            "steps": _steps_after(file, fen),
            "claim": sections.claim(file),
        },
    )


def _steps_after(file: CaseFile, fen: int) -> list[Data]:
    """What a ruling by consent would set going, with its dates where they are known."""
    rows: list[Data] = []
    for kind in STEPS.get(file.case.remedy, ()):
        back = kind == Remedy.Kind.RETURN_GOODS
        side = "buyer" if back else "merchant"
        made = Remedy(kind=kind, owed_by=side, amount_fen=fen)
        length = file.rules.length("ship_back" if back else "perform", cause=file.case.cause)
        row: Data = {"title": sections.remedy_title(file, made), "state": "todo"}
        if not rows and kind not in Remedy.AT_ONCE:
            row |= {"at": calendar.add(file.at, length), "at_label": _("by"), "state": "now"}
        elif rows:
            row["note"] = _("Within %(time)s after the step before") % {"time": moments.duration_text(length.delta)}
        rows.append(row)
    return rows


# --- evidence and time -----------------------------------------------------------------------------------------------
def lodge(file: CaseFile, form: FormState) -> Page:
    due = sections.evidence_due(file)
    return Page(
        title=_("Add evidence"),
        lead=_("In time until %(at)s.") % {"at": moments.beijing_text(due)}
        if due
        else _(
            "Your time for evidence is over. What you add is kept, marked late, and weighed if the arbiter says why."
        ),
        effects=[
            _("Once on file an item cannot be changed. It can be withdrawn, with a trace."),
            _("The other side sees a copy without the place and device it was taken with."),
        ],
        files="choose",
        button=_("Put the ticked items on file"),
        done=_("The evidence is on file."),
    )


def withdraw_item(file: CaseFile, form: FormState) -> Page:
    options = [
        {"value": str(item.id), "label": item.caption or item.name, "mark_side": item.side, "mark_no": item.exhibit_no}
        for item in file.of(file.side)
        if not item.withdrawn
    ]
    return Page(
        title=_("Withdraw an item"),
        lead=_("Its number, caption and moment stay readable; it is no longer weighed. The original stays sealed."),
        fields=[choice(form, "item", _("Which item?"), options)] if options else [],
        button=_("Withdraw the item"),
        done=_("The item was withdrawn. The trace stays."),
        danger=True,
    )


def extend(file: CaseFile, form: FormState) -> Page:
    clock = file.clock("response", "rebuttal", "information", side=file.side)
    length = file.rules.length("extension")
    effects = [_("Once per side and case. The other side reads the reason.")]
    if clock is not None and clock.due_at is not None:
        moved = calendar.add(clock.due_at, length)
        effects.insert(0, _("Your time then ends %(at)s.") % {"at": moments.beijing_text(moved)})
    return Page(
        title=_("Ask for 24 more hours"),
        effects=effects,
        fields=[area(form, "reason", _("What do you need the time for?"), most=shapes.SHORT)],
        button=_("Take 24 more hours"),
        done=_("Your time was extended by 24 hours."),
    )


# --- settlement ------------------------------------------------------------------------------------------------------
HOURS = (12, 24, 48, 72, 168)
DAYS = (1, 3, 7, 15)


def offer(file: CaseFile, form: FormState) -> Page:
    cap = file.case.order.refundable_fen
    hours = [{"value": n, "label": moments.duration_text(timedelta(hours=n))} for n in HOURS]
    days = [{"value": n, "label": ngettext("%(n)d day", "%(n)d days", n) % {"n": n}} for n in DAYS]
    return Page(
        title=_("Offer a settlement"),
        lead=_("The platform does not see an offer unless it is accepted; a refused one is never held against you."),
        fields=[
            {
                "kind": "money",
                "name": "amount_fen",
                "label": _("Amount paid to the buyer (yuan)"),
                "value": last(form, "amount_fen"),
                "hint": _("The claim is %(claim)s; at most %(cap)s can go back. 0 if you offer something else.")
                % {"claim": money.text(file.case.claim_fen), "cap": money.text(cap)},
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
        "claim_text": sections.remedy_text(file.case.remedy, file.case.claim_fen),
        "claim_fen": file.case.claim_fen,
        "amount_fen": row.amount_fen,
        "less_fen": file.case.claim_fen - row.amount_fen,
        "conditions": row.conditions,
        "until": clock.due_at if clock is not None else None,
        "perform_days": row.perform_days,
        "title": sections.offer(file, row)["offer"]["title"],
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


def withdraw(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Withdraw the case"),
        lead=_("This cannot be taken back."),
        effects=[
            _("The case closes as withdrawn. The other side is told."),
            _("Inside the time to file you can file again."),
        ],
        button=_("Withdraw the case"),
        done=_("The case was withdrawn."),
        danger=True,
    )


# --- suspension ------------------------------------------------------------------------------------------------------
def propose_suspension(file: CaseFile, form: FormState) -> Page:
    most = file.rules.length("suspension").delta.days
    return Page(
        title=_("Propose a suspension"),
        lead=_("For a test, say, or a talk. It begins when the other side agrees."),
        fields=[
            line(
                form,
                "days",
                _("How many days?"),
                type="number",
                hint=ngettext("1 to %(n)d day", "1 to %(n)d days", most) % {"n": most},
            ),
            area(form, "reason", _("Why?"), hint=_("The other side reads it."), most=shapes.SHORT),
        ],
        effects=[_("While it runs no clock ticks; what was left is given back afterwards.")],
        button=_("Send the proposal"),
        done=_("Your proposal was sent."),
    )


def _proposal(file: CaseFile) -> str:
    row = next((row for row in file.suspensions if row.state == Suspension.State.PROPOSED), None)
    if row is None:
        return ""
    return ngettext("%(n)d day: %(reason)s", "%(n)d days: %(reason)s", row.days) % {"n": row.days, "reason": row.reason}


def suspend(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Agree to the suspension"),
        lead=_proposal(file),
        effects=[_("While it runs no clock ticks; what was left is given back afterwards.")],
        button=_("Agree"),
        done=_("The case is suspended."),
        more={"decline": "decline_suspension" if file.may("decline_suspension") else ""},
    )


def decline_suspension(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Decline the suspension"),
        lead=_proposal(file),
        effects=[_("The case goes on as it stands.")],
        button=_("Decline"),
        done=_("The suspension was declined."),
    )


def resume(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Resume the case"),
        effects=[_("Every clock goes on with exactly what was left of it.")],
        button=_("Resume"),
        done=_("The case goes on."),
    )


# --- after the ruling ------------------------------------------------------------------------------------------------
def _due_step(file: CaseFile, kind: str) -> tuple[Remedy | None, Deadline | None]:
    clock = file.clock(kind, side=file.side)
    rows = {str(row.pk): row for row in file.remedies}
    return (rows.get(clock.ref) if clock is not None else None), clock


def perform(file: CaseFile, form: FormState) -> Page:
    row, _clock = _due_step(file, "perform")
    fen = row.amount_fen if row else 0
    pays = row is not None and row.kind in Remedy.MONEY
    back = row is not None and row.kind == Remedy.Kind.RESTITUTION
    fields = (
        []
        if pays or back
        else [
            line(form, "carrier", _("Carrier")),
            line(form, "waybill", _("Waybill number")),
        ]
    )
    if pays:
        effects = [_("%(amount)s is sent to the buyer at once, exactly once.") % {"amount": money.text(fen)}]
    elif back:
        effects = [_("You confirm that %(amount)s was paid back.") % {"amount": money.text(fen)}]
    else:
        effects = [_("Both sides see the waybill.")]
    return Page(
        title=sections.remedy_title(file, row) if row else _("Perform the remedy"),
        effects=[*effects, _("This step of the ruling is then done.")],
        fields=fields,
        hidden={"remedy_id": row.pk if row else ""},
        button=_("Pay %(amount)s") % {"amount": money.text(fen)} if pays else _("Confirm that it is done"),
        done=_("The step is being carried out.") if pays else _("The step is done."),
    )


def ship_back(file: CaseFile, form: FormState) -> Page:
    row, clock = _due_step(file, "ship_back")
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
        ],
        effects=effects,
        hidden={"remedy_id": row.pk if row else ""},
        button=_("Send the waybill"),
        done=_("The waybill is on file. The merchant now confirms the return."),
    )


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
        button=_("Send the finding"),
        done=_("Your finding is on file."),
    )


def acknowledge(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Confirm having read the ruling"),
        effects=[_("None of your rights change: a review can still be asked for.")],
        button=_("Confirm"),
        done=_("Confirmed."),
    )


# --- review ----------------------------------------------------------------------------------------------------------
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
            "old": [sections.exhibit(file, item) for item in file.exhibits],
            "same": same_bytes(file),
            "finding": last(form, "finding_id"),
        },
    )


def same_bytes(file: CaseFile) -> list[Data]:
    """Unsent files whose bytes are on the file already: they are not new, whatever they are called."""
    known = {item.sha256: item for item in reversed(file.exhibits)}
    return [
        {"name": item.name, "side": known[item.sha256].side, "no": known[item.sha256].exhibit_no}
        for item in file.drafts
        if item.sha256 in known
    ]


def answer_review(file: CaseFile, form: FormState) -> Page:
    asked = next((row for row in file.reviews if row.side == file.other), None)
    return Page(
        title=_("Answer the review request"),
        lead=asked.argument if asked else "",
        fields=[area(form, "statement", _("Your answer"))],
        files="all",
        effects=[_("Files you add here are put on file with your answer.")],
        button=_("Send the answer"),
        done=_("Your answer was sent. Another arbiter decides."),
    )


def request_set_aside(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Ask to set the default aside"),
        lead=_("Once. Say why there was no response in time, and what the response would have been."),
        fields=[
            area(form, "excuse", _("Why was there no response in time?")),
            area(form, "defence", _("What do you answer to the claim?")),
        ],
        effects=[
            _("Steps of the ruling that were not carried out yet are held."),
            _("Another arbiter decides. If it is granted, your time to respond begins again."),
        ],
        button=_("Send the request"),
        done=_("Your request was sent. Another arbiter decides."),
    )


PAGES: dict[str, Build] = {
    "respond": respond,
    "rebut": rebut,
    "skip": skip,
    "state_late": state_late,
    "answer": answer,
    "concede": concede,
    "lodge": lodge,
    "withdraw_item": withdraw_item,
    "extend": extend,
    "offer": offer,
    "accept_offer": accept_offer,
    "decline_offer": decline_offer,
    "withdraw_offer": withdraw_offer,
    "perform_settlement": perform_settlement,
    "withdraw": withdraw,
    "propose_suspension": propose_suspension,
    "suspend": suspend,
    "decline_suspension": decline_suspension,
    "resume": resume,
    "perform": perform,
    "ship_back": ship_back,
    "confirm_return": confirm_return,
    "acknowledge": acknowledge,
    "request_review": request_review,
    "answer_review": answer_review,
    "request_set_aside": request_set_aside,
}
"""Every act a party can perform on a filed case has a page."""
