"""Verdicts that come later: one each, whoever asks, however often, and whatever dies meanwhile."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from core.errors import Refused
from evidence import checking, inspection, items
from evidence.models import Item, State
from ledger.models import Entry
from tests.evidence import samples, videos
from tests.evidence.conftest import AT

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.frozen(AT):
        yield


def later(seconds: float) -> Any:
    return clock.frozen(AT + timedelta(seconds=seconds))


def test_item_taken_without_waiting_is_ready_after_its_check_and_only_once(take: Any) -> None:
    item = take(wait=False)
    assert (item.state, item.width) == (State.INSPECTING, None)
    first, second = checking.check(item.pk), checking.check(item.pk)
    assert first is not None
    assert first == second == item
    assert (first.state, first.width, first.check_until) == (State.READY, 640, None)
    verbs = list(Entry.objects.filter(subject=item.dossier.subject).order_by("seq").values_list("verb", "role"))
    assert verbs == [("evidence_received", "buyer"), ("evidence_inspected", "system")]


def test_item_somebody_checks_is_left_alone_until_the_lease_ends(take: Any) -> None:
    item = take(wait=False)
    Item.objects.filter(pk=item.pk).update(check_until=AT + checking.LEASE, check_attempts=1)
    assert checking.check(item.pk).state == State.INSPECTING  # type: ignore[union-attr]
    with later(44):
        assert checking.sweep() == 0
    with later(45):
        assert checking.sweep() == 1
        assert checking.check(item.pk).state == State.READY  # type: ignore[union-attr]
        assert checking.sweep() == 0


def test_refusal_keeps_the_row_with_its_reason_and_nobody_gets_the_bytes(take: Any) -> None:
    item = take("a.jpg", samples.jpeg()[:3000], wait=False)
    done = checking.check(item.pk)
    assert done is not None
    assert (done.state, done.refused_code) == (State.REFUSED, "file_unreadable")
    with pytest.raises(Refused) as refused:
        items.lodge(actor=item.uploader, dossier=item.dossier, side="buyer", items=[done], at=AT, disclosed=True)
    assert refused.value.code == "evidence_not_ready"


def test_item_discarded_meanwhile_has_no_verdict(take: Any) -> None:
    item = take(wait=False)
    items.discard(actor=item.uploader, item=item, at=AT)
    assert checking.check(item.pk) is None


def test_file_that_kills_its_checker_is_set_aside_and_stops_nobody(take: Any) -> None:
    """Whoever dies leaves a begun lease and nothing else; after three of them nobody tries again."""
    poison, good = take(wait=False), take(wait=False)
    Item.objects.filter(pk=poison.pk).update(check_until=AT, check_attempts=checking.MOST_ATTEMPTS)
    with later(31):
        assert checking.sweep() == 2
        parked, ready = checking.check(poison.pk), checking.check(good.pk)
    assert parked is not None
    assert ready is not None
    assert (parked.state, parked.refused_code, ready.state) == (State.REFUSED, "file_not_checked", State.READY)


def test_inspecting_process_that_fails_gives_no_verdict_until_it_works_again(
    take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = take(wait=False)
    inspection._end_all()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        waiting = checking.check(item.pk)
        assert waiting is not None
        assert (waiting.state, waiting.check_attempts) == (State.INSPECTING, 1)
    with later(31):
        assert checking.check(item.pk).state == State.READY  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_checks_a_video_and_what_a_killed_one_left(take: Any, worker_process: Any, settings: Any) -> None:
    clock.set_frozen(None)
    os.environ["STORAGE_URL"] = settings.STORAGE_URL
    try:
        worker_process.stop()
        take("left.mp4", videos.video())  # long ago
        worker_process.start()
        rung = take("rung.mp4", videos.video(seconds=2))
        worker_process.wait_for(
            lambda: set(Item.objects.values_list("state", flat=True)) == {State.READY.value}, seconds=120
        )
        assert Item.objects.get(pk=rung.pk).duration_ms == 2000
    finally:
        del os.environ["STORAGE_URL"]


# --- alone ------------------------------------------------------------------------------------------------------------
ALONE = """
import socket, subprocess, sys
from evidence import inspect_file
inspect_file.limit(inspect_file.STILL)
for act in (
    lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=1),
    lambda: socket.socket(socket.AF_UNIX),
    lambda: subprocess.call(["true"]),
    lambda: bytearray(600 * 1024 * 1024),
):
    try:
        act()
        print("done")
    except (OSError, MemoryError) as no:
        print(type(no).__name__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_inspecting_child_reaches_no_network_starts_no_program_and_has_little_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        said = subprocess.run([sys.executable, "-c", ALONE, port], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["PermissionError", "PermissionError", "PermissionError", "MemoryError"]


# --- the scanner ------------------------------------------------------------------------------------------------------
class Clamd(threading.Thread):
    """Speaks INSTREAM as clamd does, and knows one virus."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()

    def run(self) -> None:
        while True:
            try:
                link, _peer = self.socket.accept()
            except OSError:
                return
            with link, link.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                data = b""
                while length := int.from_bytes(said.read(4), "big"):
                    data += said.read(length)
                link.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0")


@pytest.fixture
def clamd(tmp_path: Path, settings: Any) -> Iterator[None]:
    server = Clamd(tmp_path / "clamd.sock")
    server.start()
    settings.CLAMD_URL = f"unix://{tmp_path / 'clamd.sock'}"
    yield
    server.socket.shutdown(socket.SHUT_RDWR)
    server.socket.close()
    server.join()


@pytest.mark.usefixtures("clamd")
def test_file_has_virus_is_the_scanners_last_word(take: Any) -> None:
    with pytest.raises(Refused) as refused:
        take("eicar.txt", EICAR)
    assert refused.value.code == "file_has_virus"
    waiting = take("eicar.jpg", samples.jpeg() + EICAR, wait=False)
    done = checking.check(waiting.pk)
    assert done is not None
    assert (done.state, done.refused_code) == (State.REFUSED, "file_has_virus")
    assert take("fine.txt", b"fine").state == State.READY


def test_scanner_that_is_away_keeps_everything_waiting(take: Any, settings: Any, tmp_path: Path) -> None:
    waiting = take(wait=False)
    settings.CLAMD_URL = f"unix://{tmp_path / 'nobody.sock'}"
    with pytest.raises(Refused) as refused:
        take("fine.txt", b"fine")
    assert refused.value.code == "file_not_checked"
    for minute in range(5):
        with later(minute * 60):
            held = checking.check(waiting.pk)
        assert held is not None
        assert (held.state, held.check_attempts) == (State.INSPECTING, 0)
    settings.CLAMD_URL = ""
    with later(600):
        assert checking.check(waiting.pk).state == State.READY  # type: ignore[union-attr]
