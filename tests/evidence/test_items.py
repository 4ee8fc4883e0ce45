from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from core.errors import Conflict, Refused
from evidence import items
from evidence.models import Dossier, Item, State
from ledger.models import Entry
from tests.evidence.conftest import AT

LATER = AT + timedelta(hours=1)


def lodge(item: Item, *, disclosed: bool = True, late: bool = False) -> Item:
    return items.lodge(
        actor=item.uploader,
        dossier=item.dossier,
        side=item.side,
        items=[item],
        at=AT,
        late=late,
        disclosed=disclosed,
    )[0]


def verbs(dossier: Dossier) -> list[tuple[str, str]]:
    return list(Entry.objects.filter(subject=dossier.subject).order_by("seq").values_list("verb", "audience"))


def test_describe_says_what_a_draft_shows(take: Any, buyer: Any) -> None:
    item = items.describe(actor=buyer, item=take(), slot="label", caption=" 吊牌 ", at=AT)
    assert (item.slot, item.caption) == ("label", "吊牌")


@pytest.mark.parametrize(("caption", "code"), [("字" * 61, "caption_too_long"), ("a\u202eb", "caption_unseen")])
def test_caption_that_cannot_stand_is_refused(take: Any, buyer: Any, caption: str, code: str) -> None:
    item = take()
    with pytest.raises(Refused) as refused:
        items.describe(actor=buyer, item=item, slot="", caption=caption, at=AT)
    assert (refused.value.code, list(refused.value.fields)) == (code, ["caption"])


def test_discard_removes_the_row_and_keeps_the_custody_entries(take: Any, buyer: Any, dossier: Dossier) -> None:
    items.discard(actor=buyer, item=take(), at=AT)
    assert Item.objects.count() == 0
    assert verbs(dossier) == [
        ("evidence_received", "buyer"),
        ("evidence_inspected", "buyer"),
        ("evidence_discarded", "buyer"),
    ]


def test_exhibit_number_once_counts_each_side_in_order_of_lodging(take: Any, dossier: Dossier, buyer: Any) -> None:
    first, second, third, theirs = take(), take(), take(), take(side="merchant")
    lodged = items.lodge(
        actor=buyer, dossier=dossier, side="buyer", items=[third, first], at=AT, late=False, disclosed=False
    )
    assert [(item.pk, item.exhibit_no) for item in lodged] == [(first.pk, 1), (third.pk, 2)]
    assert lodge(second, late=True).exhibit_no == 3
    assert lodge(theirs).exhibit_no == 1
    second.refresh_from_db()
    assert (second.state, second.late, second.lodged_at, second.disclosed_at) == (State.LODGED, True, AT, AT)
    entry = Entry.objects.filter(verb="evidence_lodged").order_by("seq").first()
    assert entry is not None
    assert (entry.audience, entry.facts) == (
        "buyer",
        {
            "side": "buyer",
            "items": [
                {"item": str(first.pk), "exhibit_no": 1, "sha256": first.sha256},
                {"item": str(third.pk), "exhibit_no": 2, "sha256": third.sha256},
            ],
        },
    )


def test_lodging_nothing_writes_nothing(dossier: Dossier, buyer: Any) -> None:
    assert items.lodge(actor=buyer, dossier=dossier, side="buyer", items=[], at=AT, disclosed=True) == []
    assert verbs(dossier) == []


def test_item_of_the_other_side_or_lodged_before_cannot_be_lodged(take: Any, dossier: Dossier, buyer: Any) -> None:
    theirs, own = take(side="merchant"), lodge(take())
    for item in (theirs, own):
        with pytest.raises(Conflict) as refused:
            items.lodge(actor=buyer, dossier=dossier, side="buyer", items=[item], at=AT, disclosed=True)
        assert refused.value.code == "evidence_not_ready"


def test_evidence_sealed_against_the_verbs_once_lodged(take: Any, buyer: Any) -> None:
    item = lodge(take())
    for act in (
        lambda: items.describe(actor=buyer, item=item, slot="x", caption="y", at=AT),
        lambda: items.discard(actor=buyer, item=item, at=AT),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "evidence_sealed"


@pytest.mark.parametrize(
    ("lodged", "change"),
    [
        (False, {"sha256": "0" * 64}),
        (False, {"size": 1}),
        (False, {"original_name": "b.jpg"}),
        (False, {"side": "merchant"}),
        (False, {"received_at": LATER}),
        (True, {"caption": "other"}),
        (True, {"slot": "other"}),
        (True, {"kind": "chat"}),
        (True, {"exhibit_no": 7}),
        (True, {"lodged_at": LATER}),
        (True, {"late": True}),
        (True, {"disclosed_at": LATER}),
        (True, {"capture_at": LATER}),
        (True, {"state": State.READY, "exhibit_no": None, "lodged_at": None, "disclosed_at": None}),
    ],
)
def test_evidence_sealed_in_the_database_itself(take: Any, lodged: bool, change: dict[str, Any]) -> None:
    item = lodge(take()) if lodged else take()
    with pytest.raises(DatabaseError, match="evidence_sealed"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(**change)


def test_evidence_sealed_against_deleting_what_is_lodged(take: Any) -> None:
    item = lodge(take())
    with pytest.raises(DatabaseError, match="evidence_sealed"), transaction.atomic():
        item.delete()


def test_disclose_shows_the_whole_side_once(take: Any, dossier: Dossier) -> None:
    one, draft, theirs = lodge(take(), disclosed=False), take(), lodge(take(side="merchant"), disclosed=False)
    assert [item.pk for item in items.disclose(dossier=dossier, side="buyer", at=LATER)] == [one.pk]
    assert items.disclose(dossier=dossier, side="buyer", at=LATER) == []
    for item in (one, draft, theirs):
        item.refresh_from_db()
    assert (one.disclosed_at, draft.disclosed_at, theirs.disclosed_at) == (LATER, None, None)
    assert verbs(dossier)[-1] == ("evidence_disclosed", "all")


def test_withdrawn_item_keeps_its_number_and_leaves_a_trace(take: Any, buyer: Any, dossier: Dossier) -> None:
    item = items.withdraw(actor=buyer, item=lodge(take()), reason=" 放错了 ", at=LATER)
    kept = (item.state, item.exhibit_no, item.withdrawn_at, item.withdrawn_reason)
    assert kept == (State.WITHDRAWN, 1, LATER, "放错了")
    assert verbs(dossier)[-1] == ("evidence_withdrawn", "all")
    for change in ({"withdrawn_reason": "别的"}, {"withdrawn_at": AT}, {"state": State.LODGED}):
        with pytest.raises(DatabaseError, match="evidence_sealed"), transaction.atomic():
            Item.objects.filter(pk=item.pk).update(**change)
    assert lodge(take()).exhibit_no == 2
    with pytest.raises(Conflict) as refused:
        items.withdraw(actor=buyer, item=item, reason="放错了", at=LATER)
    assert refused.value.code == "evidence_lodged"


def test_platform_only_needs_reason(take: Any) -> None:
    item = take()
    with pytest.raises(DatabaseError, match="platform_only_needs_reason"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(platform_only=True)
