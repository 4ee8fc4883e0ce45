"""Kept for their time, held where somebody says so, then erased: what goes, what stays, and that the chains hold."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.models import AccessKey, User
from arbitration import records
from core.errors import Forbidden, Refused
from disputes import deadlines
from disputes.models import Case, Hold, LogisticsEvent, Order
from evidence import verify
from evidence.models import Derivative, Item
from evidence.storage import store
from ledger.models import Entry
from tests import factories
from tests.conftest import Clock, World

KEPT = timedelta(days=1096)


def faults() -> list[str]:
    return [str(fault) for checked in verify.run() for fault in checked.faults]


def closed(world: World) -> Case:
    """A case that is over, every word of it known."""
    case = world.ruled()
    Case.objects.filter(pk=case.pk).update(state="closed", outcome="partial", closed_at=factories.START)
    LogisticsEvent.objects.create(order=case.order, at=factories.START, code="signed", text="本人签收 林晓 13800001111")
    over = Case.objects.get(pk=case.pk)
    deadlines.keep_records(over, factories.START)
    return over


def everything_said(case: Case) -> str:
    """Every text column of every table that is not the ledger's or the rules', as one text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("evidence_", "disputes_", "arbitration_")):
                cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
                found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


SAID = [
    "11月19日在家门口取到包裹", "商品页写明双层减震包装", "退回商品并全额退款。", "商品出厂检验合格",
    "开箱发现灯座有一道贯穿裂纹", "商品已签收,无法确认破损时间", "无法证明发生在签收之前", "打包照片", "13800001111",
    "收到时是否已经破损", "与承运人记录一致", "支持您的申请",
]  # fmt: skip


def test_records_go_when_their_time_is_over_and_the_chains_hold(world: World, at: Clock, settings: Any) -> None:
    case = closed(world)
    assert [text for text in SAID if text not in everything_said(case)] == []
    hashes = {*Item.objects.values_list("sha256", flat=True), *Derivative.every.values_list("sha256", flat=True)}
    before = list(Item.objects.order_by("pk").values_list("pk", "sha256", "size", "exhibit_no", "lodged_at"))
    assert case.order.completed_at is not None
    at.to(case.order.completed_at + KEPT - timedelta(seconds=1))
    assert records.sweep() == 0
    at.to(case.order.completed_at + KEPT)
    with erased_now():
        assert records.sweep() == 1
    assert records.sweep() == 0
    assert [text for text in SAID if text in everything_said(case)] == []
    assert [sha256 for sha256 in hashes if store().has(sha256)] == []
    assert list(Item.objects.order_by("pk").values_list("pk", "sha256", "size", "exhibit_no", "lodged_at")) == before
    assert {*Item.objects.values_list("original_name", "caption", "capture_at")} == {("", "", None)}
    assert not Derivative.every.exists()
    assert faults() == []


def erased_now() -> Any:
    """What runs after the commit runs inside the test's own transaction."""
    from django.test import TestCase

    return TestCase.captureOnCommitCallbacks(execute=True)


def test_same_bytes_of_another_item_stay(world: World, at: Clock) -> None:
    case = closed(world)
    item = case.dossier.items.filter(side="buyer").first()
    other = world.filed()
    twin = other.dossier.items.filter(side="buyer").first()
    assert item is not None
    assert twin is not None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE evidence_item SET sha256 = %s WHERE id = %s", [item.sha256, twin.pk])
    with erased_now():
        records.erase(actor=world.administrator, order=case.order, sides=["buyer"], at=factories.START)
    assert store().has(item.sha256)


@pytest.mark.parametrize("state", ["awaiting_response", "ruled", "enforcing", "suspended"])
def test_running_case_keeps_its_order(world: World, at: Clock, state: str) -> None:
    case = closed(world)
    Case.objects.filter(pk=case.pk).update(state=state)
    at.forward(days=4000)
    assert records.sweep() == 0


def test_review_material_is_kept_31_days_beyond_its_window(world: World, at: Clock) -> None:
    case = world.ruled()
    window = case.deadlines.get(kind="review_request").due_at
    assert window is not None
    Order.objects.filter(pk=case.order_id).update(completed_at=factories.START - KEPT)
    Case.objects.filter(pk=case.pk).update(state="closed", outcome="partial", closed_at=factories.START)
    deadlines.keep_records(Case.objects.get(pk=case.pk), factories.START)
    at.to(window + timedelta(days=31) - timedelta(seconds=1))
    assert records.sweep() == 0
    at.to(window + timedelta(days=31))
    assert records.sweep() == 1


