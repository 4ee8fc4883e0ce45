"""Evidence in a case: in time or marked late, and unseen by the other side until the platform accepts the case."""

from typing import Any

import pytest

from accounts.models import User
from arbitration import admission, information
from arbitration.operations import OPERATIONS
from core.errors import Conflict, Refused
from disputes import exhibits
from disputes.models import Case
from evidence.models import Item
from evidence.models import State as ItemState
from rulebook.queries import book
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, paper


def lodge(case: Case, actor: User) -> tuple[bool, bool]:
    """→ (late, seen by the other side)"""
    item = paper(actor, case)
    exhibits.lodge(actor=actor, case_id=case.pk, item_ids=[str(item.pk)])
    item.refresh_from_db()
    return item.late, item.disclosed_at is not None


def test_nothing_is_seen_before_admission_questions_included(world: World, at: Clock) -> None:
    case = Stages(world, at).taken()
    assert (lodge(case, world.buyer), lodge(case, world.merchant)) == ((False, False), (False, False))
    information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=["何时?"])
    assert (lodge(case, world.buyer), lodge(case, world.merchant)) == ((False, False), (False, False))
    paper(world.buyer, case)
    information.answer(actor=world.buyer, case_id=case.pk, answers=["昨天"])
    assert not case.dossier.items.exclude(disclosed_at=None).exists()
    admission.admit(actor=world.arbiter, case_id=case.pk)
    assert not case.dossier.items.filter(disclosed_at=None).exists()


def test_late_items_are_kept_and_marked(world: World, at: Clock) -> None:
    case = Stages(world, at).deliberated()
    assert (lodge(case, world.buyer), lodge(case, world.merchant)) == ((False, True), (True, True))
    at.forward(hours=72)
    assert lodge(case, world.buyer) == (True, True)
    assert stages.again(case).dossier.items.filter(late=True).count() == 2


def test_items_asked_for_are_in_time(world: World, at: Clock) -> None:
    case = Stages(world, at).asked()
    at.forward(hours=1)
    assert (lodge(case, world.buyer), lodge(case, world.merchant)) == ((False, True), (False, True))


LODGING = [
    ("draft", "buyer", "file", {}),
    ("admitted", "merchant", "respond", {}),
    ("admitted", "buyer", "lodge", {}),
    ("deliberated", "merchant", "lodge", {}),  # late
    ("responded", "buyer", "rebut", {}),
    ("asked", "buyer", "answer", {}),
    ("ruled", "buyer", "request_review", {}),
    ("in_review", "buyer", "answer_review", {}),
    ("shipped_back", "merchant", "confirm_return", {"finding": "damaged", "note": "外壳开裂"}),
]


@pytest.mark.parametrize(("stage", "who", "act", "said"), LODGING)
def test_item_says_what_it_shows_whatever_lodges_it(
    world: World, at: Clock, stage: str, who: str, act: str, said: dict[str, Any]
) -> None:
    """Neither a caption nor a place in the checklist; then a place that another cause has; then one of its own."""
    case, actor = getattr(Stages(world, at), stage)(), getattr(world, who)
    item = paper(actor, case)
    given = {**stages.arguments(stages.again(case), act, actor, world), **said}
    if "item_ids" in given:
        given["item_ids"] = [*given["item_ids"], str(item.pk)]
    for slot in ("", "no_such_place"):
        Item.objects.filter(pk=item.pk).update(caption="", slot=slot)
        with pytest.raises(Refused) as refused:
            OPERATIONS[act].verb(actor=actor, case_id=case.pk, **given)
        assert (refused.value.code, list(refused.value.fields)) == ("item_says_what_it_shows", [f"caption-{item.pk}"])
    cause = book(case.rulebook_id).cause("damaged" if stage == "shipped_back" else "not_received")
    own = cause.asked("applicant" if who == "buyer" else "respondent")[0]["slot"]
    Item.objects.filter(pk=item.pk).update(slot=own)
    OPERATIONS[act].verb(actor=actor, case_id=case.pk, **given)
    item.refresh_from_db()
    assert (item.state, item.slot, item.caption) == ("lodged", own, "")


def test_evidence_being_checked_holds_an_act_back_and_loses_nothing(world: World) -> None:
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    factories.add_item(world.buyer, case)
    assert len(exhibits.ready(case, "buyer")) == 1
    Item.objects.update(state=ItemState.INSPECTING)
    with pytest.raises(Conflict) as refused:
        exhibits.ready(case, "buyer")
    assert (refused.value.code, refused.value.status) == ("evidence_being_checked", 409)
    assert exhibits.ready(case, "merchant") == []
