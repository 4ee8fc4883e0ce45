import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evidence import verify
from evidence.storage import store
from ledger.models import Entry
from tests.evidence.conftest import AT


def test_sound_files_and_chains_are_counted(any_store: str, take: Any) -> None:
    take()
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert out.getvalue() == "1 chains and 1 files hold.\n"


def test_changed_or_missing_file_is_named(folder: Path, take: Any) -> None:
    changed, missing = take("a.txt", b"one"), take("b.txt", b"two")
    path = store().path(changed.sha256)  # type: ignore[attr-defined]
    path.chmod(0o600)
    path.write_bytes(b"onE")
    store().forget(missing.sha256)
    faults = {(fault.item, fault.reason) for fault in verify.check_files()}
    assert faults == {(str(changed.pk), "changed"), (str(missing.pk), "missing")}
    with pytest.raises(CommandError, match=f"file ({changed.sha256} changed|{missing.sha256} missing)"):
        call_command("verify")


def test_missing_object_in_a_bucket_is_named(any_store: str, take: Any) -> None:
    item = take("a.txt", b"one")
    store().forget(item.sha256)
    assert not store().has(item.sha256)
    assert [fault.reason for fault in verify.check_files()] == ["missing"]


def test_chain_that_does_not_hold_is_named(take: Any, dossier: Any) -> None:
    take()
    forged = Entry(subject=dossier.subject, seq=3, at=AT, verb="x", role="buyer", prev_hash="0", hash="0")
    forged.save()
    with pytest.raises(CommandError, match=f"{dossier.subject}, entry 3: does not follow the entry before"):
        call_command("verify")
