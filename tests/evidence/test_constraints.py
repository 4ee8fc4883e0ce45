"""What the evidence room's tables hold by themselves, and what its verbs say of items in the wrong state."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from core.errors import Refused
from evidence import inspection, items
from evidence.models import Derivative, Dossier, Item
from ledger.models import Entry
from tests.evidence import samples
from tests.evidence.conftest import AT


def lodge(item: Item) -> Item:
    (lodged,) = items.lodge(
        actor=item.uploader, dossier=item.dossier, side=item.side, items=[item], at=AT, disclosed=True
    )
    return lodged


def again(derivative: Derivative) -> None:
    derivative.pk, derivative._state.adding = None, True
    derivative.save(force_insert=True)


HELD: dict[str, Callable[[Item], object]] = {
    "derivative_once": lambda item: again(Derivative.objects.filter(item=item)[0]),
    "withdrawal_needs_reason": lambda item: Item.objects.filter(pk=lodge(item).pk).update(state="withdrawn"),
    "exhibit_numbered_when_lodged": lambda item: Item.objects.filter(pk=item.pk).update(exhibit_no=1),
}


@pytest.mark.parametrize("rule", HELD)
def test_constraint_holds_by_itself(take: Any, rule: str) -> None:
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        HELD[rule](take())


def test_exhibit_number_once_by_the_database(take: Any) -> None:
    first, second = lodge(take()), take()
    changes = {"state": "lodged", "exhibit_no": first.exhibit_no, "lodged_at": AT}
    with pytest.raises(DatabaseError, match="exhibit_number_once"), transaction.atomic():
        Item.objects.filter(pk=second.pk).update(**changes)


def discarded(item: Item, buyer: Any) -> None:
    items.discard(actor=buyer, item=item, at=AT)
    items.describe(actor=buyer, item=item, slot="", caption="x", at=AT)


def theirs(item: Item, buyer: Any) -> None:
    items.lodge(actor=buyer, dossier=item.dossier, side="merchant", items=[item], at=AT, disclosed=True)


WRONG: dict[str, Callable[[Item, Any], object]] = {
    "evidence_discarded": discarded,
    "evidence_lodged": lambda item, buyer: items.withdraw(actor=buyer, item=item, reason="放错了", at=AT),
    "evidence_not_ready": theirs,
    "evidence_sealed": lambda item, buyer: items.discard(actor=buyer, item=lodge(item), at=AT),
}


@pytest.mark.parametrize("rule", WRONG)
def test_verb_refuses_an_item_in_the_wrong_state(take: Any, buyer: Any, rule: str) -> None:
    item = take()
    with pytest.raises(Refused) as refused:
        WRONG[rule](item, buyer)
    assert refused.value.code == rule


def test_file_not_checked_is_not_taken_and_the_next_one_is(take: Any, dossier: Dossier, folder: Path) -> None:
    take()
    inspection._idle[-1].process.kill()
    inspection._idle[-1].process.wait()
    before = Entry.objects.count(), {path for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(Refused) as refused:
        take("b.jpg", samples.jpeg(comment=b"b"))
    assert refused.value.code == "file_not_checked"
    assert (Entry.objects.count(), {path for path in folder.rglob("*") if path.is_file()}) == before
    assert take("b.jpg", samples.jpeg(comment=b"b")).dossier == dossier


SMALL = """
import json, resource, sys
from pathlib import Path
from PIL import Image, ImageOps, JpegImagePlugin
from evidence import inspect_file, inspect_image
now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (now + 40 * 1024 * 1024,) * 2)
print(json.dumps(inspect_file.report(Path(sys.argv[1]), "image/png", Path(sys.argv[2]))))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_file_too_complex_where_it_takes_more_memory_than_the_inspector_has(tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(samples.png(6000, 6000))
    told = subprocess.run(
        [sys.executable, "-c", SMALL, str(picture), str(tmp_path)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {"refused": "file_too_complex"}
