"""What sections, clocks, lengths and the parts of a cause are called, in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import money
from rulebook.models import IN_KIND, SENT_IN, Cause, Remedy, in_english
from rulebook.queries import Book, Length, LengthRow

SECTIONS = {
    "gate": gettext_lazy("Asking the platform in"),
    "admission": gettext_lazy("Preliminary review"),
    "clocks": gettext_lazy("Periods"),
    "response": gettext_lazy("Response and rebuttal"),
    "evidence": gettext_lazy("Evidence"),
    "ruling": gettext_lazy("Ruling"),
    "enforcement": gettext_lazy("Carrying out"),
    "review": gettext_lazy("Review"),
    "settlement": gettext_lazy("Settlement and withdrawal"),
    "conduct": gettext_lazy("Conduct and scores"),
    "records": gettext_lazy("Records and changes"),
    "causes": gettext_lazy("Causes"),
}
CLOCKS = {
    "after_sales_answer": gettext_lazy("Merchant answers an after-sales request"),
    "negotiation_stalled": gettext_lazy("Negotiation without a result opens intervention"),
    "filing": gettext_lazy("Filing after a refusal or completion"),
    "merchant_filing": gettext_lazy("Filing by a merchant after the event"),
    "wrote_first": gettext_lazy("A merchant wrote to the buyer before it files"),
    "draft_kept": gettext_lazy("A draft is kept"),
    "draft_notice": gettext_lazy("Notice before a draft is deleted"),
    "applicant_evidence": gettext_lazy("Applicant's evidence after filing"),
    "admission_target": gettext_lazy("Preliminary review, target"),
    "admission": gettext_lazy("Preliminary review, at the latest"),
    "response": gettext_lazy("Response"),
    "rebuttal": gettext_lazy("Rebuttal"),
    "information": gettext_lazy("Answer to an information request"),
    "extension": gettext_lazy("Extension, once per side"),
    "late_items_extend": gettext_lazy("More time for items lodged late in the response"),
    "ruling_target": gettext_lazy("Ruling, target"),
    "ruling": gettext_lazy("Ruling, at the latest"),
    "ruling_undo": gettext_lazy("A ruling can be taken back"),
    "perform": gettext_lazy("Merchant performs"),
    "ship_back": gettext_lazy("Buyer sends the goods back"),
    "confirm_return": gettext_lazy("Merchant confirms the return"),
    "review_request": gettext_lazy("Asking for a review"),
    "review_answer": gettext_lazy("Answer in a review"),
    "review_target": gettext_lazy("Review decision, target"),
    "review_decision": gettext_lazy("Review decision, at the latest"),
    "set_aside": gettext_lazy("Asking to set a default aside"),
    "offer": gettext_lazy("A settlement offer is open, at most"),
    "settlement": gettext_lazy("A settlement is performed, at most"),
    "suspension": gettext_lazy("Suspension by agreement, at most"),
    "suspension_proof": gettext_lazy("Proof of what the case is suspended for"),
    "records_kept": gettext_lazy("Records are kept"),
    "review_material": gettext_lazy("Review material is kept beyond its window"),
}
NUMBERS = {
    "information_rounds": gettext_lazy("Rounds of questions without a supervisor"),
    "silence_points": gettext_lazy("Points for silence to the deadline"),
    "not_performing_points": gettext_lazy("Points for not performing a ruling"),
    "return_freight_fen": gettext_lazy("Return freight the merchant pays back, at most"),
}
SCOPES = {
    "not_shipped": gettext_lazy("Not shipped yet"),
    "not_received": gettext_lazy("Not received"),
    "buyer_respondent": gettext_lazy("The buyer is the respondent"),
    "signed": gettext_lazy("After the carrier says signed"),
    "furniture": gettext_lazy("Furniture"),
    "appliance": gettext_lazy("Household appliances"),
    "durable": gettext_lazy("Other durable goods"),
}
FREIGHT = {
    "respondent": gettext_lazy("The respondent"),
    "applicant": gettext_lazy("The applicant"),
    "none": gettext_lazy("No freight"),
    "loser": gettext_lazy("The side at fault"),
}
KINDS = {
    "photo": gettext_lazy("photo"),
    "video": gettext_lazy("video"),
    "chat": gettext_lazy("chat record"),
    "document": gettext_lazy("document"),
    "snapshot": gettext_lazy("page snapshot"),
    "statement": gettext_lazy("statement"),
}


def reading(entry: dict[str, Any]) -> str:
    """The text of a burden, slot or issue in the reader's language."""
    return str(entry["en" if in_english() else "zh"])


def slot_words(cause: Cause, slot: str) -> str:
    """What a place in the cause's checklists asks for, in the reader's language; empty where there is none."""
    found = next((row for row in [*cause.asked_applicant, *cause.asked_respondent] if row["slot"] == slot), None)
    return reading(found) if found else ""


def issue_text(issue: dict[str, Any]) -> str:
    """``商品是否破损？（举证第 1、2 步）``: an issue with the steps of the burden that belong to it."""
    steps = joined([str(place + 1) for place in issue.get("burden", [])])
    return (
        _("%(issue)s (burden: step %(steps)s)") % {"issue": reading(issue), "steps": steps} if steps else reading(issue)
    )


