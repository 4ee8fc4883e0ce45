"""Evidence in a case: in time or marked late, and unseen by the other side until the platform accepts the case."""

from accounts.models import User
from arbitration import admission, information
from disputes import exhibits
from disputes.models import Case
from tests import stages
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
