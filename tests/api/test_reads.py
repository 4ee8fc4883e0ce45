"""What each reader finds in the answers, what they cost, and what the schema says of them."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from disputes import deadlines, negotiation, settlement
from disputes.models import Case, Order
from evidence.models import Dossier
from ledger.models import Entry
from rulebook.queries import in_force
from tests import factories
from tests.api.conftest import Program
from tests.conftest import Clock, World

Of = Callable[[User], Program]
CASE = {
    "number",
    "version",
    "state",
    "state_label",
    "state_since",
    "outcome",
    "final",
    "by_default",
    "whose_turn",
    "read_at",
    "side",
    "applicant_side",
    "rulebook_version",
    "order",
    "article",
    "store",
    "buyer",
    "handler",
    "filed_at",
    "closed_at",
    "claim",
    "refusal",
    "clocks",
    "exhibits",
    "drafts",
    "statements",
    "offers",
    "information_requests",
    "suspensions",
    "ruling",
    "remedies",
    "review_marked",
    "reviews",
    "set_aside",
    "actions",
}


def test_each_reader_reads_their_own_share(world: World, program: Of) -> None:
    """One case, full of things that could leak; what each role finds of them."""
    case = world.deliberated()
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=4_321, conditions="只此一次的条件")
    factories.add_item(world.buyer, case, caption="买家未提交的")
    factories.add_item(world.merchant, case, caption="商家未提交的")
    secrets = {
        "buyer's name": "林晓",
        "buyer's address": world.buyer.email,
        "merchant's person": "拾光店主",
        "merchant's address": world.merchant.email,
        "arbiter": "周岩",
        "arbiter's address": world.arbiter.email,
        "offer": "只此一次的条件",
        "offer's amount": ":4321",
        "buyer's draft": "买家未提交的",
        "merchant's draft": "商家未提交的",
        "waits for the platform": '"admission_target"',
    }
    leaks = {}
    for role in ("buyer", "merchant", "arbiter", "supervisor", "auditor"):
        reader = program(getattr(world, role))
        paths = (f"cases/{case.number}/", f"cases/{case.number}/timeline/", f"cases/{case.number}/rulings/", "cases/")
        answers = [reader.ask("GET", path) for path in paths]
        assert set(answers[0].json()) == CASE
        text = "".join(answer.content.decode() for answer in answers)
        leaks[role] = {name for name, secret in secrets.items() if secret in text}
    assert leaks == {
        "buyer": {"buyer's name", "offer", "offer's amount", "buyer's draft"},
        "merchant": {"offer", "offer's amount", "merchant's draft"},
        "arbiter": {"buyer's name", "arbiter"},
        "supervisor": {"buyer's name", "arbiter"},
        "auditor": {"buyer's name", "arbiter"},
    }


def test_auditors_reading_is_recorded(world: World, program: Of) -> None:
    case = world.filed()
    for person in (world.auditor, world.arbiter):
        for path in ("", "timeline/", "rulings/"):
            program(person).get(f"cases/{case.number}/{path}")
    read = Entry.objects.filter(subject=case.subject, verb="case_read")
    assert [(row.actor, row.role, row.audience) for row in read] == [(world.auditor, "auditor", "platform")] * 3


def test_other_side_gets_no_original_and_no_file_name(world: World, program: Of) -> None:
    case = world.admitted()
    own, other = (program(person).get(f"cases/{case.number}/")["exhibits"] for person in (world.buyer, world.merchant))
    assert {bool(row["original_url"]) for row in own} == {True}
    assert {(row["original_url"], row["name"], row["capture_at"]) for row in other} == {("", "", None)}
    items = case.dossier.items.filter(side="buyer").order_by("exhibit_no")
    assert [(row["sha256"], row["size"]) for row in own] == [(item.sha256, item.size) for item in items]
    views = [item.derivatives.get(variant="view") for item in items]
    assert [(row["sha256"], row["size"]) for row in other] == [(view.sha256, view.size) for view in views]


def test_order_hides_the_other_sides_address_and_draft(world: World, program: Of) -> None:
    order = world.order()
    draft = factories.draft_case(world.buyer, world.merchant, order)
    buyer, merchant = (
        program(person).ask("GET", f"orders/{order.number}/") for person in (world.buyer, world.merchant)
    )
    assert [row["number"] for row in buyer.json()["cases"]] == [draft.number]
    assert (merchant.json()["cases"], merchant.json()["buyer"], merchant.json()["side"]) == ([], "林**", "merchant")
    assert world.buyer.email not in merchant.content.decode()
    assert [row["number"] for row in program(world.buyer).get("cases/")["results"]] == [draft.number]
    assert program(world.merchant).get("cases/")["results"] == []


def test_actions_say_what_is_open_and_why_not(world: World, at: Clock, program: Of) -> None:
    case = world.admitted()
    merchant = program(world.merchant)
    actions = merchant.get(f"cases/{case.number}/")["actions"]
    assert actions["respond"] == {"open": True, "reason": None}
    assert "rebut" not in actions
    assert "response_expired" not in program(world.arbiter).get(f"cases/{case.number}/")["actions"]
    at.forward(hours=49)
    late = merchant.get(f"cases/{case.number}/")["actions"]["respond"]
    assert (late["open"], late["reason"]["code"]) == (False, "respond_before_due")


def test_clocks_show_what_is_left_and_what_is_paused(world: World, at: Clock, program: Of) -> None:
    case = world.admitted()
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=100)
    at.forward(hours=1)
    offer = case.offers.get()
    buyer = program(world.buyer)
    clocks = {row["kind"]: row for row in buyer.get(f"cases/{case.number}/")["clocks"]}
    assert (clocks["response"]["remaining_seconds"], clocks["response"]["paused"]) == (47 * 3600, False)
    buyer.post(f"cases/{case.number}/accept_offer/", {"offer_id": offer.pk})
    clocks = {row["kind"]: row for row in buyer.get(f"cases/{case.number}/")["clocks"]}
    at.forward(hours=5)
    paused = clocks["response"]
    assert (paused["due_at"], paused["remaining_seconds"], paused["paused"]) == (None, 47 * 3600, True)


# --- pages and costs -------------------------------------------------------------------------------------------------
def bare_case(world: World, order: Order) -> Case:
    """A case without its story: rows enough for a list."""
    moment = order.paid_at
    number = f"DC-{order.number[-8:]}"
    case = Case.objects.create(
        number=number,
        order=order,
        line=order.lines.get(),
        dossier=Dossier.objects.create(subject=f"case:{number}", buyer=order.buyer, store=order.store),
        buyer=order.buyer,
        store=order.store,
        applicant_side="buyer",
        rulebook=in_force(factories.START),
        cause="damaged",
        state="awaiting_response",
        created_at=moment,
        filed_at=moment,
        state_since=moment,
    )
    deadlines.open_clock(case, "response", factories.START)
    return case


def cost(reader: Program, path: str) -> tuple[int, Any]:
    with CaptureQueriesContext(connection) as queries:
        body = reader.get(path)
    return len(queries), body


@pytest.mark.parametrize("path", ["orders/", "cases/"])
def test_lists_cost_the_same_with_1_and_30_rows(world: World, program: Of, path: str) -> None:
    bare_case(world, world.order())
    buyer = program(world.buyer)
    one, body = cost(buyer, path)
    assert (len(body["results"]), body["next"]) == (1, None)
    for _ in range(29):
        bare_case(world, world.order())
    many, body = cost(buyer, path)
    assert (len(body["results"]), one, many <= 8) == (30, many, True)


def test_pages_meet_without_gap_or_repetition(world: World, program: Of) -> None:
    for _ in range(5):
        bare_case(world, world.order())
    merchant = program(world.merchant)
    seen: list[str] = []
    path = "cases/?limit=2&side=merchant&state=awaiting_response"
    while path:
        body = merchant.get(path.removeprefix("/api/v1/"))
        seen += [row["number"] for row in body["results"]]
        path = body["next"]
    assert seen == [case.number for case in Case.objects.order_by("-pk")]
    assert merchant.get("cases/?side=buyer")["results"] == []
    assert merchant.get("cases/?state=closed")["results"] == []


def test_case_costs_at_most_15(world: World, at: Clock, program: Of) -> None:
    case = world.ruled(remedy="refund", cause="quality_visible")
    for person in (world.buyer, world.merchant, world.arbiter):
        reader = program(person)
        queries, _body = cost(reader, f"cases/{case.number}/")
        assert queries <= 15, (person, queries)
    item = factories.add_item(world.merchant, case)
    program(world.merchant).post(
        f"cases/{case.number}/request_review/",
        {
            "finding_id": case.rulings.get().findings.get().pk,
            "argument": "甲",
            "why_not_before": "乙",
            "items": [str(item.pk)],
        },
    )
    queries, body = cost(program(world.buyer), f"cases/{case.number}/")
    assert (len(body["reviews"]), queries <= 15) == (1, True), queries


def test_timeline_goes_on_after_an_entry(world: World, program: Of) -> None:
    case = world.admitted()
    buyer = program(world.buyer)
    whole = buyer.get(f"cases/{case.number}/timeline/")["results"]
    seen: list[Any] = []
    path = f"cases/{case.number}/timeline/?limit=2"
    while path:
        body = buyer.get(path.removeprefix("/api/v1/"))
        assert len(body["results"]) <= 2
        seen += body["results"]
        path = body["next"]
    assert (seen, len(seen) > 4) == (whole, True)


# --- schema ----------------------------------------------------------------------------------------------------------
def test_schema_is_valid_without_a_warning(tmp_path: Any) -> None:
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"), stderr=StringIO()
    )
    text = (tmp_path / "schema.yml").read_text()
    assert "/api/v1/cases/{number}/decide_review/:" in text


def test_schema_is_served_as_json_and_yaml(db: None) -> None:
    visitor = Program()
    document = visitor.get("schema/?format=json")
    assert "respond" in document["paths"]["/api/v1/cases/{number}/respond/"]["post"]["operationId"]
    assert visitor.ask("GET", "schema/").content.startswith(b"openapi: 3")


def test_schema_is_each_readers_own_and_what_one_asks_for_is_not_the_others(db: None) -> None:
    visitor = Program()
    begin = ("/api/v1/cases/{number}/uploads/", "post")
    said = {
        tail: visitor.get(f"schema/?format=json{tail}")["paths"][begin[0]][begin[1]]["summary"]
        for tail in ("&lang=en&version=9", "&lang=zh-hans", "&lang=xx", "&lang=en", "")
    }
    assert said["&lang=en"] == "Begin an upload that can be resumed (tus 1.0); it is lodged by a later act"
    assert said["&lang=en&version=9"] == said["&lang=en"]
    assert said["&lang=zh-hans"] == "开始可续传的上传（tus 1.0）；由之后的操作提交入卷"
    assert said["&lang=xx"] == said[""]
    assert visitor.get("schema/?format=json&lang=en")["info"]["version"] == "1"


# --- what can be done about a request ---------------------------------------------------------------------------------
def test_after_sales_request_names_its_actions_as_a_case_does(world: World, program: Of) -> None:
    asked = factories.request(world.buyer, order := world.order())
    buyer, merchant = program(world.buyer), program(world.merchant)

    def actions(reader: Program) -> dict[str, Any]:
        (row,) = reader.get(f"orders/{order.number}/")["after_sales"]
        return {act: row["open"] or row["reason"]["code"] for act, row in row["actions"].items()}

    assert actions(buyer) == {"accept": "wrong_state", "withdraw": True}
    assert actions(merchant) == {"agree": True, "refuse": True, "counter": True}
    merchant.post(f"after-sales/{asked.pk}/counter/", {"offer": "refund", "amount_fen": 100})
    assert actions(buyer) == {"accept": True, "withdraw": True}
    answer = buyer.post(f"after-sales/{asked.pk}/withdraw/")
    assert answer["actions"]["accept"]["reason"]["code"] == "wrong_state"


def test_order_costs_the_same_with_1_and_5_requests(world: World, program: Of) -> None:
    order, buyer = world.order(), program(world.buyer)
    factories.refused_request(world.buyer, world.merchant, order)
    one, _body = cost(buyer, f"orders/{order.number}/")
    for _ in range(4):
        negotiation.withdraw(actor=world.buyer, after_sales_id=order.after_sales.latest("pk").pk)
        factories.refused_request(world.buyer, world.merchant, order)
    many, body = cost(buyer, f"orders/{order.number}/")
    assert (len(body["after_sales"]), many) == (5, one)
