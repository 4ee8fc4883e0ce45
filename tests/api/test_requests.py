"""What is said to requests that are wrong, repeated or sent too often: always in the one error shape."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import AccessKey, User
from accounts.throttling import ByActor
from core.models import IdempotencyKey
from disputes.models import Case, Offer, Order
from evidence.models import Item
from tests import factories
from tests.api.conftest import Program, order_document
from tests.conftest import World

Of = Callable[[User], Program]
SHAPE = {"code", "message", "fields", "still_possible"}


def error(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/json", response.content[:500]
    body: dict[str, Any] = response.json()["error"]
    assert set(body) == SHAPE
    return body


# --- JSON ------------------------------------------------------------------------------------------------------------
BROKEN = {
    "nan": b'{"amount_fen": NaN}',
    "infinity": b'{"amount_fen": -Infinity}',
    "too large": b'{"amount_fen": 1e309}',
    "digits": b'{"amount_fen": ' + b"9" * 5000 + b"}",
    "key twice": b'{"amount_fen": 1, "amount_fen": 2}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep but readable": b'{"x": ' + b"[" * 500 + b"]" * 500 + b"}",
    "not utf-8": b'{"conditions": "\xff\xfe"}',
    "half a pair": b'{"conditions": "\\ud800"}',
    "half a pair in a choice": b'{"ground": "\\udfff", "days": 1}',
    "half a pair as key": b'{"\\ud800": 1}',
    "cut off": b'{"amount_fen": 1',
    "nothing": b" ",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_json_is_400(world: World, program: Of, name: str) -> None:
    case = world.filed()
    response = program(world.buyer).ask("POST", f"cases/{case.number}/offer/", BROKEN[name])
    assert (response.status_code, error(response)["code"]) == (400, "parse_error")
    assert not Offer.objects.exists()


UNFIT: list[tuple[Any, set[str]]] = [
    ({"amount_fen": 10**400}, {"amount_fen"}),
    ({"amount_fen": 1.5}, {"amount_fen"}),
    ({"amount_fen": "1"}, {"amount_fen"}),
    ({"amount_fen": True}, {"amount_fen"}),
    ({"amount_fen": -1}, {"amount_fen"}),
    ({"amount_fen": 1, "conditions": "a\x00b"}, {"conditions"}),
    ({"amount_fen": 1, "conditions": "x" * 501}, {"conditions"}),
    ({"amount_fen": 1, "conditions": {"a": 1}}, {"conditions"}),
    ({"amount_fen": 1, "valid_hours": 10**30}, {"valid_hours"}),
    ({"amount_fen": 1, "based_on": "x"}, {"based_on"}),
    ([1, 2], {"non_field_errors"}),
    ("text", {"non_field_errors"}),
    (None, {"amount_fen"}),
]


@pytest.mark.parametrize(("body", "fields"), UNFIT)
def test_unfit_fields_are_422_by_name(world: World, program: Of, body: Any, fields: set[str]) -> None:
    case = world.filed()
    raw = json.dumps(body).encode() if body is not None else b""
    response = program(world.buyer).ask("POST", f"cases/{case.number}/offer/", raw)
    assert (response.status_code, set(error(response)["fields"])) == (422, fields)
    assert not Offer.objects.exists()


def test_other_charset_and_type_are_415(world: World, program: Of) -> None:
    case = world.filed()
    buyer = program(world.buyer)
    for kind in ("application/json; charset=utf-16", "application/json; charset=nonsense", "text/plain", "text/xml"):
        response = buyer.ask("POST", f"cases/{case.number}/offer/", b'{"amount_fen": 1}', content_type=kind)
        assert (response.status_code, error(response)["code"]) == (415, "unsupported_media_type")
    response = buyer.ask("POST", f"cases/{case.number}/files/", b"{}", content_type="application/json")
    assert (response.status_code, error(response)["code"]) == (415, "unsupported_media_type")


def test_request_too_large_is_413(world: World, program: Of, settings: Any) -> None:
    case = world.filed()
    body = b'{"amount_fen": 1, "x": "' + b"x" * settings.JSON_MAX_BYTES + b'"}'
    response = program(world.buyer).ask("POST", f"cases/{case.number}/offer/", body)
    assert (response.status_code, error(response)["code"]) == (413, "request_too_large")


def test_other_method_is_405_and_other_address_404(world: World, program: Of) -> None:
    case = world.filed()
    buyer = program(world.buyer)
    for method, path in (
        ("PUT", f"cases/{case.number}/"),
        ("GET", f"cases/{case.number}/offer/"),
        ("DELETE", "orders/"),
    ):
        response = buyer.ask(method, path)
        assert (response.status_code, error(response)["code"]) == (405, "method_not_allowed")
    for path in ("", "nope/", "cases", f"cases/{case.number}/fly/", "cases/DC-%00/"):
        response = buyer.ask("POST", path)
        assert (response.status_code, error(response)["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    ["before=x", "before=-1", "before=99999999999999999999", "limit=0", "limit=1000", "state=x", "side=platform"],
)
def test_unfit_queries_are_422(world: World, program: Of, query: str) -> None:
    response = program(world.buyer).ask("GET", f"cases/?{query}")
    assert (response.status_code, set(error(response)["fields"])) == (422, {query.partition("=")[0]})


@pytest.mark.parametrize("act", ["agree", "refuse", "counter", "accept", "withdraw", "messages"])
def test_negotiation_survives_any_object(world: World, program: Of, act: str) -> None:
    order = world.order()
    request = factories.refused_request(world.buyer, world.merchant, order)
    body = {"text": "", "reason": "", "offer": "gold", "amount_fen": 10**11, "based_on": 7}
    for person in (world.buyer, world.merchant):
        response = program(person).ask("POST", f"after-sales/{request.pk}/{act}/", body)
        assert response.status_code in {200, 403, 409, 422}, response.content


def test_line_in_order_or_422(world: World, program: Of) -> None:
    order, other = world.order(), world.order()
    buyer = program(world.buyer)
    for line in (other.lines.get().pk, 10**30):
        asked = {"line_id": line, "asked": "refund", "amount_fen": 1, "cause": "damaged", "reason": "x"}
        refused = buyer.post(f"orders/{order.number}/after-sales/", asked, 422)
        assert refused["error"]["code"] == "line_in_order"
        assert buyer.post(f"orders/{order.number}/cases/", {"line_id": line}, 422)["error"]["code"] == "line_in_order"
        assert buyer.get(f"orders/{order.number}/eligibility/?line_id={line}", 422)["error"]["code"] == "line_in_order"


# --- files -----------------------------------------------------------------------------------------------------------
def test_upload_refusals(world: World, program: Of) -> None:
    case = world.filed()
    buyer, path = program(world.buyer), f"cases/{world.filed().number}/files/"
    del case
    count = Item.objects.count()
    assert buyer.upload(path, factories.upload("x.svg", b"<svg/>"), 422)["error"]["code"] == "file_type_refused"
    assert buyer.upload(path, factories.upload("x.jpg", b""), 422)["error"]["code"] == "file_empty"
    assert buyer.upload(path, factories.upload(), 422, caption="x" * 61)["error"]["fields"].keys() == {"caption"}
    assert buyer.upload(path, factories.upload(), 422, kind="spell")["error"]["fields"].keys() == {"kind"}
    assert buyer.upload(path, "no file", 422)["error"]["fields"].keys() == {"file"}
    raw = buyer.ask("POST", path, b"garbage", content_type="multipart/form-data; boundary=x")
    assert (raw.status_code, set(error(raw)["fields"])) == (422, {"file"})
    raw = buyer.ask("POST", path, b"garbage", content_type="multipart/form-data")
    assert (raw.status_code, error(raw)["code"]) == (400, "parse_error")
    assert Item.objects.count() == count


def test_upload_once_per_key(world: World, program: Of) -> None:
    path = f"cases/{world.filed().number}/files/"
    buyer, count = program(world.buyer), Item.objects.count()
    picture = factories.picture("once")
    first = buyer.upload(path, factories.upload("a.jpg", picture), key="same", caption="门口")
    again = buyer.upload(path, factories.upload("a.jpg", picture), key="same", caption="门口")
    assert (first, Item.objects.count()) == (again, count + 1)
    other = buyer.upload(path, factories.upload("a.jpg", factories.picture("b")), 422, key="same", caption="门口")
    assert other["error"]["code"] == "idempotency_key_reused"


def test_file_of_own_side_only_and_until_lodged(world: World, program: Of) -> None:
    case = world.admitted()
    buyer, merchant = program(world.buyer), program(world.merchant)
    lodged = case.dossier.items.filter(side="buyer").first()
    assert lodged is not None
    path = f"cases/{case.number}/files/"
    assert buyer.patch(f"{path}{lodged.pk}/", {"caption": "x"}, 409)["error"]["code"] == "evidence_sealed"
    assert buyer.delete(f"{path}{lodged.pk}/", 409)["error"]["code"] == "evidence_sealed"
    assert merchant.delete(f"{path}{lodged.pk}/", 404)["error"]["code"] == "not_found"
    mine = merchant.upload(path, factories.upload())
    assert program(world.buyer).patch(f"{path}{mine['id']}/", {"slot": "x"}, 404)["error"]["code"] == "not_found"
    assert program(world.arbiter).delete(f"{path}{mine['id']}/", 403)["error"]["code"] == "only_a_party"
    assert [row["id"] for row in merchant.get(f"cases/{case.number}/")["drafts"]] == [mine["id"]]
    assert merchant.delete(f"{path}{mine['id']}/") is None
    assert merchant.get(f"cases/{case.number}/")["drafts"] == []


# --- once ------------------------------------------------------------------------------------------------------------
def test_same_key_same_answer_no_second_effect(world: World, program: Of) -> None:
    case = world.filed()
    buyer, path = program(world.buyer), f"cases/{case.number}/offer/"
    first = buyer.ask("POST", path, {"amount_fen": 100, "conditions": "甲"}, idempotency_key="k")
    again = buyer.ask("POST", path, {"conditions": "甲", "amount_fen": 100}, idempotency_key="k")
    assert (first.status_code, first.json(), first.headers.get("Idempotent-Replayed")) == (200, again.json(), None)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert Offer.objects.count() == 1
    other = buyer.ask("POST", path, {"amount_fen": 200}, idempotency_key="k")
    assert (other.status_code, error(other)["code"]) == (422, "idempotency_key_reused")
    elsewhere = buyer.ask("POST", f"cases/{case.number}/withdraw_offer/", {}, idempotency_key="k")
    assert (elsewhere.status_code, error(elsewhere)["code"]) == (422, "idempotency_key_reused")
    theirs = program(world.merchant).ask("POST", path, {"amount_fen": 5}, idempotency_key="k")
    assert (theirs.status_code, Offer.objects.count()) == (200, 2)


def test_key_of_a_refused_act_may_be_used_again(world: World, program: Of) -> None:
    case = world.filed()
    buyer, path = program(world.buyer), f"cases/{case.number}/offer/"
    assert buyer.ask("POST", path, {"amount_fen": 10**11}, idempotency_key="k").status_code == 422
    assert buyer.ask("POST", path, {"amount_fen": 10}, idempotency_key="k").status_code == 200


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 201])
def test_idempotency_key_required_and_fit(world: World, program: Of, key: str, market: Program) -> None:
    case = world.filed()
    buyer = program(world.buyer)
    for caller, path in (
        (buyer, f"cases/{case.number}/withdraw/"),
        (market, "orders/"),
        (buyer, f"cases/{case.number}/files/"),
    ):
        kind = "multipart/form-data; boundary=x" if "files" in path else "application/json"
        response = caller.ask("POST", path, b"{}", idempotency_key=key, content_type=kind)
        assert (response.status_code, error(response)["code"]) == (400, "idempotency_key_required")
    assert Case.objects.get(pk=case.pk).state == "awaiting_admission"


def test_act_on_an_older_version_is_409(world: World, program: Of) -> None:
    case = world.filed()
    buyer = program(world.buyer)
    refused = buyer.post(f"cases/{case.number}/offer/", {"amount_fen": 1, "based_on": case.version - 1}, 409)
    assert refused["error"]["code"] == "case_version_current"


# --- orders ----------------------------------------------------------------------------------------------------------
def test_order_comes_in_once_and_is_brought_up_to_date(world: World, market: Program) -> None:
    document = order_document(world)
    first = market.post("orders/", document, 201)
    assert (first["created"], first["paid_fen"], len(first["lines"])) == (True, 129_900, 1)
    more = document | {"logistics": [{"at": "2026-11-16T09:00:00+08:00", "code": "in_transit", "text": "运输中"}]}
    assert market.post("orders/", more, 200)["created"] is False
    order = Order.objects.get()
    assert (order.buyer, order.store, order.logistics.count()) == (world.buyer, world.store, 1)
    changed = order_document(world, price_fen=1)
    assert market.post("orders/", changed, 409)["error"]["code"] == "order_amounts_fixed"
    assert Order.objects.get().paid_fen == 129_900


def test_long_label_of_an_integration_fits(world: World) -> None:
    _key, secret = AccessKey.issue(label="x" * 80)
    assert Program(secret).post("orders/", order_document(world), 201)["created"] is True
    assert [len(key.actor) for key in IdempotencyKey.objects.all()] == [64]


def test_unknown_fields_are_never_stored(world: World, market: Program, program: Of) -> None:
    """Every column of the order and of the case is sent along; none but the shape's own arrives."""
    poison = {"refunded_fen": 1, "reserved_fen": 1, "received_from": "me", "buyer_id": 1, "store_id": 1, "id": 77}
    line_poison = {"order_id": 1, "position": 9, "id": 5}
    document = order_document(world)
    document["lines"][0] |= line_poison
    received = market.post("orders/", document | poison | {"amounts": document["amounts"] | {"refunded_fen": 5}}, 201)
    order = Order.objects.get()
    assert (order.refunded_fen, order.reserved_fen, order.received_from) == (0, 0, "integration:market")
    assert (order.pk != 77, order.lines.get().position) == (True, 1)
    factories.refused_request(world.buyer, world.merchant, order)
    columns = {field.name: 1 for field in Case._meta.fields if field.name != "happened_on"}
    started = program(world.buyer).post(
        f"orders/{order.number}/cases/", columns | {"line_id": received["lines"][0]["id"]}, 201
    )
    case = Case.objects.get()
    kept = (case.state, case.version, case.outcome, case.final, case.claim_fen, case.handler_id, case.decided_by_id)
    assert (started["number"], kept) == (case.number, ("draft", 1, "", False, 0, None, None))
    others = {field.name: 1 for field in Case._meta.fields if field.name not in {"cause", "remedy", "happened_on"}}
    words = {"what_happened": "甲", "difference": "乙", "wanted": "丙", "missing_reason": "丁"}
    claim = {"cause": "damaged", "remedy": "return_refund", "amount_fen": 100}
    program(world.buyer).post(f"cases/{case.number}/file/", others | words | claim)
    case.refresh_from_db()
    kept = (case.state, case.version, case.outcome, case.final, case.claim_fen, case.handler_id, case.decided_by_id)
    assert kept == ("awaiting_admission", 2, "", False, 100, None, None)
    assert (case.buyer, case.store, case.by_default, case.refusal_code) == (world.buyer, world.store, False, "")


