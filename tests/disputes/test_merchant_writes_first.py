"""A merchant with a cause of its own writes to the buyer first, asked or not, and the gate opens in its time."""

from datetime import timedelta

import pytest
from django.test import Client

from core.errors import Refused
from disputes import eligibility, filing, negotiation
from tests import factories
from tests.conftest import Clock, World


def test_wrote_to_buyer_first_without_any_request_of_the_buyer(world: World, at: Clock) -> None:
    order = world.order()
    line = order.lines.get()
    gate = eligibility.check(order, line, "merchant", factories.START)
    assert ([row.code for row in gate.failed], gate.opens_at) == (["wrote_to_buyer_first"], None)
    negotiation.write_about(actor=world.buyer, order_id=order.pk, text="在吗")
    negotiation.write_about(actor=world.merchant, order_id=order.pk, line_id=line.pk, text="您以差评要求返现")
    due = factories.START + timedelta(hours=24)
    gate = eligibility.check(order, line, "merchant", due - timedelta(milliseconds=1))
    assert ([row.code for row in gate.failed], gate.opens_at) == (["wrote_to_buyer_first"], due)
    at.to(due)
    assert filing.start(actor=world.merchant, order_id=order.pk, line_id=line.pk).state == "draft"


def test_message_not_empty_without_a_request_too(world: World) -> None:
    order = world.order()
    with pytest.raises(Refused) as refused:
        negotiation.write_about(actor=world.merchant, order_id=order.pk, text=" ")
    assert (refused.value.code, order.lines.get().messages.count()) == ("message_not_empty", 0)


def test_merchant_is_led_from_the_order_to_the_message_and_told_the_moment(
    world: World, at: Clock, client: Client
) -> None:
    order = world.order()
    line = order.lines.get()
    page, write = f"/orders/{order.number}/", f"/orders/{order.number}/write/?line={line.pk}"
    client.force_login(world.merchant)
    assert f'href="{write}"' in client.get(page).content.decode()
    form = client.get(write).context["form"]
    sent = client.post(write, {"idempotency_key": form.key, "line_id": line.pk, "text": "您以差评要求返现"})
    assert (sent.status_code, line.messages.get().side) == (302, "merchant")
    shown = client.get(page)
    assert shown.context["head"]["due"] == factories.START + timedelta(hours=24)
    assert "您以差评要求返现" in shown.content.decode()
    client.force_login(world.buyer)
    assert "您以差评要求返现" in client.get(page).content.decode()
    client.force_login(world.other_merchant)
    assert client.get(write).status_code == 404


def test_refusal_of_its_own_opens_nothing_in_the_words_for_the_merchant(
    world: World, at: Clock, client: Client
) -> None:
    order = world.order()
    factories.refused_request(world.buyer, world.merchant, order)
    negotiation.write(actor=world.merchant, after_sales_id=order.after_sales.get().pk, text="请停止威胁")
    at.forward(hours=24)
    client.force_login(world.merchant)
    assert client.get(f"/orders/{order.number}/").context["head"]["note"] == "已提前 1 天与买家沟通。"
