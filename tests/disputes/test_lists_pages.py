"""Lists of orders and cases: what is in them, whose they are, and what they cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disputes import queries
from disputes.models import Case
from tests import factories
from tests.conftest import Clock, World
from tests.disputes.test_orders_pages import reader, text_of

pytestmark = pytest.mark.django_db


def cost(client: Any, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(path).status_code == 200
    return len([query for query in seen if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_empty_lists_say_what_to_do(world: World) -> None:
    client = reader(world.other_buyer)
    assert "No orders yet" in text_of(client.get("/orders/"))
    assert "A case starts from an order" in text_of(client.get("/disputes/"))
    assert "No ended cases" in text_of(client.get("/disputes/?show=ended"))
    assert "Nothing to do" in text_of(reader(world.other_merchant).get("/store/cases/"))


def test_orders_page_by_keyset_without_gap_or_repeat(world: World) -> None:
    made = [world.order(days_ago=days) for days in (6, 6, 6, *range(7, 26))]
    client = reader(world.buyer)
    first = client.get("/orders/")
    second = client.get("/orders/" + first.context["next_href"])
    seen = [row["order"].number for page in (first, second) for row in page.context["rows"]]
    assert sorted(seen) == sorted(order.number for order in made)
    assert (len(first.context["rows"]), second.context["next_href"]) == (queries.PAGE, "")
    assert client.get("/orders/?before=999999999999").context["rows"] == []
    assert client.get("/orders/?before=x").status_code == 200


def test_orders_cost_the_same_with_one_and_thirty(world: World) -> None:
    client = reader(world.buyer)
    factories.refused_request(world.buyer, world.merchant, world.order())
    one = cost(client, "/orders/")
    for _ in range(29):
        world.order()
    assert (cost(client, "/orders/"), one <= 8) == (one, True)


def test_orders_of_the_store_are_for_its_people(world: World) -> None:
    order = world.order()
    page = reader(world.agent).get("/orders/?as=store")
    assert [row["order"] for row in page.context["rows"]] == [order]
    assert "林晓" not in text_of(page)
    assert reader(world.other_merchant).get("/orders/?as=store").context["rows"] == []
    assert reader(world.other_buyer).get("/orders/?as=store").context["rows"] == []


def test_my_cases_by_turn_and_filter(world: World, at: Clock) -> None:
    draft = factories.draft_case(world.buyer, world.merchant, world.order())
    responded = world.responded()
    client = reader(world.buyer)
    cards = client.get("/disputes/").context["cards"]
    assert [(card["case"], card["mine"], card["due"] is not None) for card in cards] == [
        (responded, True, True),
        (draft, True, True),
    ]
    assert client.get("/disputes/?show=ended").context["cards"] == []
    assert reader(world.other_buyer).get("/disputes/?show=all").context["cards"] == []


def test_case_lists_cost_the_same_with_one_and_thirty(world: World) -> None:
    world.admitted()
    buyer, merchant = reader(world.buyer), reader(world.merchant)
    before = (cost(buyer, "/disputes/"), cost(merchant, "/store/cases/"))
    for _ in range(29):
        order = world.order()
        factories.draft_case(world.buyer, world.merchant, order)
    Case.objects.filter(state="draft").update(state="awaiting_admission", cause="damaged")
    assert (cost(buyer, "/disputes/"), cost(merchant, "/store/cases/")) == before
    assert max(before) <= 9


def test_inbox_groups_by_urgency(world: World, at: Clock) -> None:
    world.filed()
    admitted = world.admitted()
    order = world.order(shipped_at=None, signed_at=None, completed_at=None, first_scan_at=None)
    asked = factories.request(world.buyer, order, cause="late_shipment")
    at.forward(hours=13)
    page = reader(world.agent).get("/store/cases/")
    groups = {group["label"]: [row["number"] for row in group["rows"]] for group in page.context["groups"]}
    waiting = groups.pop("Waiting for others")
    assert groups == {"Within 48 hours": [asked.order.number, admitted.number]}
    assert len(waiting) == 1
    at.forward(hours=2)
    page = reader(world.agent).get("/store/cases/")
    assert [group["label"] for group in page.context["groups"]] == [
        "Due today",
        "Within 48 hours",
        "Waiting for others",
    ]


def test_whose_turn_follows_the_state(world: World, at: Clock) -> None:
    case = world.filed()
    rows: Any = queries.my_cases(world.buyer, show="open")[0]
    assert [(row.case, row.turn) for row in rows] == [(case, "platform")]
    ruled = world.ruled(remedy="return_refund")
    rows = queries.my_cases(world.buyer, show="open")[0]
    assert [row.turn for row in rows if row.case == ruled] == ["buyer"]
