"""People, invitations, integrations and a store's people through the API: the same verbs, entries and refusals."""

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import invitations, second_factor
from accounts.models import AccessKey, Membership, StaffInvitation, User
from accounts.throttling import ByActor
from core import clock
from core.models import IdempotencyKey
from disputes.models import ErasureRequest
from ledger.models import Entry
from tests import factories
from tests.api.conftest import Program
from tests.conftest import Clock, World
from tests.test_url_roles import signed_in

Of = Callable[[User], Program]
PASSWORD = "plum-orchard-42"


class Session(Program):
    """The same calls from a browser in which the person signed in with everything asked of them."""

    def __init__(self, person: User) -> None:
        super().__init__()
        self.client = signed_in(person)


def verbs(subject: str) -> list[tuple[str, User | None, str, Any]]:
    rows = Entry.objects.filter(subject=subject).order_by("seq")
    assert {entry.audience for entry in rows} <= {"platform"}
    return [(entry.verb, entry.actor, entry.role, entry.facts) for entry in rows]


def code(answer: Any) -> Any:
    return answer["error"]["code"]


def twice(program: Program, path: str, body: Any = None) -> tuple[Any, Any]:
    """The answers to one call and its repetition; the second must say that it is one."""
    body = {} if body is None else body
    first, again = (program.ask("POST", path, body, idempotency_key=f"twice {path}".replace(" ", "-")) for _ in "12")
    assert (first.status_code, again.status_code) == (again.status_code, first.status_code), first.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    return (first.json(), again.json()) if first.content else (None, None)


def cost(program: Program, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        program.get(path)
    return len(asked)


# --- what no key can do ----------------------------------------------------------------------------------------------
OPENS: tuple[tuple[str, dict[str, str]], ...] = (
    ("me/keys/", {"label": "x"}),
    ("integrations/", {"label": "x"}),
    ("invitations/", {"email": "new@example.com", "staff_role": "administrator"}),
    ("people/{agent}/set-role/", {"staff_role": "administrator"}),
    ("people/{agent}/enable/", {}),
    ("people/{arbiter}/reset-second-factor/", {}),
    ("stores/{store}/people/", {"email": "p@example.test"}),
)


@pytest.mark.parametrize(("path", "body"), OPENS)
def test_session_not_key_what_opens_more_than_the_key_is_refused(
    world: World, program: Of, path: str, body: dict[str, str]
) -> None:
    path = path.format(agent=world.agent.pk, arbiter=world.arbiter.pk, store=world.store.code)
    for person in (world.administrator, world.merchant):
        assert code(program(person).post(path, body, 403)) == "session_not_key"
    assert Entry.objects.count() == 0
    assert AccessKey.objects.filter(user=None).count() == StaffInvitation.objects.count() == 0


@pytest.mark.parametrize(("path", "body"), OPENS)
def test_schema_says_that_no_key_can(path: str, body: dict[str, str], db: None) -> None:
    names = {"agent": "{user_id}", "arbiter": "{user_id}", "store": "{code}"}
    paths = Program().get("schema/?format=json")["paths"]
    assert paths[f"/api/v1/{path.format(**names)}"]["post"]["security"] == [{"cookieAuth": []}]


def test_staff_session_without_its_second_factor_is_refused_everywhere(world: World, settings: Any) -> None:
    settings.DEMO = False
    client = Client()
    client.force_login(world.administrator)
    for method, path in (("GET", "people/"), ("POST", "invitations/"), ("POST", f"people/{world.agent.pk}/disable/")):
        headers = {"idempotency-key": "k"}
        answer = client.generic(method, f"/api/v1/{path}", "{}", content_type="application/json", headers=headers)
        assert (answer.status_code, code(answer.json())) == (403, "second_factor_first"), path


def test_session_needs_the_csrf_token(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed_in(world.administrator).cookies
    headers = {"idempotency-key": "k"}
    answer = strict.post("/api/v1/integrations/", {"label": "x"}, content_type="application/json", headers=headers)
    assert (answer.status_code, AccessKey.objects.count()) == (403, 0)


# --- oneself ---------------------------------------------------------------------------------------------------------
def test_profile_changes_what_was_sent_and_nothing_else(world: World, program: Of) -> None:
    buyer = program(world.buyer)
    smuggled = {"staff_role": "arbiter", "email": "x@example.com", "is_active": False, "session_round": 7}
    answer = buyer.patch("me/", {"name": " Lin Xiao ", "shortcuts": False, **smuggled})
    assert (answer["name"], answer["language"], answer["shortcuts"]) == ("Lin Xiao", "", False)
    assert buyer.patch("me/", {"language": "en"})["name"] == "Lin Xiao"
    assert buyer.patch("me/", {}) == buyer.get("me/")
    before = (world.buyer.email, "", True, 0)
    world.buyer.refresh_from_db()
    assert (world.buyer.language, world.buyer.shortcuts) == ("en", False)
    assert (world.buyer.email, world.buyer.staff_role, world.buyer.is_active, world.buyer.session_round) == before
    assert "sessionid" not in buyer.client.cookies


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("name", "a\nb"),
        ("name", "a\x00b"),
        ("name", "\u202eabc"),
        ("language", "xx"),
        ("shortcuts", "perhaps"),
    ],
)
def test_profile_that_cannot_be_is_refused_by_field(world: World, program: Of, field: str, value: str) -> None:
    refused = program(world.buyer).patch("me/", {field: value}, 422)
    assert list(refused["error"]["fields"]) == [field]
    name = world.buyer.name
    world.buyer.refresh_from_db()
    assert world.buyer.name == name


