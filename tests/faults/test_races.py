"""Acts fired together: one legal history, whoever wins; the loser is told, never broken."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections

from arbitration import assignment, rulings
from arbitration.operations import OPERATIONS
from core import clock
from core.errors import Refused
from disputes import lifecycle, sweep
from disputes.models import Case
from ledger.chain import first_fault
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, World, build_world
from tests.stages import Stages, due

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads need PostgreSQL's row locks"),
]


def fire(*acts: Callable[[], Any]) -> list[str]:
    """All at once, each on a connection of its own → ``ok`` or the code of the refusal; anything else fails."""
    gate, results = threading.Barrier(len(acts)), ["" for _act in acts]

    def run(position: int) -> None:
        try:
            gate.wait(10)
            acts[position]()
            results[position] = "ok"
        except Refused as refused:
            results[position] = refused.code
        except Exception as error:
            results[position] = f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not [result for result in results if ":" in result or not result], results
    return results


def legal(case: Case) -> None:
    """Each step of the case's ledger starts where the one before ended, is a row of the table, and the chain holds."""
    entries = list(Entry.objects.filter(subject=case.subject).order_by("seq"))
    assert first_fault(case.subject, entries) is None
    state = "draft"
    for entry in entries:
        if "from" not in entry.facts:
            continue
        assert entry.facts["from"] == state, [(e.verb, e.facts.get("from"), e.facts.get("to")) for e in entries]
        assert state in lifecycle.TRANSITIONS[entry.verb].sources
        state = entry.facts["to"]
    now = stages.again(case)
    assert (now.state, now.version) == (state, 1 + sum("from" in entry.facts for entry in entries))
    assert now.rulings.filter(state="in_effect").count() <= 1


def act(name: str, case: Case, actor: Any, world: World) -> Callable[[], Any]:
    arguments = stages.arguments(case, name, actor, world)
    return lambda: OPERATIONS[name].verb(actor=actor, case_id=case.pk, **arguments)


PAIRS = list(itertools.combinations_with_replacement(range(6), 2))


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_any_two_of_six_acts_in_deliberation_leave_one_legal_history(
    transactional_db: None, pair: tuple[int, int]
) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        case = Stages(world, Clock(factories.START)).deliberated()
        from disputes import settlement

        settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=5000)
        six = [
            act("withdraw", case, world.buyer, world),
            act("rule", case, world.arbiter, world),
            act("accept_offer", case, world.buyer, world),
            act("concede", case, world.merchant, world),
            act("suspend", case, world.arbiter, world),
            act("ask", case, world.arbiter, world),
        ]
        results = fire(six[pair[0]], six[pair[1]])
        assert "ok" in results
        if pair[0] == pair[1]:
            assert results.count("ok") == 1
        legal(case)


def test_response_and_its_expiry_at_the_instant(transactional_db: None) -> None:
    """The clock moves over the due moment while both wait: accepted before, or expired after, never both."""
    with clock.frozen(factories.START):
        world = build_world()
        cases = [Stages(world, Clock(factories.START)).admitted() for _case in range(6)]
    for case in cases:
        moment = clock.now() + timedelta(milliseconds=300)
        case.deadlines.filter(state="open").exclude(kind="response").update(due_at=moment + timedelta(days=9))
        case.deadlines.filter(kind="response").update(due_at=moment)
        respond = act("respond", case, world.merchant, world)

        def at_the_instant(what: Callable[[], Any], moment: Any = moment) -> Callable[[], Any]:
            def run() -> None:
                while clock.now() < moment - timedelta(milliseconds=4):
                    pass
                what()

            return run

        fire(at_the_instant(respond), at_the_instant(sweep.sweep), at_the_instant(sweep.sweep))
        sweep.sweep()
        verbs = set(Entry.objects.filter(subject=case.subject).values_list("verb", flat=True))
        assert len(verbs & {"respond", "response_expired"}) == 1
        legal(case)


def test_ruling_takes_effect_and_offer_is_accepted_at_the_instant(transactional_db: None) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        case = Stages(world, Clock(factories.START)).deliberated()
        from disputes import settlement

        settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=5000)
        rulings.rule(actor=world.arbiter, case_id=case.pk, decision=factories.decision(stages.again(case)))
        accept = act("accept_offer", case, world.buyer, world)
        moment = due(case, "ruling_undo")
    with clock.frozen(moment):
        assert fire(accept, sweep.sweep)[1] == "ok"
        sweep.sweep()
        assert stages.again(case).state == "ruled"
        legal(case)


def test_two_arbiters_take_one_case(transactional_db: None) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        for _round in range(5):
            case = Stages(world, Clock(factories.START)).filed()
            results = fire(
                partial(assignment.take, actor=world.arbiter, case_id=case.pk),
                partial(assignment.take, actor=world.second_arbiter, case_id=case.pk),
            )
            assert sorted(results) == ["ok", "taken_by_another"]
            legal(case)


def test_two_arbiters_rule_at_once_and_one_ruling_stands(transactional_db: None) -> None:
    """Four tries each, while the supervisor gives the case from one to the other: who holds it rules, once."""
    with clock.frozen(factories.START):
        world = build_world()
        for _round in range(5):
            case = Stages(world, Clock(factories.START)).deliberated()
            hand_over = partial(
                assignment.reassign, actor=world.supervisor, case_id=case.pk, arbiter_id=world.second_arbiter.pk
            )
            rule = [act("rule", case, arbiter, world) for arbiter in (world.arbiter, world.second_arbiter)]
            results = fire(*rule * 4, hand_over)
            assert results[:-1].count("ok") <= 1
            assert case.rulings.count() == results[:-1].count("ok")
            legal(case)
            if not case.rulings.exists():
                rule[1]()
            assert case.rulings.get().state == "waiting"


def test_review_is_asked_for_as_its_window_closes(transactional_db: None) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        case = Stages(world, Clock(factories.START)).ruled()
        ask = act("request_review", case, world.merchant, world)
        moment = due(case, "review_request")
    with clock.frozen(moment - timedelta(milliseconds=1)):
        assert fire(ask, sweep.sweep) == ["ok", "ok"]
    legal(case)
    with clock.frozen(factories.START):
        late = Stages(world, Clock(factories.START)).ruled()
        ask = act("request_review", late, world.merchant, world)
        moment = due(late, "review_request")
    with clock.frozen(moment):
        assert fire(ask, sweep.sweep)[0] in {"review_before_due", "wrong_state"}
    legal(late)
    assert connection.vendor == "postgresql"
