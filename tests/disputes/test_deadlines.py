"""UNTIL WHEN: half-open to the millisecond, decided under the lock by the database's clock; pauses keep the rest."""

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from arbitration import information, reviews, rulings, setaside
from core import clock
from core.errors import Refused
from disputes import deadlines, exhibits, extension, filing, rebuttal, response, settlement, suspension
from disputes.models import Case, Deadline, Statement
from rulebook.queries import Length
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, due

MILLISECOND = timedelta(milliseconds=1)

PLATFORMS = {"ruling_target", "ruling"}
RUNNING = [
    # stage, the clocks that run then, those that stand (DOMAIN §3, its last column)
    ("filed", {"admission_target", "admission", "applicant_evidence"}, set()),
    ("asked_at_admission", {"information", "applicant_evidence"}, {"admission_target", "admission"}),
    ("not_admitted", {"records_kept"}, set()),
    ("admitted", {"response", "applicant_evidence"}, set()),
    ("responded", {"rebuttal", "applicant_evidence"}, set()),
    ("deliberated", {*PLATFORMS, "applicant_evidence"}, set()),
    ("defaulted", {*PLATFORMS, "applicant_evidence"}, set()),
    ("asked", {"information", "applicant_evidence"}, PLATFORMS),
    ("answered_by_one", {"information", "applicant_evidence"}, PLATFORMS),
    ("signed", {*PLATFORMS, "ruling_undo", "applicant_evidence"}, set()),
    ("ruled", {"review_request", "perform"}, set()),
    ("ruled_on_default", {"review_request", "perform", "set_aside"}, set()),
    ("in_review", {"review_request", "review_answer", "review_target", "review_decision"}, set()),
    ("set_aside_asked", {"review_request", "set_aside_target", "set_aside_decision"}, set()),
    ("enforcing", {"perform"}, set()),
    ("settling", {"settlement"}, {"response", "applicant_evidence"}),
    ("suspended", {"suspension"}, {"response", "applicant_evidence"}),
    ("proof_awaited", {"suspension", "suspension_proof"}, {*PLATFORMS, "applicant_evidence"}),
    ("proved", {"suspension"}, {*PLATFORMS, "applicant_evidence"}),
    ("withdrawn", {"records_kept"}, set()),
    ("closed", {"records_kept"}, set()),
]


@pytest.mark.parametrize(("stage", "runs", "stands"), RUNNING)
def test_transition_opens_and_pauses_the_clocks_of_the_domain(
    world: World, at: Clock, stage: str, runs: set[str], stands: set[str]
) -> None:
    case = getattr(Stages(world, at), stage)()
    found = {state: set[str]() for state in Deadline.RUNNING}
    for row in case.deadlines.filter(state__in=Deadline.RUNNING):
        found[row.state].add(row.kind)
    assert found == {"open": runs, "paused": stands}


def resumed(case: Case) -> set[str]:
    return set(case.deadlines.filter(state="open").values_list("kind", flat=True))


def test_interruption_that_ends_resumes_the_clocks_of_the_domain(world: World, at: Clock) -> None:
    stage = Stages(world, at)
    answered = information.answer(actor=world.merchant, case_id=stage.answered_by_one().pk, answers=["门口"])
    assert resumed(answered) == {*PLATFORMS, "applicant_evidence"}
    going_on = suspension.resume(actor=world.arbiter, case_id=stage.suspended_by_platform().pk)
    assert resumed(going_on) == {*PLATFORMS, "applicant_evidence"}
    asked = stage.set_aside_asked()
    again = setaside.set_aside(actor=world.second_arbiter, case_id=asked.pk, reason="停电")
    assert resumed(again) == {"response"}
    broken = stage.settling()
    at.to(due(broken, "settlement"), sweep_too=True)
    assert resumed(broken) == {"response", "applicant_evidence"}
    decided = stage.overturn(stage.ruled())
    assert resumed(decided) == {"records_kept"}