def test_session_speaks_the_language_just_chosen(world: World) -> None:
    session = Session(world.buyer)
    session.headers = {}
    session.patch("me/", {"language": "en"})
    assert session.get("cases/DC-1/", 404)["error"]["message"] == "There is nothing here that you may see."
    session.patch("me/", {"language": "zh-hans"})
    assert session.get("cases/DC-1/", 404)["error"]["message"] == "这里没有您可以查看的内容。"


def test_sign_out_everywhere_ends_sessions_and_no_keys(world: World, program: Of) -> None:
    buyer, there = program(world.buyer), Session(world.buyer)
    there.get("me/")
    twice(buyer, "me/sign-out-everywhere/")
    assert there.ask("GET", "me/").status_code == 401
    buyer.get("me/")
    here = Session(User.objects.get(pk=world.buyer.pk))
    here.post("me/sign-out-everywhere/", status=204)
    assert here.ask("GET", "me/").status_code == 401


# --- people ----------------------------------------------------------------------------------------------------------
def test_staff_are_listed_and_others_found(world: World, program: Of) -> None:
    administrator = program(world.administrator)
    listed = administrator.get("people/")
    assert [row["id"] for row in listed["results"]] == [
        person.pk for person in User.objects.exclude(staff_role="").order_by("-pk")
    ]
    found = administrator.get(f"people/?q={world.buyer.email[1:].upper()}")["results"]
    assert found == [administrator.get(f"people/{world.buyer.pk}/")]
    assert {**found[0], "joined_at": None} == {
        "id": world.buyer.pk,
        "name": "林晓",
        "email": world.buyer.email,
        "staff_role": "",
        "is_active": True,
        "joined_at": None,
    }
    assert administrator.get("people/?q=nobody-of-that-name")["results"] == []
    assert administrator.get(f"people/?q={'x' * 101}", 422)["error"]["fields"].keys() == {"q"}
    assert code(administrator.get(f"people/{10**30}/", 404)) == "not_found"


def test_lists_go_on_where_they_stopped(world: World, program: Of) -> None:
    administrator = program(world.administrator)
    for path, wanted in (("people/?limit=2", 5), ("people/?limit=2&q=example.test", 10)):
        seen: list[int] = []
        following: str | None = f"/api/v1/{path}"
        while following:
            page = administrator.get(following.removeprefix("/api/v1/"))
            seen, following = seen + [row["id"] for row in page["results"]], page["next"]
        assert (seen, len(seen)) == (sorted(set(seen), reverse=True), wanted)


