"""WHO: predicates on somebody and something, and what the tables of people and stores hold by themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts import policy, stores
from accounts.actors import CLOCK, System
from accounts.models import Membership, StaffInvitation, Store
from core.errors import Refused
from tests.conftest import World

MARKET = System("integration:market")
TRUTH = [
    # (action, who may, who may not, with which code)
    ("after_sales.ask", ["buyer"], ["merchant", "agent", "other_buyer", "arbiter", "clock"], "only_the_buyer"),
    ("after_sales.agree", ["merchant", "agent"], ["buyer", "other_merchant", "supervisor"], "only_the_merchant"),
    ("after_sales.write", ["buyer", "merchant", "agent"], ["other_buyer", "auditor", "clock"], "only_a_party"),
    ("order.receive", ["market"], ["buyer", "merchant", "administrator", "clock"], "only_an_integration"),
    ("case.withdraw", ["buyer"], ["merchant", "arbiter", "other_buyer"], "only_the_applicant"),
    ("case.respond", ["merchant", "agent"], ["buyer", "other_merchant", "supervisor"], "only_the_respondent"),
    (
        "case.take",
        ["arbiter", "second_arbiter", "supervisor"],
        ["buyer", "administrator", "auditor"],
        "only_an_arbiter",
    ),
    ("case.reassign", ["supervisor"], ["arbiter", "administrator", "merchant"], "only_a_supervisor"),
    ("case.admit", ["arbiter"], ["second_arbiter", "supervisor"], "taken_before_decided"),
    ("case.take_effect", ["clock"], ["supervisor", "administrator", "buyer", "market"], "only_the_system"),
    ("people.see", ["administrator"], ["supervisor", "auditor", "merchant", "clock"], "only_an_administrator"),
]


@pytest.mark.parametrize(("action", "may", "no", "code"), TRUTH)
def test_action_is_for_those_it_names(world: World, action: str, may: list[str], no: list[str], code: str) -> None:
    case = world.filed()
    case.handler = world.arbiter
    actors = vars(world) | {"clock": CLOCK, "market": MARKET}
    said = {name: policy.refusal(actors[name], action, case) for name in may + no}
    assert {name: refused.code if refused else "ok" for name, refused in said.items()} == (
        dict.fromkeys(may, "ok") | dict.fromkeys(no, code)
    )


@pytest.mark.parametrize("action", ["case.take", "case.admit", "case.rule", "case.reassign", "case.decide_return"])
def test_no_own_interest_for_an_arbiter_who_is_a_side(world: World, action: str) -> None:
    case = world.filed()
    for side in (world.buyer, world.merchant):
        side.staff_role = "supervisor"
        case.handler = side
        refused = policy.refusal(side, action, case)
        assert refused is not None
        assert refused.code == "no_own_interest"


def test_only_the_owner_adds_agents(world: World) -> None:
    for actor in (world.agent, world.other_merchant, world.buyer):
        with pytest.raises(Refused) as refused:
            stores.add_agent(actor=actor, store_id=world.store.pk, email=world.buyer.email)
        assert refused.value.code == "only_the_owner"
    assert world.store.memberships.count() == 2


def test_agent_has_account(world: World) -> None:
    with pytest.raises(Refused) as refused:
        stores.add_agent(actor=world.merchant, store_id=world.store.pk, email="nobody@example.test")
    assert (refused.value.code, list(refused.value.fields)) == ("agent_has_account", ["email"])
    assert world.store.memberships.count() == 2


# --- by the database -------------------------------------------------------------------------------------------------
def invitation(**changes: Any) -> StaffInvitation:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    values = {"email": "a@example.test", "staff_role": "arbiter", "digest": str(StaffInvitation.objects.count())}
    return StaffInvitation.objects.create(**values | changes, invited_at=moment, expires_at=moment)


HELD: dict[str, Callable[[World], object]] = {
    "deposit_not_negative": lambda world: Store.objects.filter(pk=world.store.pk).update(deposit_fen=-1),
    "membership_once": lambda world: Membership.objects.create(store=world.store, user=world.agent),
    "staff_invitation_once": lambda _world: [invitation() for _time in range(2)],
    "staff_invitation_has_role": lambda _world: invitation(staff_role=""),
}


@pytest.mark.parametrize("rule", HELD)
def test_constraint_holds_by_itself(world: World, rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        HELD[rule](world)
