"""What was said: statements, offers, the platform's questions, a suspension."""

from django.utils.translation import gettext as _

from arbitration.models import InformationRequest
from arbitration.queries import CaseFile
from core import moments
from disputes.models import Offer, Statement, Suspension
from disputes.views.common import Data, act_url, owner
from disputes.views.turns.base import passed
from evidence.models import Side


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
            "claim_fen": file.case.claim_in_all_fen or None,
            "amount_fen": row.amount_fen,
            "pays": who_pays(file, row),
            "reference": row.reference,
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


def who_pays(file: CaseFile, row: Offer) -> str:
    """Who pays whom, where either side may: in the cases merchants file. Empty without money."""
    if not row.amount_fen or file.case.applicant_side == Side.BUYER:
        return ""
    return _("The buyer pays the merchant") if row.payer == Side.BUYER else _("The merchant pays the buyer")


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
        "proof": _proof(file, row),
        "proof_note": row.proof_note,
        "answer_href": act_url(file.case, "suspend") if proposed and file.may("suspend") else "",
        "decline_href": act_url(file.case, "decline_suspension") if proposed and file.may("decline_suspension") else "",
    }


def _proof(file: CaseFile, row: Suspension) -> str:
    """Who has to show the ground of a running suspension, or when that was done; empty where nobody has to."""
    if not row.proof_from:
        return ""
    who = owner(file, row.proof_from)
    if row.proved_at is not None:
        return _("%(who)s: proof shown %(at)s") % {"who": who, "at": moments.short_text(row.proved_at)}
    clock = file.clock("suspension_proof")
    if clock is None or clock.due_at is None:
        return ""
    return _("%(who)s: proof due %(at)s") % {"who": who, "at": moments.short_text(clock.due_at)}