def test_role_is_set_once_and_recorded(world: World) -> None:
    session, key = Session(world.administrator), AccessKey.issue(label="old", user=world.buyer)[0]
    body = {"staff_role": "auditor"}
    first, again = twice(session, f"people/{world.buyer.pk}/set-role/", body)
    assert (first, first["staff_role"]) == (again, "auditor")
    subject = f"user:{world.buyer.pk}"
    assert verbs(subject) == [("set_role", world.administrator, "administrator", {"before": "", **body})]
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert session.post(f"people/{world.buyer.pk}/set-role/", {"staff_role": ""})["staff_role"] == ""


def test_role_is_refused(world: World) -> None:
    session = Session(world.administrator)
    own, merchant = (f"people/{person.pk}/set-role/" for person in (world.administrator, world.merchant))
    assert code(session.post(own, {"staff_role": ""}, 403)) == "not_yourself"
    assert code(session.post(merchant, {"staff_role": "arbiter"}, 422)) == "role_apart_from_trade"
    for body in ({}, {"staff_role": "emperor"}, {"staff_role": None}):
        assert session.post(merchant, body, 422)["error"]["fields"].keys() == {"staff_role"}
    assert code(session.post(f"people/{10**9}/set-role/", {"staff_role": ""}, 404)) == "not_found"
    assert code(Session(world.supervisor).post(merchant, {"staff_role": ""}, 403)) == "only_an_administrator"
    assert Entry.objects.count() == 0


def test_shut_out_and_let_in_again(world: World, program: Of) -> None:
    buyer, there = program(world.buyer), Session(world.buyer)
    administrator, path = program(world.administrator), f"people/{world.buyer.pk}/"
    first, again = twice(administrator, f"{path}disable/")
    assert (first, first["is_active"]) == (again, False)
    assert (buyer.ask("GET", "me/").status_code, there.ask("GET", "me/").status_code) == (401, 401)
    opened, again = twice(Session(world.administrator), f"{path}enable/")
    assert (opened, opened["is_active"]) == (again, True)
    assert (buyer.ask("GET", "me/").status_code, there.ask("GET", "me/").status_code) == (401, 401)
    assert verbs(f"user:{world.buyer.pk}") == [
        (verb, world.administrator, "administrator", {}) for verb in ("disable_person", "enable_person")
    ]


def test_second_factor_is_reset(world: World) -> None:
    second_factor.activate_totp(world.arbiter, "JBSWY3DPEHPK3PXP")
    colleague = Session(world.arbiter)
    colleague.get("me/")
    twice(Session(world.administrator), f"people/{world.arbiter.pk}/reset-second-factor/")
    assert second_factor.active(world.arbiter) is False
    assert colleague.ask("GET", "me/").status_code == 401
    ((verb, actor, role, facts),) = verbs(f"user:{world.arbiter.pk}")
    assert (verb, actor, role, facts) == ("reset_second_factor", world.administrator, "administrator", {})


@pytest.mark.parametrize("act", ["disable", "reset-second-factor"])
def test_not_yourself_by_the_api(world: World, act: str) -> None:
    refused = Session(world.administrator).post(f"people/{world.administrator.pk}/{act}/", status=403)
    assert (code(refused), Entry.objects.count()) == ("not_yourself", 0)


# --- invitations -----------------------------------------------------------------------------------------------------
NEW = {"email": "New@Example.com", "staff_role": "arbiter"}


def invite(world: World) -> dict[str, Any]:
    made: dict[str, Any] = Session(world.administrator).post("invitations/", NEW, 201)
    return made