def own_words(cause: Cause, text: str) -> str:
    """An issue or a step of the burden of proof in the reader's language, where ``text`` is the rule's own in either.

    Whoever writes a ruling takes them over in the language of the desk, or changes them: then they stay as written.
    """
    rows = (row for row in [*cause.issues, *cause.burden] if text in (row["zh"], row["en"]))
    found = next(rows, None)
    return reading(found) if found else text


def joined(words: list[str]) -> str:
    return (", " if in_english() else "、").join(words)


def length_text(length: Length) -> str:
    """``48 小时`` / ``48 hours``; working time says so."""
    n = length.amount
    text = {
        "seconds": ngettext("%(n)d second", "%(n)d seconds", n),
        "hours": ngettext("%(n)d hour", "%(n)d hours", n),
        "days": ngettext("%(n)d day", "%(n)d days", n),
    }[length.unit] % {"n": n}
    return text if length.calendar == "calendar" else _("%(length)s of working time") % {"length": text}


def scope_text(book: Book, row: LengthRow) -> str:
    """What a length is for; empty for the ordinary one."""
    if row.cause:
        return book.cause(row.cause).name
    special = row.condition or row.category
    return str(SCOPES.get(special, special))


def remedies_text(cause: Cause) -> str:
    """``退款（可另付约定违约金）、补偿``."""
    return joined([_remedy_text(cause, kind) for kind in cause.remedies])


def _remedy_text(cause: Cause, kind: str) -> str:
    label = str(Remedy(kind).label)
    if kind not in cause.penalty_with:
        return label
    if kind in SENT_IN:
        return _("%(remedy)s (or else a refund and the agreed penalty)") % {"remedy": label}
    if kind in IN_KIND:
        return _("%(remedy)s (or else the agreed penalty)") % {"remedy": label}
    return _("%(remedy)s (with the agreed penalty)") % {"remedy": label}


def penalty_text(remedy: str, penalty_fen: int) -> str:
    """What an agreed penalty ordered with ``remedy`` means, in a sentence; empty where there is none."""
    if not penalty_fen:
        return ""
    if remedy in SENT_IN:
        text = _(
            "If it is not done in time, the platform refunds the goods "
            "and pays the agreed penalty of %(amount)s on top."
        )
    elif remedy in IN_KIND:
        text = _("If it is not done in time, the platform pays the agreed penalty of %(amount)s instead.")
    else:
        text = _("On top comes an agreed penalty of %(amount)s.")
    return text % {"amount": money.text(penalty_fen)}


def with_penalty(claim: str, remedy: str, penalty_fen: int) -> str:
    """``退款 ¥1,299.00，另付约定违约金 ¥65.00``: what is claimed with the penalty claimed beside it, or in case."""
    if not penalty_fen:
        return claim
    if remedy in SENT_IN:
        text = _("%(claim)s, or else a refund and the agreed penalty of %(penalty)s")
    elif remedy in IN_KIND:
        text = _("%(claim)s, or else the agreed penalty of %(penalty)s")
    else:
        text = _("%(claim)s and the agreed penalty of %(penalty)s")
    return text % {"claim": claim, "penalty": money.text(penalty_fen)}


def penalty_named(remedy: str) -> str:
    """What stands before a penalty in the arithmetic of a ruling: what it comes on top of or stands in for."""
    if remedy in SENT_IN:
        return _("or else a refund and the agreed penalty")
    return _("or else the agreed penalty") if remedy in IN_KIND else _("+ agreed penalty")


def penalty_label(cause: Cause) -> str:
    """What a field for the penalty is called: when it is paid, as far as the cause leaves no choice."""
    when = {penalty_when(kind) for kind in cause.penalty_with}
    return when.pop() if len(when) == 1 else _("Amount")


def penalty_when(remedy: str) -> str:
    """When a penalty ordered with ``remedy`` is paid."""
    return _("If it is not done in time") if remedy in IN_KIND else _("On top")


def number_text(code: str, value: int) -> str:
    """``2`` / ``¥50.00``."""
    return money.text(value) if code.endswith("_fen") else str(value)


def points_range(cause: Cause) -> str:
    """``1 分`` / ``2 至 6 分``: what a ruling may give after a finding of fault."""
    if cause.points_least == cause.points_most:
        return ngettext("%(n)d point", "%(n)d points", cause.points) % {"n": cause.points}
    return _("%(least)d to %(most)d points") % {"least": cause.points_least, "most": cause.points_most}


def points_span(cause: Cause) -> str:
    """``1`` / ``2–6``, for a table."""
    return "–".join(str(n) for n in dict.fromkeys([cause.points_least, cause.points_most]))


def points_text(cause: Cause) -> str:
    """``通常 1 分，可以为 0 至 1 分；仅由承运人造成的，记 0 分``; a fixed number alone is that number."""
    if cause.points_least == cause.points_most:
        return points_range(cause)
    text = _("Usually %(n)d, %(range)s") % {"n": cause.points, "range": points_range(cause)}
    return _("%(points)s; %(note)s") % {"points": text, "note": cause.points_note} if cause.points_note else text


def slot_text(slot: dict[str, Any]) -> str:
    """``缺陷近照（照片、视频）``."""
    return _("%(what)s (%(kinds)s)") % {
        "what": reading(slot),
        "kinds": joined([str(KINDS[kind]) for kind in slot["kinds"]]),
    }
