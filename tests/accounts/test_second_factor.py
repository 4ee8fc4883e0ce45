"""Platform staff see nothing before their second factor."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import second_factor
from accounts.models import User
from tests.accounts.conftest import PASSWORD

SECRET = "JBSWY3DPEHPK3PXP"


def sign_in(client: Client, user: User) -> Any:
    return client.post("/login/", {"login": user.email, "password": PASSWORD})


def code_now() -> str:
    return second_factor.code(SECRET, datetime.now(UTC))


def test_code_is_the_one_of_rfc_6238() -> None:
    assert second_factor.code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromtimestamp(59, UTC)) == "287082"


def test_staff_without_one_is_led_to_set_it_up(client: Client, arbiter: User) -> None:
    sign_in(client, arbiter)
    for path in ("/settings/", "/"):
        response = client.get(path)
        assert (response.status_code, response.headers["Location"]) == (302, "/mfa/totp/activate/")
    assert client.post("/settings/", {"name": "X"}).headers["Location"] == "/mfa/totp/activate/"
    assert client.post("/settings/keys/", {"label": "X"}).headers["Location"] == "/mfa/totp/activate/"
    assert client.get("/api/v1/me/").status_code == 403
    assert client.get("/api/v1/me/").json()["error"]["code"] == "second_factor_first"


def test_staff_without_one_may_leave_and_change_language(client: Client, arbiter: User) -> None:
    sign_in(client, arbiter)
    assert client.post("/language/", {"language": "en", "next": "/rules/"}).headers["Location"] == "/rules/"
    assert client.post("/logout/").headers["Location"] == "/"
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_staff_sets_one_up_and_goes_on(client: Client, arbiter: User) -> None:
    sign_in(client, arbiter)
    assert client.get("/mfa/totp/activate/").headers["Location"].startswith("/reauthenticate/")
    client.post("/reauthenticate/", {"password": PASSWORD})
    assert client.get("/mfa/totp/activate/").status_code == 200
    shown = client.session["mfa.totp.secret"]
    client.post("/mfa/totp/activate/", {"code": second_factor.code(shown, datetime.now(UTC))})
    assert second_factor.active(arbiter)
    assert client.get("/settings/").status_code == 200


def test_staff_with_one_signs_in_with_password_and_code(client: Client, arbiter: User) -> None:
    second_factor.activate_totp(arbiter, SECRET)
    assert sign_in(client, arbiter).headers["Location"].startswith("/mfa/authenticate/")
    assert "_auth_user_id" not in client.session
    assert client.post("/mfa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/mfa/authenticate/", {"code": code_now()}).headers["Location"] == "/desk/queue/"
    assert client.get("/settings/").status_code == 200


def test_session_older_than_the_second_factor_must_show_it(client: Client, arbiter: User) -> None:
    sign_in(client, arbiter)
    second_factor.activate_totp(arbiter, SECRET)
    response = client.get("/settings/")
    assert response.headers["Location"] == "/mfa/reauthenticate/?next=%2Fsettings%2F"
    client.post("/mfa/reauthenticate/?next=/settings/", {"code": code_now()})
    assert client.get("/settings/").status_code == 200


def test_mark_of_one_person_says_nothing_about_another(client: Client, arbiter: User, buyer: User) -> None:
    client.force_login(arbiter)
    session = client.session
    second_factor.mark_passed(session, buyer)
    session.save()
    assert client.get("/settings/").headers["Location"] == "/mfa/totp/activate/"


def test_staff_cannot_take_it_off(enter: Callable[[User], Client], arbiter: User) -> None:
    second_factor.activate_totp(arbiter, SECRET)
    client = enter(arbiter)
    client.post("/reauthenticate/", {"password": PASSWORD})
    client.post("/mfa/totp/deactivate/")
    assert second_factor.active(arbiter)


def test_buyer_is_free_to_have_none(client: Client, buyer: User) -> None:
    sign_in(client, buyer)
    assert client.get("/settings/").status_code == 200


def test_buyer_with_one_is_asked_for_it(client: Client, buyer: User) -> None:
    second_factor.activate_totp(buyer, SECRET)
    assert sign_in(client, buyer).headers["Location"].startswith("/mfa/authenticate/")


def test_activating_twice_replaces_the_secret(arbiter: User) -> None:
    second_factor.activate_totp(arbiter, "GEZDGNBVGY3TQOJQ")
    second_factor.activate_totp(arbiter, SECRET)
    assert [row.data for row in Authenticator.objects.filter(user=arbiter)] == [{"secret": SECRET}]


@pytest.mark.parametrize("has_secret", [True, False])
def test_demo_staff_sign_in_with_password_alone(client: Client, arbiter: User, settings: Any, has_secret: bool) -> None:
    settings.DEMO = True
    if has_secret:
        second_factor.activate_totp(arbiter, SECRET)
    assert sign_in(client, arbiter).headers["Location"] == "/desk/queue/"
    assert client.get("/settings/").status_code == 200


def test_demo_with_second_factors_asks_for_the_code(client: Client, arbiter: User, settings: Any) -> None:
    settings.DEMO = settings.DEMO_SECOND_FACTOR = True
    second_factor.activate_totp(arbiter, SECRET)
    assert sign_in(client, arbiter).headers["Location"].startswith("/mfa/authenticate/")


@pytest.mark.parametrize("flag", [True, False])
def test_flag_means_nothing_outside_a_demo(client: Client, arbiter: User, settings: Any, flag: bool) -> None:
    settings.DEMO_SECOND_FACTOR = flag
    second_factor.activate_totp(arbiter, SECRET)
    assert sign_in(client, arbiter).headers["Location"].startswith("/mfa/authenticate/")
    assert "_auth_user_id" not in client.session
