"""Signing up and in, by allauth's pages and this room's adapter."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import StaffRole, Store, User
from tests.accounts.conftest import PASSWORD

NEW = {"name": "Mei 梅", "email": "Mei@Example.com", "password1": PASSWORD}


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/login/", {"login": email, "password": password}, **extra)


@pytest.mark.parametrize(("language", "html_lang"), [("zh-hans", "zh-Hans"), ("en", "en")])
@pytest.mark.parametrize("path", ["/login/", "/signup/", "/password/reset/"])
def test_page_renders_in_language(client: Client, path: str, language: str, html_lang: str) -> None:
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    assert f'<html lang="{html_lang}"' in response.content.decode()


def test_sign_up_makes_plain_person(client: Client, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    client.get("/signup/")
    response = client.post("/signup/", NEW, headers={"accept-language": "zh-hans"})
    assert (response.status_code, response.headers["Location"]) == (302, "/orders/")
    user = User.objects.get()
    assert (user.email, user.name, user.staff_role, user.language) == ("mei@example.com", "Mei 梅", "", "zh-hans")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_sign_up_ignores_everything_else_posted(client: Client) -> None:
    smuggled = {"staff_role": "administrator", "is_active": "", "is_staff": "1", "session_round": "9", "stores": "1"}
    client.post("/signup/", {**NEW, **smuggled})
    user = User.objects.get()
    assert (user.staff_role, user.is_active, user.session_round) == ("", True, 0)


@pytest.mark.parametrize("name", ["", "   ", "Mei\u202ema", "M\x07", "x" * 61])
def test_sign_up_with_unreadable_name_is_refused_and_keeps_address(client: Client, name: str) -> None:
    response = client.post("/signup/", {**NEW, "name": name})
    assert User.objects.count() == 0
    assert 'value="Mei@Example.com"' in response.content.decode()


def test_sign_up_with_known_address_tells_stranger_nothing(client: Client, buyer: User, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    fresh = client.post("/signup/", NEW)
    known = Client().post("/signup/", {**NEW, "email": buyer.email})
    assert (fresh.status_code, fresh.headers["Location"]) == (known.status_code, known.headers["Location"])
    assert User.objects.count() == 2
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("staff_role", "path"), [("", "/orders/"), (StaffRole.ADMINISTRATOR, None), (StaffRole.ARBITER, None)]
)
def test_sign_in_leads_to_work(client: Client, someone: Callable[..., User], staff_role: str, path: str | None) -> None:
    someone("Kai", staff_role)
    expected = path or {"administrator": "/settings/people/", "arbiter": "/desk/queue/"}[staff_role]
    assert sign_in(client, "kai@example.com").headers["Location"] == expected


def test_sign_in_leads_merchant_to_store(client: Client, owner: User) -> None:
    assert sign_in(client, owner.email).headers["Location"] == "/store/cases/"


def test_sign_in_speaks_the_profiles_language(client: Client, someone: Callable[..., User]) -> None:
    someone("Kai", language="en")
    sign_in(client, "kai@example.com", headers={"accept-language": "zh-hans"})
    page = client.get("/settings/", headers={"accept-language": "zh-hans"})
    assert '<html lang="en"' in page.content.decode()


def test_sign_in_gives_a_new_session_key(client: Client, buyer: User) -> None:
    client.get("/login/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    before = session.session_key
    assert client.cookies["sessionid"].value == before
    sign_in(client, buyer.email)
    assert client.session["_auth_user_id"] == str(buyer.pk)
    assert client.session.session_key != before


@pytest.mark.parametrize(
    ("target", "landed"),
    [
        ("/rules/", "/rules/"),
        ("https://evil.example/", "/orders/"),
        ("//evil.example/", "/orders/"),
        ("http://localhost:9999/x", "/orders/"),
        ("javascript:alert(1)", "/orders/"),
    ],
)
def test_sign_in_returns_to_own_paths_only(client: Client, buyer: User, target: str, landed: str) -> None:
    response = client.post("/login/", {"login": buyer.email, "password": PASSWORD, "next": target})
    assert response.headers["Location"] == landed


def test_failed_sign_ins_end_in_429_and_never_lock_the_owner_out(client: Client, buyer: User) -> None:
    stranger = [sign_in(client, buyer.email, "wrong-guess", REMOTE_ADDR="203.0.113.9").status_code for _ in range(7)]
    assert stranger == [200, 200, 200, 200, 200, 429, 429]
    assert sign_in(client, buyer.email, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert sign_in(Client(), buyer.email, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_failed_sign_ins_of_many_accounts_end_in_429(client: Client) -> None:
    answers = [sign_in(client, f"p{n}@example.com", "guess", REMOTE_ADDR="203.0.113.9").status_code for n in range(11)]
    assert answers == [200] * 10 + [429]


def test_unknown_address_and_wrong_password_read_the_same(client: Client, buyer: User) -> None:
    pages = []
    for email in (buyer.email, "nobody@example.com"):
        page = sign_in(client, email, "wrong-guess").content.decode()
        page = re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", page).replace(email, "EMAIL")
        pages.append(page)
    assert pages[0] == pages[1]


def test_reset_mail_leads_to_the_public_address_whatever_the_host_header(
    client: Client, buyer: User, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://gongduan.example"
    settings.ALLOWED_HOSTS = ["*"]
    client.post("/password/reset/", {"email": buyer.email}, headers={"host": "evil.example"})
    assert [message.to for message in mail.outbox] == [[buyer.email]]
    assert "https://gongduan.example/password/reset/key/" in mail.outbox[0].body
    assert "evil.example" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"


def test_reset_link_sets_the_password_once(client: Client, buyer: User) -> None:
    client.post("/password/reset/", {"email": buyer.email})
    found = re.search(r"/password/reset/key/\S+", str(mail.outbox[0].body))
    assert found is not None
    form = client.get(found[0]).headers["Location"]
    client.post(form, {"password1": "another-orchard-7", "password2": "another-orchard-7"})
    assert sign_in(Client(), buyer.email, "another-orchard-7").status_code == 302
    assert "Location" not in Client().get(found[0]).headers


def test_confirmation_mail_leads_to_the_public_address(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://gongduan.example"
    client.post("/signup/", NEW)
    assert "https://gongduan.example/confirm-email/" in mail.outbox[0].body
    assert EmailAddress.objects.get().verified is False


def test_home_of_former_agent_is_a_buyers(client: Client, owner: User, store: Store) -> None:
    store.memberships.update(is_active=False)
    assert sign_in(client, owner.email).headers["Location"] == "/orders/"