GATES = [
    # stage, clock, who, verb, arguments, the code when it is too late
    ("admitted", "response", "merchant", response.respond, stages.DEFENCE, "respond_before_due"),
    ("responded", "rebuttal", "buyer", rebuttal.rebut, {"statement": "不认可"}, "rebut_before_due"),
    ("responded", "rebuttal", "buyer", rebuttal.skip, {}, "rebut_before_due"),
    ("asked", "information", "buyer", information.answer, {"answers": ["昨天"]}, "answer_before_due"),
    ("admitted", "response", "merchant", extension.extend, {"reason": "等待"}, "extend_before_due"),
    ("signed", "ruling_undo", "arbiter", rulings.undo_ruling, {}, "undo_within_a_minute"),
    ("ruled", "review_request", "merchant", reviews.request_review, "review", "review_before_due"),
    ("in_review", "review_answer", "buyer", reviews.answer_review, {"statement": "不"}, "answer_review_before_due"),
    (
        "ruled_on_default",
        "set_aside",
        "merchant",
        setaside.request_set_aside,
        {"excuse": "停电", "defence": "已送达"},
        "set_aside_before_due",
    ),
    ("offered", "offer", "buyer", settlement.accept_offer, "offer", "accept_before_due"),
    ("proof_awaited", "suspension_proof", "buyer", None, "prove_suspension", "prove_before_due"),
    ("proof_awaited", "suspension_proof", "arbiter", None, "prove_suspension", "prove_before_due"),
    ("settling", "settlement", "merchant", settlement.perform_settlement, {}, "perform_settlement_before_due"),
    ("ruled", "perform", "merchant", None, "perform", "perform_before_due"),
    ("to_ship_back", "ship_back", "buyer", None, "ship_back", "perform_before_due"),
    ("shipped_back", "confirm_return", "merchant", None, "confirm_return", "perform_before_due"),
    ("draft", "draft_kept", "buyer", filing.file, "file", "file_before_draft_dropped"),
]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: f"{gate[1]}-{gate[5]}")
def test_act_is_open_until_a_millisecond_before_its_clock_is_due(gate: Any, world: World, at: Clock) -> None:
    stage, kind, who, verb, given_arguments, code = gate
    case, actor = stages.again(getattr(Stages(world, at), stage)()), getattr(world, who)
    ref = who_side(who) if kind == "information" else None
    moment = due(case, kind, ref)
    from arbitration.operations import OPERATIONS

    act = given_arguments if isinstance(given_arguments, str) else ""
    names = {"review": "request_review", "offer": "accept_offer"}
    name = names.get(act, act)
    verb = verb or OPERATIONS[name].verb

    def attempt(when: datetime) -> str:
        with clock.frozen(when), transaction.atomic():
            arguments = stages.arguments(case, name, actor, world) if name else given_arguments
            try:
                with transaction.atomic():
                    verb(actor=actor, case_id=case.pk, **arguments)
                return "accepted"
            except Refused as refused:
                return refused.code
            finally:
                transaction.set_rollback(True)

    assert [attempt(moment + shift) for shift in (-MILLISECOND, timedelta(), MILLISECOND)] == ["accepted", code, code]


def who_side(who: str) -> str:
    return who


def test_ruling_binds_from_its_minute_on_though_nobody_swept(world: World, at: Clock) -> None:
    case = Stages(world, at).signed()
    at.to(due(case, "ruling_undo"))
    from disputes import withdrawal

    for verb, who, more in (
        (withdrawal.withdraw, world.buyer, {}),
        (rulings.concede, world.merchant, {}),
        (settlement.offer, world.buyer, {"amount_fen": 100}),
        (suspension.propose_suspension, world.buyer, {"days": 3, "reason": "送检"}),
    ):
        with pytest.raises(Refused) as refused:
            verb(actor=who, case_id=case.pk, **more)
        assert refused.value.code == "before_a_ruling"


def test_questions_in_review_open_no_way_around_the_ruling(world: World, at: Clock) -> None:
    case = Stages(world, at).asked_in_review()
    from disputes import withdrawal

    with pytest.raises(Refused) as refused:
        withdrawal.withdraw(actor=world.buyer, case_id=case.pk)
    assert refused.value.code == "before_a_ruling"


# --- evidence and more time ------------------------------------------------------------------------------------------
def test_extension_once_per_side_and_before_its_clock_is_due(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    first = due(case, "response")
    extension.extend(actor=world.merchant, case_id=case.pk, reason="等待承运人")
    assert due(case, "response") == first + timedelta(hours=24)
    with pytest.raises(Refused) as refused:
        extension.extend(actor=world.agent, case_id=case.pk, reason="再等等")
    assert refused.value.code == "extension_once"
    response.respond(actor=world.merchant, case_id=case.pk, **stages.DEFENCE)
    extension.extend(actor=world.buyer, case_id=case.pk, reason="出差")


@pytest.mark.parametrize("extended_before", [False, True])
def test_late_items_of_the_applicant_extend_the_response_once(world: World, at: Clock, extended_before: bool) -> None:
    case = Stages(world, at).admitted()
    if extended_before:
        extension.extend(actor=world.merchant, case_id=case.pk, reason="等待承运人")
    first = due(case, "response")
    at.to(first - timedelta(hours=1))
    for _time in range(2):
        exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(stages.paper(world.buyer, case).pk)])
        assert due(case, "response") == first + timedelta(hours=24)


def test_items_after_the_response_was_due_extend_nothing(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    at.to(due(case, "response"))
    exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(stages.paper(world.buyer, case).pk)])
    case = stages.again(case)
    assert (case.state, case.by_default) == ("deliberation", True)
    assert list(case.deadlines.filter(kind="response").values_list("state", flat=True)) == ["expired"]


def test_early_items_extend_nothing(world: World, at: Clock) -> None:
    case = Stages(world, at, cause="damaged").admitted()  # 48 h to respond
    first = due(case, "response")
    exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(stages.paper(world.buyer, case).pk)])
    assert due(case, "response") == first


# --- pausing ---------------------------------------------------------------------------------------------------------
STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "settle", "suspend"]), st.integers(0, 20 * 60), st.integers(1, 20 * 60)),
    min_size=1,
    max_size=4,
    unique_by=lambda step: step[0],
)


