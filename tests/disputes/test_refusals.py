"""One row a rule: an act that breaks it is refused with its code and writes nothing; put right, it is accepted."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.apps import apps

from arbitration.operations import OPERATIONS
from core.errors import Refused
from disputes.models import Case
from disputes.response import Answer
from rulebook.queries import book
from tests import factories, stages
from tests.conftest import Clock, World, taken_back
from tests.stages import Stages

NOWHERE = "00000000-0000-0000-0000-000000000000"
Change = dict[str, Any] | Callable[[Case], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Row:
    """``who`` does ``act`` to a case at ``stage``, with ``change`` in what is else a valid input."""

    code: str
    stage: str
    who: str
    act: str
    change: Change = field(default_factory=dict)


def incomplete(case: Case) -> dict[str, Any]:
    decision = factories.decision(case, remedy="refund", amount_fen=1000)
    return {"decision": replace(decision, weights=decision.weights[1:])}


def too_much(case: Case) -> dict[str, Any]:
    return {"decision": factories.decision(case, remedy="refund", amount_fen=case.order.paid_fen + 1)}


def no_burden(case: Case) -> dict[str, Any]:
    decision = factories.decision(case)
    return {"decision": replace(decision, findings=[replace(decision.findings[0], burden=[])])}


def burden_left_open(case: Case) -> dict[str, Any]:
    decision = factories.decision(case)
    burden = [{"side": "merchant", "text": "妥善送达", "met": ""}]
    return {"decision": replace(decision, findings=[replace(decision.findings[0], burden=burden)])}


def answering(**change: str) -> Callable[[Case], dict[str, Any]]:
    """The one request of the case answered otherwise."""

    def build(case: Case) -> dict[str, Any]:
        return {"answers": [replace(row, **change) for row in stages.verdict(case, "uphold")["answers"]]}

    return build


def points_for_nothing(case: Case) -> dict[str, Any]:
    return {"decision": replace(factories.decision(case, remedy="", amount_fen=0, points=1), freight_by="none")}


def freight_for_nothing(case: Case) -> dict[str, Any]:
    return {"decision": replace(factories.decision(case, remedy="", amount_fen=0, points=0), freight_by="respondent")}


def points_without_a_finding(case: Case) -> dict[str, Any]:
    decision = factories.decision(case, points=1)
    return {"decision": replace(decision, findings=[replace(decision.findings[0], result="rejected")])}


def points_not_in_the_rules(case: Case) -> dict[str, Any]:
    return {"decision": factories.decision(case, points=2)}  # not received: 1, or 0 where the carrier alone is at fault


def burden_left_out_of_its_issue(case: Case) -> dict[str, Any]:
    """The rules put the burden on the first issue; the decision speaks of it on another."""
    decision, issues = factories.decision(case), book(case.rulebook_id).cause(case.cause).issues
    first = replace(decision.findings[0], issue=issues[0]["en"], burden=[])
    return {"decision": replace(decision, findings=[first, *decision.findings])}


ROWS = [
    # who
    Row("only_the_applicant", "admitted", "merchant", "withdraw"),
    Row("only_the_respondent", "admitted", "buyer", "respond"),
    Row("only_a_party", "admitted", "arbiter", "offer"),
    Row("only_who_owes_the_settlement", "settling", "buyer", "perform_settlement"),
    Row("only_an_arbiter", "taken", "buyer", "admit"),
    Row("only_a_supervisor", "taken", "arbiter", "reassign"),
    Row("taken_before_decided", "filed", "arbiter", "admit"),
    Row("taken_before_decided", "taken", "second_arbiter", "admit"),
    # when
    Row("wrong_state", "filed", "merchant", "respond"),
    Row("wrong_state", "ruled", "second_arbiter", "take"),
    Row("before_a_ruling", "asked_in_review", "buyer", "offer"),
    Row("taken_once", "taken", "arbiter", "take"),
    Row("taken_by_another", "taken", "second_arbiter", "take"),
    Row("one_ruling_waiting", "signed", "arbiter", "rule"),
    Row("ruling_waits_its_minute", "signed", "arbiter", "ask"),
    Row("nothing_in_its_minute", "signed", "buyer", "lodge"),
    Row("nothing_in_its_minute", "signed", "merchant", "propose_suspension"),
    Row("nothing_in_its_minute", "signed", "supervisor", "reassign"),
    # evidence and statements
    Row("lodge_needs_items", "admitted", "buyer", "lodge", {"item_ids": []}),
    Row("lodge_needs_items", "admitted", "buyer", "lodge", {"item_ids": [NOWHERE]}),
    Row("own_lodged_item", "admitted", "buyer", "withdraw_item", {"item_id": NOWHERE}),
    Row("own_lodged_item", "admitted", "merchant", "withdraw_item"),
    Row("withdrawal_needs_reason", "admitted", "buyer", "withdraw_item", {"reason": " "}),
    Row("required_evidence_or_reason", "admitted", "merchant", "respond", {"missing_reason": " "}),
    Row("answer_binds_to_item", "admitted", "merchant", "respond", {"answers": [Answer(NOWHERE, "accepted")]}),
    Row("late_statement_after_default", "deliberated", "merchant", "state_late"),
    Row("late_statement_after_default", "defaulted", "buyer", "state_late"),
    Row("extension_needs_reason", "admitted", "merchant", "extend", {"reason": " "}),
    Row("extend_before_due", "admitted", "buyer", "extend"),
    Row("answer_every_question", "asked", "buyer", "answer", {"answers": []}),
    Row("answer_every_question", "asked", "buyer", "answer", {"answers": [" "]}),
    Row("answer_every_question", "asked", "buyer", "answer", {"answers": ["是的", "还有"]}),
    # settlement and suspension
    Row("one_open_offer_per_side", "offered", "merchant", "offer"),
    Row("offer_open", "admitted", "buyer", "accept_offer"),
    Row("offer_open", "offered", "buyer", "accept_offer", {"offer_id": 0}),
    Row("offer_open", "offered", "buyer", "withdraw_offer"),
    Row("suspension_at_most_30_days", "admitted", "buyer", "propose_suspension", {"days": 0}),
    Row("suspension_at_most_30_days", "admitted", "buyer", "propose_suspension", {"days": 31}),
    Row("suspension_needs_reason", "admitted", "buyer", "propose_suspension", {"reason": "\n"}),
    Row("one_live_suspension", "suspension_proposed", "merchant", "propose_suspension"),
    Row("suspension_by_both", "admitted", "merchant", "suspend"),
    Row("suspension_by_both", "suspension_proposed", "buyer", "suspend"),
    Row("suspension_proposed", "admitted", "merchant", "decline_suspension"),
    Row("suspension_ground", "deliberated", "arbiter", "suspend", {"ground": "agreed"}),
    Row("proof_from_who_named_it", "deliberated", "arbiter", "suspend", {"proof_from": ""}),
    Row("proof_from_who_named_it", "deliberated", "arbiter", "suspend", {"proof_from": "platform"}),
    Row("proof_from_who_named_it", "deliberated", "arbiter", "suspend", {"ground": "laboratory", "proof_from": "both"}),
    Row("proof_is_awaited", "suspended", "buyer", "prove_suspension"),
    Row("proof_is_awaited", "suspended_by_platform", "arbiter", "prove_suspension"),
    Row("proof_is_awaited", "proved", "buyer", "prove_suspension"),
    Row("proof_by_who_named_it", "proof_awaited", "merchant", "prove_suspension"),
    Row("proof_needs_items", "proof_awaited", "buyer", "prove_suspension", {"item_ids": []}),
    Row("proof_needs_items", "proof_awaited", "buyer", "prove_suspension", {"item_ids": [NOWHERE]}),
    Row("proof_says_what_was_shown", "proof_awaited", "arbiter", "prove_suspension", {"note": " "}),
    Row("suspension_by_platform", "suspended_by_platform", "buyer", "resume"),
    # the preliminary review, questions, who decides
    Row("refusal_ground", "taken", "arbiter", "refuse", {"ground": "weather"}),
    Row("refusal_needs_reason", "taken", "arbiter", "refuse", {"reason": " "}),
    Row("unknown_clause", "taken", "arbiter", "refuse", {"clause": "XX-99"}),
    Row("ask_says_something", "taken", "arbiter", "ask", {"to_buyer": [" ", ""]}),
    Row("ask_applicant_before_admission", "taken", "arbiter", "ask", {"to_merchant": ["何时发货?"]}),
    Row("skip_needs_reason", "taken", "arbiter", "release", {"reason": " "}),
    Row("assign_to_arbiter", "taken", "supervisor", "reassign", {"arbiter_id": 0}),
    # rulings, what follows, reviews
    Row("ruling_complete", "deliberated", "arbiter", "rule", incomplete),
    Row("ruling_complete", "deliberated", "arbiter", "rule", too_much),
    Row("ruling_complete", "deliberated", "arbiter", "rule", no_burden),
    Row("ruling_complete", "deliberated", "arbiter", "rule", burden_left_open),
    Row("ruling_complete", "deliberated", "arbiter", "rule", burden_left_out_of_its_issue),
    Row("points_after_fault", "deliberated", "arbiter", "rule", points_for_nothing),
    Row("points_after_fault", "deliberated", "arbiter", "rule", freight_for_nothing),
    Row("points_after_fault", "deliberated", "arbiter", "rule", points_without_a_finding),
    Row("points_within_rules", "deliberated", "arbiter", "rule", points_not_in_the_rules),
    Row("ruling_complete", "review_answered", "second_arbiter", "decide_review", answering(decision="vary")),
    Row("nothing_owed", "ruled", "buyer", "ship_back"),
    Row("nothing_owed", "ruled", "merchant", "perform", {"remedy_id": 0}),
    Row("perform_before_due", "ruled", "buyer", "perform"),
    Row("return_finding", "shipped_back", "merchant", "confirm_return", {"finding": "lost"}),
    Row("return_finding_needs_note", "shipped_back", "merchant", "confirm_return", {"finding": "damaged", "note": " "}),
    Row("return_finding_needs_photo", "shipped_back", "merchant", "confirm_return", {"finding": "empty", "note": "空"}),
    Row("return_disputed", "shipped_back", "arbiter", "decide_return"),
    Row("return_disputed", "return_disputed", "arbiter", "decide_return", {"remedy_id": 0}),
    Row("decision_needs_reason", "return_disputed", "arbiter", "decide_return", {"reason": " "}),
    Row("decision_needs_reason", "review_answered", "second_arbiter", "decide_review", answering(reason=" ")),
    Row("decision_needs_reason", "set_aside_asked", "second_arbiter", "set_aside", {"reason": " "}),
    Row("review_decision", "review_answered", "second_arbiter", "decide_review", answering(decision="maybe")),
    Row("review_attacks_a_finding", "ruled", "buyer", "request_review", {"finding_id": 0}),
    Row("review_gives_reasons", "ruled", "buyer", "request_review", {"why_not_before": " "}),
    Row("review_once", "in_review", "merchant", "request_review"),
    Row("review_asked_by_other_side", "in_review", "merchant", "answer_review"),
    Row("set_aside_of_a_default", "ruled", "merchant", "request_set_aside"),
    Row("set_aside_once", "set_aside_asked", "merchant", "request_set_aside"),
    Row("set_aside_needs_excuse_and_defence", "ruled_on_default", "merchant", "request_set_aside", {"excuse": " "}),
    Row("set_aside_needs_excuse_and_defence", "ruled_on_default", "merchant", "request_set_aside", {"defence": ""}),
    # filing
    Row("amount_positive", "draft", "buyer", "file", {"amount_fen": 0}),
    Row("amount_positive", "draft", "buyer", "file", {"amount_fen": -100}),
    Row("amount_within_paid", "draft", "buyer", "file", {"amount_fen": 129_901}),
]


def written(case: Case) -> Any:
    """How many rows each table of a case has, and the case."""
    rooms = ("ledger", "evidence", "disputes", "arbitration")
    models = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    rows = {model.__name__: model._default_manager.count() for model in models}
    return rows, Case.objects.filter(pk=case.pk).values().get()


def outcome(case: Case, act: str, arguments: dict[str, Any]) -> str:
    """The code with which ``act`` is refused, having changed no table and not the case; ``ok`` where it is accepted."""
    before = written(case)
    try:
        OPERATIONS[act].verb(case_id=case.pk, **arguments)
    except Refused as no:
        return no.code if written(case) == before else f"{no.code}, but something was written"
    return "ok"


@pytest.mark.parametrize("stage", sorted({row.stage for row in ROWS}))
def test_rule_refuses_writes_nothing_and_accepts_what_keeps_it(stage: str, world: World, at: Clock) -> None:
    case = getattr(Stages(world, at), stage)()
    found, expected = {}, {}
    for row in [row for row in ROWS if row.stage == stage]:
        with taken_back():
            actor = getattr(world, row.who)
            valid = {"actor": actor, **stages.arguments(stages.again(case), row.act, actor, world)}
            change = row.change(stages.again(case)) if callable(row.change) else row.change
            found[row] = [outcome(case, row.act, valid | change)]
            expected[row] = [row.code]
            if change:
                found[row].append(outcome(case, row.act, valid))
                expected[row].append("ok")
    assert found == expected
