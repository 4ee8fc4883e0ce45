"""The sections of a case page and of a ruling, made ready for the components. No query."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from accounts import policy
from accounts.models import User
from arbitration.admission import Ground
from arbitration.models import Finding, InformationRequest, ItemWeight, Remedy, Review, Ruling
from arbitration.queries import CaseFile, Reply, RulingFile
from core import moments, money
from core.errors import Refused
from disputes import deadlines, lifecycle
from disputes.models import Offer, State, Statement, Suspension
from disputes.models.case import WITH_MONEY
from disputes.views.heads import act_url, passed, ruling_url
from evidence.queries import Exhibit
from ledger.models import Entry
from notices.sentences import actor_side, sentence
from rulebook.models import Remedy as Ordered
from rulebook.models import in_english

Data = dict[str, Any]

STANCES = {"accepted": "full", "partly": "part", "disputed": "none"}
STANCE_WORDS = {
    "accepted": pgettext_lazy("stance", "Accepted"),
    "partly": pgettext_lazy("stance", "Partly"),
    "disputed": pgettext_lazy("stance", "Disputed"),
}
WEIGHT_WORDS = {
    "full": pgettext_lazy("weight", "Accepted"),
    "part": pgettext_lazy("weight", "In part"),
    "none": pgettext_lazy("weight", "Not accepted"),
}
RESULTS = {"upheld": "full", "partly": "part", "rejected": "none", "open": "open"}
MET = {"met": "full", "partly": "part", "not_met": "none"}


def anchor(item: Exhibit) -> str:
    return f"{item.side[0]}{item.exhibit_no}"


def owner(file: CaseFile, side: str) -> str:
    """Who a side is at the beginning of a sentence: You, The buyer, The merchant."""
    if side == file.side:
        return pgettext("at the beginning of a sentence", "You")
    return {
        "buyer": pgettext("at the beginning of a sentence", "The buyer"),
        "merchant": pgettext("at the beginning of a sentence", "The merchant"),
        "platform": pgettext("at the beginning of a sentence", "The platform"),
    }[side]


# --- the claim -------------------------------------------------------------------------------------------------------
def remedy_text(kind: str, fen: int) -> str:
    """``退货退款 ¥1,299.00``; the amount only where the remedy is money."""
    label = str(Ordered(kind).label) if kind else ""
    return f"{label} {money.text(fen)}" if kind in WITH_MONEY or (kind == Ordered.DEDUCT and fen) else label


def claim(file: CaseFile) -> Data:
    case = file.case
    return {
        "title": _("Your claim")
        if file.applies
        else (_("The buyer's claim") if case.applicant_side == "buyer" else _("The merchant's claim")),
        "who": "" if file.applies else (case.buyer.masked_name if case.applicant_side == "buyer" else case.store.name),
        "at": case.filed_at,
        "text": remedy_text(case.remedy, case.claim_fen),
        "facts": [
            {"label": _("What happened"), "value": case.what_happened},
            {"label": _("What was promised"), "value": case.difference},
            {"label": _("What would settle it"), "value": case.wanted},
        ]
        + ([{"label": _("Evidence not available"), "value": case.missing_reason}] if case.missing_reason else []),
    }


# --- evidence --------------------------------------------------------------------------------------------------------
def slot_words(file: CaseFile) -> dict[str, tuple[str, bool]]:
    """Slot code → (what it asks for, whether it is required)."""
    asked = [*file.cause.asked_applicant, *file.cause.asked_respondent]
    return {slot["slot"]: (slot["en" if in_english() else "zh"], slot["required"]) for slot in asked}


def evidence(file: CaseFile) -> list[Data]:
    """Both sides' evidence, the applicant's first, each item with the answer bound to it."""
    case = file.case
    return [_side_evidence(file, side) for side in (case.applicant_side, case.respondent_side)]


def _side_evidence(file: CaseFile, side: str) -> Data:
    items = [exhibit(file, item) for item in file.of(side)]
    mine = side == file.side
    if mine:
        title = ngettext("Your evidence: %(n)d item", "Your evidence: %(n)d items", len(items))
    elif side == "buyer":
        title = ngettext("The buyer's evidence: %(n)d item", "The buyer's evidence: %(n)d items", len(items))
    else:
        title = ngettext("The merchant's evidence: %(n)d item", "The merchant's evidence: %(n)d items", len(items))
    return {
        "id": f"{side}-ev",
        "mine": mine,
        "title": title % {"n": len(items)},
        "items": items,
        "meta": _answered(file, side, items),
        "empty": _nothing_yet(file, side),
    }


def _nothing_yet(file: CaseFile, side: str) -> str:
    if side == file.side:
        return _("You have not sent any evidence.")
    if file.case.state == State.AWAITING_ADMISSION:
        return _("The other side sees the case once the platform has accepted it.")
    return _("Nothing has been sent.")


def _answered(file: CaseFile, side: str, items: list[Data]) -> str:
    count = len([item for item in items if item["replies"]])
    if not items or not _answers_begun(file, side):
        return ""
    if side == file.side:
        return _("%(who)s answered %(n)d of %(all)d") % {
            "who": owner(file, "merchant" if side == "buyer" else "buyer"),
            "n": count,
            "all": len(items),
        }
    return _("You answered %(n)d of %(all)d") % {"n": count, "all": len(items)}


def _answers_begun(file: CaseFile, side: str) -> bool:
    """Whether the other side has had, or has now, its round to answer ``side``'s items."""
    if side == file.case.applicant_side:
        return file.entry("admit") is not None
    return file.entry("respond") is not None


