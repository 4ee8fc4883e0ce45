"""The order's own records as evidence, through both doors, each once."""

from django.test import Client
from django.utils import translation

from accounts.models import AccessKey
from disputes import from_order
from disputes.models import Case
from evidence import queries as custody
from evidence.storage import store
from evidence.transcripts import parsed
from tests import factories
from tests.conftest import World


def drafted(world: World) -> Case:
    made = world.order()
    made.logistics.create(way="out", at=made.paid_at, code="collected", text="快件已揽收")
    return factories.draft_case(world.buyer, world.merchant, made)


def test_negotiation_logistics_and_listing_are_added_once(world: World) -> None:
    case = drafted(world)
    with translation.override("zh-hans"):
        added = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
        again = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
    assert [(item.kind, item.caption, item.state) for item in added] == [
        ("chat", "协商记录", "ready"),
        ("document", "物流记录", "ready"),
        ("snapshot", "购买时的商品页", "ready"),
    ]
    assert again == []
    with store().open(added[0].sha256) as file:
        said = parsed(file.read().decode())
    assert [message.who for message in said] == ["买家", "商家"]
    assert said[0].text.startswith("申请售后\n")
    with store().open(added[2].sha256) as file:
        assert case.line.title in file.read().decode()


def test_both_doors_add_them(world: World) -> None:
    case = drafted(world)
    page = Client()
    page.force_login(world.buyer)
    assert page.post(f"/disputes/{case.number}/files/from-order/").status_code == 302
    assert len(custody.drafts(case.dossier, "buyer")) == 3
    key = AccessKey.issue(label="erp", user=world.buyer)[1]
    case = drafted(world)
    answer = Client().post(
        f"/api/v1/cases/{case.number}/files/from-order/",
        content_type="application/json",
        headers={"authorization": f"Bearer {key}", "idempotency-key": "1"},
    )
    assert (answer.status_code, [item["kind"] for item in answer.json()]) == (201, ["chat", "document", "snapshot"])
