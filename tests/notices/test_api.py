"""Notices and duties through the API: the same rows as on the page, read by whom they concern."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessKey, User
from disputes import negotiation
from disputes.models import AfterSales
from ledger.models import Entry
from notices import queries
from notices.models import ReadMark
from tests import factories
from tests.api.conftest import Program
from tests.conftest import Clock, World


@pytest.fixture
def program() -> Callable[[User], Program]:
    return lambda user: Program(AccessKey.issue(label="test", user=user)[1])


Of = Callable[[User], Program]


def written(world: World, count: int) -> AfterSales:
    """A refused request, and ``count`` messages of the merchant about it: one notice more for the buyer."""
    request = factories.refused_request(world.buyer, world.merchant, world.order())
    for number in range(count):
        negotiation.write(actor=world.merchant, after_sales_id=request.pk, text=str(number))
    return request


def test_notice_says_what_happened_and_where(world: World, program: Of) -> None:
    request = written(world, 0)
    body = program(world.buyer).get("notices/")
    entry = Entry.objects.get(verb="after_sales_refused")
    assert body == {
        "results": [
            {
                "id": entry.pk,
                "verb": "after_sales_refused",
                "text": "The merchant refused the after-sales request",
                "actor": "merchant",
                "at": body["results"][0]["at"],
                "about": "order",
                "number": request.order.number,
                "title": request.line.title,
                "href": f"/orders/{request.order.number}/",
                "unread": True,
            }
        ],
        "next": None,
    }


def test_notices_go_on_without_gap_or_repetition(world: World, program: Of) -> None:
    written(world, 6)
    buyer, following = program(world.buyer), "/api/v1/notices/?limit=3"
    seen: list[int] = []
    sizes = []
    while following:
        page = buyer.get(following.removeprefix("/api/v1/"))
        sizes.append(len(page["results"]))
        seen, following = seen + [row["id"] for row in page["results"]], page["next"]
    assert (seen, sizes) == ([row.id for row in queries.page(world.buyer)[0]], [3, 3, 1])
    assert buyer.get("notices/?limit=101", 422)["error"]["fields"].keys() == {"limit"}


def test_nobody_reads_anothers_notices(world: World, program: Of) -> None:
    written(world, 1)
    for stranger in (world.other_buyer, world.other_merchant, world.arbiter, world.administrator):
        reader = program(stranger)
        assert reader.get("notices/") == {"results": [], "next": None}
        assert (reader.get("notices/unread/"), reader.get("duties/")) == ({"unread": 0}, {"results": []})


def test_reading_is_marked_once_and_never_goes_back(world: World, program: Of) -> None:
    request, buyer = written(world, 2), program(world.buyer)
    rows = buyer.get("notices/")["results"]
    assert buyer.get("notices/unread/") == {"unread": 3}
    assert buyer.post("notices/read/", {"last": rows[1]["id"]}) == {"unread": 1}
    assert [row["unread"] for row in buyer.get("notices/")["results"]] == [True, False, False]
    first, again = (buyer.ask("POST", "notices/read/", {"last": rows[0]["id"]}, idempotency_key="k") for _ in "12")
    assert (first.json(), again.json(), again.headers["Idempotent-Replayed"]) == ({"unread": 0}, {"unread": 0}, "true")
    assert buyer.post("notices/read/", {"last": rows[2]["id"]}) == {"unread": 0}
    assert ReadMark.objects.get().last_entry == rows[0]["id"]
    negotiation.write(actor=world.merchant, after_sales_id=request.pk, text="x")
    assert buyer.get("notices/unread/") == {"unread": 1}


def test_what_has_not_happened_yet_is_not_read(world: World, program: Of) -> None:
    request, buyer = written(world, 0), program(world.buyer)
    assert buyer.post("notices/read/", {"last": 2**63 - 1}) == {"unread": 0}
    negotiation.write(actor=world.merchant, after_sales_id=request.pk, text="x")
    assert buyer.get("notices/unread/") == {"unread": 1}
    assert not ReadMark.objects.exclude(user=world.buyer).exists()


@pytest.mark.parametrize("last", [None, 0, -1, "x", 2**63, 1.5])
def test_mark_that_is_none_is_refused(world: World, program: Of, last: Any) -> None:
    refused = program(world.buyer).post("notices/read/", {"last": last}, 422)
    assert (list(refused["error"]["fields"]), ReadMark.objects.exists()) == (["last"], False)


def test_duties_say_what_waits_and_until_when(world: World, at: Clock, program: Of) -> None:
    case, agent = world.admitted(), program(world.agent)
    (clock_row,) = [row for row in agent.get(f"cases/{case.number}/")["clocks"] if row["kind"] == "response"]
    at.forward(hours=1)
    asked = factories.request(world.buyer, world.order())
    duties = agent.get("duties/")["results"]
    assert [(row["kind"], row["about"], row["number"], row["href"]) for row in duties] == [
        ("response", "case", case.number, f"/disputes/{case.number}/respond/"),
        ("after_sales_answer", "order", asked.order.number, f"/orders/{asked.order.number}/"),
    ]
    assert duties[0]["due_at"] == clock_row["due_at"]
    assert (duties[0]["title"], duties[0]["due_at"] < duties[1]["due_at"]) == (case.line.title, True)
    at.to(datetime.fromisoformat(duties[1]["due_at"]))
    assert agent.get("duties/")["results"] == []


def test_notices_and_duties_cost_the_same_with_1_and_30_rows(world: World, program: Of) -> None:
    buyer, merchant = program(world.buyer), program(world.merchant)

    def grow(rows: int) -> None:
        for _ in range(rows):
            factories.refused_request(world.buyer, world.merchant, world.order())
            factories.request(world.buyer, world.order())

    def costs() -> dict[str, int]:
        found = {}
        for reader, path in ((buyer, "notices/"), (merchant, "duties/"), (buyer, "notices/unread/")):
            with CaptureQueriesContext(connection) as asked:
                reader.get(path)
            found[path] = len(asked)
        return found

    grow(1)
    one = costs()
    grow(29)
    assert costs() == one
    assert len(buyer.get("notices/")["results"]) == 30
    assert max(one.values()) <= 8
    assert len(merchant.get("duties/")["results"]) == 30