def _answers_over(file: CaseFile, side: str) -> bool:
    if side == file.case.applicant_side:
        return file.entry("respond", "response_expired") is not None
    return file.entry("rebut", "skip", "rebuttal_expired") is not None


def exhibit(file: CaseFile, item: Exhibit) -> Data:
    """Context of ``components/evidence_item.html`` for one item."""
    slot, required = slot_words(file).get(item.slot, ("", False))
    mine = item.side == file.side
    replies = [] if item.withheld else file.replies.get(item.id, [])
    return {
        "id": anchor(item),
        "side": item.side,
        "no": item.exhibit_no,
        "caption": item.caption or (_("Only the platform sees this item") if item.withheld else item.kind_label),
        "kind_word": item.kind_label,
        "at": item.lodged_at or item.received_at,
        "slot_word": ((_("required") if required else _("helpful")) if slot else ""),
        "thumb": item.thumb_url,
        "href": "" if item.withdrawn else (item.view_url or item.original_url),
        "tag": item.kind_label if item.kind == "video" else "",
        "late": item.late,
        "platform_only": item.platform_only,
        "withdrawn_at": item.withdrawn_at,
        "withdrawn_text": _("Withdrawn %(at)s. The original stays sealed.")
        % {"at": moments.short_text(item.withdrawn_at)}
        if item.withdrawn_at
        else "",
        "replies": [reply(file, row) for row in replies],
        **_unanswered(file, item, mine=mine),
    }


def _unanswered(file: CaseFile, item: Exhibit, *, mine: bool) -> Data:
    """What stands where no answer is: nothing before the round, then who has not answered, and the way to do it."""
    if item.withdrawn or item.withheld or not _answers_begun(file, item.side):
        return {"none": ""}
    answering = "merchant" if item.side == "buyer" else "buyer"
    if mine:
        over = _answers_over(file, item.side)
        text = _("%(who)s: not answered") if over else _("%(who)s: no answer yet")
        return {"none": text % {"who": owner(file, answering)}}
    act = next((act for act in ("respond", "rebut") if file.may(act)), "")
    return {
        "none": _("You have not answered"),
        "answer_href": f"{act_url(file.case, act)}#p-{anchor(item)}" if act else "",
        "answer_label": _("Answer this item"),
    }


def reply(file: CaseFile, row: Reply) -> Data:
    cited = {item.id: item for item in file.exhibits}
    return {
        "side": row.side,
        "word": pgettext("side", "You") if row.side == file.side else "",
        "stance": STANCES[row.stance],
        "stance_word": str(STANCE_WORDS[row.stance]),
        "cites": [mark(cited[key]) for key in row.support if key in cited],
        "text": row.reason,
        "at": row.at,
    }


