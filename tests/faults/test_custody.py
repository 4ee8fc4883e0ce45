"""Killed at every step between the bytes and the row: no row without its files, nothing left that the sweep leaves.

A child does one act and is killed outright (SIGKILL, no clean-up) before a line of ours. Killing a process undoes
nothing that the disk, the database or the bucket has taken, so lines between which nothing was done to them are one and
the same place to die. A first run, which is not killed, notes before each line what was done so far: which files there
are and how large, how many statements that write were sent, whether a transaction is open, how many objects were put.
The act is then killed once at the first line after each of these effects.
"""

import hashlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership, Store, User
from core.errors import Conflict
from evidence import checking, keeping, receiving, uploads, verify
from evidence.models import Derivative, Dossier, Item, State, Upload
from evidence.storage import Bucket, store
from tests.evidence import samples, videos

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
STEPS = {
    str(ROOT / "evidence" / f"{name}.py")
    for name in ("receiving", "storage", "keeping", "custody", "uploads", "checking")
} | {str(ROOT / "ledger/recording.py")}
AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
Act = Callable[[], object]
LONG = b"\xef\xbb\xbf" + b"what happened\n" * 40_000
"""More than the pieces in which a file is received; its view, without the mark, is another file."""


# --- one child --------------------------------------------------------------------------------------------------------
def in_child(run: Callable[[], object]) -> bool:
    """Whether it got through. It has a connection of its own; the one it inherits is left alone."""
    inherited = connection.connection  # psycopg closes none that another process opened
    child = os.fork()
    if child == 0:
        try:
            connection.connection = None
            run()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert connection.connection is inherited
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


