"""Alive, and ready: each part red when it is down, each with its age."""

from datetime import UTC, datetime, timedelta

import dj_database_url
import pytest
from django.db.utils import ConnectionHandler
from django.test import Client

import dev
from config import celery
from core import clock, health
from core.models import Heartbeat
from tests.conftest import World
from tests.servers import Worker


@pytest.fixture
def beating(db: None) -> None:
    for part in ("worker", "money", "scheduler"):
        health.beat(part)


def test_healthz_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert client.post("/healthz").status_code == 405


@pytest.mark.usefixtures("beating")
def test_readyz_is_green_with_every_part_and_its_age(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    parts = response.json()
    assert parts.pop("ok") is True
    assert list(parts) == [
        *("database", "broker", "worker", "money", "scheduler"),
        *("oldest_overdue_deadline", "verification"),
    ]
    assert parts["oldest_overdue_deadline"].pop("parked") == 0
    assert parts.pop("verification") == {"ok": True, "age_seconds": None, "faults": 0}
    for part in parts.values():
        assert set(part) == {"ok", "age_seconds"}
        assert part["ok"] is True
        assert 0 <= part["age_seconds"] < health.SILENT_AFTER_SECONDS
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.usefixtures("beating")
@pytest.mark.parametrize("part", ["worker", "money", "scheduler"])
def test_readyz_is_red_for_a_part_that_fell_silent(client: Client, part: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(seconds=health.SILENT_AFTER_SECONDS + 10)
    Heartbeat.objects.filter(part=part).update(beat_at=long_ago)
    response = client.get("/readyz")
    assert response.status_code == 503
    red = [name for name, state in response.json().items() if name != "ok" and not state["ok"]]
    assert red == [part]
    assert 70 <= response.json()[part]["age_seconds"] < 80


@pytest.mark.django_db
def test_readyz_is_red_for_parts_never_seen(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["worker"] == {"ok": False, "age_seconds": None}


@pytest.mark.usefixtures("beating")
def test_readyz_is_red_when_the_broker_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = f"redis://127.0.0.1:{dev.free_port()}/0"
    monkeypatch.setattr(celery.app, "connection_for_write", lambda: celery.app.connection(nobody))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["broker"]["ok"] is False
    assert response.json()["database"]["ok"] is True


@pytest.mark.usefixtures("beating")
def test_readyz_is_red_when_the_database_is_gone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = dj_database_url.parse(f"postgresql://nobody@127.0.0.1:{dev.free_port()}/none")
    monkeypatch.setattr("config.health.connection", ConnectionHandler({"default": nowhere})["default"])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == {"ok": False, "age_seconds": None, "error": "OperationalError"}
    assert response.json()["broker"]["ok"] is True


@pytest.mark.slow
def test_worker_and_scheduler_make_it_ready_and_their_loss_shows(worker_process: Worker, client: Client) -> None:
    worker_process.wait_for(lambda: client.get("/readyz").status_code == 200, seconds=20)
    worker_process.kill()
    Heartbeat.objects.update(beat_at=datetime.now(UTC) - timedelta(minutes=5))
    assert client.get("/readyz").status_code == 503
    worker_process.start()
    worker_process.wait_for(lambda: client.get("/readyz").status_code == 200, seconds=20)


@pytest.mark.usefixtures("beating")
def test_readyz_is_red_for_what_the_sweep_left_behind_but_not_for_a_late_platform(client: Client, world: World) -> None:
    """A target that passed sorts the queue and waits for a person; a response that passed waits for the sweep."""
    case = world.filed()
    past = clock.now() - timedelta(days=1)
    case.deadlines.filter(kind="admission_target").update(due_at=past)
    assert client.get("/readyz").status_code == 200
    case.deadlines.filter(kind="admission").update(due_at=past)
    assert client.get("/readyz").json()["oldest_overdue_deadline"] == {"ok": False, "age_seconds": 86400.0, "parked": 0}