def mark(item: Exhibit) -> Data:
    return {"side": item.side, "no": item.exhibit_no, "href": f"#{anchor(item)}"}


# --- what was said ---------------------------------------------------------------------------------------------------
def statements(file: CaseFile) -> list[Data]:
    titles = {
        Statement.Stage.RESPONSE: _("%(who)s: statement"),
        Statement.Stage.REBUTTAL: _("%(who)s: rebuttal"),
        Statement.Stage.LATE: _("%(who)s: late statement"),
        Statement.Stage.EXTENSION: _("%(who)s: why more time was needed"),
    }
    return [
        {
            "id": f"statement-{row.pk}",
            "title": titles[Statement.Stage(row.stage)] % {"who": owner(file, row.side)},
            "at": row.at,
            "text": row.text,
            "late": row.stage == Statement.Stage.LATE,
        }
        for row in file.statements
    ]


def offers(file: CaseFile) -> list[Data]:
    return [offer(file, row) for row in file.offers]


def offer(file: CaseFile, row: Offer) -> Data:
    """Context of ``components/offer_card.html`` and its links."""
    mine = row.side == file.side
    clock = next((clock for clock in file.clocks if clock.kind == "offer" and clock.ref == str(row.pk)), None)
    over = row.state == Offer.State.OPEN and passed(clock, file.at)
    accept = not mine and row.state == Offer.State.OPEN and not over and file.may("accept_offer")
    return {
        "offer": {
            "side": row.side,
            "title": _offer_title(file, row),
            "claim_fen": file.case.claim_fen,
            "amount_fen": row.amount_fen,
            "conditions": row.conditions,
            "expires_at": (clock.due_at if clock is not None else None) or row.made_at,
            "state": "lapsed" if over else row.state,
            "state_word": Offer.State.LAPSED.label if over else row.get_state_display(),
            "ended_at": row.answered_at or (clock.due_at if clock is not None else row.made_at),
            "effect": _("If it is accepted, the dispute ends as settled and no review is possible.")
            if row.state == Offer.State.OPEN and not over
            else row.decline_reason,
            "yours": mine,
        },
        "accept_href": act_url(file.case, "accept_offer") if accept else "",
        "decline_href": act_url(file.case, "decline_offer") if accept else "",
        "withdraw_href": act_url(file.case, "withdraw_offer") if mine and file.may("withdraw_offer") else "",
    }


def _offer_title(file: CaseFile, row: Offer) -> str:
    if row.side == file.side:
        return _("Your settlement offer")
    return _("The buyer's settlement offer") if row.side == "buyer" else _("The merchant's settlement offer")


def requests(file: CaseFile) -> list[Data]:
    """The platform's questions to the reader's own side, with its answers."""
    return [_request(file, row) for row in file.requests]


def _request(file: CaseFile, row: InformationRequest) -> Data:
    clocks = [clock for clock in file.clocks if clock.kind == "information" and clock.ref == row.side]
    clock = min(clocks, key=lambda one: abs(one.opened_at - row.asked_at), default=None)
    due = clock.due_at if clock is not None else None
    late = row.state == InformationRequest.State.OPEN and passed(clock, file.at)
    return {
        "ask": {
            "title": _("The platform asks you"),
            "why": row.why,
            "questions": row.questions,
            "due": due or row.asked_at,
            "state": "expired" if late else row.state,
            "state_word": InformationRequest.State.EXPIRED.label if late else row.get_state_display(),
            "ended_at": row.answered_at or due or row.asked_at,
            "yours": True,
        },
        "answers": row.answers,
        "answer_href": act_url(file.case, "answer") if file.may("answer") else "",
    }