def test_pauses_in_any_order_give_back_exactly_what_was_left(world: World, at: Clock) -> None:
    """Time runs off only while a clock is open; a paused one never comes up in a sweep."""
    case = Stages(world, at).deliberated()

    @settings(max_examples=25, deadline=None, database=None)
    @given(steps=STEPS)
    def check(steps: list[tuple[str, int, int]]) -> None:
        with transaction.atomic():
            at.to(factories.START)
            pause_and_resume(case, at, steps)
            transaction.set_rollback(True)

    check()


def pause_and_resume(case: Case, at: Clock, steps: list[tuple[str, int, int]]) -> None:
    paused_by = {"ask": deadlines.PLATFORM, "settle": deadlines.ALL, "suspend": deadlines.ALL}
    at.forward(minutes=steps[0][1])
    rows = list(case.deadlines.filter(kind__in=["ruling", "ruling_target"], state="open"))
    left = {row.pk: row.due_at - clock.now() for row in rows if row.due_at}
    for kind, _before, inside in steps:
        deadlines.pause(case, paused_by[kind], clock.now())
        at.forward(minutes=inside, sweep_too=True)
        assert set(Deadline.objects.filter(pk__in=left).values_list("state", flat=True)) == {"paused"}
    for position, (kind, _before, inside) in enumerate(reversed(steps)):
        if position:
            at.forward(minutes=inside)
        deadlines.resume(case, paused_by[kind], clock.now())
    for row in Deadline.objects.filter(pk__in=left):
        assert (row.state, row.due_at, row.pauses) == ("open", clock.now() + left[row.pk], 0)


def test_nested_interruptions_by_their_verbs_give_back_what_was_left(world: World, at: Clock) -> None:
    """Questions at 10 h, suspended at 12 h, settled at 13 h, broken after 2 days, resumed a day later, answered."""
    case = Stages(world, at).deliberated()
    total = due(case, "ruling") - clock.now()
    at.forward(hours=10)
    information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=["何时?"])
    asked_for = due(case, "information") - clock.now()
    at.forward(hours=2)
    suspension.propose_suspension(actor=world.buyer, case_id=case.pk, days=5, reason="送检")
    suspension.suspend(actor=world.merchant, case_id=case.pk)
    at.forward(hours=1)
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=100, perform_days=2)
    settlement.accept_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    at.forward(days=2, sweep_too=True)
    case = stages.again(case)
    assert (case.state, case.returns_to) == ("suspended", ["deliberation", "awaiting_information"])
    assert due(case, "suspension") == clock.now() + timedelta(days=5) - timedelta(hours=1)
    suspension.resume(actor=world.buyer, case_id=case.pk)
    assert due(case, "information") == clock.now() + asked_for - timedelta(hours=2)
    information.answer(actor=world.buyer, case_id=case.pk, answers=["昨天"])
    case = stages.again(case)
    assert (case.state, case.returns_to) == ("deliberation", [])
    assert due(case, "ruling") == clock.now() + total - timedelta(hours=10)


def test_working_hours_are_left_as_they_were(world: World, at: Clock) -> None:
    case = Stages(world, at).deliberated()
    row = deadlines.open_clock(case, "offer", clock.now(), ref="x", length=Length("offer", 20, "hours", "working"))
    at.forward(hours=3)
    deadlines.pause(case, ["offer"], clock.now())
    row.refresh_from_db()
    assert row.remaining == timedelta(hours=17)
    at.forward(days=3)  # Monday 13:00 in Beijing
    deadlines.resume(case, ["offer"], clock.now())
    row.refresh_from_db()
    assert row.due_at == datetime.fromisoformat("2026-11-25T12:00:00+08:00")


# --- the moment is taken under the lock, by the database's clock -----------------------------------------------------
@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="row locks are PostgreSQL's")
def test_act_that_waits_for_the_lock_past_its_due_moment_is_refused(transactional_db: None) -> None:
    from tests.conftest import Clock as Moving
    from tests.conftest import build_world

    with clock.frozen(factories.START):
        world = build_world()
        case = Stages(world, Moving(factories.START)).admitted()
    due_at = clock.now() + timedelta(seconds=1.5)
    Deadline.objects.filter(case=case, kind="response").update(due_at=due_at)
    held, outcome = threading.Event(), []

    def hold() -> None:
        with transaction.atomic():
            Case.objects.locked(case.pk)
            held.set()
            while clock.now() < due_at + timedelta(seconds=0.2):
                time.sleep(0.05)
        connections.close_all()

    def respond() -> None:
        try:
            response.respond(actor=world.merchant, case_id=case.pk, **stages.DEFENCE)
            outcome.append("accepted")
        except Refused as refused:
            outcome.append(refused.code)
        connections.close_all()

    holder, sender = threading.Thread(target=hold), threading.Thread(target=respond)
    holder.start()
    assert held.wait(5)
    assert clock.now() < due_at
    sender.start()
    holder.join(10)
    sender.join(10)
    assert outcome == ["respond_before_due"]
    assert not Statement.objects.exists()


def test_clock_is_the_databases(db: None) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no clock of its own")
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    assert before <= clock.now()
