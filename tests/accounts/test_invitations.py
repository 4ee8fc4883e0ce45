"""Staff join by a link that works once, for seven days."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import translation

from accounts import invitations, people
from accounts.models import StaffInvitation, StaffRole, User
from core import clock
from core.errors import Forbidden, Refused
from ledger.models import Entry
from tests.accounts.conftest import PASSWORD

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
EMAIL = "new@example.com"
FORM = {"name": "Neu", "password": PASSWORD}


@pytest.fixture
def token(administrator: User) -> str:
    return invitations.invite(actor=administrator, email=EMAIL, staff_role="arbiter", at=clock.now())[1]


def test_administrator_invites_and_the_link_makes_an_arbiter(
    enter: Callable[[User], Client], administrator: User, client: Client
) -> None:
    page = enter(administrator).post("/settings/people/invitations/", {"email": EMAIL, "staff_role": "arbiter"})
    found = re.search(r"/invitations/[^<\s]+", page.content.decode())
    assert found is not None
    assert client.get(found[0]).status_code == 200
    response = client.post(found[0], FORM)
    assert response.headers["Location"] == "/desk/queue/"
    user = User.objects.get(email=EMAIL)
    assert (user.name, user.staff_role, user.check_password(PASSWORD)) == ("Neu", "arbiter", True)
    assert client.get("/settings/").headers["Location"] == "/mfa/totp/activate/"
    invitation = StaffInvitation.objects.get()
    assert [(entry.subject, entry.verb, entry.role, entry.facts) for entry in Entry.objects.order_by("pk")] == [
        (f"invitation:{invitation.pk}", "invite_staff", "administrator", {"staff_role": "arbiter"}),
        (f"user:{user.pk}", "accept_invitation", "arbiter", {"invitation": invitation.pk, "staff_role": "arbiter"}),
    ]


def test_token_is_stored_as_digest_only(token: str) -> None:
    assert len(token) == 43
    assert token not in str(StaffInvitation.objects.values())


@pytest.mark.parametrize("smuggled", [{"staff_role": "administrator", "email": "x@example.com", "is_active": "0"}])
def test_role_and_address_come_from_the_invitation(client: Client, token: str, smuggled: dict[str, str]) -> None:
    client.post(f"/invitations/{token}/", {**FORM, **smuggled})
    user = User.objects.get(name="Neu")
    assert (user.email, user.staff_role, user.is_active) == (EMAIL, "arbiter", True)


def test_invitation_open_used_link_is_refused(client: Client, token: str) -> None:
    client.post(f"/invitations/{token}/", FORM)
    again = Client()
    assert again.get(f"/invitations/{token}/").status_code == 409
    assert again.post(f"/invitations/{token}/", {**FORM, "name": "Second"}).status_code == 409
    assert list(User.objects.filter(email=EMAIL).values_list("name", flat=True)) == ["Neu"]


@pytest.mark.parametrize(("late", "code"), [(timedelta(microseconds=-1), None), (timedelta(0), "invitation_open")])
def test_invitation_open_for_seven_days(administrator: User, late: timedelta, code: str | None) -> None:
    _invitation, token = invitations.invite(actor=administrator, email=EMAIL, staff_role="arbiter", at=AT)
    at, refused = AT + timedelta(days=7) + late, None
    try:
        invitations.accept(token=token, name="Neu", password=PASSWORD, language="en", at=at)
    except Refused as error:
        refused = error.code
    assert refused == code
    assert User.objects.filter(email=EMAIL).exists() is (code is None)


def test_invitation_open_expired_link_shows_why(client: Client, administrator: User) -> None:
    _invitation, token = invitations.invite(actor=administrator, email=EMAIL, staff_role="arbiter", at=AT)
    with clock.frozen(AT + timedelta(days=8)):
        response = client.get(f"/invitations/{token}/", headers={"accept-language": "en"})
    assert response.status_code == 409
    assert "older than seven days" in response.content.decode()


def test_invitation_open_revoked_link_is_refused(
    enter: Callable[[User], Client], administrator: User, client: Client, token: str
) -> None:
    invitation = StaffInvitation.objects.get()
    enter(administrator).post(f"/settings/people/invitations/{invitation.pk}/revoke/")
    assert client.get(f"/invitations/{token}/").status_code == 409
    assert client.post(f"/invitations/{token}/", FORM).status_code == 409
    assert Entry.objects.get().verb == "revoke_invitation"


def test_inviting_again_ends_the_earlier_link(client: Client, administrator: User, token: str) -> None:
    _again, second = invitations.invite(actor=administrator, email=EMAIL, staff_role="auditor", at=clock.now())
    assert client.get(f"/invitations/{token}/").status_code == 409
    assert client.get(f"/invitations/{second}/").status_code == 200


@pytest.mark.parametrize("wrong", ["x", "A" * 43, "..%2f", "%00"])
def test_wrong_token_is_nothing_here(client: Client, token: str, wrong: str) -> None:
    assert client.get(f"/invitations/{wrong}/").status_code == 404
    assert client.post(f"/invitations/{wrong}/", FORM).status_code == 404


def test_password_strength_is_asked_and_the_name_kept(client: Client, token: str) -> None:
    response = client.post(f"/invitations/{token}/", {"name": "Neu", "password": "12345"})
    assert response.status_code == 422
    assert 'value="Neu"' in response.content.decode()
    assert "12345" not in response.content.decode()
    assert StaffInvitation.objects.get().accepted_at is None


def test_email_once_an_account_cannot_be_invited(administrator: User, buyer: User) -> None:
    with pytest.raises(Refused) as refused:
        invitations.invite(actor=administrator, email=buyer.email.upper(), staff_role="arbiter", at=AT)
    assert refused.value.code == "email_once"


def test_email_once_account_made_meanwhile_wins(client: Client, token: str) -> None:
    people.create(email=EMAIL, name="Faster", password=PASSWORD)
    response = client.post(f"/invitations/{token}/", FORM)
    assert response.status_code == 422
    assert User.objects.get(email=EMAIL).staff_role == ""


@pytest.mark.parametrize("role", ["", "arbiter", "supervisor", "auditor"])
def test_only_an_administrator_invites(
    enter: Callable[[User], Client], someone: Callable[..., User], role: str
) -> None:
    other = someone("Other", role)
    with pytest.raises(Forbidden) as refused:
        invitations.invite(actor=other, email=EMAIL, staff_role="arbiter", at=AT)
    assert refused.value.code == "only_an_administrator"
    client = enter(other)
    invite = {"email": EMAIL, "staff_role": "administrator"}
    assert client.post("/settings/people/invitations/", invite).status_code == 403
    assert client.get("/settings/people/").status_code == 403
    assert StaffInvitation.objects.count() == 0


def test_role_known_is_asked(administrator: User) -> None:
    for role in ("", "emperor"):
        with pytest.raises(Refused) as refused:
            invitations.invite(actor=administrator, email=EMAIL, staff_role=role, at=AT)
        assert refused.value.code == "role_known"


def test_command_prints_the_first_administrators_link(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://gongduan.example"
    out = StringIO()
    call_command("invite_staff", EMAIL, "administrator", stdout=out)
    link = out.getvalue().strip()
    assert link.startswith("https://gongduan.example/invitations/")
    client.post(link.removeprefix("https://gongduan.example"), FORM)
    assert User.objects.get().staff_role == StaffRole.ADMINISTRATOR
    assert [entry.role for entry in Entry.objects.order_by("pk")] == ["system", "administrator"]


def test_command_says_why_not(buyer: User) -> None:
    with translation.override("en"), pytest.raises(CommandError, match="already"):
        call_command("invite_staff", buyer.email, "administrator")


def test_person_signed_in_on_the_device_is_signed_out_first(
    enter: Callable[[User], Client], administrator: User, token: str
) -> None:
    client = enter(administrator)
    client.post(f"/invitations/{token}/", FORM)
    assert client.session["_auth_user_id"] == str(User.objects.get(email=EMAIL).pk)
    assert client.get("/settings/people/").headers["Location"] == "/mfa/totp/activate/"