def test_order_never_completed_is_kept_from_the_last_thing_that_happened_about_it(world: World, at: Clock) -> None:
    lost = world.order(shipped_at=None, first_scan_at=None, signed_at=None, completed_at=None)
    at.forward(days=10)
    request = factories.refused_request(world.buyer, world.merchant, lost)
    refused_at = at.moment
    at.to(refused_at + KEPT - timedelta(seconds=1))
    assert records.sweep() == 0
    at.to(refused_at + KEPT)
    made = records.hold(actor=world.supervisor, order_number=lost.number, reason="法院调卷", until=at.moment + KEPT)
    assert records.sweep() == 0
    records.lift(actor=world.supervisor, hold_id=made.pk)
    assert records.sweep() == 1
    request.refresh_from_db()
    assert request.reason == ""


def test_program_reads_what_is_held_page_by_page(world: World, at: Clock) -> None:
    made = [
        records.hold(actor=world.supervisor, order_number=world.order().number, reason=str(number), until=until)
        for number, until in enumerate([factories.START + timedelta(days=days) for days in (10, 20, 30)])
    ]
    records.lift(actor=world.supervisor, hold_id=made[1].pk)
    key = AccessKey.issue(label="court", user=world.supervisor)[1]
    client = Client(headers={"authorization": f"Bearer {key}"})
    first = client.get("/api/v1/records/holds/?limit=1").json()
    last = client.get(first["next"]).json()
    assert [row["id"] for row in (*first["results"], *last["results"])] == [made[2].pk, made[0].pk]
    assert (first["results"][0]["order"], first["results"][0]["reason"]) == (made[2].order.number, "2")
    assert last["next"] is None
    at.forward(days=30)
    assert client.get("/api/v1/records/holds/").json()["results"] == []


def held(world: World, case: Case, **said: Any) -> Hold:
    until = factories.START + timedelta(days=4000)
    return records.hold(
        **{"actor": world.supervisor, "order_number": case.number, "reason": "法院调卷", "until": until, **said}
    )


def test_hold_keeps_records_until_its_end_or_until_it_is_lifted(world: World, at: Clock) -> None:
    case = closed(world)
    made = held(world, case)
    at.to(factories.START + timedelta(days=3999))
    assert records.sweep() == 0
    records.lift(actor=world.supervisor, hold_id=made.pk)
    assert records.sweep() == 1
    verbs = Entry.objects.filter(subject=f"order:{case.order.number}", verb__startswith="records_").order_by("seq")
    assert [(entry.verb, entry.audience) for entry in verbs] == [
        ("records_held", "platform"),
        ("records_released", "platform"),
        ("records_erased", "platform"),
    ]


def test_hold_ends_by_itself(world: World, at: Clock) -> None:
    held(world, closed(world))
    at.to(factories.START + timedelta(days=4000))
    assert records.sweep() == 1


def refused_hold(world: World, **said: Any) -> str:
    with pytest.raises(Refused) as refused:
        held(world, closed(world), **said)
    return refused.value.code


def test_hold_needs_reason(world: World) -> None:
    assert refused_hold(world, reason="  ") == "hold_needs_reason"


def test_hold_ends_later(world: World) -> None:
    assert refused_hold(world, until=factories.START) == "hold_ends_later"


def test_records_order_is_one_that_is_there(world: World) -> None:
    assert refused_hold(world, order_number="DC-0000-0000-0000") == "records_order"


def test_held_once(world: World) -> None:
    case = closed(world)
    held(world, case)
    with pytest.raises(Refused) as refused:
        held(world, case)
    assert refused.value.code == "held_once"


def test_hold_standing_is_lifted_once(world: World) -> None:
    made = held(world, closed(world))
    records.lift(actor=world.supervisor, hold_id=made.pk)
    with pytest.raises(Refused) as refused:
        records.lift(actor=world.supervisor, hold_id=made.pk)
    assert refused.value.code == "hold_standing"