def test_invited_by_one_program_and_joined_by_another(world: World, program: Of, settings: Any) -> None:
    settings.PUBLIC_URL = "https://gongduan.example"
    session = Session(world.administrator)
    made, again = twice(session, "invitations/", NEW)
    assert made["link"] == f"https://gongduan.example/invitations/{made['token']}/"
    assert again == {**made, "token": "", "link": ""}
    assert made["token"] not in str([*IdempotencyKey.objects.values(), *StaffInvitation.objects.values()])
    listed = program(world.administrator).get("invitations/")["results"]
    assert listed == [{name: made[name] for name in made if name not in {"token", "link"}}]
    assert (listed[0]["email"], listed[0]["staff_role"]) == ("new@example.com", "arbiter")

    said = {"token": made["token"], "name": "Neu", "password": PASSWORD}
    visitor = Program(language="zh-hans")
    joined, again = twice(visitor, "invitations/accept/", said)
    assert joined == again
    user = User.objects.get(email="new@example.com")
    assert (joined["id"], user.name, user.staff_role, user.language) == (user.pk, "Neu", "arbiter", "zh-hans")
    assert user.check_password(PASSWORD)
    assert "sessionid" not in visitor.client.cookies
    assert session.get("invitations/")["results"] == []
    role = {"staff_role": "arbiter"}
    assert verbs(f"invitation:{made['id']}") == [("invite_staff", world.administrator, "administrator", role)]
    assert verbs(f"user:{user.pk}") == [("accept_invitation", user, "arbiter", {"invitation": made["id"], **role})]


def test_who_joined_by_the_api_still_sets_up_a_second_factor_first(world: World, settings: Any) -> None:
    settings.DEMO = False
    said = {"token": invite(world)["token"], "name": "Neu", "password": PASSWORD}
    Program().post("invitations/accept/", said, 201)
    client = Client()
    client.force_login(User.objects.get(name="Neu"))
    assert client.get("/desk/queue/").headers["Location"] == "/mfa/totp/activate/"
    assert code(client.get("/api/v1/cases/").json()) == "second_factor_first"


def test_invitation_is_refused(world: World) -> None:
    session = Session(world.administrator)
    known = {**NEW, "email": world.buyer.email}
    assert code(session.post("invitations/", known, 422)) == "email_once"
    for field, value in (("email", "no-address"), ("staff_role", ""), ("staff_role", "emperor")):
        assert session.post("invitations/", {**NEW, field: value}, 422)["error"]["fields"].keys() == {field}
    assert code(Session(world.supervisor).post("invitations/", NEW, 403)) == "only_an_administrator"
    assert StaffInvitation.objects.count() == Entry.objects.count() == 0


def test_joining_is_refused_and_can_be_corrected(world: World, at: Clock) -> None:
    visitor, token = Program(), invite(world)["token"]
    said = {"token": token, "name": "Neu", "password": "12345"}
    refused = visitor.post("invitations/accept/", said, 422, idempotency_key="one")
    assert (code(refused), refused["error"]["fields"].keys()) == ("password_strength", {"password"})
    for field, value in (("name", "a\nb"), ("name", ""), ("password", "")):
        body = {**said, field: value}
        assert visitor.post("invitations/accept/", body, 422)["error"]["fields"].keys() == {field}
    for wrong in ("x", "A" * 43, "a\x00", "x" * 100):
        status = 422 if "\x00" in wrong else 404
        visitor.post("invitations/accept/", {**said, "token": wrong, "password": PASSWORD}, status)
    visitor.post("invitations/accept/", {**said, "password": PASSWORD}, 201, idempotency_key="one")
    other = {**said, "password": "another-orchard-43"}
    assert code(visitor.post("invitations/accept/", other, 422, idempotency_key="one")) == "idempotency_key_reused"
    assert code(visitor.post("invitations/accept/", other, 409)) == "invitation_open"


def test_what_is_kept_of_joining_cannot_be_tried_for_the_password(world: World, settings: Any) -> None:
    """The mark of the same request differs under another secret of the server."""
    said = {"token": invite(world)["token"], "name": "Neu", "password": PASSWORD}
    Program().post("invitations/accept/", said, 201, idempotency_key="one")
    settings.SECRET_KEY = "another"
    refused = Program().post("invitations/accept/", said, 422, idempotency_key="one")
    assert code(refused) == "idempotency_key_reused"


def test_invitation_open_for_seven_days_by_the_api(world: World, at: Clock) -> None:
    said = {"token": invite(world)["token"], "name": "Neu", "password": PASSWORD}
    at.to(clock.now() + timedelta(days=7))
    assert code(Program().post("invitations/accept/", said, 409)) == "invitation_open"


