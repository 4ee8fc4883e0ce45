"""A dossier between a buyer and a store, and both kinds of store to keep its files in."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership, StaffRole, Store, User
from evidence import receiving
from evidence.models import Dossier, Item, Side
from evidence.storage import store
from tests.evidence import samples

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def kept(sha256: str) -> bytes:
    """The stored bytes."""
    with store().open(sha256) as file:
        return file.read()


@pytest.fixture(params=["folder", "bucket"])
def any_store(request: pytest.FixtureRequest, settings: Any) -> str:
    """The test runs once on a folder and once on a bucket."""
    if request.param == "bucket":
        settings.STORAGE_URL = request.getfixturevalue("bucket")
    else:
        request.getfixturevalue("folder")
    return str(settings.STORAGE_URL)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.STORAGE_URL = f"file://{tmp_path / 'kept'}"
    return tmp_path / "kept"


@pytest.fixture
def buyer(db: None) -> User:
    return User.objects.create_user("lin@example.com", name="Lin")


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user("clerk@example.com", name="Clerk")


@pytest.fixture
def dossier(buyer: User, clerk: User) -> Dossier:
    shop = Store.objects.create(name="Tea House", code="tea-house")
    Membership.objects.create(store=shop, user=clerk)
    return Dossier.objects.create(subject="case:DC-2026-1122-0001", buyer=buyer, store=shop)


@pytest.fixture
def arbiter(db: None) -> User:
    return User.objects.create_user("arbiter@example.com", staff_role=StaffRole.ARBITER)


@pytest.fixture
def take(dossier: Dossier, buyer: User, clerk: User) -> Any:
    """``take("a.jpg", data)``: receive a file for the buyer (or ``side="merchant"``)."""

    def receive(name: str = "a.jpg", data: bytes | None = None, side: str = Side.BUYER, **said: Any) -> Item:
        content = samples.jpeg() if data is None else data
        return receiving.receive(
            actor=buyer if side == Side.BUYER else clerk,
            dossier=dossier,
            side=side,
            upload=samples.upload(name, content),
            at=AT,
            **said,
        )

    return receive
