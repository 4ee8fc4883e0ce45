"""The review: once per side, only with new bytes, by another arbiter, and what a reversal gives back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from arbitration import assignment, decisions, execution, remedies, reviews, setaside
from arbitration.decisions import WeightInput
from arbitration.models import Review
from core import clock, idempotency
from core.errors import Refused
from disputes import settlement
from disputes.models import AccountEntry, Case
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, due, paper, review_request, step, verdict


def code(verb: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb(**arguments)
    return refused.value.code


def test_review_once_by_the_verb_and_by_the_database(world: World, at: Clock) -> None:
    case = Stages(world, at).in_review()
    for actor in (world.merchant, world.agent):
        request = review_request(case, paper(actor, case))
        assert code(reviews.request_review, actor=actor, case_id=case.pk, **request) == "review_once"
    first = case.reviews.get()
    with pytest.raises(IntegrityError, match="review_once"), transaction.atomic():
        Review.objects.create(
            case=case,
            side="merchant",
            requested_by=world.agent,
            requested_at=clock.now(),
            argument="x",
            why_not_before="y",
            finding=first.finding,
        )


@pytest.mark.parametrize("known", ["own", "theirs", "withdrawn"])
def test_review_needs_new_evidence_by_its_bytes_and_refusal_uses_nothing_up(
    world: World, at: Clock, known: str
) -> None:
    case = Stages(world, at).ruled()
    side = "merchant" if known != "theirs" else "buyer"
    item = case.dossier.items.filter(side=side).first()
    assert item is not None
    if known == "withdrawn":
        case.dossier.items.filter(pk=item.pk).update(
            state="withdrawn", withdrawn_at=clock.now(), withdrawn_reason="放错了"
        )
    copy = paper(world.merchant, case)
    case.dossier.items.filter(pk=copy.pk).delete()
    copy.sha256 = item.sha256
    copy.save(force_insert=True)
    request = review_request(case, copy)
    assert without_new_evidence(world.merchant, case, request) == "review_needs_new_evidence"
    Stages(world, at).review(case, world.merchant)
    assert stages.again(case).state == "in_review"


def without_new_evidence(actor: User, case: Case, request: dict[str, Any]) -> str:
    """The refusal's code, and what it leaves behind written down, as both doors do."""

    def act() -> int:
        return reviews.request_review(actor=actor, case_id=case.pk, **request).version

    with pytest.raises(Refused) as refused:
        idempotency.once(actor=f"user:{actor.pk}", key=uuid4().hex, mark="x", act=act)
    return refused.value.code


def test_review_is_used_up_by_the_second_request_without_new_evidence(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    empty = review_request(case, paper(world.buyer, case)) | {"item_ids": []}
    said = []
    for wait in (0, 59, 1):
        at.forward(seconds=wait)
        said.append((without_new_evidence(world.buyer, case, empty), case.turned_away.count()))
    assert said == [
        ("review_needs_new_evidence", 1),
        ("review_needs_new_evidence", 1),
        ("review_needs_new_evidence", 2),
    ]
    with pytest.raises(Refused, match="两次"):
        Stages(world, at).review(case, world.buyer)
    entries = Entry.objects.filter(subject=case.subject, verb="review_turned_away")
    assert [(row.facts["left"], row.actor) for row in entries] == [(1, world.buyer), (0, world.buyer)]
    assert stages.again(case).version == case.version + 2
    Stages(world, at).review(case, world.merchant)
    assert stages.again(case).reviews.get().side == "merchant"


def test_a_request_without_its_reasons_is_no_try(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    request = review_request(case, paper(world.buyer, case)) | {"item_ids": [], "argument": " "}
    assert without_new_evidence(world.buyer, case, request) == "review_gives_reasons"
    assert case.turned_away.count() == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"finding_id": None}, "review_attacks_a_finding"),
        ({"argument": " "}, "review_gives_reasons"),
        ({"why_not_before": ""}, "review_gives_reasons"),
        ({"item_ids": []}, "review_needs_new_evidence"),
    ],
)
def test_review_incomplete_is_refused(world: World, at: Clock, change: dict[str, Any], expected: str) -> None:
    case = Stages(world, at).ruled()
    request = review_request(case, paper(world.buyer, case)) | change
    assert code(reviews.request_review, actor=world.buyer, case_id=case.pk, **request) == expected
    assert not case.reviews.exists()