def traced(act: Act, before_line: Callable[[int], None]) -> None:
    """Run ``act``, calling ``before_line`` before each line of ours with its number, counted from 1."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in STEPS:
            return None
        if event == "line":
            count += 1
            before_line(count)
        return trace

    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(None)


def killed(act: Act, line: int) -> bool:
    """Run ``act`` in a child that is killed before its ``line``-th line; False when it got through before."""
    return not in_child(lambda: traced(act, lambda at: os.kill(os.getpid(), signal.SIGKILL) if at == line else None))


def places_to_die(act: Act, folder: Path, note: Path) -> list[int]:
    """The first line, and the first after each effect."""

    def run() -> None:
        done = Done(folder)
        seen: list[Any] = []
        lines: list[int] = []

        def before_line(line: int) -> None:
            if not seen or seen[-1] != done.now():
                seen.append(done.now())
                lines.append(line)

        with done:
            traced(act, before_line)
        note.write_text(json.dumps(lines))

    assert in_child(run)
    found: list[int] = json.loads(note.read_text())
    return found


class Done(ExitStack):
    """What this process has done so far to the disk, the database and the bucket."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.written, self.put = folder, 0, 0
        self.enter_context(connection.execute_wrapper(self._statement))
        if isinstance(here := store(), Bucket):
            here.client.meta.events.register("after-call.s3.PutObject", self._object)

    def now(self) -> tuple[Any, ...]:
        files = {str(path): path.stat().st_size for path in self.folder.rglob("*") if path.is_file()}
        return files, self.written, connection.in_atomic_block, self.put

    def _statement(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.written += not sql.startswith("SELECT")
        return execute(sql, *rest)

    def _object(self, **_said: Any) -> None:
        self.put += 1


# --- what there is ----------------------------------------------------------------------------------------------------
def named() -> set[str]:
    return {*Item.objects.values_list("sha256", flat=True), *Derivative.every.values_list("sha256", flat=True)}


def kept() -> set[str]:
    return {sha256 for sha256, _at in store().kept()}


def waiting() -> set[str]:
    return {path.name for path in store().temporary.iterdir()} if store().temporary.exists() else set()


def whole_after_a_kill() -> int:
    """Nothing is named that is not kept whole, and nothing but what is named is left; returns what the sweep took."""
    assert named() <= kept()
    assert [found for checked in verify.run("files") for found in checked.faults] == []
    swept = keeping.sweep_orphans(at=datetime.now(UTC) + timedelta(days=2))
    assert kept() == named()
    assert waiting() <= {uploads.path_of(upload).name for upload in Upload.objects.all()}
    return swept


def forget_all() -> None:
    Upload.objects.all().delete()
    Item.objects.all().delete()
    uploads.sweep(at=datetime.now(UTC) + timedelta(days=2))
    keeping.sweep_orphans(at=datetime.now(UTC) + timedelta(days=2))
    assert kept() == waiting() == set()


def kill_everywhere(
    act: Act, folder: Path, *, prepare: Act = forget_all, after: Act = whole_after_a_kill
) -> tuple[int, int]:
    """How many times it was killed, and what the sweep took in all. The last run gets through."""
    for _warm in range(2):  # folders that stay, connections, the waiting inspector
        prepare()
        act()
    prepare()
    places, orphans = places_to_die(act, folder, folder / "places.json"), 0
    (folder / "places.json").unlink()
    for line in places:
        prepare()
        assert killed(act, line)
        orphans += whole_after_a_kill()
        after()
    prepare()
    assert not killed(act, 10_000)
    assert named() == kept() != set()
    return len(places), orphans


# --- the acts ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def dossier(settings: Any, tmp_path: Path) -> Dossier:
    settings.STORAGE_URL = f"file://{tmp_path / 'kept'}"
    shop = Store.objects.create(name="Tea House", code="tea-house")
    Membership.objects.create(store=shop, user=User.objects.create_user("clerk@example.com"))
    buyer = User.objects.create_user("lin@example.com", name="Lin")
    return Dossier.objects.create(subject="case:DC-1", buyer=buyer, store=shop)


def took(dossier: Dossier, name: str, data: bytes) -> Item:
    upload = samples.upload(name, data)
    return receiving.receive(actor=dossier.buyer, dossier=dossier, side="buyer", upload=upload, at=AT)


def test_text_is_not_kept_or_named_by_halves_wherever_it_is_killed(dossier: Dossier, tmp_path: Path) -> None:
    cuts, orphans = kill_everywhere(lambda: took(dossier, "note.txt", LONG), tmp_path)
    assert cuts >= 18, (cuts, orphans)
    assert orphans >= 36, (cuts, orphans)


def test_video_is_sealed_first_and_checked_later_wherever_it_is_killed(dossier: Dossier, tmp_path: Path) -> None:
    film = videos.video(seconds=0.2, size=(64, 48), sound="")

    def act() -> None:
        item = checking.check(took(dossier, "a.mp4", film).pk)
        assert item is not None
        assert item.state == State.READY

    def after() -> None:
        """A sealed film is never lost: whoever asks next, once the lease is over, gets the verdict."""
        Item.objects.update(check_until=None)
        for item in Item.objects.filter(state=State.INSPECTING)[:1]:
            assert not Derivative.every.exists()
            assert kept() == {item.sha256}

    cuts, orphans = kill_everywhere(act, tmp_path, after=after)
    assert cuts >= 26, (cuts, orphans)
    assert orphans >= 55, (cuts, orphans)


def test_last_piece_of_an_upload_counts_whole_or_can_be_sent_again_wherever_it_is_killed(
    dossier: Dossier, tmp_path: Path
) -> None:
    data = b"what happened " * 10

    def prepare() -> None:
        forget_all()
        begun = uploads.begin(
            actor=dossier.buyer, dossier=dossier, side="buyer", name="note.txt", length=len(data), at=AT
        )
        uploads.append(upload=begun, offset=0, pieces=[data[:50]], at=AT)

    def act() -> Upload:
        upload = Upload.objects.get()
        return uploads.append(upload=upload, offset=upload.offset, pieces=[data[upload.offset :]], at=AT)

    def sent_on() -> Upload:
        """As a client does: where its bytes are not what it was told, it asks again and sends from there."""
        with suppress(Conflict):
            return act()
        assert Upload.objects.get().offset == 0
        return act()

    def after() -> None:
        upload = Upload.objects.get()
        assert (upload.item_id is None) == (upload.offset < len(data))
        done = upload if upload.item_id else sent_on()
        assert done.item is not None
        assert (done.item.sha256, done.item.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert kept() == {done.item.sha256}

    cuts, orphans = kill_everywhere(act, tmp_path, prepare=prepare, after=after)
    assert cuts >= 8, (cuts, orphans)
    assert orphans >= 3, (cuts, orphans)


def test_text_is_not_put_into_a_bucket_by_halves_wherever_it_is_killed(
    dossier: Dossier, bucket: str, tmp_path: Path, settings: Any
) -> None:
    settings.STORAGE_URL, settings.VAR_DIR = bucket, tmp_path
    cuts, orphans = kill_everywhere(lambda: took(dossier, "note.txt", LONG), tmp_path)
    assert cuts >= 19, (cuts, orphans)
    assert orphans >= 49, (cuts, orphans)
