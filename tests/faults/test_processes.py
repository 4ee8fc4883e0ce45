"""Real worker and scheduler: killed, flushed or doubled, what is due happens, once."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from arbitration import remedies
from config.celery import app
from core import clock
from core.errors import Refused
from disputes import refunds, response
from disputes.models import Case, Deadline, Refund
from ledger.chain import first_fault
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, build_world
from tests.disputes.test_gateway import SECRET, Service
from tests.servers import Worker
from tests.stages import Stages, due, step

pytestmark = pytest.mark.slow


def admitted() -> Case:
    with clock.frozen(factories.START):
        return Stages(build_world(), Clock(factories.START)).admitted()


def owing() -> Case:
    """A case whose merchant has just told the platform to pay."""
    with clock.frozen(factories.START):
        world = build_world()
        case = Stages(world, Clock(factories.START)).ruled()
        remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    return case


def due_in(case: Case, seconds: float) -> None:
    later = clock.now() + timedelta(seconds=seconds)
    Deadline.objects.filter(case=case, state="open").exclude(kind="response").update(due_at=later + timedelta(days=9))
    Deadline.objects.filter(case=case, kind="response").update(due_at=later)


def defaulted(case: Case) -> bool:
    return stages.again(case).state == "deliberation"


def times(case: Case, verb: str) -> int:
    return Entry.objects.filter(subject=case.subject, verb=verb).count()


def sound(case: Case) -> bool:
    return first_fault(case.subject, Entry.objects.filter(subject=case.subject).order_by("seq")) is None


def test_due_clock_and_refund_are_carried_out(worker_process: Worker) -> None:
    case, paid = admitted(), owing()
    due_in(case, 0)
    worker_process.wait_for(lambda: defaulted(case), seconds=90)
    worker_process.wait_for(lambda: paid.remedies.get().state == "executed", seconds=90)
    assert (times(case, "response_expired"), times(paid, "remedy_executed")) == (1, 1)
    assert sound(case)
    assert sound(paid)


def test_flushed_broker_loses_nothing(worker_process: Worker) -> None:
    case = admitted()
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
    due_in(case, 0)
    worker_process.wait_for(lambda: defaulted(case), seconds=90)
    assert times(case, "response_expired") == 1


def test_worker_dead_for_two_hours_closes_what_was_due_with_its_own_moment(worker_process: Worker) -> None:
    """Meanwhile nobody gets in: what is due is over though no worker says so."""
    with clock.frozen(factories.START):
        world = build_world()
        case = Stages(world, Clock(factories.START)).admitted()
    worker_process.stop()
    due_in(case, -2 * 3600)
    due_at = due(case, "response")
    with pytest.raises(Refused, match="respond_before_due"):
        response.respond(actor=world.merchant, case_id=case.pk, **stages.DEFENCE)
    assert stages.again(case).state == "awaiting_response"
    worker_process.start()
    worker_process.wait_for(lambda: defaulted(case), seconds=90)
    assert list(Entry.objects.filter(subject=case.subject, verb="response_expired").values_list("at", flat=True)) == [
        due_at
    ]
    assert stages.again(case).state_since == due_at
    assert sound(case)


def test_two_schedulers_do_it_once(worker_process: Worker, tmp_path: Path) -> None:
    second = Worker(tmp_path / "second")
    second.folder.mkdir()
    second.start()
    try:
        cases = [admitted() for _case in range(3)]
        for case in cases:
            due_in(case, 0)
        worker_process.wait_for(lambda: all(defaulted(case) for case in cases), seconds=90)
        assert [times(case, "response_expired") for case in cases] == [1, 1, 1]
        assert all(sound(case) for case in cases)
    finally:
        second.stop()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The refund service the worker is told of before it starts."""
    server = Service()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    for name, value in {
        "REFUND_GATEWAY": "http",
        "REFUND_GATEWAY_URL": f"http://127.0.0.1:{server.server_port}",
        "REFUND_GATEWAY_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(f"GONGDUAN_{name}", value)
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    server.server_close()


def test_worker_killed_while_the_service_pays_pays_once(service: Service, worker_process: Worker) -> None:
    service.mood = "hang"
    case = owing()
    worker_process.wait_for(lambda: bool(service.paid), seconds=90)
    worker_process.kill()
    assert Refund.objects.get().state == "unknown"
    service.mood = "honest"
    worker_process.start()
    worker_process.wait_for(lambda: case.remedies.get().state == "executed", seconds=90)
    key = Refund.objects.get().key
    assert (service.posts, service.paid, service.forged) == ([key], {key: 129_900}, 0)
    assert times(case, "remedy_executed") == 1
    assert sound(case)


def test_hanging_service_keeps_no_clock_waiting(service: Service, transactional_db: None, tmp_path: Path) -> None:
    """More refunds than its worker has hands, each as slow as can be, while a response clock runs out."""
    service.mood = "deaf"
    case = admitted()
    for number in range(10):
        refunds.request(
            order=case.order,
            line_id=case.line_id,
            amount_fen=1,
            key=f"slow-{number}",
            funding="merchant",
            at=clock.now(),
        )
    workers = [Worker(tmp_path / queue, queue) for queue in ("clocks", "money")]
    app.control.purge()
    try:
        for worker in workers:
            worker.folder.mkdir()
            worker.start()
        workers[0].wait_for(lambda: bool(service.posts), seconds=90)
        due_in(case, 0)
        workers[0].wait_for(lambda: defaulted(case), seconds=25)
        assert set(Refund.objects.values_list("state", flat=True)) <= {"pending", "unknown"}
        assert service.paid.keys() == set(service.posts)
        assert len(service.posts) == len(set(service.posts)) < 10
    finally:
        for worker in workers:
            worker.stop()
