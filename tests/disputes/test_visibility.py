"""Who knows of a case: the condition lists ask by, and the one a case at hand is held against, are the same."""

import pytest

from accounts.actors import CLOCK
from accounts.models import User
from disputes.models import Case
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("side", ["buyer", "merchant"])
@pytest.mark.parametrize("state", ["draft", "deliberation"])
def test_case_at_hand_is_seen_by_whom_lists_show_it(world: World, state: str, side: str) -> None:
    made = factories.draft_case(world.buyer, world.merchant, world.order())
    Case.objects.filter(pk=made.pk).update(state=state, applicant_side=side)
    case = Case.objects.get(pk=made.pk)
    asked = {person.pk: case.visible_to(person) for person in User.objects.all()}
    assert asked == {person.pk: Case.objects.visible_to(person).exists() for person in User.objects.all()}
    side_alone = {"buyer": {world.buyer.pk}, "merchant": {world.merchant.pk, world.agent.pk}}
    staff = {person.pk for person in (world.arbiter, world.second_arbiter, world.supervisor, world.auditor)}
    seen = side_alone[side] if state == "draft" else side_alone["buyer"] | side_alone["merchant"] | staff
    assert {key for key, sees in asked.items() if sees} == seen
    assert (case.visible_to(CLOCK), Case.objects.visible_to(CLOCK).exists()) == (False, False)
