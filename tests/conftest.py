"""What every test shares."""

import itertools
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from django.db import transaction
from moto.server import ThreadedMotoServer
from pytest_django import DjangoDbBlocker

import dev
from accounts.models import Store, User
from arbitration import admission, assignment, rulings
from core import clock
from disputes import rebuttal, response, sweep
from disputes.models import Case, Order
from tests import factories, servers
from tests.factories import person
from tests.kept import kept


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """This machine's Chromium, quiet: it asks no host for anything by itself."""
    return {
        "executable_path": dev.chromium_binary(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--in-process-gpu",
            "--renderer-process-limit=1",
        ],
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Called once the database's name is known and before it is made."""
    servers.copy_migrated()


@dataclass
class World:
    """The cast. Two sides, a second store and buyer that must see nothing, three arbiters and their supervisor."""

    buyer: User
    merchant: User
    agent: User
    store: Store
    other_buyer: User
    other_merchant: User
    other_store: Store
    arbiter: User
    second_arbiter: User
    supervisor: User
    administrator: User
    auditor: User

    def order(self, **overrides: Any) -> Order:
        return factories.order(self.buyer, self.store, **overrides)

    @kept
    def filed(self, **overrides: Any) -> Case:
        """A case awaiting its preliminary review."""
        return factories.filed_case(self.buyer, self.merchant, self.order(), **overrides)

    @kept
    def admitted(self, **overrides: Any) -> Case:
        """A case whose response clock runs."""
        case = self.filed(**overrides)
        assignment.take(actor=self.arbiter, case_id=case.pk)
        return admission.admit(actor=self.arbiter, case_id=case.pk)

    @kept
    def responded(self, **overrides: Any) -> Case:
        """A case in its rebuttal round; the merchant lodged one item and answered all of the buyer's."""
        case = self.admitted(**overrides)
        factories.add_item(self.merchant, case, slot="", caption="打包照片")
        return response.respond(
            actor=self.merchant,
            case_id=case.pk,
            statement="商品出厂检验合格。",
            answers=factories.answers_to(case, "merchant"),
            missing_reason="承运人未提供签收凭证",
        )

    @kept
    def deliberated(self, **overrides: Any) -> Case:
        """A case the arbiter holds, ready for its ruling."""
        case = self.responded(**overrides)
        rebuttal.skip(actor=self.buyer, case_id=case.pk)
        return assignment.take(actor=self.arbiter, case_id=case.pk)

    @kept
    def ruled(self, *, amount_fen: int | None = None, ruling_remedy: str | None = None, **overrides: Any) -> Case:
        """A case with a ruling in effect."""
        case = self.deliberated(**overrides)
        decision = factories.decision(case, remedy=ruling_remedy, amount_fen=amount_fen)
        rulings.rule(actor=self.arbiter, case_id=case.pk, decision=decision)
        with clock.frozen(clock.now() + timedelta(seconds=60)):
            sweep.sweep()
        return Case.objects.get(pk=case.pk)


@dataclass
class Clock:
    """Moves the frozen clock of this process; the sweep runs only when a test says so."""

    start: datetime

    @property
    def moment(self) -> datetime:
        return clock.now()

    def forward(self, *, sweep_too: bool = False, **delta: float) -> datetime:
        return self.to(clock.now() + timedelta(**delta), sweep_too=sweep_too)

    def to(self, moment: datetime, *, sweep_too: bool = False) -> datetime:
        clock.set_frozen(moment)
        if sweep_too:
            sweep.sweep()
        return moment


@pytest.fixture
def at(db: None) -> Iterator[Clock]:
    """The frozen clock, at factories.START; ``at.forward(hours=2)`` moves it."""
    moving = Clock(factories.START)
    with clock.frozen(moving.start):
        yield moving


@pytest.fixture
def world(at: Clock) -> World:
    return build_world()


@kept
def build_world() -> World:
    """For tests whose database or clock is their own."""
    merchant, agent, other_merchant = person("拾光店主"), person("拾光客服"), person("北岸店主")
    return World(
        buyer=person("林晓"),
        merchant=merchant,
        agent=agent,
        store=factories.store("拾光家居旗舰店", merchant, agent),
        other_buyer=person("王蕾"),
        other_merchant=other_merchant,
        other_store=factories.store("北岸数码", other_merchant),
        arbiter=person("周岩", "arbiter"),
        second_arbiter=person("陈默", "arbiter"),
        supervisor=person("何敏", "supervisor"),
        administrator=person("管理", "administrator"),
        auditor=person("审计", "auditor"),
    )


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is done inside is undone at the end, and the frozen clock stands where it stood."""
    with clock.frozen(clock.now()), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[World, Clock]]:
    """The cast for all tests of a module, made once; what a test itself does is undone by its own ``db``."""
    with django_db_blocker.unblock(), clock.frozen(factories.START), transaction.atomic():
        yield build_world(), Clock(factories.START)
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket of a real S3 server."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = f"evidence-{uuid.uuid4().hex[:12]}"
    boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}?endpoint={s3_endpoint}&region=us-east-1"


_stores = itertools.count(1)


@pytest.fixture(autouse=True)
def _own_evidence_store(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With it the folder of what is on its way there, which another test process may be sweeping."""
    folder = tmp_path_factory.getbasetemp() / f"store-{next(_stores)}"
    settings.VAR_DIR = folder
    settings.STORAGE_URL = f"file://{folder / 'evidence'}"
    settings.HEADS_URL = f"file://{folder / 'heads'}"
    settings.HEADS_KEY = "aGVhZHMgaW4gdGVzdHMgYXJlIHNpZ25lZCBieSB0aGk="