def suspension(file: CaseFile) -> Data | None:
    row = next((row for row in file.suspensions if row.state in {Suspension.State.PROPOSED, "running"}), None)
    if row is None:
        return None
    proposed = row.state == Suspension.State.PROPOSED
    who = owner(file, row.proposed_by)
    return {
        "title": _("%(who)s: suspension proposed") % {"who": who} if proposed else _("The case is suspended"),
        "ground": row.get_ground_display(),
        "days": row.days,
        "reason": row.reason,
        "answer_href": act_url(file.case, "suspend") if proposed and file.may("suspend") else "",
        "decline_href": act_url(file.case, "decline_suspension") if proposed and file.may("decline_suspension") else "",
    }


# --- the ruling ------------------------------------------------------------------------------------------------------
_GRANTED = {
    "buyer": {
        "": lazy("The buyer's claim is not granted."),
        Ordered.REFUND: lazy("The buyer is refunded %(amount)s."),
        Ordered.RETURN_REFUND: lazy("The buyer returns the goods and is refunded %(amount)s."),
        Ordered.EXCHANGE: lazy("The goods are exchanged."),
        Ordered.RESEND: lazy("The goods are sent again."),
        Ordered.REPAIR: lazy("The goods are repaired."),
        Ordered.COMPENSATION: lazy("The buyer is compensated with %(amount)s."),
        Ordered.WARNING: lazy("The merchant is warned."),
        Ordered.REJECT: lazy("The buyer's claim is not granted."),
        Ordered.DEDUCT: lazy("The loss of %(amount)s is deducted."),
    },
    "merchant": {
        "": lazy("The merchant's claim is not granted."),
        Ordered.WARNING: lazy("The merchant's claim is granted: the buyer is warned."),
        Ordered.REJECT: lazy("The merchant's claim is granted: the return is rejected."),
        Ordered.DEDUCT: lazy("The merchant's claim is granted: the loss of %(amount)s is deducted."),
    },
}


def verdict_text(file: CaseFile, ruling: Ruling) -> str:
    """The result in one sentence, the same for both sides."""
    table = _GRANTED[file.case.applicant_side]
    template = table.get(ruling.remedy) or _GRANTED["buyer"][ruling.remedy]
    text = str(template) % {"amount": money.text(ruling.amount_fen)}
    bears = file.case.side_of_party(ruling.freight_by)
    if ruling.remedy in {Ordered.RETURN_REFUND, Ordered.EXCHANGE, Ordered.REPAIR} and bears in {"buyer", "merchant"}:
        freight = (
            _("The merchant bears the return freight.")
            if bears == "merchant"
            else _("The buyer bears the return freight.")
        )
        text = pgettext("two sentences", "%(first)s %(second)s") % {"first": text, "second": freight}
    return text


def verdict(file: CaseFile, ruling: Ruling) -> Data:
    summary = ruling.summary_applicant if file.applies else ruling.summary_respondent
    if ruling.kind == Ruling.Kind.CONSENT:
        summary = (
            _("The merchant agreed to the claim as filed.")
            if file.case.respondent_side == "merchant"
            else _("The buyer agreed to the claim as filed.")
        )
    return {
        "label": _("Ruling by consent") if ruling.kind == Ruling.Kind.CONSENT else _("The ruling"),
        "text": verdict_text(file, ruling),
        "reason": summary,
        "at": ruling.effective_at,
        "href": ruling_url(file.case),
    }


def arithmetic(ruling: Ruling) -> Data | None:
    """Context of ``components/calc.html``; None where no money moves."""
    sums = ruling.calculation
    if not ruling.amount_fen or ruling.remedy not in WITH_MONEY:
        return None
    return {
        "lines": [
            {"label": _("Goods after coupons"), "fen": sums.get("goods_fen", 0) - sums.get("coupon_fen", 0)},
            {"label": _("Freight paid"), "fen": sums.get("freight_fen", 0)},
            {"label": _("Already refunded"), "fen": sums.get("refunded_fen", 0)},
        ],
        "total_fen": ruling.amount_fen,
        "note": _("Never more than the %(paid)s that was paid.") % {"paid": money.text(sums.get("paid_fen", 0))},
    }


def steps(file: CaseFile, ruling: Ruling) -> list[Data]:
    """The dated next steps of a ruling: context of ``components/step_list.html``."""
    return [_step(file, row) for row in file.remedies if row.ruling_id == ruling.pk]


