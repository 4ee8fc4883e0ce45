"""What the pages and the JSON offer is what is open to the reader, neither more nor less, in every state."""

import re

import pytest
from django.test import Client

from accounts import second_factor
from accounts.models import User
from arbitration.operations import OPERATIONS
from arbitration.queries import case_file
from core import clock
from disputes.models import Case
from tests import stages
from tests.conftest import Clock, World
from tests.stages import Stages

pytestmark = pytest.mark.slow
SIDES, DESK = ("buyer", "merchant", "agent"), ("arbiter", "second_arbiter", "supervisor", "auditor")
NO_BUTTON = {"upload"}
"""Offered where a file is asked for, as a field of another form; the API's is an address of its own."""


def reader(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    second_factor.mark_passed(session, user)
    session.save()
    return client


def linked(client: Client, *pages: str) -> set[str]:
    """The acts these pages of a case lead to, whether by a link or a form."""
    found: set[str] = set()
    for page in pages:
        html = client.get(page, follow=True).content.decode()
        found |= set(re.findall(r'(?:href|action|formaction)="/(?:disputes|desk/cases)/[\w-]+/([a-z_]+)/', html))
    return found & set(OPERATIONS)


@pytest.mark.parametrize("stage", [name for name in stages.NAMES if name != "draft"])
def test_both_doors_offer_what_is_open(world: World, at: Clock, stage: str) -> None:
    case: Case = getattr(Stages(world, at), stage)()
    wrong = {}
    for name in SIDES + DESK:
        user = getattr(world, name)
        client = reader(user)
        acts = case_file(User.objects.get(pk=user.pk), case.number, clock.now()).acts
        told = client.get(f"/api/v1/cases/{case.number}/").json()["actions"]
        expected = {act: no is None for act, no in acts.items() if act not in NO_BUTTON}
        assert {act: row["open"] for act, row in told.items()} == expected
        pages = [f"/disputes/{case.number}/", f"/disputes/{case.number}/ruling/"] if name in SIDES else []
        shown = linked(client, *(pages or [f"/desk/cases/{case.number}/"]))
        opened = {act for act, is_open in expected.items() if is_open}
        if shown != opened:
            wrong[name] = {"not offered": opened - shown, "offered though closed": shown - opened}
    assert wrong == {}
