"""The demo world: whole, alive, true in its ledger, and only ever in a demo."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count
from django.test import override_settings
from PIL import Image

from accounts.models import StaffRole, User
from arbitration.demo.cast import PASSWORD, address
from arbitration.models import Remedy, Review
from core import clock
from disputes import queries, sweep
from disputes.models import AccountEntry, AfterSales, Case, Deadline, Order, Outcome, Refund, State
from evidence.facts import facts
from evidence.models import Item
from evidence.queries import PLATFORM, exhibits
from evidence.storage import store
from ledger.models import Entry

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of its store. Seeded once for all tests here, and rolled back after them."""
    storage = f"file://{tmp_path_factory.mktemp('demo')}"
    with django_db_blocker.unblock(), override_settings(STORAGE_URL=storage), transaction.atomic():
        call_command("seed_demo", stdout=StringIO())
        yield storage
        transaction.set_rollback(True)


@pytest.fixture
def demo(seeded: str, settings: Any) -> None:
    settings.STORAGE_URL = seeded


def test_every_state_and_outcome_is_there(demo: None) -> None:
    assert set(Case.objects.values_list("state", flat=True)) == set(State.values)
    assert set(AfterSales.objects.values_list("state", flat=True)) == set(AfterSales.State.values)
    closed = Case.objects.filter(state=State.CLOSED)
    assert set(closed.values_list("outcome", flat=True)) == set(Outcome.values)
    assert closed.count() >= 60
    assert closed.values("store").distinct().count() == 5
    assert closed.values("cause").distinct().count() >= 10
    first, last = (closed.order_by(key)[0].closed_at for key in ("closed_at", "-closed_at"))
    assert first is not None
    assert last is not None
    assert last - first >= timedelta(days=140)
    assert set(Remedy.objects.values_list("state", flat=True)) >= {
        "pending", "performing", "executed", "stayed", "failed", "reversed",
    }  # fmt: skip
    assert set(Review.objects.values_list("state", flat=True)) == set(Review.State.values)


def test_countdowns_are_alive(demo: None) -> None:
    """Something has an hour left, the platform is late somewhere, and nothing that a sweep would do is left undone."""
    now = clock.now()
    running = Deadline.objects.filter(state=Deadline.State.OPEN)
    assert not running.exclude(parked_because="").exists()
    assert not running.exclude(kind__in=Deadline.TARGETS).filter(due_at__lte=now - timedelta(minutes=5)).exists()
    assert running.filter(kind="response", due_at__range=(now, now + timedelta(hours=1))).exists()
    assert running.filter(kind__in=Deadline.TARGETS, due_at__lt=now - timedelta(hours=5)).exists()
    assert running.filter(kind="admission_target", due_at__range=(now, now + timedelta(hours=2))).exists()
    assert Case.objects.exclude(escalated_at=None).exists()


def test_ledger_moments_only_move_forward_and_never_lie_in_the_future(demo: None) -> None:
    last: dict[str, Any] = {}
    for subject, at in Entry.objects.order_by("subject", "seq").values_list("subject", "at"):
        assert at >= last.get(subject, at), subject
        last[subject] = at
    assert max(last.values()) <= clock.now()


def test_money_adds_up(demo: None) -> None:
    sums: dict[str, int] = {}
    for key, amount in AccountEntry.objects.values_list("key", "amount_fen"):
        sums[key] = sums.get(key, 0) + amount
    assert set(sums.values()) == {0}
    done = Refund.objects.filter(state=Refund.State.EXECUTED, on_top=False)
    assert sum(Order.objects.values_list("refunded_fen", flat=True)) == sum(done.values_list("amount_fen", flat=True))
    assert set(done.values_list("funding", flat=True)) == {"merchant", "deposit", "advance"}
    assert not Refund.objects.filter(followed_at=None).exists()


def test_same_bytes_are_rare(demo: None) -> None:
    twice = Item.objects.values("sha256").annotate(n=Count("pk")).filter(n__gt=1)
    assert len(twice) == 0


