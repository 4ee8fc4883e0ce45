"""Questions of the platform: how many rounds, and by whom."""

import pytest

from arbitration import assignment, information
from core.errors import Refused
from disputes import exhibits
from disputes.models import Case
from tests.conftest import Clock, World
from tests.stages import Stages, again, due, paper


def test_ask_at_most_twice_without_a_supervisor(world: World, at: Clock) -> None:
    case = Stages(world, at).deliberated()
    for _round in range(2):
        information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=["何时?"])
        information.answer(actor=world.buyer, case_id=case.pk, answers=["昨天"])
    with pytest.raises(Refused) as refused:
        information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=["何处?"])
    assert refused.value.code == "ask_at_most_twice"
    assert case.information_requests.count() == 2
    assignment.reassign(actor=world.supervisor, case_id=case.pk, arbiter_id=world.supervisor.pk)
    asked = information.ask(actor=world.supervisor, case_id=case.pk, to_buyer=["何处?"])
    assert (asked.state, asked.information_requests.count()) == ("awaiting_information", 3)


def test_ask_says_something_and_blank_questions_are_left_out(world: World, at: Clock) -> None:
    case: Case = Stages(world, at).deliberated()
    with pytest.raises(Refused) as refused:
        information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=[" "], to_merchant=["\n"])
    assert (refused.value.code, list(refused.value.fields)) == ("ask_says_something", ["to_buyer"])
    information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=[" ", " 何时? "], to_merchant=[""])
    assert [(row.side, row.questions) for row in case.information_requests.all()] == [("buyer", ["何时?"])]


def test_applicant_who_gave_material_without_an_answer_does_not_lapse(world: World, at: Clock) -> None:
    case = Stages(world, at).asked_at_admission()
    at.forward(minutes=1)
    exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(paper(world.buyer, case).pk)])
    at.to(due(case, "information"), sweep_too=True)
    assert (again(case).state, again(case).outcome) == ("awaiting_admission", "")
    silent = Stages(world, at).asked_at_admission()
    at.to(due(silent, "information"), sweep_too=True)
    assert (again(silent).state, again(silent).outcome) == ("closed", "lapsed")