def test_other_arbiter_on_review(world: World, at: Clock) -> None:
    case = Stages(world, at).in_review()
    assert code(assignment.take, actor=world.arbiter, case_id=case.pk) == "other_arbiter_on_review"
    assert (
        code(assignment.reassign, actor=world.supervisor, case_id=case.pk, arbiter_id=world.arbiter.pk)
        == "other_arbiter_on_review"
    )
    assignment.take(actor=world.second_arbiter, case_id=case.pk)
    decide: dict[str, Any] = {"case_id": case.pk, **verdict(case, "uphold")}
    assert code(reviews.decide_review, actor=world.second_arbiter, **decide) == "review_hears_both"
    at.to(due(case, "review_answer"))
    reviews.decide_review(actor=world.second_arbiter, **decide)
    case = stages.again(case)
    assert (case.state, case.final, case.remedies.get().state) == ("enforcing", True, "performing")


def test_review_hears_both_or_waits_until_the_answer_is_due(world: World, at: Clock) -> None:
    case = assignment.take(actor=world.second_arbiter, case_id=Stages(world, at).in_review().pk)
    decide: dict[str, Any] = {"case_id": case.pk, **verdict(case, "uphold")}
    at.to(due(case, "review_answer") - timedelta(milliseconds=1))
    assert code(reviews.decide_review, actor=world.second_arbiter, **decide) == "review_hears_both"
    at.to(due(case, "review_answer"))
    assert reviews.decide_review(actor=world.second_arbiter, **decide).final


def test_ruling_reviewable_until_it_is_final(world: World, at: Clock) -> None:
    """A default asked to be set aside keeps the case where it is, though nobody may ask for a review any more."""
    case = Stages(world, at).set_aside_asked()
    at.to(due(case, "review_request"), sweep_too=True)
    case = stages.again(case)
    assert (case.state, case.final) == ("ruled", True)
    assert code(_ask, world=world, case=case) == "ruling_reviewable"


def test_ruling_by_consent_settlement_and_review_decision_are_not_reviewable(world: World, at: Clock) -> None:
    consent = Stages(world, at).enforcing()
    assert (consent.state, code(_ask, world=world, case=consent)) == ("enforcing", "wrong_state")
    settled = Stages(world, at).settling()
    settlement.perform_settlement(actor=world.merchant, case_id=settled.pk)
    execution.settle_open_refunds()
    assert code(_ask, world=world, case=stages.again(settled)) == "wrong_state"
    decided = Stages(world, at).review_answered()
    reviews.decide_review(actor=world.second_arbiter, case_id=decided.pk, **verdict(decided, "uphold"))
    assert code(_ask, world=world, case=stages.again(decided)) == "wrong_state"


def _ask(world: World, case: Case) -> Case:
    return reviews.request_review(
        actor=world.buyer, case_id=case.pk, finding_id=None, argument="a", why_not_before="b", item_ids=[]
    )


def both_ask(world: World, at: Clock) -> Case:
    """The merchant asks, then the buyer; each answers the other; another arbiter holds the case."""
    case = Stages(world, at).in_review()
    Stages(world, at).review(case, world.buyer)
    reviews.answer_review(actor=world.buyer, case_id=case.pk, statement="不认可")
    reviews.answer_review(actor=world.merchant, case_id=case.pk, statement="不认可")
    return assignment.take(actor=world.second_arbiter, case_id=case.pk)


def test_both_sides_ask_and_each_request_has_its_own_decision_and_reason(world: World, at: Clock) -> None:
    case = both_ask(world, at)
    asked = verdict(case, "vary", "uphold")["answers"]
    reasons = [replace(row, reason=text) for row, text in zip(asked, ("时间有误", "与认定无关"), strict=True)]
    new = factories.decision(stages.again(case), remedy="refund", amount_fen=100_000)
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, answers=reasons, ruling=new)
    assert list(case.reviews.order_by("pk").values_list("side", "state", "decision", "reason")) == [
        ("merchant", "decided", "vary", "时间有误"),
        ("buyer", "decided", "uphold", "与认定无关"),
    ]
    assert [row.amount_fen for row in case.rulings.filter(state="in_effect")] == [100_000]


@pytest.mark.parametrize("change", ["one left out", "one twice", "one of another case"])
def test_review_answers_each_open_request_once(world: World, at: Clock, change: str) -> None:
    case = both_ask(world, at)
    given = verdict(case, "uphold", "uphold")
    first, second = given["answers"]
    wrong = {
        "one left out": [first],
        "one twice": [first, second, second],
        "one of another case": [first, replace(second, review_id=second.review_id + 1)],
    }
    given["answers"] = wrong[change]
    with pytest.raises(Refused) as refused:
        reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **given)
    assert (refused.value.code, list(refused.value.fields)) == ("review_answers_each", ["answers"])
    assert set(case.reviews.values_list("state", flat=True)) == {"answered"}


