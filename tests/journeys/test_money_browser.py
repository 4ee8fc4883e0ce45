"""Where money went wrong, in a browser: refused payments, debts, a loss to pay; and the administrators' pages."""

from typing import Any

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import AccessKey, Store
from arbitration import execution
from disputes.models import Debt
from tests import stages
from tests.arbitration.test_payments import deducting
from tests.browser import EVERYWHERE, signed_in, sound_page
from tests.conftest import Clock, World
from tests.stages import Stages, due

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@EVERYWHERE
def test_pages_of_money_are_sound(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, settings: Any, width: int, language: str
) -> None:
    settings.DEMO, settings.DEMO_SECOND_FACTOR = True, False
    AccessKey.issue(label="集市")
    refused = Stages(world, at).payment_refused()
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=0)
    advanced = Stages(world, at).ruled()
    at.to(due(advanced, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    reversed_one = Stages(world, at).ruled()
    at.to(due(reversed_one, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    Stages(world, at).overturn(stages.again(reversed_one))
    loss = deducting(world, at, asked_fen=20_000, loss_fen=30_000)
    debt = Debt.objects.filter(settled_at=None).latest("pk")
    pages = [
        (world.administrator, "/settings/debts/"),
        (world.administrator, f"/settings/debts/{debt.pk}/"),
        (world.administrator, "/settings/integrations/"),
        (world.administrator, f"/settings/people/{world.arbiter.pk}/"),
        (world.merchant, "/settings/debts/"),
        (world.merchant, "/settings/store/"),
        (world.buyer, "/settings/debts/"),
        (world.buyer, f"/disputes/{refused.number}/"),
        (world.buyer, f"/disputes/{reversed_one.number}/ruling/"),
        (world.merchant, f"/disputes/{advanced.number}/"),
        (world.buyer, f"/disputes/{loss.number}/"),
        (world.buyer, f"/disputes/{loss.number}/perform/"),
        (world.supervisor, f"/desk/cases/{refused.number}/"),
        (world.supervisor, f"/desk/cases/{refused.number}/retry_payment/"),
    ]
    for person, path in pages:
        with signed_in(browser, live_server.url, person.pk, width=width, language=language) as watched:
            answer = watched.page.goto(live_server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            sound_page(watched)
