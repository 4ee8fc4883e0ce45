"""What the card of an item says through its life: lodged, late, withdrawn with a trace, covered, withheld, weighed."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from arbitration.models import ItemWeight
from disputes import exhibits
from disputes.models import Case
from evidence import items as custody
from evidence import redaction
from evidence.models import Item
from tests import factories
from tests.conftest import Clock, World

pytestmark = pytest.mark.django_db


def card(person: Any, case: Case, item: Item) -> str:
    """The words of the item's card as the person reads them."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(person)
    page = client.get(f"/disputes/{case.number}/").content.decode()
    item.refresh_from_db()
    found = re.search(rf'<li class="exhibit" id="{item.side[0]}{item.exhibit_no}">.*?</li>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def words(person: Any, path: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(f"/{path}")
    return answer.content.decode()


def lodged(world: World, case: Case, **said: Any) -> Item:
    item = factories.add_item(world.buyer, case, caption="外箱凹陷")
    for verb, given in said.items():
        if verb == "covered":
            redaction.redact(actor=world.buyer, item=item, boxes=given, at=item.received_at)
        else:
            custody.restrict(actor=world.buyer, item=item, platform_only=True, reason=given, at=item.received_at)
    exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(item.pk)])
    return item


def test_late_item_is_kept_and_marked_for_both(world: World, at: Clock) -> None:
    case = world.admitted()
    at.forward(hours=73)
    item = lodged(world, Case.objects.get(pk=case.pk))
    assert ["· late" in card(person, case, item) for person in (world.buyer, world.merchant)] == [True, True]


def test_withdrawn_item_keeps_its_number_and_a_trace_for_both(world: World) -> None:
    case = world.admitted()
    item = lodged(world, case)
    exhibits.withdraw_item(actor=world.buyer, case_id=case.pk, item_id=str(item.pk), reason="放错了照片")
    for person in (world.buyer, world.merchant):
        said = card(person, case, item)
        assert "Withdrawn 20 Nov, 10:00. The original stays sealed." in said
        assert "Reason: 放错了照片" in said
    assert "理由：放错了照片" in words(world.arbiter, f"desk/cases/{case.number}/")


def test_withdrawn_item_for_the_platform_alone_keeps_its_reason_from_the_other_side(world: World) -> None:
    case = world.admitted()
    item = lodged(world, case, alone="含身份证号")
    exhibits.withdraw_item(actor=world.buyer, case_id=case.pk, item_id=str(item.pk), reason="证号已失效")
    assert ["证号已失效" in card(person, case, item) for person in (world.buyer, world.merchant)] == [True, False]


def test_covered_item_says_so_to_both(world: World) -> None:
    case = world.admitted()
    item = lodged(world, case, covered=[redaction.Box(0.1, 0.1, 0.2, 0.2)])
    assert ["partly covered" in card(person, case, item) for person in (world.buyer, world.merchant)] == [True, True]


def test_platform_only_item_shows_that_it_exists_and_not_what_it_is(world: World) -> None:
    case = world.admitted()
    item = lodged(world, case, alone="含身份证号")
    own, other = (card(person, case, item) for person in (world.buyer, world.merchant))
    assert ("外箱凹陷" in own, "platform only" in own) == (True, True)
    assert ("外箱凹陷" in other, "Only the platform sees this item" in other, "含身份证号" in other) == (
        False,
        True,
        False,
    )


def test_weight_and_reason_stand_on_the_card_once_ruled(world: World) -> None:
    case = world.ruled(remedy="refund")
    item = case.dossier.items.filter(side="buyer").order_by("exhibit_no")[0]
    for person in (world.buyer, world.merchant):
        client = Client(headers={"accept-language": "en"})
        client.force_login(person)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(f"/disputes/{case.number}/")
        assert len(asked) <= 15
        assert "Accepted 与承运人记录一致" in card(person, case, item)


def test_words_about_a_platform_only_item_are_not_for_the_other_side(world: World) -> None:
    case = world.ruled(remedy="refund")
    item = case.dossier.items.filter(side="buyer").order_by("exhibit_no")[0]
    Item.objects.filter(pk=item.pk).update(platform_only=True, platform_only_reason="含身份证号")
    ItemWeight.objects.filter(item=item).update(reason="身份证与收件人一致")
    pages = ("disputes/{}/", "disputes/{}/ruling/", "api/v1/cases/{}/", "api/v1/cases/{}/rulings/")
    said = {
        page: [words(person, page.format(case.number)).count("身份证与收件人一致") > 0 for person in readers]
        for page in pages
        for readers in [(world.buyer, world.merchant)]
    }
    assert said == {page: [True, False] for page in pages}
