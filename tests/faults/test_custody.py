"""Killed at every step between the bytes and the row: no row without its files, nothing left that the sweep leaves.

A child takes one file in and is killed outright (SIGKILL, no clean-up) before the n-th line of ours that it runs, for
every n until it gets through.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connections

from accounts.models import Membership, Store, User
from evidence import keeping, receiving, verify
from evidence.models import Derivative, Dossier, Item
from tests.evidence import samples

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
STEPS = ("evidence/receiving.py", "evidence/storage.py", "evidence/keeping.py", "evidence/custody.py",
         "ledger/recording.py")  # fmt: skip
AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def killing_before(line: int) -> Callable[..., Any]:
    """A trace function that ends this process before it runs its ``line``-th line of ours."""
    files, left = {str(ROOT / step) for step in STEPS}, line

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def killed(line: int, act: Callable[[], object]) -> bool:
    """Run ``act`` in a child that is killed before its ``line``-th line; False when it got through before."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            sys.settrace(killing_before(line))
            act()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def named() -> set[str]:
    return {*Item.objects.values_list("sha256", flat=True), *Derivative.every.values_list("sha256", flat=True)}


def test_file_not_kept_or_named_by_halves_wherever_it_is_killed(settings: Any, tmp_path: Path) -> None:
    settings.STORAGE_URL = f"file://{tmp_path / 'kept'}"
    buyer = User.objects.create_user("lin@example.com", name="Lin")
    shop = Store.objects.create(name="Tea House", code="tea-house")
    Membership.objects.create(store=shop, user=User.objects.create_user("clerk@example.com"))
    dossier = Dossier.objects.create(subject="case:DC-1", buyer=buyer, store=shop)

    def take() -> Item:
        upload = samples.upload("note.txt", b"what happened " * 10)
        return receiving.receive(actor=buyer, dossier=dossier, side="buyer", upload=upload, at=AT)

    take().delete()  # the waiting inspector is started once, by the parent
    Item.objects.all().delete()
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    line, cuts, orphans = 1, 0, 0
    while killed(line, take):
        cuts += 1
        assert named() <= files(tmp_path), f"a row without its file, killed before line {line}"
        assert not [found for checked in verify.run("files") for found in checked.faults]
        orphans += keeping.sweep_orphans(at=tomorrow)
        assert files(tmp_path) == named(), f"left behind, killed before line {line}"
        line += 1
    assert Item.objects.exists()
    assert files(tmp_path) == named()
    assert cuts > 80
    assert orphans > 20