_DONE = {
    Remedy.State.EXECUTED: lazy("Done"),
    Remedy.State.REVERSED: lazy("Reversed"),
    Remedy.State.LAPSED: lazy("Lapsed: not done in time"),
}


def _step(file: CaseFile, row: Remedy) -> Data:
    title = remedy_title(file, row)
    clock = file.clock("perform", "ship_back", "confirm_return", ref=str(row.pk))
    if row.state in _DONE:
        return {"title": title, "state": "done", "at": row.executed_at, "note": _note_done(row)}
    if row.state == Remedy.State.STAYED:
        return {"title": title, "state": "todo", "note": _("Held until the review is decided")}
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
            "note": _note_open(row, clock.kind),
        }
    return {"title": title, "state": "todo", "note": _note_waiting(file, row)}


def _note_done(row: Remedy) -> str:
    text = str(_DONE[Remedy.State(row.state)])
    if row.waybill:
        text += " · " + _("waybill %(number)s") % {"number": row.waybill}
    if row.by_platform:
        text += " · " + _("carried out by the platform")
    return text


def _note_open(row: Remedy, kind: str) -> str:
    if kind == "confirm_return":
        return _("Sent with %(carrier)s, waybill %(number)s. Not confirmed in time, it counts as received.") % {
            "carrier": row.carrier,
            "number": row.waybill,
        }
    if kind == "ship_back":
        return _("Not sent in time, the refund is not carried out.")
    return _("Not performed in time, the platform carries it out from the merchant's deposit.")


def _note_waiting(file: CaseFile, row: Remedy) -> str:
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
        Remedy.Kind.RESTITUTION: _("%(who)s: pay back %(amount)s"),
        Remedy.Kind.RETURN_GOODS: _("%(who)s: send the goods back"),
        Remedy.Kind.EXCHANGE: _("%(who)s: send new goods"),
        Remedy.Kind.RESEND: _("%(who)s: send the goods again"),
        Remedy.Kind.REPAIR: _("%(who)s: repair the goods and send them"),
        Remedy.Kind.WARNING: _("Warning"),
        Remedy.Kind.REJECT: _("The return is rejected"),
        Remedy.Kind.DEDUCT: _("The loss is deducted"),
    }
    return titles[Remedy.Kind(row.kind)] % {"who": who, "amount": money.text(row.amount_fen)}


def findings(file: CaseFile, made: RulingFile) -> list[Data]:
    marks = {item.id: item for item in file.exhibits}
    return [
        {
            "no": row.position,
            "question": row.issue,
            "degree": RESULTS[row.result],
            "degree_word": row.get_result_display(),
            "reason": row.reason,
            "cites": [mark(marks[item.pk]) for item in row.items.all() if item.pk in marks],
            "burdens": [
                {
                    "side": burden["side"],
                    "text": burden["text"],
                    "degree": MET.get(burden.get("met", ""), "open"),
                    "degree_word": str(Finding.Met(burden["met"]).label) if burden.get("met") else "",
                }
                for burden in row.burden
            ],
        }
        for row in made.findings
    ]


def weights(file: CaseFile, made: RulingFile) -> list[Data]:
    """What every item was worth and why, in the order of the file."""
    given: dict[Any, ItemWeight] = {row.item_id: row for row in made.weights}
    rows = [(item, given[item.id]) for item in file.exhibits if item.id in given]
    return [
        {
            **mark(item),
            "href": f"{reverse('disputes:case', args=[file.case.number])}#{anchor(item)}",
            "degree": row.weight,
            "degree_word": str(WEIGHT_WORDS[row.weight]),
            "reason": row.reason,
        }
        for item, row in rows
    ]


def clauses(file: CaseFile, ruling: Ruling) -> list[Data]:
    return [clause(file, row["code"]) for row in ruling.clauses if file.rules.has_clause(row["code"])]


def clause(file: CaseFile, code: str) -> Data:
    row = file.rules.clause(code)
    return {
        "code": f"{row.code} v{file.rules.number}",
        "href": reverse("rulebook:clause_version", args=[row.code, file.rules.number]),
        "title": row.title,
        "text": row.text,
    }


