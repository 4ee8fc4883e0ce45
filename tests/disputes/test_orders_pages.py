"""The order page and the negotiation, through the HTML door."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from disputes import negotiation
from disputes.models import AfterSales, Draft, Order, Refund
from tests import factories
from tests.conftest import Clock, World
from tests.forms import FormClient

pytestmark = pytest.mark.django_db


def reader(user: User, language: str = "en") -> Client:
    client = FormClient(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())


def asking(order: Order, **changes: str) -> dict[str, str]:
    line = order.lines.get()
    return {
        "line_id": str(line.pk),
        "asked": "refund",
        "amount_fen": "100.00",
        "cause": "damaged",
        "reason": "灯座有一道裂纹",
        "goods_received": "true",
        "idempotency_key": "one",
        **changes,
    }


def entry(client: Client, order: Order) -> dict[str, Any]:
    response = client.get(f"/orders/{order.number}/")
    assert response.status_code == 200
    head: dict[str, Any] = response.context["head"]
    return head


def test_entry_is_there_in_every_state(world: World, at: Clock) -> None:
    client = reader(world.buyer)
    order = world.order()
    head = entry(client, order)
    assert (head["big"], head["action"]["label"]) == ("Not yet possible", "Ask the merchant first")
    assert head["due"] is not None
    request = factories.request(world.buyer, order)
    head = entry(client, order)
    assert (head["big"], head["due"]) == ("Not yet possible", request.deadlines.get().due_at)
    negotiation.refuse(actor=world.merchant, after_sales_id=request.pk, reason="已签收")
    head = entry(client, order)
    assert (head["big"], head["primary"], head["action"]["label"]) == (
        "You can ask now",
        True,
        "Ask the platform to step in",
    )
    at.forward(days=16)
    head = entry(client, order)
    assert (head["big"], head["action"]["label"]) == ("The time to ask is over", "See what is still possible")


def test_entry_leads_to_the_open_case(world: World) -> None:
    case = world.filed()
    head = entry(reader(world.buyer), case.order)
    assert (head["big"], head["due_big"]) == ("A case is open", case.number)


def test_failed_conditions_name_their_clause_and_the_way_out(world: World) -> None:
    response = reader(world.buyer).get(f"/orders/{world.order().number}/")
    failed = [row for row in response.context["checks"] if not row["passed"]]
    assert [row["text"] for row in failed] == [
        "You have not asked the merchant yet.",
        "The merchant must have refused, or had time to answer.",
    ]
    assert all(row["fix"] and row["clause_href"].startswith("/rules/") for row in failed)


def test_pictures_of_the_listing_are_named_and_no_other_host_is_asked_for_them(world: World) -> None:
    order = world.order()
    order.lines.update(snapshot={"text": "全新完好", "pictures": ["https://img.market.test/lamp.jpg"]})
    page = reader(world.buyer).get(f"/orders/{order.number}/").content.decode()
    assert '<a class="id" href="https://img.market.test/lamp.jpg" rel="noopener noreferrer nofollow"' in page
    assert "It is kept by the marketplace, not here, and may have changed since" in page
    assert page.count("img.market.test") == 2
    assert "<img" not in page.split("img.market.test")[0].rsplit("<details", 1)[1]


def test_strangers_and_other_stores_find_nothing(world: World) -> None:
    order = world.order()
    for user in (world.other_buyer, world.other_merchant, world.arbiter):
        client = reader(user)
        for path in ("", "after-sales/", "dispute/start/"):
            assert client.get(f"/orders/{order.number}/{path}").status_code == 404
    assert Client().get(f"/orders/{order.number}/").status_code == 302


def test_merchant_reads_the_masked_buyer_and_its_own_acts(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    page = reader(world.agent).get(f"/orders/{request.order.number}/")
    assert "林**" in text_of(page)
    assert "林晓" not in text_of(page)
    assert [act["key"] for act in page.context["acts"]] == ["agree", "refuse", "counter"]
    assert page.context["answer"]["due"] == request.deadlines.get().due_at
    mine = reader(world.buyer).get(f"/orders/{request.order.number}/")
    assert [act["key"] for act in mine.context["acts"]] == ["withdraw"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("amount_fen", "0", "Write an amount above zero."),
        ("amount_fen", "-5", "Write the amount in yuan with at most two decimals, for example 1299.00."),
        (
            "amount_fen",
            "1299.01",
            "The amount can be at most ¥1,299.00: what was paid for this article, less what went back for it.",
        ),
        ("amount_fen", "10.001", "Write the amount in yuan with at most two decimals, for example 1299.00."),
        ("reason", "长" * 350_000, "Ensure this field has no more than 500 characters."),
        ("reason", "长" * 450_000, "This is too long to keep. Shorten it and save again."),
        ("reason", "看\x00不见", "This text contains characters that cannot be shown. Remove them and send it again."),
        ("reason", "左\u202e右", "This text contains characters that cannot be shown. Remove them and send it again."),
        ("reason", "", "This field may not be blank."),
        ("cause", "no_such_cause", "Choose one of the listed causes."),
        ("asked", "gold", '"gold" is not a valid choice.'),
    ],
)
def test_bad_request_is_told_and_kept(world: World, field: str, typed: str, said: str) -> None:
    order = world.order()
    response = reader(world.buyer).post(f"/orders/{order.number}/after-sales/", asking(order, **{field: typed}))
    assert response.status_code in {413, 422}
    page = text_of(response)
    found = [message for messages in response.context["form"].errors.values() for message in messages]
    assert said in [*found, response.context["form"].refusal.message]
    assert response.context["values"][field] == typed
    assert AfterSales.objects.count() == 0
    if field != "reason":
        assert "灯座有一道裂纹" in page


def test_script_and_emoji_are_plain_text(world: World) -> None:
    order = world.order()
    client = reader(world.buyer)
    typed = "<script>alert(1)</script> 😡👨\u200d👩\u200d👧"
    assert client.post(f"/orders/{order.number}/after-sales/", asking(order, reason=typed)).status_code == 302
    page = text_of(client.get(f"/orders/{order.number}/"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 😡👨\u200d👩\u200d👧" in page
    assert "<script>alert" not in page


def test_second_submit_of_the_same_form_asks_once(world: World) -> None:
    order = world.order()
    client = reader(world.buyer)
    for _ in range(2):
        assert client.post(f"/orders/{order.number}/after-sales/", asking(order)).status_code == 302
    assert AfterSales.objects.count() == 1
    again = client.post(f"/orders/{order.number}/after-sales/", asking(order, idempotency_key="two", reason="再来一次"))
    assert (again.status_code, AfterSales.objects.count()) == (409, 1)
    assert "再来一次" in text_of(again)


def test_agreeing_pays_once_and_says_so_first(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    client = reader(world.merchant)
    path = f"/orders/{request.order.number}/after-sales/{request.pk}/agree/"
    assert "¥100.00 goes back to the buyer at once. This cannot be taken back." in text_of(client.get(path))
    for _ in range(2):
        assert client.post(path, {"idempotency_key": "k"}).status_code == 302
    assert Refund.objects.get().amount_fen == 10_000
    late = client.get(f"/orders/{request.order.number}/after-sales/{request.pk}/refuse/")
    assert late.status_code == 409
    assert "This is not possible now: the request is “Agreed”." in text_of(late)


def test_counter_offer_is_accepted_by_the_buyer(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    base = f"/orders/{request.order.number}/after-sales/{request.pk}"
    typed = {"offer": "compensation", "amount_fen": "30", "reason": "留用", "idempotency_key": "c"}
    assert reader(world.merchant).post(f"{base}/counter/", typed).status_code == 302
    client = reader(world.buyer)
    assert "¥30.00 goes back to the buyer at once. This cannot be taken back." in text_of(client.get(f"{base}/accept/"))
    assert client.post(f"{base}/accept/", {"idempotency_key": "a"}).status_code == 302
    assert AfterSales.objects.get().state == "agreed"
    assert Refund.objects.get().amount_fen == 3_000


def test_acts_of_the_other_side_are_not_there(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    base = f"/orders/{request.order.number}/after-sales/{request.pk}"
    assert reader(world.buyer).get(f"{base}/agree/").status_code == 404
    assert reader(world.merchant).get(f"{base}/withdraw/").status_code == 404
    assert reader(world.other_buyer).get(f"{base}/write/").status_code == 404


def test_files_of_a_message_survive_a_bad_text(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    client = reader(world.buyer)
    path = f"/orders/{request.order.number}/after-sales/{request.pk}/write/"
    sent = {"text": "看\x00不见", "send": "1", "idempotency_key": "w", "files": [factories.upload("crack.jpg")]}
    refused = client.post(path, sent)
    assert refused.status_code == 422
    assert [row["name"] for row in refused.context["files"]] == ["crack.jpg"]
    assert client.post(path, {"text": "照片如下", "send": "1", "idempotency_key": "w"}).status_code == 302
    page = reader(world.merchant).get(f"/orders/{request.order.number}/")
    said = [(entry["text"], [file["name"] for file in entry["files"]]) for entry in page.context["talk"]]
    assert said[-1] == ("照片如下", ["crack.jpg"])
    thumb = page.context["talk"][-1]["files"][0]["thumb"]
    picture = reader(world.merchant).get(thumb)
    assert (picture.status_code, b"".join(picture.streaming_content)[:4]) == (200, b"RIFF")  # type: ignore[attr-defined]
    assert reader(world.other_merchant).get(thumb).status_code == 404


def test_unsent_file_of_a_message_can_be_removed(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    client = reader(world.buyer)
    base = f"/orders/{request.order.number}/after-sales/{request.pk}"
    client.post(f"{base}/write/", {"text": "草稿", "upload": "1", "files": [factories.upload("a.jpg")]})
    page = client.get(f"{base}/write/")
    assert page.context["values"]["text"] == "草稿"
    assert client.post(page.context["files"][0]["remove_href"]).status_code == 302
    assert client.get(f"{base}/write/").context["files"] == []


def test_draft_is_saved_for_own_forms_alone(world: World) -> None:
    order = world.order()
    path = f"/drafts/order:{order.number}:ask:1/"
    saved = reader(world.buyer).post(path, {"reason": "写到一半"})
    assert (saved.status_code, saved.json()) == (200, {"saved_at": "10:00"})
    assert Draft.objects.get().data == {"reason": ["写到一半"]}
    assert reader(world.other_buyer).post(path, {"reason": "x"}).status_code == 404
    assert reader(world.buyer).post("/drafts/order::/", {}).status_code == 404
    long = reader(world.buyer).post(path, {"reason": "长" * 450_000})
    assert long.status_code == 413
    assert Draft.objects.get().data == {"reason": ["写到一半"]}
