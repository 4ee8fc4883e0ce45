from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from evidence import items, queries
from evidence.models import Dossier, Item
from tests.evidence.conftest import AT
from tests.evidence.test_items import lodge


@pytest.mark.parametrize("more", [0, 6])
def test_exhibits_cost_the_same_for_few_and_many(
    take: Any, dossier: Dossier, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(1 + more):
        lodge(take("a.txt", b"words"))
    with django_assert_num_queries(2):
        assert len(queries.exhibits(dossier, "merchant")) == 1 + more
    take("b.txt", b"words")
    with django_assert_num_queries(2):
        assert len(queries.drafts(dossier, "buyer")) == 1


def test_each_side_sees_its_own_and_what_was_disclosed(take: Any, dossier: Dossier) -> None:
    shown = lodge(take("a.jpg", caption="破损", slot="box"))
    hidden = lodge(take(), disclosed=False)
    theirs = lodge(take(side="merchant"), disclosed=False)
    take()
    seen = {
        viewer: [row.id for row in queries.exhibits(dossier, viewer)] for viewer in ("buyer", "merchant", "platform")
    }
    assert seen == {
        "buyer": [shown.pk, hidden.pk],
        "merchant": [shown.pk, theirs.pk],
        "platform": [shown.pk, hidden.pk, theirs.pk],
    }


def test_other_side_gets_neither_name_nor_original_nor_capture_moment(take: Any, dossier: Dossier) -> None:
    item = lodge(take("张三.jpg", caption="破损"))
    own, other = queries.exhibits(dossier, "buyer")[0], queries.exhibits(dossier, "merchant")[0]
    assert (own.name, own.original_url) == ("张三.jpg", f"/files/{item.pk}/original/")
    assert (other.name, other.original_url, other.capture_at, other.caption) == ("", "", None, "破损")
    assert other.thumb_url == f"/files/{item.pk}/thumb/"
    view = item.derivatives.get(variant="view")
    assert (own.sha256, own.size) == (item.sha256, item.size)
    assert (other.sha256, other.size, other.width) == (view.sha256, view.size, view.width)


def test_platform_only_item_is_withheld_from_the_other_side(take: Any, dossier: Dossier) -> None:
    item = take("id.jpg", caption="身份证", slot="id")
    Item.objects.filter(pk=item.pk).update(platform_only=True, platform_only_reason="identity card")
    item.refresh_from_db()
    lodge(item)
    other = queries.exhibits(dossier, "merchant")[0]
    assert (other.withheld, other.caption, other.slot, other.thumb_url, other.view_url) == (True, "", "", "", "")
    assert (other.sha256, other.size, other.media_type, other.width, other.pages) == ("", 0, "", None, None)
    assert not queries.exhibits(dossier, "platform")[0].withheld


def test_checklist_counts_slots_with_a_standing_item(take: Any, buyer: Any) -> None:
    slots: list[dict[str, Any]] = [
        {"slot": "close_up", "required": True},
        {"slot": "label", "required": True},
        {"slot": "whole", "required": True},
        {"slot": "video", "required": False},
        {"slot": "test", "required": False},
    ]
    rows = [take(slot="close_up"), take(slot="video"), take(slot="label"), take()]
    rows[2] = items.withdraw(actor=buyer, item=lodge(rows[2]), reason="放错了", at=AT)
    meter = queries.checklist(slots, rows)
    assert (meter.required_done, meter.required_total) == (1, 3)
    assert (meter.helpful_done, meter.helpful_total) == (1, 2)
    assert [slot["slot"] for slot in meter.missing] == ["label", "whole"]
    assert not meter.complete