@pytest.mark.parametrize("name", ["buyer", "merchant", "arbiter", "administrator", "auditor"])
def test_only_a_supervisor_holds(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        held(world, closed(world), actor=getattr(world, name))


# --- a person asks ---------------------------------------------------------------------------------------------------
def test_erasure_blocked_by_a_running_case_and_a_hold_says_both_and_their_ends(world: World, at: Clock) -> None:
    done, running = closed(world), world.admitted()
    held(world, done)
    asked = records.ask_erasure(actor=world.buyer)
    with pytest.raises(Refused) as blocked:
        records.erase_person(actor=world.administrator, request_id=asked.pk)
    assert (blocked.value.code, blocked.value.status) == ("erasure_blocked", 409)
    assert len(blocked.value.still_possible) == 2
    assert running.number in blocked.value.still_possible[0]
    assert "法院调卷" in blocked.value.still_possible[1]
    assert "2037" in blocked.value.still_possible[1]
    assert User.objects.get(pk=world.buyer.pk).name == "林晓"


def test_erasure_asked_once(world: World) -> None:
    assert records.ask_erasure(actor=world.buyer) == records.ask_erasure(actor=world.buyer)


def test_erasure_handled_once_takes_the_persons_own_side_alone(world: World, at: Clock) -> None:
    case = closed(world)
    theirs = [item.sha256 for item in case.dossier.items.filter(side="merchant")]
    own = [item.sha256 for item in case.dossier.items.filter(side="buyer")]
    asked = records.ask_erasure(actor=world.buyer)
    with erased_now():
        records.erase_person(actor=world.administrator, request_id=asked.pk)
    gone = User.objects.get(pk=world.buyer.pk)
    assert (gone.name, gone.email, gone.is_active) == ("", f"erased-{gone.pk}@erased.invalid", False)
    said = everything_said(case)
    assert "11月19日在家门口取到包裹" not in said
    assert "商品出厂检验合格" in said
    assert [store().has(sha256) for sha256 in own] == [False] * len(own)
    assert [store().has(sha256) for sha256 in theirs] == [True] * len(theirs)
    assert faults() == []
    with pytest.raises(Refused) as again:
        records.erase_person(actor=world.administrator, request_id=asked.pk)
    assert again.value.code == "erasure_handled"


@pytest.mark.parametrize("name", ["buyer", "arbiter", "supervisor", "auditor"])
def test_only_an_administrator_erases_a_person(world: World, name: str) -> None:
    asked = records.ask_erasure(actor=world.buyer)
    with pytest.raises(Forbidden):
        records.erase_person(actor=getattr(world, name), request_id=asked.pk)


# --- the seals open for nothing else ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "change",
    [
        "caption = ''",
        "original_name = ''",
        "erased_at = now()",
        "erased_at = now(), original_name = '', caption = 'x', capture_at = NULL",
        "erased_at = now(), original_name = '', caption = '', capture_at = NULL, sha256 = repeat('0', 64)",
        "erased_at = now(), original_name = '', caption = '', capture_at = NULL, size = 1",
        "erased_at = now(), original_name = '', caption = '', capture_at = NULL, exhibit_no = 9",
    ],
)
def test_evidence_sealed_but_for_a_whole_erasure(world: World, change: str) -> None:
    item = world.admitted().dossier.items.exclude(caption="").first()
    assert item is not None
    with pytest.raises(DatabaseError, match="evidence_sealed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE evidence_item SET {change} WHERE id = %s", [item.pk])


@pytest.mark.parametrize("change", ["erased_at = NULL", "erased_at = now()", "original_name = 'x'", "caption = 'x'"])
def test_evidence_sealed_after_its_erasure(world: World, change: str) -> None:
    case = closed(world)
    records.erase(actor=world.administrator, order=case.order, sides=["buyer", "merchant"], at=factories.START)
    with pytest.raises(DatabaseError, match="evidence_sealed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE evidence_item SET {change}")


# --- doors -----------------------------------------------------------------------------------------------------------
def test_erased_item_is_named_as_such_and_hands_out_nothing(world: World, client: Client) -> None:
    case = closed(world)
    item = case.dossier.items.filter(side="buyer").first()
    assert item is not None
    records.erase(actor=world.administrator, order=case.order, sides=["buyer", "merchant"], at=factories.START)
    client.force_login(world.buyer)
    assert "已清除" in client.get(f"/disputes/{case.number}/").content.decode()
    assert [client.get(f"/files/{item.pk}/{name}/").status_code for name in ("original", "view")] == [404, 404]
    assert client.get(f"/receipts/{item.pk}/").status_code == 200


def test_supervisor_holds_and_lifts_on_the_page(world: World, client: Client) -> None:
    case = closed(world)
    client.force_login(world.supervisor)
    said = {"number": case.number, "reason": "法院调卷", "until": "2030-01-31"}
    assert client.post("/desk/records/", said).status_code == 302
    made = Hold.objects.get()
    assert made.until.isoformat() == "2030-01-31T16:00:00+00:00"
    assert case.order.number in client.get("/desk/records/").content.decode()
    assert client.post("/desk/records/", said).status_code == 422
    assert client.post(f"/desk/records/{made.pk}/lift/").status_code == 302
    assert Hold.objects.get().lifted_by == world.supervisor


def test_person_asks_and_administrator_carries_out_on_the_pages(world: World, client: Client) -> None:
    client.force_login(world.other_buyer)
    assert client.post("/settings/erasure/").status_code == 302
    client.force_login(world.administrator)
    assert "王蕾" in client.get("/settings/people/erasures/").content.decode()
    request = world.other_buyer.erasure_requests.get()
    assert client.post(f"/settings/people/erasures/{request.pk}/").status_code == 302
    assert not User.objects.get(pk=world.other_buyer.pk).is_active
