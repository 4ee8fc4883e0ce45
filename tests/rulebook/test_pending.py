"""Which version a pending case follows, clause by clause."""

from datetime import UTC, datetime, timedelta

import pytest

from arbitration import information, rulings
from core import clock
from rulebook import queries
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages

pytestmark = pytest.mark.django_db

CHANGE = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)
"""Version 2 comes into force: 1 September 2026, 0:00 in Beijing."""
HOUR = timedelta(hours=1)


def test_clause_changed_for_pending_cases_is_followed_from_the_moment_of_the_change() -> None:
    before, after = queries.applying(1, CHANGE - timedelta(microseconds=1)), queries.applying(1, CHANGE)
    assert (before.length("information").delta, after.length("information").delta) == (24 * HOUR, 36 * HOUR)
    assert (before.version_of("RP-04"), after.version_of("RP-04")) == (1, 2)
    furniture = {"category": "furniture"}
    assert (before.length("filing", **furniture).delta, after.length("filing", **furniture).delta) == (
        timedelta(days=30),
        timedelta(days=60),
    )
    assert (before.followed, [clause.code for clause in after.followed]) == ([], ["GT-03", "RP-04", "EV-04"])


def test_everything_else_stays_the_pinned_versions() -> None:
    after, one, two = queries.applying(1, CHANGE), queries.book(1), queries.book(2)
    assert after.number == 1
    assert (
        after.length("confirm_return").delta
        == one.length("confirm_return").delta
        != (two.length("confirm_return").delta)
    )
    counterfeit = {"cause": "counterfeit"}
    assert after.length("response", **counterfeit) == one.length("response", **counterfeit)
    assert after.cause("damaged").asked_applicant == one.cause("damaged").asked_applicant
    assert [clause.code for clause in after.clauses] == [clause.code for clause in one.clauses]
    assert {row.length.kind for row in after.lengths} == {row.length.kind for row in one.lengths}
    assert {(row.code, row.value) for row in after.numbers} == {(row.code, row.value) for row in one.numbers}


def test_case_of_the_version_in_force_follows_it_whole() -> None:
    assert queries.applying(2, CHANGE) is queries.book(2)


def test_pending_case_gets_the_new_time_to_answer_and_cites_each_clause_in_its_version(world: World, at: Clock) -> None:
    at.to(CHANGE - timedelta(days=1))
    story = Stages(world, at)
    with pytest.MonkeyPatch.context() as early:
        early.setattr(factories, "START", at.moment)
        case = story.deliberated()
    assert case.rulebook_id == 1
    at.to(CHANGE)
    case = information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=["何时?"])
    assert stages.due(case, "information") == CHANGE + 36 * HOUR
    information.answer(actor=world.buyer, case_id=case.pk, answers=["昨天"])
    decision = factories.decision(stages.again(case))
    decision = type(decision)(**{**vars(decision), "clauses": ["CA-07", "RP-04"]})
    rulings.rule(actor=world.arbiter, case_id=case.pk, decision=decision)
    assert case.rulings.get().clauses == [{"code": "CA-07", "version": 1}, {"code": "RP-04", "version": 2}]
    assert clock.now() == CHANGE