def test_invitation_is_withdrawn(world: World, program: Of) -> None:
    made, administrator = invite(world), program(world.administrator)
    first, again = twice(administrator, f"invitations/{made['id']}/revoke/")
    assert (first, first["revoked_at"] is not None) == (again, True)
    assert code(administrator.post(f"invitations/{made['id']}/revoke/", status=409)) == "invitation_open"
    said = {"token": made["token"], "name": "Neu", "password": PASSWORD}
    assert code(Program().post("invitations/accept/", said, 409)) == "invitation_open"
    assert code(administrator.post(f"invitations/{10**9}/revoke/", status=404)) == "not_found"
    assert code(program(world.auditor).post(f"invitations/{made['id']}/revoke/", status=403)) == "only_an_administrator"
    assert [verb for verb, *_rest in verbs(f"invitation:{made['id']}")] == ["invite_staff", "revoke_invitation"]


def test_joining_is_counted_by_address_whatever_a_visitor_says_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ByActor, "THROTTLE_RATES", {"user": "2/min"})
    cache.clear()
    visitor, said = Program(), {"token": "x" * 43, "name": "Neu", "password": PASSWORD}
    answers = [
        visitor.ask("POST", "invitations/accept/", said, x_forwarded_for=f"203.0.113.{number}").status_code
        for number in range(3)
    ]
    assert answers == [404, 404, 429]
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    answer = elsewhere.post("/api/v1/invitations/accept/", json.dumps(said), content_type="application/json")
    assert answer.status_code == 404


# --- integrations ----------------------------------------------------------------------------------------------------
def test_integration_key_is_made_listed_and_revoked(world: World, program: Of) -> None:
    session = Session(world.administrator)
    made, again = twice(session, "integrations/", {"label": "集市"})
    assert (made["secret"][:3], again) == ("gd_", {**made, "secret": ""})
    assert made["secret"] not in str([*IdempotencyKey.objects.values(), *AccessKey.objects.values()])
    market = Program(made["secret"])
    assert market.ask("POST", "orders/", {}).status_code == 422
    administrator = program(world.administrator)
    listed = administrator.get("integrations/")["results"]
    assert [(row["label"], row["revoked_at"]) for row in listed] == [("集市", None)]
    first, again = twice(administrator, f"integrations/{made['id']}/revoke/")
    assert (first, first["revoked_at"] is not None) == (again, True)
    assert administrator.post(f"integrations/{made['id']}/revoke/") == first
    assert market.ask("POST", "orders/", {}).status_code == 401
    assert verbs(f"integration:{made['id']}") == [
        (verb, world.administrator, "administrator", {"key": made["id"]})
        for verb in ("issue_integration_key", "revoke_integration_key")
    ]


def test_integration_key_is_refused(world: World, program: Of) -> None:
    session, own = Session(world.administrator), AccessKey.issue(label="own", user=world.buyer)[0]
    assert code(session.post(f"integrations/{own.pk}/revoke/", status=404)) == "not_found"
    for label in ("", "x" * 81, "a\nb", "a\x00b"):
        assert session.post("integrations/", {"label": label}, 422)["error"]["fields"].keys() == {"label"}
    assert code(Session(world.supervisor).post("integrations/", {"label": "x"}, 403)) == "only_an_administrator"
    own.refresh_from_db()
    assert (own.revoked_at, AccessKey.objects.filter(user=None).exists()) == (None, False)


# --- a store's people ------------------------------------------------------------------------------------------------
def members(world: World) -> set[int]:
    return set(world.store.memberships.filter(is_active=True).values_list("user_id", flat=True))


def confirmed(person: User) -> str:
    person.emailaddress_set.create(email=person.email, verified=True)  # type: ignore[attr-defined]
    return person.email


def test_agent_is_added_and_removed(world: World, program: Of) -> None:
    path, before = f"stores/{world.store.code}/people/", members(world)
    added, again = twice(Session(world.merchant), path, {"email": confirmed(world.buyer).upper()})
    shown = {"id": world.buyer.pk, "name": "林晓", "email": world.buyer.email, "kind": "agent"}
    assert (added, again, members(world)) == (shown, shown, before | {world.buyer.pk})
    listed = program(world.agent).get(path)["results"]
    assert [(row["id"], row["kind"]) for row in listed] == [
        (world.buyer.pk, "agent"),
        (world.agent.pk, "agent"),
        (world.merchant.pk, "owner"),
    ]
    removed, again = twice(program(world.merchant), f"{path}{world.buyer.pk}/remove/")
    assert (removed, again, members(world)) == (shown, shown, before)
    assert verbs(f"store:{world.store.pk}") == [
        (verb, world.merchant, "merchant", {"user": world.buyer.pk}) for verb in ("add_agent", "remove_agent")
    ]