def test_review_weighs_what_is_new_where_the_ruling_stands(world: World, at: Clock) -> None:
    """Of both requests and of an answer; the ruling's own weights are as they were signed."""
    case = Stages(world, at).in_review()
    signed = case.rulings.get()
    before = list(signed.weights.order_by("pk").values())
    paper(world.buyer, case)
    case = Stages(world, at).answer_and_take(case)
    given = verdict(case, "uphold")
    new = [row.item_id for row in given["weights"]]
    assert sorted(new) == sorted(
        str(key) for key in case.dossier.items.filter(lodged_at=clock.now()).values_list("pk", flat=True)
    )
    for weights, field in (
        (given["weights"][:1], "weights[1].weight"),
        ([replace(given["weights"][0], reason=" "), given["weights"][1]], "weights[0].reason"),
    ):
        with pytest.raises(Refused) as refused:
            reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **{**given, "weights": weights})
        assert (refused.value.code, list(refused.value.fields)) == ("review_weighs_what_is_new", [field])
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **given)
    after = list(signed.weights.order_by("pk").values())
    assert after[: len(before)] == before
    assert [(str(row["item_id"]), row["weight"], row["in_review"]) for row in after[len(before) :]] == [
        (key, "part", True) for key in new
    ]
    assert list(case.rulings.values_list("state", flat=True)) == ["in_effect"]


@pytest.mark.parametrize("change", ["a ruling", "a weight already given"])
def test_ruling_stands_as_it_is_where_every_request_is_turned_down(world: World, at: Clock, change: str) -> None:
    case = Stages(world, at).review_answered()
    given = verdict(case, "uphold")
    if change == "a ruling":
        given["ruling"] = factories.decision(stages.again(case))
        field = "findings"
    else:
        weighed = case.rulings.get().weights.all()[0]
        given["weights"].append(WeightInput(str(weighed.item_id), "none", "改判"))
        field = "weights[1].item"
    with pytest.raises(Refused) as refused:
        reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **given)
    assert (refused.value.code, list(refused.value.fields)) == ("ruling_stands", [field])


def test_overturned_after_payment_makes_restitution_and_takes_the_points_back(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    execution.settle_open_refunds()
    assert case.violations.get().state == "recorded"
    Stages(world, at).overturn(case)
    back = case.remedies.get(kind="restitution")
    assert (back.owed_by, back.amount_fen, back.state, back.by_platform) == ("buyer", 129_900, "executed", True)
    assert case.violations.get().state == "reversed"
    assert sum(AccountEntry.objects.values_list("amount_fen", flat=True)) == 0
    case = stages.again(case)
    assert (case.state, case.outcome) == ("closed", "for_respondent")


def test_varied_down_after_payment_asks_for_the_difference_only(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    execution.settle_open_refunds()
    Stages(world, at).review(case, world.merchant)
    at.to(due(case, "review_answer"))
    assignment.take(actor=world.second_arbiter, case_id=case.pk)
    new = factories.decision(stages.again(case), remedy="refund", amount_fen=100_000)
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "vary", ruling=new))
    made = [(row.kind, row.state, row.amount_fen) for row in case.remedies.exclude(ruling=case.rulings.first())]
    assert made == [("restitution", "executed", 29_900)]


def test_money_under_way_arrives_while_questions_are_asked_in_review(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    Stages(world, at).review(case, world.merchant)
    assignment.take(actor=world.second_arbiter, case_id=case.pk)
    from arbitration import information

    information.ask(actor=world.second_arbiter, case_id=case.pk, to_buyer=["何时?"])
    left = due_left(case)
    at.forward(hours=5)
    assert execution.settle_open_refunds() == 1
    assert case.remedies.get().state == "executed"
    information.answer(actor=world.buyer, case_id=case.pk, answers=["昨天"])
    assert due_left(case) == left


def due_left(case: Case) -> Any:
    row = case.deadlines.get(kind="review_answer")
    return row.remaining if row.due_at is None else row.due_at - clock.now()


def test_review_makes_a_waiting_set_aside_needless(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled_on_default()
    setaside.request_set_aside(actor=world.merchant, case_id=case.pk, excuse="停电", defence="已送达")
    case = Stages(world, at).overturn(case)
    assert (case.state, case.set_aside.state) == ("closed", "refused")
    assert not case.deadlines.filter(state="open").exclude(kind="records_kept").exists()


def test_ruling_replaced_stays_readable_and_points_at_nothing_newer(world: World, at: Clock) -> None:
    case = Stages(world, at).review_answered()
    old = case.rulings.get()
    new = factories.decision(stages.again(case), remedy="refund", amount_fen=100)
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "vary", ruling=new))
    latest = case.rulings.get(state="in_effect")
    old.refresh_from_db()
    assert (old.state, latest.replaces, latest.kind, latest.outcome) == ("replaced", old, "review", "partial")
    assert decisions.cap_fen(stages.again(case)) == 129_900
