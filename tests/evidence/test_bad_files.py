"""Hostile files through the door programs use: refused or harmless, little memory, nothing left, never a 5xx."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import AccessKey
from evidence import checking, types
from evidence.models import Item
from evidence.storage import store
from tests import factories
from tests.conftest import World
from tests.evidence import hostile
from tests.evidence.conftest import kept
from tests.evidence.hostile import Sample

FAMILIES = ["png text bomb", "pdf stream bomb", "script for ImageMagick", "DjVu", "playlist", "PostScript"]


@pytest.mark.parametrize("sample", hostile.ALL, ids=lambda sample: sample.name)
def test_hostile_file_is_refused_or_harmless_and_leaves_nothing(world: World, folder: Path, sample: Sample) -> None:
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    key = AccessKey.issue(label="program", user=world.buyer)[1]
    answer = Client(raise_request_exception=False).post(
        f"/api/v1/cases/{case.number}/files/",
        {"file": factories.upload(sample.name, sample.made())},
        headers={"authorization": f"Bearer {key}", "idempotency-key": "1"},
    )
    said = answer.json()
    if answer.status_code == 201:
        item = checking.check(Item.objects.get().pk)  # a film gets its verdict later
        assert item is not None
        code = item.refused_code
        shown = b"".join(kept(made.sha256) for made in item.derivatives.all())
        assert hostile.AWAY.encode() not in shown
        assert b"%pipe%" not in shown
    else:
        assert answer.status_code == 422
        code = said["error"]["code"]
        assert not Item.objects.exists()
    assert code == sample.code
    waiting = store().temporary
    assert not waiting.exists() or list(waiting.iterdir()) == []


def test_every_family_has_several_samples() -> None:
    counted = {family: sum(sample.family == family for sample in hostile.ALL) for family in FAMILIES}
    assert min(counted.values()) >= 4
    assert sum(counted.values()) == len(list(hostile.ALL))


MEASURED = """
import json, resource, sys
from pathlib import Path
from evidence import inspect_server
peaks = {}
for name, media_type in json.load(sys.stdin):
    room = Path(sys.argv[1], "room-" + name)
    room.mkdir()
    inspect_server.inspect(Path(sys.argv[1], name), media_type, room)
    peaks[name] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(json.dumps(peaks))
"""


@pytest.mark.slow
def test_inspecting_a_hostile_file_takes_less_than_512_mb(tmp_path: Path) -> None:
    """Measured on the child that looks into it, whatever the name or first bytes would have kept from it."""
    asked = []
    for sample in hostile.ALL:
        (tmp_path / sample.name).write_bytes(sample.made())
        taken = types.by_name(sample.name)
        assert taken is not None
        asked.append((sample.name, taken.media_type))
    said = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    peaks = json.loads(said.stdout)
    assert set(peaks) == {name for name, _type in asked}
    assert max(peaks.values()) < 512, peaks