def test_agent_is_refused(world: World) -> None:
    session, path, before = Session(world.merchant), f"stores/{world.store.code}/people/", members(world)
    world.other_buyer.emailaddress_set.create(email=world.other_buyer.email)  # type: ignore[attr-defined]
    refused = {
        "nobody@example.com": "agent_has_account",
        world.other_buyer.email: "agent_has_account",
        confirmed(world.arbiter): "role_apart_from_trade",
        confirmed(world.agent): "membership_once",
    }
    for email, why in refused.items():
        answer = session.post(path, {"email": email}, 422)
        assert (code(answer), answer["error"]["fields"].keys()) == (why, {"email"})
    assert session.post(path, {"email": "no-address"}, 422)["error"]["fields"].keys() == {"email"}
    assert code(session.post(f"{path}{world.merchant.pk}/remove/", status=409)) == "owner_stays"
    assert code(session.post(f"{path}{world.buyer.pk}/remove/", status=404)) == "not_found"
    assert (members(world), Entry.objects.count()) == (before, 0)


def test_only_the_owner_changes_who_works_for_the_store(world: World, program: Of) -> None:
    path, before = f"stores/{world.store.code}/people/", members(world)
    email = confirmed(world.buyer)
    assert code(Session(world.agent).post(path, {"email": email}, 403)) == "only_the_owner"
    assert code(program(world.agent).post(f"{path}{world.agent.pk}/remove/", status=403)) == "only_the_owner"
    for stranger in (world.other_merchant, world.buyer, world.administrator):
        assert code(Session(stranger).get(path, 404)) == "not_found"
        assert code(Session(stranger).post(path, {"email": email}, 404)) == "not_found"
        assert code(program(stranger).post(f"{path}{world.agent.pk}/remove/", status=404)) == "not_found"
    assert members(world) == before


# --- who asks to be erased -------------------------------------------------------------------------------------------
def test_administrator_finds_the_request_and_carries_it_out(world: World, program: Of) -> None:
    asked = program(world.other_buyer).post("me/erasure/")
    administrator = program(world.administrator)
    (row,) = administrator.get("erasures/")["results"]
    assert (row["id"], row["person"]["id"], row["handled_at"]) == (asked["id"], world.other_buyer.pk, None)
    administrator.post(f"erasures/{row['id']}/carry-out/")
    assert administrator.get("erasures/")["results"] == []
    assert code(program(world.supervisor).get("erasures/", 403)) == "only_an_administrator"


# --- what lists cost -------------------------------------------------------------------------------------------------
LISTS = ("people/", "invitations/", "integrations/", "erasures/")


def test_lists_cost_the_same_with_1_and_30_rows(world: World, program: Of) -> None:
    administrator, merchant = program(world.administrator), program(world.merchant)
    numbers = itertools.count()

    def grow(rows: int) -> None:
        for number in itertools.islice(numbers, rows):
            Membership.objects.create(store=world.store, user=factories.person(f"A{number}"))
            staff = factories.person(f"S{number}", "arbiter")
            ErasureRequest.objects.create(user=staff, asked_at=clock.now())
            AccessKey.issue(label=str(number))
            email = f"new{number}@example.com"
            invitations.invite(actor=world.administrator, email=email, staff_role="arbiter", at=clock.now())

    def costs() -> dict[str, int]:
        store = f"stores/{world.store.code}/people/?limit=100"
        found = {path: cost(administrator, f"{path}?limit=100") for path in LISTS}
        return found | {"store": cost(merchant, store)}

    grow(1)
    one = costs()
    grow(29)
    assert costs() == one == {**dict.fromkeys(LISTS, 2), "store": 3}
    assert len(administrator.get("invitations/?limit=100")["results"]) == 30
