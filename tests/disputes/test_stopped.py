"""Clocks that stopped: a supervisor sees them first, and has them run again with the moment they were due."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AccessKey, Membership, User
from config import health
from core.errors import Forbidden, Refused
from disputes import stopped, sweep
from disputes.models import Case, Deadline
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, World
from tests.forms import entered
from tests.stages import Stages, due

BROKEN = "KeyError: 'response'"


def reader(user: User) -> Client:
    return entered(user, language="en")


def stop(case: Case, at: Clock, kind: str = "response") -> Deadline:
    """As a fault that has been mended since left it: due, and set aside."""
    row = case.deadlines.get(kind=kind, state="open")
    row.parked_because = BROKEN
    row.save()
    assert row.due_at is not None
    at.to(row.due_at + timedelta(hours=3), sweep_too=True)
    assert stages.again(case).state == "awaiting_response"
    return row


def test_clock_run_again_is_carried_out_with_the_moment_it_was_due(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    due_at = due(case, "response")
    row = stop(case, at)
    assert stopped.for_supervisor(world.supervisor) == [row]
    stopped.run_again(actor=world.supervisor, deadline_id=row.pk)
    assert sweep.sweep() == 1
    case = stages.again(case)
    assert (case.state, case.state_since, case.by_default) == ("deliberation", due_at, True)
    entry = Entry.objects.get(subject=case.subject, verb="clock_run_again")
    assert (entry.role, entry.audience, entry.at) == ("supervisor", "platform", at.moment)
    assert entry.facts == {"clock": "response", "deadline": row.pk}
    assert stopped.for_supervisor(world.supervisor) == []


def test_clock_that_fails_again_stands_there_again(world: World, at: Clock) -> None:
    case = Stages(world, at).offered()
    row = case.deadlines.get(kind="offer")
    Deadline.objects.filter(pk=row.pk).update(ref="none")
    at.to(due(case, "offer"), sweep_too=True)
    for _time in range(2):
        (found,) = stopped.for_supervisor(world.supervisor)
        assert (found.pk, found.parked_because.split(":")[0]) == (row.pk, "ValueError")
        stopped.run_again(actor=world.supervisor, deadline_id=row.pk)
        sweep.sweep()


def test_clock_stopped_or_it_is_not_run_again(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    row = case.deadlines.get(kind="response")
    with pytest.raises(Refused) as refused:
        stopped.run_again(actor=world.supervisor, deadline_id=row.pk)
    assert refused.value.code == "clock_stopped"
    assert not Entry.objects.filter(verb="clock_run_again").exists()


def test_clock_before_there_is_a_case_is_the_orders(world: World, at: Clock) -> None:
    order = world.order()
    factories.request(world.buyer, order)
    row = Deadline.objects.get(after_sales__order=order)
    Deadline.objects.filter(pk=row.pk).update(parked_because=BROKEN)
    page = reader(world.supervisor).get("/desk/queue/").content.decode()
    assert f'<b class="id" translate="no">{order.number}</b>' in page
    stopped.run_again(actor=world.supervisor, deadline_id=row.pk)
    assert Entry.objects.filter(subject=f"order:{order.number}", verb="clock_run_again").exists()


def test_supervisor_runs_no_clock_of_a_case_of_their_own(world: World, at: Clock) -> None:
    row = stop(Stages(world, at).admitted(), at)
    Membership.objects.create(store=world.store, user=world.supervisor, kind="agent")
    assert stopped.for_supervisor(User.objects.get(pk=world.supervisor.pk)) == []
    with pytest.raises(Forbidden):
        stopped.run_again(actor=User.objects.get(pk=world.supervisor.pk), deadline_id=row.pk)


def test_stopped_clock_stands_at_the_top_of_the_supervisors_queue_alone(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    row = stop(case, at)
    assert health._deadlines()["parked"] == 1
    client = reader(world.supervisor)
    page = client.get("/desk/queue/").content.decode()
    assert page.index("Clock stopped; needs a look") < page.index("Waiting for the platform")
    assert "KeyError: &#x27;response&#x27;" in page
    assert f'href="/desk/cases/{case.number}/"' in page
    assert "Clock stopped" not in reader(world.arbiter).get("/desk/queue/").content.decode()
    assert reader(world.arbiter).post(f"/desk/clocks/{row.pk}/").status_code == 403
    done = client.post(f"/desk/clocks/{row.pk}/", follow=True).content.decode()
    assert "The clock runs again" in done
    assert "Clock stopped" not in done
    assert client.post(f"/desk/clocks/{row.pk}/").status_code == 409


def test_programs_see_stopped_clocks_and_run_them_again(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    row = stop(case, at)
    secret = AccessKey.issue(label="x", user=world.supervisor)[1]
    headers = {"authorization": f"Bearer {secret}", "idempotency-key": "k"}
    seen: list[dict[str, Any]] = Client().get("/api/v1/clocks/stopped/", headers=headers).json()
    assert [(one["id"], one["number"], one["kind"], one["error"]) for one in seen] == [
        (row.pk, case.number, "response", BROKEN)
    ]
    path = f"/api/v1/clocks/{row.pk}/run-again/"
    for _time in range(2):
        answer = Client().post(path, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (200, "")
    assert Entry.objects.filter(verb="clock_run_again").count() == 1
