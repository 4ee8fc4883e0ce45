"""What a page costs: the same queries with one row and thirty, the clock's own counted, and how heavy it is."""

import gzip
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from core import clock
from core.models import DemoClock
from disputes.models import Case, Deadline
from evidence import items as custody
from tests import factories
from tests.conftest import World
from tests.forms import entered
from tests.stages import paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(world: World) -> World:
    """The world with a clock that runs, as in production: what asks the time asks the database."""
    DemoClock.objects.create(offset=clock.now() - timezone.now())
    clock.set_frozen(None)
    return world


def enter(user: User) -> Client:
    return entered(user, language="zh-hans")


def asked(client: Client, path: str) -> int:
    client.get(path)  # what a process loads once
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def waiting_cases(world: World, count: int) -> None:
    """Cases that wait for the store in its inbox and for the platform in the queue."""
    for _ in range(count):
        factories.draft_case(world.buyer, world.merchant, world.order())
    Case.objects.filter(state="draft").update(state="awaiting_response", cause="damaged")
    for kind, side, store in (("response", "merchant", world.store), ("admission_target", "platform", None)):
        Deadline.objects.bulk_create(
            Deadline(case=case, kind=kind, side=side, store=store, opened_at=clock.now(), due_at=clock.now())
            for case in Case.objects.exclude(deadlines__kind=kind)
        )


def put_on_file(buyer: User, case: Case, count: int) -> None:
    items = [paper(buyer, case) for _ in range(count)]
    custody.lodge(actor=buyer, dossier=case.dossier, side="buyer", items=items, at=clock.now(), disclosed=True)


def test_lists_ask_the_same_for_one_row_and_for_thirty(running: World) -> None:
    lists = {
        (running.arbiter, "/desk/queue/"): 5,
        (running.buyer, "/disputes/"): 7,
        (running.buyer, "/orders/"): 8,
        (running.merchant, "/store/cases/?show=waiting"): 6,
    }
    inbox = (running.merchant, "/store/cases/")
    waiting_cases(running, 1)
    # An inbox with room left also shows what waits for others, by one query more.
    assert {place: asked(enter(place[0]), place[1]) for place in [*lists, inbox]} == {**lists, inbox: 7}
    waiting_cases(running, 29)
    assert {place: asked(enter(place[0]), place[1]) for place in [*lists, inbox]} == {**lists, inbox: 6}


def test_case_pages_ask_the_same_for_one_item_and_for_thirty(running: World) -> None:
    case = running.deliberated()
    pages = [
        (running.buyer, f"/disputes/{case.number}/", 12),
        (running.merchant, f"/disputes/{case.number}/", 12),
        (running.arbiter, f"/desk/cases/{case.number}/", 15),
    ]
    for count in (0, 29):
        put_on_file(running.buyer, case, count)
        assert [(path, asked(enter(user), path)) for user, path, _ in pages] == [(path, n) for _, path, n in pages]


def test_background_asks_the_same_for_one_earlier_case_and_for_thirty(running: World) -> None:
    case = running.deliberated()
    for count in (1, 29):
        waiting_cases(running, count)
        Case.objects.filter(filed_at=None).update(filed_at=case.filed_at)
        assert asked(enter(running.arbiter), f"/desk/cases/{case.number}/background/") == 15


def packed(client: Client, path: str) -> int:
    """The weight of a page as it travels, in bytes."""
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return len(gzip.compress(answer.content))


def test_full_pages_are_light(running: World) -> None:
    waiting_cases(running, 30)
    for user, path in (
        (running.buyer, "/disputes/"),
        (running.buyer, "/orders/"),
        (running.merchant, "/store/cases/"),
        (running.arbiter, "/desk/queue/"),
    ):
        assert packed(enter(user), path) <= 30 * 1024, path
    case = running.deliberated()
    put_on_file(running.buyer, case, 27)
    assert packed(enter(running.buyer), f"/disputes/{case.number}/") <= 30 * 1024
    assert packed(enter(running.merchant), f"/disputes/{case.number}/") <= 30 * 1024
    assert packed(enter(running.arbiter), f"/desk/cases/{case.number}/") <= 60 * 1024
