"""Responding to the claim, or agreeing to it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from arbitration.models import Remedy
from arbitration.queries import CaseFile
from arbitration.steps import STEPS, worth_fen
from core import moments, money
from disputes import shapes
from disputes.forms import FormState
from disputes.models import Case
from disputes.models.case import WITH_MONEY
from disputes.views.acts.page import Page, area, last
from disputes.views.acts.rebuttal import points
from disputes.views.common import Data
from disputes.views.sections import claims, exhibits, steps
from evidence.models import Side
from rulebook import calendar
from rulebook.models import IN_KIND, SENT_IN, in_english
from rulebook.models import Remedy as Ordered
from rulebook.words import penalty_text, points_span


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


def _missing(file: CaseFile, form: FormState, asked: list[Data]) -> Data | None:
    """Where required evidence is not there: the field to say why."""
    have = {item.slot for item in [*file.of(file.side), *file.drafts] if item.state in {"ready", "lodged"}}
    words = exhibits.slot_words(file)
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
    """What each end would cost the respondent: money out, violation points (as text, for they may be a range)."""
    fen = file.case.claim_in_all_fen if file.case.remedy in WITH_MONEY else 0
    return [
        {"label": _("You agree"), "fen": fen, "points": 0},
        {"label": _("Ruling against you"), "fen": fen, "points": points_span(file.cause)},
        {"label": _("Ruling for you"), "fen": 0, "points": 0},
    ]


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


def concede(file: CaseFile, form: FormState) -> Page:
    case = file.case
    fen = min(case.claim_fen, case.order.refundable_for(case.line_id)) if case.remedy in WITH_MONEY else 0
    penalty_fen = case.claim_penalty_fen
    out_fen = fen + (0 if case.remedy in IN_KIND else penalty_fen)
    effects = [
        _("The claim is granted as filed: %(claim)s.") % {"claim": claims.remedy_text(case.remedy, fen, penalty_fen)},
        *_otherwise(case),
        *_freight(file),
        _("No violation points."),
        _("The ruling by consent takes effect at once and is final: no review by either side."),
    ]
    return Page(
        title=_("Agree to the claim"),
        lead=_("This cannot be taken back. Look at what follows first."),
        effects=effects,
        button=_agree_label(fen, out_fen),
        done=_("You agreed to the claim. What follows now is listed below."),
        danger=False,
        template="disputes/acts/concede.html",
        more={
            "amount": out_fen,
            "steps": _steps_after(file, fen),
            "claim": claims.claim(file),
        },
    )


def _agree_label(fen: int, out_fen: int) -> str:
    if not out_fen:
        return _("Agree to the claim")
    text = _("Agree and refund %(amount)s") if out_fen == fen else _("Agree and pay %(amount)s in all")
    return text % {"amount": money.text(out_fen)}


def _otherwise(case: Case) -> list[str]:
    """What is paid if something is not done in time, and the promise that a penalty rests on."""
    if not case.claim_penalty_fen:
        text = _("If it is not sent in time, %(amount)s goes back instead.")
        return [text % {"amount": money.text(case.claim_fen)}] if case.remedy == Ordered.RESEND else []
    ground = _("The penalty rests on this promise: %(ground)s") % {"ground": case.claim_penalty_ground}
    in_case = [penalty_text(case.remedy, case.claim_penalty_fen)] if case.remedy in IN_KIND else []
    if case.remedy in SENT_IN:
        in_all_fen = worth_fen(case, case.claim_fen) + case.claim_penalty_fen
        in_case.append(_("Not done in time, %(amount)s goes out in all.") % {"amount": money.text(in_all_fen)})
    return [*in_case, ground]


def _freight(file: CaseFile) -> list[str]:
    """Who bears the freight where goods go back, as a ruling by consent lays it."""
    if Remedy.Kind.RETURN_GOODS not in STEPS.get(file.case.remedy, ()):
        return []
    bears = file.case.side_of_party(file.cause.freight_if_granted)
    if bears == Side.MERCHANT:
        text = _("You also pay up to %(cap)s of return freight: what the buyer says that sending the goods back cost.")
        return [text % {"cap": money.text(file.rules.value("return_freight_fen"))}]
    return [_("The buyer bears the return freight.")] if bears == Side.BUYER else []


def _steps_after(file: CaseFile, fen: int) -> list[Data]:
    """What a ruling by consent would set going, with its dates where they are known."""
    rows: list[Data] = []
    case = file.case
    for kind in (*STEPS.get(case.remedy, ()), *([Remedy.Kind.PENALTY] if case.claim_penalty_fen else [])):
        back, penalty = kind == Remedy.Kind.RETURN_GOODS, kind == Remedy.Kind.PENALTY
        side = "buyer" if back else "merchant"
        made = Remedy(kind=kind, owed_by=side, amount_fen=case.claim_penalty_fen if penalty else fen)
        length = file.rules.length("ship_back" if back else "perform", cause=case.cause)
        row: Data = {"title": steps.remedy_title(file, made), "state": "todo"}
        if penalty and case.remedy in IN_KIND:
            row["note"] = str(steps.IF_NOT_DONE)
        elif (not rows or penalty) and kind not in Remedy.AT_ONCE:
            row |= {"at": calendar.add(file.at, length), "at_label": _("by"), "state": "now"}
        elif rows:
            row["note"] = _("Within %(time)s after the step before") % {"time": moments.duration_text(length.delta)}
        rows.append(row)
    return rows