# --- review ----------------------------------------------------------------------------------------------------------
def review_box(file: CaseFile) -> Data | None:
    """1 次 / 未使用: what is left of the reader's one review."""
    if not file.rulings:
        return None
    mine = next((row for row in file.reviews if row.side == file.side), None)
    clock = file.clock("review_request")
    refused = file.acts.get("request_review")
    return {
        "used": mine is not None,
        "mine": _review(mine) if mine else None,
        "theirs": [_review(row) for row in file.reviews if row.side != file.side],
        "due": clock.due_at if clock is not None and not passed(clock, file.at) else None,
        "ended": next(
            (row.due_at for row in file.clocks if row.kind == "review_request" and row.state == "expired"), None
        ),
        "href": act_url(file.case, "request_review") if file.may("request_review") else "",
        "why_not": refused.message if refused is not None else _final_because(file),
        "set_aside": file.set_aside,
    }


def _final_because(file: CaseFile) -> str:
    if file.may("request_review"):
        return ""
    ruling = file.ruling
    if ruling is not None and ruling.kind == Ruling.Kind.CONSENT:
        return _("A ruling by consent cannot be reviewed.")
    return _("The ruling is final.")


def _review(row: Review) -> Data:
    return {
        "side": row.side,
        "state": row.get_state_display(),
        "at": row.requested_at,
        "argument": row.argument,
        "why_not_before": row.why_not_before,
        "answer": row.answer,
        "decision": row.get_decision_display() if row.decision else "",
        "reason": row.reason,
        "decided_at": row.decided_at,
    }


# --- what one may do -------------------------------------------------------------------------------------------------
HIDDEN = {"upload", "file", "drop_draft"}
"""Acts with no page of their own on a case."""
MAIN = (
    "respond",
    "concede",
    "rebut",
    "answer",
    "lodge",
    "withdraw_item",
    "extend",
    "offer",
    "withdraw",
    "propose_suspension",
    "request_review",
    "request_set_aside",
)
"""Acts a reader may look for at any time: where one is not possible the page says why."""
ORDER = (
    "respond",
    "rebut",
    "answer",
    "answer_review",
    "perform",
    "ship_back",
    "confirm_return",
    "lodge",
    "state_late",
    "accept_offer",
    "decline_offer",
    "concede",
    "offer",
    "withdraw_offer",
    "skip",
    "extend",
    "request_review",
    "request_set_aside",
    "acknowledge",
    "withdraw_item",
    "propose_suspension",
    "withdraw",
)
"""What is usually looked for first."""


def label(act: str) -> str:
    return str(lifecycle.TRANSITIONS[act].name)


def actions(file: CaseFile, actor: User, *, primary: str) -> tuple[list[Data], list[Data]]:
    """What else the reader may do now; and what not, with why. No act the reader has a right to is left unsaid."""
    opened: list[Data] = []
    closed: dict[str, Data] = {}
    for act, refused in sorted(file.acts.items(), key=_place):
        if act in HIDDEN or act == primary:
            continue
        words = label(act)
        if refused is None:
            opened.append({"label": words, "href": act_url(file.case, act), **_until(file, act)})
        else:
            closed[act] = {"label": words, "closed": refused.message}
    for act in MAIN:
        if act not in file.acts and policy.refusal(actor, f"case.{act}", file.case) is None:
            closed[act] = {"label": label(act), "closed": why_closed(file, actor, act)}
    return opened, list(closed.values())


def _place(pair: tuple[str, Any]) -> int:
    return ORDER.index(pair[0]) if pair[0] in ORDER else len(ORDER)


def why_closed(file: CaseFile, actor: User, act: str) -> str:
    """Why an act of another state is not possible: its time is over, or its turn has not come."""
    if (over := ended(file, act)) is not None:
        return _("The time for this ended %(at)s.") % {"at": moments.short_text(over)}
    refused: Refused | None = lifecycle.refusal(file.case, act, actor, file.at)
    return refused.message if refused is not None else ""


