from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from core.errors import Refused
from evidence import items, keeping
from evidence.storage import store
from tests.evidence.conftest import AT


def test_orphans_go_after_a_day_and_nothing_else_does(any_store: str, take: Any, buyer: Any) -> None:
    stays, goes = take("a.jpg"), take("b.txt", b"discarded")
    items.discard(actor=buyer, item=goes, at=AT)
    now = datetime.now(UTC)
    assert keeping.sweep_orphans(at=now) == 0
    assert keeping.sweep_orphans(at=now + timedelta(days=2)) == 1
    assert store().has(stays.sha256)
    assert all(store().has(made.sha256) for made in stays.derivatives.all())


def test_bytes_kept_again_are_not_swept_though_nobody_names_them_yet(any_store: str, take: Any, buyer: Any) -> None:
    item = take("b.txt", b"again")
    items.discard(actor=buyer, item=item, at=AT)
    before = datetime.now(UTC)
    with store().receive(iter([b"again"]), limit=5) as incoming:
        store().keep(incoming)
    assert keeping.sweep_orphans(at=before + keeping.ORPHAN_AGE - timedelta(seconds=2)) == 0
    assert store().has(item.sha256)


def test_file_not_kept_names_nothing(db: None, any_store: str) -> None:
    with pytest.raises(Refused) as refused, transaction.atomic():
        keeping.claim(["0" * 64])
    assert (refused.value.code, refused.value.status) == ("file_not_kept", 409)
