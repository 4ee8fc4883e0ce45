"""Filing: the gate again at the moment of filing, refiling inside the window, and the causes a merchant files."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from arbitration import admission, assignment, execution, rulings
from core.errors import Refused
from disputes import filing, rebuttal, response, sweep
from disputes.models import Case, Order
from ledger.models import Entry
from notices import queries as notices
from notices.sentences import sentence
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, due, paper


def refused_with(act: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.code


def test_starting_twice_is_one_draft(world: World, at: Clock) -> None:
    draft = Stages(world, at).draft()
    again = filing.start(actor=world.buyer, order_id=draft.order_id, line_id=draft.line_id)
    assert (again.pk, Case.objects.count()) == (draft.pk, 1)
    [entry] = Entry.objects.filter(verb="case_started")
    assert (entry.subject, entry.audience, entry.actor) == (f"order:{draft.order.number}", "buyer", world.buyer)
    assert entry.facts == {"case": draft.number}


@pytest.mark.parametrize("stage", ["withdrawn", "not_admitted"])
def test_refiled_inside_the_window_and_refused_after_it(world: World, at: Clock, stage: str) -> None:
    case = getattr(Stages(world, at), stage)()
    arguments: dict[str, Any] = {"actor": world.buyer, "order_id": case.order_id, "line_id": case.line_id}
    new = filing.start(**arguments)
    assert (new.pk != case.pk, new.state) == (True, "draft")
    at.forward(days=15)
    assert refused_with(filing.file, actor=world.buyer, case_id=new.pk, **stages.claim(new, "damaged", "refund")) == (
        "inside_filing_window"
    )
    claim = stages.claim(new, "damaged", "refund") | {"exception": "court_document"}
    assert filing.file(actor=world.buyer, case_id=new.pk, **claim).state == "awaiting_admission"


@pytest.mark.parametrize("stage", ["admitted", "ruled", "settling"])
def test_one_open_case_per_line(world: World, at: Clock, stage: str) -> None:
    case = getattr(Stages(world, at), stage)()
    arguments: dict[str, Any] = {"actor": world.buyer, "order_id": case.order_id, "line_id": case.line_id}
    assert refused_with(filing.start, **arguments) == "one_open_case_per_line"


def test_decided_is_not_filed_again(world: World, at: Clock) -> None:
    case = Stages(world, at).closed()
    arguments: dict[str, Any] = {"actor": world.buyer, "order_id": case.order_id, "line_id": case.line_id}
    assert refused_with(filing.start, **arguments) == "not_decided_before"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"cause": "unreasonable_return"}, "cause_fits_side"),
        ({"remedy": "warning"}, "remedy_fits_cause"),
        ({"amount_fen": 0}, "amount_positive"),
        ({"amount_fen": 129_901}, "amount_within_paid"),
        ({"missing_reason": " "}, "required_evidence_or_reason"),
        ({"cause": "weather"}, "unknown_cause"),
    ],
)
def test_claim_that_does_not_fit_is_refused_and_files_nothing(
    world: World, at: Clock, change: dict[str, Any], expected: str
) -> None:
    draft = Stages(world, at).draft()
    claim = stages.claim(draft, "damaged", "refund") | change
    assert refused_with(filing.file, actor=world.buyer, case_id=draft.pk, **claim) == expected
    assert stages.again(draft).state == "draft"


@pytest.mark.parametrize(
    ("cause", "remedy", "penalty", "fields"),
    [
        ("damaged", "refund", {"penalty_fen": 100, "penalty_ground": "承诺"}, ["penalty_fen"]),
        ("aftersales_breach", "refund", {"penalty_fen": 100, "penalty_ground": "承诺"}, ["penalty_fen"]),
        ("late_shipment", "refund", {"penalty_fen": 129_901, "penalty_ground": "承诺"}, ["penalty_fen"]),
        ("late_shipment", "refund", {"penalty_fen": 0, "penalty_ground": "承诺"}, ["penalty_fen"]),
        ("late_shipment", "refund", {"penalty_fen": -1, "penalty_ground": "承诺"}, ["penalty_fen"]),
        ("late_shipment", "refund", {"penalty_fen": 100, "penalty_ground": " "}, ["penalty_ground"]),
    ],
)
def test_penalty_within_rules_or_nothing_is_filed(
    world: World, at: Clock, cause: str, remedy: str, penalty: dict[str, Any], fields: list[str]
) -> None:
    case = Stages(world, at, cause).draft()
    with pytest.raises(Refused) as refused:
        filing.file(actor=world.buyer, case_id=case.pk, **stages.claim(case, cause, remedy) | penalty)
    assert (refused.value.code, list(refused.value.fields)) == ("penalty_within_rules", fields)
    assert stages.again(case).state == "draft"


def test_penalty_is_claimed_by_a_program_too(world: World, at: Clock, client: Client) -> None:
    case = Stages(world, at, "late_shipment").draft()
    client.force_login(world.buyer)
    claim = stages.claim(case, "late_shipment", "refund") | {"penalty_fen": 6_500, "penalty_ground": "逾期赔付 5%"}
    path, headers = f"/api/v1/cases/{case.number}/file/", {"idempotency-key": "k"}
    lacking = client.post(path, claim | {"penalty_ground": ""}, content_type="application/json", headers=headers)
    assert (lacking.status_code, lacking.json()["error"]["code"]) == (422, "penalty_within_rules")
    headers = {"idempotency-key": "l"}
    filed = client.post(path, claim, content_type="application/json", headers=headers)
    assert (filed.status_code, filed.json()["claim"]["penalty_fen"]) == (200, 6_500)
    assert Entry.objects.get(subject=case.subject, verb="file").facts["penalty_fen"] == 6_500


def test_draft_nobody_filed_goes_with_what_was_uploaded(world: World, at: Clock) -> None:
    draft = Stages(world, at).draft()
    paper(world.buyer, draft)
    at.to(due(draft, "draft_kept"), sweep_too=True)
    assert not Case.objects.exists()
    assert sweep.sweep() == 0


def test_draft_is_deleted_after_a_notice_a_day_before_that_only_its_side_reads(world: World, at: Clock) -> None:
    draft = Stages(world, at).draft()
    gone_at = due(draft, "draft_kept")
    at.to(gone_at - timedelta(days=1), sweep_too=True)
    entry = Entry.objects.get(verb="draft_ends")
    assert (entry.audience, entry.facts) == ("buyer", {"due_at": gone_at.isoformat()})
    told = [notice for notice in notices.page(world.buyer)[0] if notice.id == entry.pk]
    assert [(notice.number, notice.text) for notice in told] == [(draft.order.number, sentence(entry))]
    assert entry.pk not in {notice.id for notice in notices.page(world.merchant)[0]}
    at.to(gone_at, sweep_too=True)
    assert not Case.objects.exists()


def test_draft_that_was_filed_is_not_announced_as_ending(world: World, at: Clock) -> None:
    case = Stages(world, at).filed()
    at.forward(days=31, sweep_too=True)
    assert case.filed_at is not None
    assert not Entry.objects.filter(verb="draft_ends").exists()


# --- the merchant files ----------------------------------------------------------------------------------------------
def merchant_draft(world: World) -> Case:
    order = world.order()
    arguments: dict[str, Any] = {"actor": world.merchant, "order_id": order.pk, "line_id": order.lines.get().pk}
    assert refused_with(filing.start, **arguments) == "wrote_to_buyer_first"
    return filing.start(**arguments, threatened=True)


def merchant_case(world: World, cause: str = "unreasonable_return", remedy: str = "reject") -> Case:
    draft = merchant_draft(world)
    claim = stages.claim(draft, cause, remedy, 0) | {"threatened": True}
    case = filing.file(actor=world.merchant, case_id=draft.pk, **claim)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    return admission.admit(actor=world.arbiter, case_id=case.pk)


def test_merchant_files_and_the_buyer_has_72_hours(world: World, at: Clock) -> None:
    case = merchant_case(world)
    assert (case.applicant_side, case.respondent_side) == ("merchant", "buyer")
    assert due(case, "response") == factories.START + timedelta(hours=72)
    assert refused_with(response.respond, actor=world.merchant, case_id=case.pk, **stages.DEFENCE) == (
        "only_the_respondent"
    )
    response.respond(actor=world.buyer, case_id=case.pk, **stages.DEFENCE)
    rebuttal.skip(actor=world.agent, case_id=case.pk)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    Stages(world, at).effective(Stages(world, at).sign(case, points=3))
    assert case.remedies.get().state == "executed"
    assert [(row.side, row.points) for row in case.violations.all()] == [("buyer", 3)]
    at.forward(days=7, sweep_too=True)
    case = stages.again(case)
    assert (case.state, case.outcome, execution.settle_open_refunds()) == ("closed", "for_applicant", 0)


def test_malicious_review_is_marked_by_the_platform_until_a_review_lifts_the_mark(
    world: World, at: Clock, client: Client
) -> None:
    def told() -> tuple[Any, ...]:
        answer = client.get(f"/api/v1/cases/{case.number}/").json()
        rows = [(row["kind"], row["state"], row["by_platform"], row["amount_fen"]) for row in answer["remedies"]]
        return answer["review_marked"], rows

    client.force_login(world.buyer)
    case = merchant_case(world, "malicious_review", "mark_review")
    at.to(due(case, "response"), sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    case = Stages(world, at).effective(Stages(world, at).sign(case, points=6))
    assert (case.outcome, told()) == ("", (True, [("mark_review", "executed", True, 0)]))
    entry = Entry.objects.get(subject=case.subject, verb="remedy_executed")
    assert (entry.facts["kind"], entry.audience) == ("mark_review", "all")
    Stages(world, at).overturn(case)
    assert told() == (False, [("mark_review", "reversed", True, 0)])
    assert set(case.violations.values_list("points", "state")) == {(6, "reversed"), (2, "reversed")}


def test_silent_buyer_is_in_default_and_may_ask_to_set_it_aside(world: World, at: Clock) -> None:
    from arbitration import setaside

    case = merchant_case(world)
    at.to(due(case, "response"), sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    Stages(world, at).effective(Stages(world, at).sign(case))
    arguments: dict[str, Any] = {"case_id": case.pk, "excuse": "住院", "defence": "寄回完好"}
    assert refused_with(setaside.request_set_aside, actor=world.merchant, **arguments) == "only_the_respondent"
    setaside.request_set_aside(actor=world.buyer, **arguments)


def test_buyer_concedes_a_merchants_case_and_it_is_over(world: World, at: Clock) -> None:
    case = rulings.concede(actor=world.buyer, case_id=merchant_case(world).pk)
    assert (case.state, case.outcome, case.violations.count()) == ("closed", "for_applicant", 0)


def test_resend_needs_its_worth_and_no_more_than_the_article_cost(world: World, at: Clock) -> None:
    case = Stages(world, at, "short_or_wrong", "resend").draft()
    claim = stages.claim(case, "short_or_wrong", "resend") | {"missing_reason": "无法取得"}
    arguments: dict[str, Any] = {"actor": world.buyer, "case_id": case.pk, **claim}
    assert refused_with(filing.file, **arguments | {"amount_fen": 0}) == "amount_positive"
    assert refused_with(filing.file, **arguments | {"amount_fen": 129_901}) == "amount_within_paid"
    assert filing.file(**arguments | {"amount_fen": 3_000}).claim_fen == 3_000


@pytest.mark.parametrize(("completed", "side"), [(True, "buyer"), (False, "merchant")])
def test_who_proves_first_is_said_by_the_facts_of_the_order(
    world: World, at: Clock, client: Client, completed: bool, side: str
) -> None:
    case = Stages(world, at, "damaged", "resend").draft()
    if not completed:
        Order.objects.filter(pk=case.order_id).update(completed_at=None)
    client.force_login(world.buyer)
    page = client.get(f"/disputes/{case.number}/file/evidence/")
    assert page.context["burden"]["side"] == side