def test_nearly_the_same_picture_shows_only_where_the_demo_means_it(demo: None) -> None:
    found: dict[str, list[tuple[str, ...]]] = {}
    for case in Case.objects.exclude(dossier=None).select_related("dossier", "order"):
        about = facts(queries.same_matter(case), exhibits(case.dossier, PLATFORM), bought_at=case.order.paid_at)
        alike = [fact.cases for rows in about.values() for fact in rows if fact.code == "like_picture_elsewhere"]
        found |= {case.number: alike} if alike else {}
    one, other = found
    assert found == {one: [(other,)], other: [(one,)]}
    assert Case.objects.get(number=one).buyer == Case.objects.get(number=other).buyer


def test_item_is_covered_and_another_is_the_platforms_alone_in_a_case_to_rule(demo: None) -> None:
    covered = Item.objects.get(redaction__isnull=False)
    withheld = Item.objects.get(platform_only=True)
    assert covered.dossier == withheld.dossier
    assert withheld.dossier.case.state == State.DELIBERATION
    assert (covered.side, withheld.side, covered.kind) == ("buyer", "merchant", "photo")
    assert withheld.platform_only_reason
    with store().open(covered.derivatives.get(variant="view").sha256) as file:
        view = Image.open(io.BytesIO(file.read())).convert("L")
    box = covered.redaction.boxes[0]
    left, top = round(box["x"] * view.width), round(box["y"] * view.height)
    right, bottom = left + round(box["width"] * view.width), top + round(box["height"] * view.height)
    inside: Any = view.crop((left + 3, top + 3, right - 3, bottom - 3)).getextrema()
    assert inside[1] < 40  # black, whatever stood there


def test_chains_and_files_verify(demo: None) -> None:
    out = StringIO()
    call_command("verify", stdout=out)
    assert "hold" in out.getvalue()


def test_seeding_again_changes_nothing(demo: None) -> None:
    before = Entry.objects.count(), Case.objects.count(), User.objects.count()
    call_command("seed_demo", stdout=StringIO())
    assert (Entry.objects.count(), Case.objects.count(), User.objects.count()) == before


def test_signins_of_every_role(demo: None) -> None:
    out = StringIO()
    call_command("demo_signins", stdout=out)
    rows = json.loads(out.getvalue())
    assert {row["role"] for row in rows} == {"buyer", "merchant", *filter(None, StaffRole.values)}
    assert {tuple(row) for row in rows} == {("role", "name", "email", "password", "store", "where")}
    assert User.objects.get(email=address("linxiao")).check_password(PASSWORD)
    hashes = User.objects.filter(email__in=[row["email"] for row in rows]).values_list("password", flat=True)
    assert len(set(hashes)) == 1
    names = {row["name"]: row for row in rows}
    assert names["林晓"]["where"].endswith("/orders/")
    assert names["孙倩"]["store"] == "拾光家居旗舰店"
    assert names["周岩"]["where"].endswith("/desk/queue/")


def test_advancing_the_clock_carries_out_what_falls_due(demo: None) -> None:
    waiting = set(Case.objects.filter(state=State.AWAITING_RESPONSE).values_list("pk", flat=True))
    before = clock.now()
    with transaction.atomic():
        call_command("advance_clock", "48h", stdout=StringIO())
        assert timedelta(hours=48) <= clock.now() - before < timedelta(hours=48, minutes=1)
        assert sweep.sweep() > 10
        silent = Case.objects.filter(pk__in=waiting, state=State.DELIBERATION, by_default=True)
        assert silent.count() >= 4
        transaction.set_rollback(True)


@pytest.mark.parametrize("command", [["seed_demo"], ["demo_signins"], ["advance_clock", "48h"]])
@pytest.mark.django_db
def test_refused_outside_a_demo(settings: Any, command: list[str]) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo world"):
        call_command(*command)
    assert not User.objects.exists()