def ended(file: CaseFile, act: str) -> datetime | None:
    """When the reader's clock for ``act`` ran out, if it did."""
    kind = lifecycle.TRANSITIONS[act].within
    rows = [row for row in file.clocks if row.kind == kind and row.side in (file.side, "both")]
    rows = [row for row in rows if row.state == "expired" or passed(row, file.at)]
    return rows[-1].due_at if rows else None


def _until(file: CaseFile, act: str) -> Data:
    if act == "lodge":
        return {"at": evidence_due(file), "note": _("after its time it is marked late")}
    if act in {"offer", "withdraw", "concede", "propose_suspension"}:
        return {"note": _("until a ruling takes effect")}
    if act in {"accept_offer", "decline_offer"}:
        clock = file.clock("offer", side=file.side)
        return {"at": clock.due_at if clock is not None else None}
    kind = lifecycle.TRANSITIONS[act].within
    found = file.clock(kind, side=file.side) if kind else None
    return {"at": found.due_at if found is not None else None}


def evidence_due(file: CaseFile) -> datetime | None:
    """Until when an item of the reader is in time; None if that is over."""
    kinds = ["information", "response", "rebuttal"] + (["applicant_evidence"] if file.applies else [])
    dues = [
        row.due_at
        for row in file.clocks
        if row.kind in kinds and row.side == file.side and row.state == "open" and row.due_at and row.due_at > file.at
    ]
    return max(dues, default=None)


# --- what happened, and by which rules -------------------------------------------------------------------------------
SILENT = {"evidence_received", "evidence_discarded", "evidence_disclosed", "evidence_lodged", "evidence_withdrawn"}
"""Custody entries beside the act that caused them, which says the same in the case's own words."""


def timeline(file: CaseFile, now: Data) -> list[Data]:
    """Everything that happened, oldest first, and what is awaited last: context of ``components/timeline.html``."""
    rows = [
        {"actor": actor_side(entry), "text": sentence(entry, reader=file.side), "at": entry.at, "note": _clock(entry)}
        for entry in file.entries
        if entry.verb not in SILENT
    ]
    if now.get("due") and file.case.state not in {State.CLOSED, State.NOT_ADMITTED}:
        rows.append({"actor": "system", "text": now["big"], "at": now["due"], "until": True, "now": True, "note": ""})
    return rows


def _clock(entry: Entry) -> str:
    if entry.verb == "lodge" and entry.facts.get("late"):
        return _("Late: kept and marked")
    if entry.verb == "lodge" and entry.facts.get("response_extended"):
        return _("The response time was extended by 24 hours")
    if entry.verb == "file" and "rules" in entry.facts:
        return _("Rules: version %(n)s, pinned at this moment") % {"n": entry.facts["rules"]}
    return ""


def rules(file: CaseFile) -> Data:
    codes = dict.fromkeys([file.cause.clause.code, *[row["code"] for one in file.rulings for row in one.clauses]])
    return {
        "version": file.rules.number,
        "since": file.rules.version.effective_at,
        "clauses": [clause(file, code) for code in codes if file.rules.has_clause(code)],
    }


def refusal(file: CaseFile) -> Data | None:
    """Why the case was not accepted, and what is still possible until when."""
    case = file.case
    if case.state != State.NOT_ADMITTED:
        return None
    request = case.after_sales
    refused = request.answered_at if request is not None and request.state in {"refused", "unanswered"} else None
    start = max([moment for moment in (refused, case.order.completed_at) if moment], default=case.filed_at)
    closes = (
        deadlines.filing_due(file.rules, start, category=case.order.category, side=case.applicant_side)
        if start is not None
        else None
    )
    known = case.refusal_code in Ground.values
    return {
        "ground": str(Ground(case.refusal_code).label) if known else "",
        "reason": case.refusal_reason,
        "clause": clause(file, case.refusal_clause) if file.rules.has_clause(case.refusal_clause) else None,
        "again_until": closes if closes and closes > file.at else None,
        "order_href": reverse("disputes:order", args=[case.order.number]),
        "applies": file.applies,
    }
