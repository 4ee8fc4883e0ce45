import io
import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evidence import redaction, verify
from evidence.models import Derivative
from evidence.redaction import Box
from evidence.storage import store
from ledger import heads
from ledger.models import Entry
from tests.evidence.conftest import AT


def test_sound_files_and_chains_are_counted(any_store: str, take: Any) -> None:
    take()
    heads.sign(at=AT)
    out = io.StringIO()
    call_command("verify", stdout=out)
    told, held = out.getvalue().splitlines()
    assert re.fullmatch(
        r"1 chains with 2 entries, 1 signed heads, 1 items and 3 files with \d+ bytes checked in \d+\.\d s"
        r" \(\d+ entries/s, \d+ MB/s\)\.",
        told,
    )
    assert held == "Everything holds."


def files() -> list[tuple[str, str]]:
    return [(fault.ref, fault.detail) for checked in verify.run("files") for fault in checked.faults]


def damage(sha256: str, data: bytes) -> None:
    path = store().path(sha256)  # type: ignore[attr-defined]
    path.chmod(0o600)
    path.write_bytes(data)


LONG = bytes(range(97, 107)) * 60_000


@pytest.mark.parametrize(
    ("damaged", "where"),
    [
        (b"X" + LONG[1:], "changed: first in bytes 0 to 262143"),
        (LONG[:262_144] + b"X" + LONG[262_145:], "changed: first in bytes 262144 to 524287"),
        (LONG[:-1] + b"X", "changed: first in bytes 524288 to 599999"),
        (LONG[:-1], "changed: ends after 599999 of 600000 bytes"),
        (LONG + b"X", "changed: 1 bytes more than the 600000 received"),
        (b"", "changed: ends after 0 of 600000 bytes"),
    ],
)
def test_damaged_original_is_named_with_its_first_bad_bytes(take: Any, damaged: bytes, where: str) -> None:
    item = take("a.txt", LONG)
    damage(item.sha256, damaged)
    assert files() == [(f"item {item.pk}", f"file {item.sha256} {where}")]


def test_missing_original_and_damaged_derivative_are_named(any_store: str, take: Any) -> None:
    item = take("a.txt", b"one")
    store().forget(item.sha256)
    assert not store().has(item.sha256)
    view = item.derivatives.get(variant="view")
    if view.sha256 != item.sha256:
        store().forget(view.sha256)
    assert {detail for _ref, detail in files()} == {f"file {sha} missing" for sha in {item.sha256, view.sha256}}


def test_faults_are_all_told_and_the_command_fails(take: Any, dossier: Any) -> None:
    item = take("a.txt", b"one")
    store().forget(item.sha256)
    forged = Entry(subject=dossier.subject, seq=3, at=AT, verb="x", role="buyer", prev_hash="0", hash="0")
    forged.save()
    told = io.StringIO()
    with pytest.raises(CommandError, match=r"^2 faults\.$"):
        call_command("verify", stdout=io.StringIO(), stderr=told)
    assert told.getvalue().splitlines() == [
        f"{dossier.subject}, entry 3: does not follow the entry before",
        f"{dossier.subject}, item {item.pk}: file {item.sha256} missing",
    ]


def test_walk_goes_on_where_it_stopped(take: Any) -> None:
    take("a.txt", b"one"), take("b.txt", b"two")
    whole = [(checked.phase, checked.key) for checked in verify.run()]
    for number, (phase, key) in enumerate(whole):
        if phase != "heads":
            assert [(checked.phase, checked.key) for checked in verify.run(phase, key)] == whole[number + 1 :]


def test_covered_and_uncovered_items_hold(take: Any, buyer: Any) -> None:
    item = take()
    box = Box(x=0.1, y=0.1, width=0.2, height=0.2)
    for boxes in ([box], [box, Box(x=0.5, y=0.5, width=0.1, height=0.1)], [], [box]):
        redaction.redact(actor=buyer, item=item, boxes=boxes, at=AT)
        assert [fault for checked in verify.run() for fault in checked.faults] == []
    Derivative.every.filter(item=item, variant="view").update(sha256=Derivative.every.get(variant="own-view").sha256)
    (fault,) = [fault for checked in verify.run("rows") for fault in checked.faults]
    assert fault.detail == "derivative view is not the one last made"
