"""The background of a case: counts that are alike for both sides, out of sight until somebody asks for them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from arbitration.background import Background, both_sides
from disputes.models import Case, Order
from tests import factories
from tests.conftest import World
from tests.forms import entered

pytestmark = pytest.mark.django_db

NONE = {
    "for_it": 0,
    "against_it": 0,
    "partial": 0,
    "settled": 0,
    "withdrawn": 0,
    "lapsed": 0,
    "not_admitted": 0,
    "open": 0,
}


def earlier(world: World, case: Case, *, buyer: User | None = None, days: int = 30, **fields: Any) -> Case:
    """A case that was filed ``days`` before ``case`` and stands where ``fields`` say."""
    made = factories.draft_case(
        buyer or world.buyer, world.merchant, factories.order(buyer or world.buyer, world.store)
    )
    assert case.filed_at is not None
    filed_at = case.filed_at - timedelta(days=days)
    closed = {"closed_at": filed_at} if fields.get("state") == "closed" else {}
    Case.objects.filter(pk=made.pk).update(**{"cause": "damaged", "filed_at": filed_at, **closed, **fields})
    return made


@pytest.fixture
def case(world: World) -> Case:
    """Both sides have a past of their own; besides, there is what must not be counted."""
    case = world.deliberated()
    for outcome in ("for_applicant", "for_applicant", "for_respondent", "partial", "settled", "withdrawn", "lapsed"):
        earlier(world, case, state="closed", outcome=outcome)
    earlier(world, case, state="closed", outcome="for_applicant", applicant_side="merchant")
    earlier(world, case, state="not_admitted")
    earlier(world, case, state="ruled", outcome="for_applicant")
    earlier(world, case, buyer=world.other_buyer, state="closed", outcome="for_respondent")
    earlier(world, case, state="closed", outcome="for_applicant", days=366)
    earlier(world, case, state="awaiting_response", days=-1)
    earlier(world, case, state="draft", filed_at=None)
    return case


def test_background_counts_how_cases_ended_for_each_side(world: World, case: Case) -> None:
    Order.objects.update(paid_at=case.filed_at - timedelta(days=400))  # type: ignore[operator]
    Order.objects.filter(cases=case).update(paid_at=case.filed_at - timedelta(days=6))  # type: ignore[operator]
    ends = NONE | {"partial": 1, "settled": 1, "withdrawn": 1, "lapsed": 1, "not_admitted": 1, "open": 1}
    assert both_sides(case) == [
        Background("buyer", 1, 10, 9, ends | {"for_it": 2, "against_it": 2}),
        Background("merchant", 1, 11, 1, ends | {"for_it": 3, "against_it": 2}),
    ]


def test_background_of_two_newcomers_is_none(world: World) -> None:
    fresh = world.filed()
    assert both_sides(fresh) == [Background("buyer", 1, 0, 0, NONE), Background("merchant", 1, 0, 0, NONE)]


def enter(user: User) -> Client:
    return entered(user, language="en")


def test_background_stands_on_its_own_page_and_not_on_the_desk(world: World, case: Case) -> None:
    desk = enter(world.arbiter).get(f"/desk/cases/{case.number}/").content.decode()
    assert f'href="/desk/cases/{case.number}/background/">Show the counts</a>' in desk
    assert "Orders paid" not in desk
    page = enter(world.arbiter).get(f"/desk/cases/{case.number}/background/").content.decode()
    rows = re.findall(r'<th scope="row">([^<]+)</th><td class="r num">(\d+)</td><td class="r num">(\d+)</td>', page)
    assert rows == [
        ("Orders paid", "14", "15"),
        ("Earlier cases", "10", "11"),
        ("of these, asked for by this side", "9", "1"),
        ("Decided for this side", "2", "3"),
        ("Decided for the other side", "2", "2"),
        ("Decided in part", "1", "1"),
        ("Settled", "1", "1"),
        ("Withdrawn", "1", "1"),
        ("Lapsed", "1", "1"),
        ("Not accepted", "1", "1"),
        ("Still open", "1", "1"),
    ]
