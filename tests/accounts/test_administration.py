"""What administrators do about keys of marketplaces and a colleague's lost second factor."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import keys, people, second_factor
from accounts.models import AccessKey
from core.errors import Refused
from ledger.models import Entry
from tests.conftest import World
from tests.test_url_roles import signed_in


def code_of(act: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.code


def test_integration_key_is_shown_once_and_revoked_on_the_page(world: World) -> None:
    browser = signed_in(world.administrator)
    page = browser.post("/settings/integrations/", {"label": "集市"}).content.decode()
    key = AccessKey.objects.get(user=None)
    secret = page.split('translate="no">gd_')[1].split("<")[0]
    assert AccessKey.digest_of(f"gd_{secret}") == key.digest
    assert "gd_" not in browser.get("/settings/integrations/").content.decode()
    headers = {"authorization": f"Bearer gd_{secret}", "idempotency-key": "k"}
    for _time in range(2):
        answer = browser.post(f"/settings/integrations/{key.pk}/revoke/")
        assert answer.headers["Location"] == "/settings/integrations/"
    assert Client().post("/api/v1/orders/", {}, content_type="application/json", headers=headers).status_code == 401
    entries = Entry.objects.filter(subject=f"integration:{key.pk}").order_by("seq")
    assert [(entry.verb, entry.actor, entry.facts) for entry in entries] == [
        ("issue_integration_key", world.administrator, {"key": key.pk}),
        ("revoke_integration_key", world.administrator, {"key": key.pk}),
    ]


def test_integration_key_is_an_administrators(world: World) -> None:
    key, _secret = AccessKey.issue(label="集市")
    at = key.created_at
    assert code_of(keys.issue_integration, actor=world.supervisor, label="x") == "only_an_administrator"
    assert code_of(keys.revoke_integration, actor=world.merchant, key_id=key.pk, at=at) == "only_an_administrator"
    own, _secret = AccessKey.issue(label="own", user=world.buyer)
    assert signed_in(world.administrator).post(f"/settings/integrations/{own.pk}/revoke/").status_code == 404


def test_integration_key_is_revoked_by_the_command(world: World) -> None:
    key, _secret = AccessKey.issue(label="集市")
    listed = StringIO()
    call_command("revoke_integration_key", stdout=listed)
    assert listed.getvalue() == f"{key.pk}\t集市\n"
    for _time in range(2):
        call_command("revoke_integration_key", str(key.pk), stdout=StringIO())
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert Entry.objects.filter(subject=f"integration:{key.pk}", verb="revoke_integration_key").count() == 1
    with pytest.raises(CommandError, match="no integration key"):
        call_command("revoke_integration_key", str(10**6), stdout=StringIO())


def test_lost_second_factor_is_reset_by_another_administrator(world: World) -> None:
    second_factor.activate_totp(world.arbiter, "JBSWY3DPEHPK3PXP")
    colleague = signed_in(world.arbiter)
    assert colleague.get("/settings/").status_code == 200
    answer = signed_in(world.administrator).post(f"/settings/people/{world.arbiter.pk}/reset-second-factor/")
    assert answer.headers["Location"] == f"/settings/people/{world.arbiter.pk}/"
    assert not second_factor.active(world.arbiter)
    assert colleague.get("/settings/").headers["Location"].startswith("/login/")  # the old session ended
    world.arbiter.refresh_from_db()
    again = Client()
    again.force_login(world.arbiter)
    assert again.get("/settings/").headers["Location"] == "/mfa/totp/activate/"
    entry = Entry.objects.get(verb="reset_second_factor")
    assert (entry.subject, entry.actor, entry.facts) == (f"user:{world.arbiter.pk}", world.administrator, {})


def test_not_yourself_resets_a_second_factor(world: World) -> None:
    own = {"actor": world.administrator, "user_id": world.administrator.pk}
    assert code_of(people.reset_second_factor, **own) == "not_yourself"
    other = {"actor": world.supervisor, "user_id": world.arbiter.pk}
    assert code_of(people.reset_second_factor, **other) == "only_an_administrator"
