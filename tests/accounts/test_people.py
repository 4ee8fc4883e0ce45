"""Settings, roles, being shut out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts import people
from accounts.models import AccessKey, Membership, Store, User
from core.errors import Refused
from ledger.models import Entry
from tests.accounts.conftest import PASSWORD


def test_settings_change_only_what_is_mine(enter: Callable[[User], Client], buyer: User) -> None:
    client = enter(buyer)
    smuggled = {"staff_role": "arbiter", "is_active": "", "email": "x@example.com", "session_round": "7"}
    response = client.post("/settings/", {"name": "Lin Xiao", "language": "zh-hans", **smuggled})
    assert response.headers["Location"] == "/settings/"
    buyer.refresh_from_db()
    assert (buyer.name, buyer.language, buyer.shortcuts) == ("Lin Xiao", "zh-hans", False)
    assert (buyer.staff_role, buyer.is_active, buyer.email, buyer.session_round) == ("", True, "lin@example.com", 0)
    assert '<html lang="zh-Hans"' in client.get("/settings/").content.decode()


def test_settings_refuse_unknown_language_and_keep_the_name(enter: Callable[[User], Client], buyer: User) -> None:
    response = enter(buyer).post("/settings/", {"name": "Typed", "language": "xx"})
    assert response.status_code == 422
    assert 'value="Typed"' in response.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", ["/settings/", "/settings/people/", "/settings/people/{id}/"])
def test_pages_render_in_both_languages(
    enter: Callable[[User], Client], administrator: User, buyer: User, path: str, language: str
) -> None:
    client = enter(administrator)
    client.post("/language/", {"language": language, "next": "/"})
    response = client.get(path.format(id=buyer.pk))
    assert response.status_code == 200
    assert "style=" not in response.content.decode()


def test_visitor_is_asked_to_sign_in(client: Client) -> None:
    assert client.get("/settings/").headers["Location"] == "/login/?next=/settings/"


def test_sign_out_everywhere_ends_every_session(enter: Callable[[User], Client], buyer: User) -> None:
    here, there = enter(buyer), enter(buyer)
    assert there.get("/settings/").status_code == 200
    here.post("/settings/sign-out-everywhere/")
    assert [client.get("/settings/").status_code for client in (here, there)] == [302, 302]


def test_person_shut_out_is_refused_at_once(enter: Callable[[User], Client], administrator: User, buyer: User) -> None:
    victim = enter(buyer)
    _key, secret = AccessKey.issue(label="mine", user=buyer)
    header = {"authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/me/", headers=header).status_code == 200
    response = enter(administrator).post(f"/settings/people/{buyer.pk}/disable/")
    assert response.headers["Location"] == f"/settings/people/{buyer.pk}/"
    assert victim.get("/settings/").headers["Location"] == "/login/?next=/settings/"
    assert Client().get("/api/v1/me/", headers=header).status_code == 401
    response = Client().post("/login/", {"login": buyer.email, "password": PASSWORD})
    assert response.status_code == 200 or response.headers["Location"] == "/inactive/"
    assert [(entry.subject, entry.verb) for entry in Entry.objects.all()] == [(f"user:{buyer.pk}", "disable_person")]


def test_person_let_in_again_has_neither_old_sessions_nor_keys(
    enter: Callable[[User], Client], administrator: User, buyer: User
) -> None:
    old = enter(buyer)
    _key, secret = AccessKey.issue(label="mine", user=buyer)
    people.disable(actor=administrator, user_id=buyer.pk)
    people.enable(actor=administrator, user_id=buyer.pk)
    assert old.get("/settings/").status_code == 302
    assert Client().get("/api/v1/me/", headers={"authorization": f"Bearer {secret}"}).status_code == 401
    assert Client().post("/login/", {"login": buyer.email, "password": PASSWORD}).headers["Location"] == "/orders/"


def test_demoted_administrator_is_refused_at_once(
    enter: Callable[[User], Client], administrator: User, someone: Callable[..., User]
) -> None:
    other = someone("Other", "administrator")
    demoted = enter(other)
    assert demoted.get("/settings/people/").status_code == 200
    enter(administrator).post(f"/settings/people/{other.pk}/", {"staff_role": "auditor"})
    assert demoted.get("/settings/people/").headers["Location"] == "/login/?next=/settings/people/"
    assert enter(User.objects.get(pk=other.pk)).get("/settings/people/").status_code == 403
    assert [entry.facts for entry in Entry.objects.all()] == [{"before": "administrator", "staff_role": "auditor"}]


def test_promoted_persons_keys_end(administrator: User, buyer: User) -> None:
    key, _secret = AccessKey.issue(label="made without a second factor", user=buyer)
    people.set_role(actor=administrator, user_id=buyer.pk, staff_role="arbiter")
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize("act", ["disable", "role"])
def test_not_yourself(enter: Callable[[User], Client], administrator: User, act: str) -> None:
    client, page = enter(administrator), f"/settings/people/{administrator.pk}/"
    answer = client.post(f"{page}disable/") if act == "disable" else client.post(page, {"staff_role": ""})
    assert answer.status_code == 403
    administrator.refresh_from_db()
    assert (administrator.is_active, administrator.staff_role) == (True, "administrator")


def test_role_apart_from_trade_merchant_cannot_become_staff(administrator: User, owner: User) -> None:
    with pytest.raises(Refused) as refused:
        people.set_role(actor=administrator, user_id=owner.pk, staff_role="arbiter")
    assert refused.value.code == "role_apart_from_trade"


@pytest.mark.parametrize("role", ["", "arbiter", "supervisor", "auditor"])
@pytest.mark.parametrize("act", ["", "disable/", "enable/"])
def test_only_an_administrator_changes_people(
    enter: Callable[[User], Client], someone: Callable[..., User], buyer: User, role: str, act: str
) -> None:
    client = enter(someone("Other", role))
    answer = client.post(f"/settings/people/{buyer.pk}/{act}", {"staff_role": "arbiter"})
    assert answer.status_code == 403
    buyer.refresh_from_db()
    assert (buyer.is_active, buyer.staff_role) == (True, "")


@pytest.mark.parametrize("extra", [0, 30])
def test_people_page_costs_the_same_with_more_people(
    enter: Callable[[User], Client],
    administrator: User,
    someone: Callable[..., User],
    django_assert_num_queries: Callable[..., Any],
    extra: int,
) -> None:
    for number in range(extra):
        someone(f"Staff{number}", "arbiter")
    client = enter(administrator)
    with django_assert_num_queries(
        5 + (connection.vendor == "postgresql")
    ):  # session, person, clock, count, page, invitations
        assert client.get("/settings/people/").status_code == 200


def test_people_are_found_by_part_of_name(enter: Callable[[User], Client], administrator: User, buyer: User) -> None:
    client = enter(administrator)
    assert "lin@example.com" in client.get("/settings/people/?q=LIN").content.decode()
    assert "lin@example.com" not in client.get("/settings/people/?q=%00zzz").content.decode()


# --- Stores ----------------------------------------------------------------------------------------------------------
def works_for(person: User, store: Store) -> bool:
    return store.memberships.filter(user=person, is_active=True).exists()


def test_owner_adds_and_removes_an_agent(
    enter: Callable[[User], Client], store: Store, owner: User, buyer: User
) -> None:
    client = enter(owner)
    client.post("/settings/store/brook/agents/", {"email": "LIN@example.com"})
    assert (works_for(buyer, store), buyer.owns(store)) == (True, False)
    assert "lin@example.com" in client.get("/settings/store/").content.decode()
    client.post(f"/settings/store/brook/agents/{buyer.pk}/remove/")
    assert works_for(buyer, store) is False
    client.post("/settings/store/brook/agents/", {"email": buyer.email})
    assert works_for(buyer, store) is True
    assert [(e.subject, e.verb, e.facts) for e in Entry.objects.order_by("pk")] == [
        (f"store:{store.pk}", verb, {"user": buyer.pk}) for verb in ("add_agent", "remove_agent", "add_agent")
    ]


def test_only_the_owner_changes_the_stores_people(
    enter: Callable[[User], Client], store: Store, owner: User, someone: Callable[..., User]
) -> None:
    agent = someone("Agent")
    someone("Friend")
    Membership.objects.create(store=store, user=agent)
    client = enter(agent)
    assert client.get("/settings/store/").status_code == 200
    assert client.post("/settings/store/brook/agents/", {"email": "friend@example.com"}).status_code == 403
    assert client.post(f"/settings/store/brook/agents/{owner.pk}/remove/").status_code == 403
    assert store.memberships.filter(is_active=True).count() == 2


def test_store_is_nothing_to_strangers(enter: Callable[[User], Client], store: Store, buyer: User) -> None:
    client = enter(buyer)
    assert client.get("/settings/store/").status_code == 404
    assert client.post("/settings/store/brook/agents/", {"email": buyer.email}).status_code == 404
    assert works_for(buyer, store) is False


def test_owner_stays(enter: Callable[[User], Client], store: Store, owner: User) -> None:
    assert enter(owner).post(f"/settings/store/brook/agents/{owner.pk}/remove/").status_code == 409
    assert owner.owns(store)


@pytest.mark.usefixtures("arbiter")
@pytest.mark.parametrize("who", ["nobody@example.com", "owner@example.com", "zhou@example.com", "unconfirmed"])
def test_agent_is_refused_with_what_was_typed(
    enter: Callable[[User], Client], store: Store, owner: User, buyer: User, who: str
) -> None:
    if who == "unconfirmed":
        buyer.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
        who = buyer.email
    response = enter(owner).post("/settings/store/brook/agents/", {"email": who})
    assert response.status_code == 422
    assert f'value="{who}"' in response.content.decode()
    assert store.memberships.count() == 1


def test_agent_removed_mid_session_loses_the_store(
    enter: Callable[[User], Client], store: Store, owner: User, buyer: User
) -> None:
    Membership.objects.create(store=store, user=buyer)
    agent = enter(buyer)
    assert agent.get("/settings/store/").status_code == 200
    enter(owner).post(f"/settings/store/brook/agents/{buyer.pk}/remove/")
    assert agent.get("/settings/store/").status_code == 404
