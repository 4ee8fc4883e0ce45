"""Suspension on a ground: who named it proves it in seven working days, or the case goes on by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import AccessKey
from arbitration import admission, execution, rulings
from core.errors import Refused
from disputes import queries, settlement, suspension, withdrawal
from disputes.models import Case, Deadline
from ledger.models import Entry
from notices.sentences import sentence
from tests import stages
from tests.conftest import Clock, World
from tests.disputes.test_case_pages import reader, url, words
from tests.stages import Stages, due

DUE = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
"""Seven working days of nine hours after Friday 20 November 2026, 10:00 in Beijing."""
LATE = timedelta(minutes=10)


def running(case: Case) -> dict[str, datetime | None]:
    return dict(case.deadlines.filter(state="open").values_list("kind", "due_at"))


def left(case: Case) -> dict[str, timedelta | None]:
    return dict(case.deadlines.filter(state="paused").values_list("kind", "remaining"))


def test_proof_is_due_seven_working_days_after_the_suspension(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    row = case.deadlines.get(kind="suspension_proof")
    assert (row.side, row.calendar, row.opened_at, row.due_at) == ("buyer", "working", at.moment, DUE)
    assert queries.whose_turn(case, list(case.deadlines.filter(state__in=Deadline.RUNNING))) == "buyer"
    assert Entry.objects.get(subject=case.subject, verb="suspend").facts["proof_from"] == "buyer"


def test_without_the_proof_the_case_goes_on_with_what_was_left_of_every_clock(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    kept = left(case)
    assert set(kept) == {"ruling_target", "ruling", "applicant_evidence"}
    at.to(DUE + LATE, sweep_too=True)
    case = stages.again(case)
    assert (case.state, case.returns_to, case.state_since) == ("deliberation", [], DUE)
    assert running(case) == {kind: DUE + rest for kind, rest in kept.items() if rest is not None}
    assert case.suspensions.values_list("state", "proved_at", "ended_at").get() == ("ended", None, DUE)
    ended = case.deadlines.filter(kind__in=["suspension", "suspension_proof"]).values_list("kind", "state")
    assert dict(ended) == {"suspension": "dropped", "suspension_proof": "expired"}
    entry = Entry.objects.get(subject=case.subject, verb="proof_expired")
    assert (entry.at, entry.role, entry.facts["side"]) == (DUE, "system", "buyer")


def test_proof_goes_on_file_and_the_case_stays_suspended_for_its_days(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    ends = due(case, "suspension")
    paper = stages.paper(world.buyer, case)
    at.to(DUE - timedelta(milliseconds=1))
    case = suspension.prove_suspension(actor=world.buyer, case_id=case.pk, item_ids=[str(paper.pk)])
    paper.refresh_from_db()
    assert (paper.state, paper.disclosed_at, paper.late) == ("lodged", at.moment, False)
    assert (case.state, running(case)) == ("suspended", {"suspension": ends})
    assert case.deadlines.get(kind="suspension_proof").state == "met"
    at.to(DUE + LATE, sweep_too=True)
    assert stages.again(case).state == "suspended"
    at.to(ends, sweep_too=True)
    assert stages.again(case).state == "deliberation"


def test_arbiter_who_was_shown_the_proof_says_what_it_was(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    suspension.prove_suspension(actor=world.arbiter, case_id=case.pk, note="11月20日出示受理通知书原件")
    row = case.suspensions.get()
    assert (row.proved_at, row.proof_note) == (at.moment, "11月20日出示受理通知书原件")
    assert running(stages.again(case)).keys() == {"suspension"}
    assert "受理通知书原件" in words(reader(world.merchant).get(url(case)))


def test_laboratory_is_proved_only_by_a_side_that_is_named(world: World, at: Clock) -> None:
    unnamed = Stages(world, at).suspended_by_platform()
    assert running(unnamed).keys() == {"suspension"}
    case = Stages(world, at).deliberated()
    given: dict[str, Any] = {"ground": "laboratory", "days": 5, "reason": "买家自行送检", "proof_from": "buyer"}
    suspension.suspend(actor=world.arbiter, case_id=case.pk, **given)
    assert running(case).keys() == {"suspension", "suspension_proof"}


def test_agreement_of_the_sides_names_nobody(world: World, at: Clock) -> None:
    case = Stages(world, at).suspension_proposed()
    suspension.suspend(actor=world.merchant, case_id=case.pk, proof_from="buyer")
    assert running(case).keys() == {"suspension"}


def test_working_time_left_to_prove_is_given_back_after_a_broken_settlement(world: World, at: Clock) -> None:
    """Settled on Monday at noon, broken three days later: of 63 hours 52 are left, whatever nights lie between."""
    case = Stages(world, at).proof_awaited()
    at.to(datetime(2026, 11, 23, 4, 0, tzinfo=UTC))
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=5000, perform_days=3)
    settlement.accept_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    assert left(case)["suspension_proof"] == timedelta(hours=52)
    at.to(due(case, "settlement"), sweep_too=True)
    assert (stages.again(case).state, due(case, "suspension_proof")) == ("suspended", DUE + timedelta(days=3))


def test_resume_before_due_or_the_proof_is_missing(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    at.to(DUE)
    with pytest.raises(Refused) as refused:
        suspension.resume(actor=world.arbiter, case_id=case.pk)
    assert refused.value.code == "resume_before_due"


def test_both_sides_read_who_has_to_prove_and_until_when(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    buyer, merchant = (words(reader(user, "en").get(url(case))) for user in (world.buyer, world.merchant))
    assert "Your turn to show the proof" in buyer
    assert "You: proof due 1 Dec, 10:00" in buyer
    assert f'href="{url(case, "prove_suspension")}"' in reader(world.buyer).get(url(case)).content.decode()
    assert "Waiting for the buyer to show the proof" in merchant
    assert "The buyer: proof due 1 Dec, 10:00" in merchant
    assert "The case was suspended for 30 days. The buyer has to show the proof" in merchant
    assert "案件中止 30 天，您须提交证明" in words(reader(world.buyer).get(url(case)))


def test_proof_by_who_named_it_has_its_page_and_nobody_elses_is_open(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    client, paper = reader(world.buyer), stages.paper(world.buyer, case)
    page = client.get(url(case, "prove_suspension"))
    assert f'name="items[]" value="{paper.pk}"' in page.content.decode()
    assert "A court or the police has it 已向法院起诉" in words(
        reader(world.buyer, "en").get(url(case, "prove_suspension"))
    )
    assert "由对方提交证明" in words(reader(world.merchant).get(url(case, "prove_suspension")))
    nothing = client.post(url(case, "prove_suspension"), {"idempotency_key": "a", "based_on": case.version})
    assert (nothing.status_code, "请至少选择一份" in words(nothing)) == (422, True)
    given = {"idempotency_key": "b", "based_on": case.version, "items[]": [str(paper.pk)]}
    assert client.post(url(case, "prove_suspension"), given).status_code == 303
    assert "买家：已于 11月20日 10:00 提交证明" in words(reader(world.merchant).get(url(case)))


def test_store_finds_the_proof_among_what_it_has_to_do(world: World, at: Clock) -> None:
    case = Stages(world, at).deliberated()
    given: dict[str, Any] = {"ground": "authority", "days": 30, "reason": "已报案", "proof_from": "merchant"}
    suspension.suspend(actor=world.arbiter, case_id=case.pk, **given)
    assert [(row.case, row.kind) for row in queries.store_duties(world.agent)[0]] == [(case, "suspension_proof")]
    assert "提交中止证明" in words(reader(world.agent).get("/store/cases/"))
    assert "提交中止证明" in words(reader(world.agent).get("/notifications/"))


def test_programs_read_and_show_the_proof(world: World, at: Clock) -> None:
    case = Stages(world, at).proof_awaited()
    secret = AccessKey.issue(label="x", user=world.buyer)[1]
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "k"}
    path = f"/api/v1/cases/{case.number}/"
    seen = Client().get(path, headers=headers).json()
    assert (seen["whose_turn"], seen["suspensions"][0]["proof_from"]) == ("buyer", "buyer")
    assert seen["actions"]["prove_suspension"] == {"open": True, "reason": None}
    paper = stages.paper(world.buyer, case)
    answer = Client().post(
        f"{path}prove_suspension/", {"items": [str(paper.pk)]}, content_type="application/json", headers=headers
    )
    assert answer.status_code == 200, answer.content
    assert Client().get(path, headers=headers).json()["suspensions"][0]["proved_at"] == "2026-11-20T10:00:00+08:00"


SAID = [
    ("proof_awaited", "suspend", "The case was suspended for 30 days. The buyer has to show the proof"),
    ("suspended", "suspend", "The case was suspended for 5 days"),
    ("proved", "prove_suspension", "The buyer showed the proof the suspension rests on"),
]


@pytest.mark.parametrize(("stage", "verb", "text"), SAID)
def test_entry_says_who_has_to_prove(world: World, at: Clock, stage: str, verb: str, text: str) -> None:
    case = getattr(Stages(world, at), stage)()
    with translation.override("en"):
        assert sentence(Entry.objects.get(subject=case.subject, verb=verb)) == text


def pauses(case: Case) -> list[tuple[str, datetime | None]]:
    return list(case.suspensions.values_list("state", "ended_at"))


def test_a_proposal_ends_when_a_ruling_takes_effect(world: World, at: Clock) -> None:
    stage = Stages(world, at)
    case = stage.deliberated()
    suspension.propose_suspension(actor=world.buyer, case_id=case.pk, days=5, reason="出差")
    assert pauses(case) == [("proposed", None)]
    ruled = stage.effective(stage.sign(case))
    assert (ruled.state, pauses(case)) == ("ruled", [("lapsed", ruled.state_since)])


def test_a_proposal_ends_when_the_claim_is_conceded_withdrawn_or_not_admitted(world: World, at: Clock) -> None:
    stage = Stages(world, at)
    ends: dict[str, tuple[Any, Any]] = {
        "enforcing": (stage.admitted, lambda case: rulings.concede(actor=world.merchant, case_id=case.pk)),
        "closed": (stage.admitted, lambda case: withdrawal.withdraw(actor=world.buyer, case_id=case.pk)),
        "not_admitted": (
            stage.taken,
            lambda case: admission.refuse(
                actor=world.arbiter, case_id=case.pk, ground="late", clause="AD-01", reason="超过期限"
            ),
        ),
    }
    for state, (begun, end) in ends.items():
        case = begun()
        suspension.propose_suspension(actor=world.buyer, case_id=case.pk, days=5, reason="出差")
        ended = end(case)
        assert (ended.state, pauses(case)) == (state, [("lapsed", at.moment)]), state


def test_a_proposal_ends_when_the_case_lapses(world: World, at: Clock) -> None:
    case = Stages(world, at).asked_at_admission()
    suspension.propose_suspension(actor=world.buyer, case_id=case.pk, days=5, reason="出差")
    lapsed_at = at.to(due(case, "information"), sweep_too=True)
    assert (stages.again(case).outcome, pauses(case)) == ("lapsed", [("lapsed", lapsed_at)])


def test_what_paused_a_case_ends_when_it_is_withdrawn_or_settled(world: World, at: Clock) -> None:
    case = Stages(world, at).suspended()
    withdrawal.withdraw(actor=world.buyer, case_id=case.pk)
    assert pauses(case) == [("ended", at.moment)]
    case = Stages(world, at).suspended()
    settlement.offer(actor=world.buyer, case_id=case.pk, amount_fen=10000)
    settlement.accept_offer(actor=world.merchant, case_id=case.pk, offer_id=case.offers.get().pk)
    settlement.perform_settlement(actor=world.merchant, case_id=case.pk)
    execution.settle_open_refunds()
    assert (stages.again(case).state, pauses(case)[0][0]) == ("closed", "ended")