# --- who asks --------------------------------------------------------------------------------------------------------
def test_session_needs_csrf_and_key_does_not(world: World, program: Of) -> None:
    case = world.filed()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.buyer)
    path, headers = f"/api/v1/cases/{case.number}/offer/", {"idempotency-key": "k"}
    refused = browser.post(path, {"amount_fen": 1}, content_type="application/json", headers=headers)
    assert (refused.status_code, error(refused)["code"]) == (403, "permission_denied")
    assert browser.get(f"/api/v1/cases/{case.number}/").status_code == 200
    token = "a" * 32
    browser.cookies["csrftoken"] = token
    accepted = browser.post(
        path, {"amount_fen": 1}, content_type="application/json", headers=headers | {"x-csrftoken": token}
    )
    assert accepted.status_code == 200, accepted.content
    files = f"/api/v1/cases/{case.number}/files/"
    sent = browser.post(files, {"file": factories.upload()}, headers={"idempotency-key": "f", "x-csrftoken": token})
    assert sent.status_code == 201, sent.content


def test_errors_speak_the_readers_language(world: World) -> None:
    world.buyer.language = "zh-hans"
    world.buyer.save()
    secret = AccessKey.issue(label="x", user=world.buyer)[1]
    own, english = Client(), {"accept-language": "en"}
    headers = {"authorization": f"Bearer {secret}"}
    message = {
        language: own.get("/api/v1/cases/DC-1/", headers=headers | more).json()["error"]["message"]
        for language, more in {"zh": {}, "en": english}.items()
    }
    assert message == {"zh": "这里没有您可以查看的内容。", "en": "There is nothing here that you may see."}
    world.buyer.language = "en"
    world.buyer.save()
    assert own.get("/api/v1/cases/DC-1/", headers=headers).json()["error"]["message"] == message["en"]
    wrong = {"authorization": "Bearer gd_x"}
    assert own.get("/api/v1/cases/", headers=wrong).json()["error"]["message"] == "访问密钥无效。"


