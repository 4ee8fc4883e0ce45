"""Every constraint of the database, by itself: the last line where code is wrong."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from arbitration import execution, remedies, rulings
from arbitration.models import Acknowledgement, InformationRequest, ItemWeight, Remedy, Ruling, SetAside, Violation
from core import clock
from disputes import settlement, withdrawal
from disputes.models import (
    AccountEntry,
    AfterSales,
    Case,
    Deadline,
    Debt,
    Draft,
    ErasureRequest,
    Hold,
    LogisticsEvent,
    Offer,
    Order,
    OrderLine,
    Rebuttal,
    Refund,
    Statement,
    Suspension,
)
from ledger.models import Entry
from tests import stages
from tests.conftest import Clock, World, taken_back
from tests.stages import Stages, due


def twin(row: Any, **changes: Any) -> Any:
    """The same row again, under a new key."""
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    return row


def now() -> Any:
    return clock.now()


def deadline(case: Case, **changes: Any) -> Deadline:
    values = {"case": case, "kind": "response", "opened_at": now(), "due_at": now()} | changes
    return Deadline.objects.create(**values)


def debt(case: Case, **changes: Any) -> Debt:
    values = {"key": "d", "order": case.order, "store": case.store, "reason": "advance", "amount_fen": 10} | changes
    return Debt.objects.create(**values, arose_at=now())


def statement(case: Case, world: World) -> None:
    for _time in range(2):
        Statement.objects.create(case=case, side="buyer", author=world.buyer, stage="response", text="x", at=now())


def rebuttal(case: Case) -> None:
    for _time in range(2):
        Rebuttal.objects.create(
            case=case, item=case.dossier.items.get(side="buyer"), side="merchant", stance="accepted", at=now()
        )


def offer(case: Case, world: World, **changes: Any) -> None:
    values = {"case": case, "side": "buyer", "author": world.buyer, "amount_fen": 1, "perform_days": 1} | changes
    for _time in range(2):
        Offer.objects.create(**values, valid_hours=1, made_at=now())


def suspension(case: Case) -> None:
    for _time in range(2):
        Suspension.objects.create(
            case=case, ground="agreed", proposed_by="buyer", days=1, reason="x", proposed_at=now()
        )


def acknowledge(case: Case) -> None:
    for _time in range(2):
        Acknowledgement.objects.create(ruling=case.rulings.get(), side="buyer", at=now())


def asked(case: Case, world: World) -> None:
    for _time in range(2):
        InformationRequest.objects.create(
            case=case, side="buyer", round=1, stage="x", questions=[], asked_by=world.arbiter, asked_at=now()
        )


def set_aside(case: Case, world: World) -> None:
    for _time in range(2):
        SetAside.objects.create(case=case, requested_by=world.buyer, excuse="x", defence="y", requested_at=now())


def paused_without_rest(case: Case, _world: World) -> None:
    deadline(case, kind="offer", state="paused", due_at=None, remaining=None)


def kept_longer(case: Case, world: World, *, reason: str) -> Hold:
    return Hold.objects.create(order=case.order, reason=reason, until=now(), set_by=world.supervisor, set_at=now())


CONSTRAINTS: dict[str, Callable[[Case, World], object]] = {
    "one_open_case_per_line": lambda case, _w: twin(case, number="X", dossier=_dossier(case)),
    "claim_not_negative": lambda case, _w: Case.objects.filter(pk=case.pk).update(claim_fen=-1),
    "claim_penalty_not_negative": lambda case, _w: Case.objects.filter(pk=case.pk).update(claim_penalty_fen=-1),
    "closed_has_outcome": lambda case, _w: Case.objects.filter(pk=case.pk).update(state="closed"),
    "one_open_deadline_per_kind": lambda case, _w: [deadline(case, kind="offer") for _time in range(2)],
    "deadline_has_one_subject": lambda case, _w: deadline(case, kind="offer", after_sales=case.after_sales),
    "paused_clock_does_not_tick": paused_without_rest,
    "one_open_after_sales_deadline": lambda case, _w: [
        Deadline.objects.create(after_sales=case.after_sales, kind="x", opened_at=now(), due_at=now())
        for _t in range(2)
    ],
    "refund_within_paid": lambda case, _w: Order.objects.filter(pk=case.order_id).update(refunded_fen=10**9),
    "order_amounts_not_negative": lambda case, _w: Order.objects.filter(pk=case.order_id).update(freight_fen=-1),
    "order_line_position_once": lambda case, _w: twin(OrderLine.objects.get(pk=case.line_id)),
    "logistics_event_once": lambda case, _w: [
        LogisticsEvent.objects.create(order=case.order, at=case.created_at, code="x", text="y") for _time in range(2)
    ],
    "debt_has_one_debtor": lambda case, _w: debt(case, buyer=case.buyer),
    "debt_within_its_amount": lambda case, _w: debt(case, paid_fen=-1),
    "debt_settled_when_nothing_is_open": lambda case, _w: debt(case, paid_fen=10),
    "refund_amount_positive": lambda case, _w: Refund.objects.create(
        order=case.order, line=case.line, key="k", amount_fen=0, requested_at=now()
    ),
    "after_sales_one_live": lambda case, _w: twin(AfterSales.objects.get(cases=case), dossier=None),
    "after_sales_amounts": lambda case, _w: AfterSales.objects.update(amount_fen=-1),
    "held_once": lambda case, w: [kept_longer(case, w, reason="x") for _time in range(2)],
    "hold_needs_reason": lambda case, w: kept_longer(case, w, reason=""),
    "erasure_asked_once": lambda _c, w: [
        ErasureRequest.objects.create(user=w.buyer, asked_at=now()) for _time in range(2)
    ],
    "one_open_offer_per_side": offer,
    "offer_not_negative": lambda case, world: offer(case, world, amount_fen=-1),
    "one_live_suspension": lambda case, _w: suspension(case),
    "statement_once_per_stage": statement,
    "rebuttal_once_per_item": lambda case, _w: rebuttal(case),
    "one_ruling_in_effect": lambda case, _w: twin(case.rulings.get()),
    "one_ruling_waiting": lambda case, _w: [
        twin(case.rulings.first(), state="waiting", effective_at=None) for _time in range(2)
    ],
    "ruling_binds_from_its_moment": lambda case, _w: Ruling.objects.update(state="dropped"),
    "ruling_amount_not_negative": lambda case, _w: Ruling.objects.update(amount_fen=-1),
    "finding_position_once": lambda case, _w: twin(case.rulings.get().findings.get()),
    "weighed_once_per_ruling": lambda case, _w: twin(ItemWeight.objects.first()),
    "acknowledged_once": lambda case, _w: acknowledge(case),
    "executed_exactly_once": lambda case, _w: twin(case.remedies.get()),
    "remedy_amount_not_negative": lambda case, _w: Remedy.objects.update(amount_fen=-1),
    "violation_once": lambda case, _w: twin(Violation.objects.get()),
    "asked_once_per_round_and_side": asked,
    "arbitration_setaside_case_id": set_aside,
    "booked_once_per_key": lambda _c, _w: [
        AccountEntry.objects.create(key="k", account="x", amount_fen=1, at=now()) for _time in range(2)
    ],
    "draft_once": lambda _c, world: [
        Draft.objects.create(user=world.buyer, form="x", saved_at=now()) for _time in range(2)
    ],
}


def _dossier(case: Case) -> Any:
    from evidence.models import Dossier

    return Dossier.objects.create(subject="case:X", buyer=case.buyer, store=case.store)


@pytest.fixture(scope="module")
def ruled(kept_world: tuple[World, Clock]) -> Iterator[Case]:
    with taken_back():
        yield Stages(*kept_world).ruled()


@pytest.mark.parametrize("rule", CONSTRAINTS)
def test_constraint_holds_by_itself(rule: str, ruled: Case, kept_world: tuple[World, Clock], db: None) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        CONSTRAINTS[rule](stages.again(ruled), kept_world[0])


def test_every_constraint_of_the_case_is_tried() -> None:
    from django.apps import apps

    named = {
        constraint.name
        for label in ("disputes", "arbitration")
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    }
    assert named - {"review_once"} == set(CONSTRAINTS) - {"arbitration_setaside_case_id"}


def test_closed_case_has_no_clock_but_the_records(world: World, at: Clock) -> None:
    for name in ("closed", "withdrawn", "not_admitted", "lapsed", "settled", "settled_in_the_minute"):
        done = ENDINGS[name](Stages(world, at)) if name in ENDINGS else getattr(Stages(world, at), name)()
        running = done.deadlines.filter(state__in=["open", "paused"])
        assert list(running.values_list("kind", flat=True)) == ["records_kept"], name
        completed_at = done.order.completed_at
        assert completed_at is not None
        assert due(done, "records_kept") == completed_at + timedelta(days=1096), name


def test_records_of_an_order_never_completed_are_kept_from_the_end_of_the_case(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    Order.objects.filter(pk=case.order_id).update(completed_at=None)
    withdrawal.withdraw(actor=world.buyer, case_id=case.pk)
    assert due(case, "records_kept") == at.moment + timedelta(days=1096)


def test_review_material_is_kept_31_days_longer_than_its_window(world: World, at: Clock) -> None:
    """An order completed almost three years before its case was ruled."""
    case = Stages(world, at).ruled()
    window = due(case, "review_request")
    Order.objects.filter(pk=case.order_id).update(completed_at=at.moment - timedelta(days=1090))
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=stages.step(case, "refund"))
    execution.settle_open_refunds()
    at.to(window, sweep_too=True)
    assert stages.again(case).state == "closed"
    assert due(case, "records_kept") == window + timedelta(days=31)


@pytest.mark.parametrize("ending", ["withdrawn", "conceded", "settled"])
def test_ruling_signed_when_the_sides_end_the_case_never_takes_effect(world: World, at: Clock, ending: str) -> None:
    case = Stages(world, at).signed()
    signed = case.rulings.get(state="waiting")
    if ending == "withdrawn":
        withdrawal.withdraw(actor=world.buyer, case_id=case.pk)
    elif ending == "conceded":
        rulings.concede(actor=world.merchant, case_id=case.pk)
    else:
        _settle(Stages(world, at), case)
    at.forward(minutes=5, sweep_too=True)
    signed.refresh_from_db()
    assert (signed.state, signed.effective_at) == ("dropped", None)
    entry = Entry.objects.get(subject=case.subject, verb="ruling_dropped")
    assert (entry.audience, entry.facts) == ("platform", {"ruling": signed.pk})
    assert stages.again(case).state == {"conceded": "enforcing"}.get(ending, "closed")
    assert not case.deadlines.exclude(parked_because="").exists()


def _settle(story: Stages, case: Case) -> Case:
    settlement.offer(actor=story.world.merchant, case_id=case.pk, amount_fen=5000, valid_hours=12)
    settlement.accept_offer(actor=story.world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    settlement.perform_settlement(actor=story.world.merchant, case_id=case.pk)
    execution.settle_open_refunds()
    return stages.again(case)


def _lapsed(story: Stages) -> Case:
    case = story.asked_at_admission()
    story.at.forward(hours=36, sweep_too=True)
    return stages.again(case)


ENDINGS: dict[str, Callable[[Stages], Case]] = {
    "lapsed": _lapsed,
    "settled": lambda story: _settle(story, story.admitted()),
    "settled_in_the_minute": lambda story: _settle(story, story.signed()),
}


def test_lapsed_when_the_applicant_gives_nothing_at_the_preliminary_review(world: World, at: Clock) -> None:
    waiting = Stages(world, at).asked_at_admission()
    at.forward(hours=36, sweep_too=True)
    waiting = stages.again(waiting)
    assert (waiting.state, waiting.outcome, waiting.returns_to) == ("closed", "lapsed", [])
    assert waiting.closed_at is not None
    assert waiting.closed_at <= clock.now() + timedelta()