def test_too_many_calls_are_429_with_a_wait(world: World, program: Of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ByActor, "THROTTLE_RATES", {"user": "2/min"})
    cache.clear()
    buyer = program(world.buyer)
    assert [buyer.ask("GET", "cases/").status_code for _ in range(2)] == [200, 200]
    late = buyer.ask("GET", "cases/")
    assert (late.status_code, error(late)["code"], int(late.headers["Retry-After"]) > 0) == (429, "throttled", True)
    assert program(world.merchant).ask("GET", "cases/").status_code == 200


def test_attachment_is_ready_and_the_senders_own_or_nothing_is_sent(world: World, program: Of) -> None:
    request = factories.refused_request(world.buyer, world.merchant, world.order())
    buyer, merchant = program(world.buyer), program(world.merchant)
    path = f"after-sales/{request.pk}/"
    theirs = merchant.upload(f"{path}files/", factories.upload("theirs.jpg"))["id"]
    own = buyer.upload(f"{path}files/", factories.upload("own.jpg"))["id"]
    refused = buyer.post(f"{path}messages/", {"text": "看图", "attachments": [own, theirs]}, 422)
    assert (refused["error"]["code"], request.messages.count()) == ("attachment_is_ready", 0)
    buyer.post(f"{path}messages/", {"attachments": [own]})
    again = buyer.post(f"{path}messages/", {"attachments": [own]}, 422)
    assert (again["error"]["code"], request.messages.count()) == ("attachment_is_ready", 1)


def test_what_breaks_on_our_side_is_said_in_the_one_shape_and_on_a_page(world: World, program: Of) -> None:
    order = world.order()
    Order.objects.filter(pk=order.pk).update(completed_at=datetime(9999, 12, 31, 1, tzinfo=UTC))
    broken = program(world.buyer).ask("GET", f"orders/{order.number}/eligibility/")
    assert broken.status_code == 500
    assert error(broken)["code"] == "server_error"
    reader = Client(raise_request_exception=False)
    reader.force_login(world.buyer)
    page = reader.get(f"/orders/{order.number}/", headers={"accept-language": "en"})
    assert (page.status_code, page.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "Something went wrong on our side" in page.content.decode()
