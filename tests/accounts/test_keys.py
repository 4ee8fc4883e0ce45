"""Access keys, and /api/v1/me/ with them."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import keys, second_factor
from accounts.models import AccessKey, Store, User
from core.errors import Forbidden
from core.models import IdempotencyKey
from ledger.models import Entry

ONCE = {"idempotency-key": "once"}


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_key_is_shown_once_works_and_ends(enter: Callable[[User], Client], buyer: User) -> None:
    client = enter(buyer)
    found = re.search(r"gd_[\w-]{43}", client.post("/settings/keys/", {"label": "Till"}).content.decode())
    assert found is not None
    key = AccessKey.objects.get()
    assert found[0] not in str(AccessKey.objects.values())
    assert found[0] not in client.get("/settings/").content.decode()
    assert Client().get("/api/v1/me/", headers=bearer(found[0])).json()["name"] == "Lin"
    client.post(f"/settings/keys/{key.pk}/revoke/")
    refused = Client().get("/api/v1/me/", headers=bearer(found[0]))
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    client.post(f"/settings/keys/{key.pk}/revoke/")
    assert [(e.subject, e.verb, e.facts) for e in Entry.objects.order_by("pk")] == [
        (f"user:{buyer.pk}", "issue_key", {"key": key.pk}),
        (f"user:{buyer.pk}", "revoke_key", {"key": key.pk}),
    ]


def test_key_of_another_is_nothing_here(enter: Callable[[User], Client], buyer: User, owner: User) -> None:
    key, secret = AccessKey.issue(label="theirs", user=owner)
    client = enter(buyer)
    assert client.post(f"/settings/keys/{key.pk}/revoke/").status_code == 404
    assert client.delete(f"/api/v1/me/keys/{key.pk}/").status_code == 404
    assert Client().get("/api/v1/me/", headers=bearer(secret)).status_code == 200


@pytest.mark.parametrize("header", ["Bearer ", "Bearer gd_wrong", "Bearer \x00", "bearer gd_x gd_y"])
def test_wrong_key_is_refused(client: Client, header: str) -> None:
    assert client.get("/api/v1/me/", headers={"authorization": header}).status_code == 401


def test_me_without_sign_in_is_refused(client: Client) -> None:
    assert client.get("/api/v1/me/").status_code == 401


def test_me_tells_role_stores_and_language(enter: Callable[[User], Client], owner: User, store: Store) -> None:
    assert enter(owner).get("/api/v1/me/").json() == {
        "id": owner.pk,
        "name": "Owner",
        "email": "owner@example.com",
        "staff_role": "",
        "language": "en",
        "shortcuts": True,
        "stores": [{"code": "brook", "name": "Brook Lamps", "kind": "owner"}],
    }


def test_integration_is_nobody(client: Client) -> None:
    out = StringIO()
    call_command("issue_integration_key", "Market", stdout=out)
    response = client.get("/api/v1/me/", headers=bearer(out.getvalue().strip()))
    assert (response.status_code, response.json()["error"]["code"]) == (403, "permission_denied")


def test_key_is_made_by_session_with_csrf_alone(buyer: User) -> None:
    _key, secret = AccessKey.issue(label="first", user=buyer)
    by_key = Client().post("/api/v1/me/keys/", {"label": "x"}, content_type="application/json", headers=bearer(secret))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(buyer)
    without_token = strict.post("/api/v1/me/keys/", {"label": "x"}, content_type="application/json")
    assert (by_key.status_code, without_token.status_code) == (403, 403)
    assert AccessKey.objects.count() == 1


def test_key_made_and_ended_by_the_api(enter: Callable[[User], Client], buyer: User) -> None:
    client = enter(buyer)
    made = client.post("/api/v1/me/keys/", {"label": "Till"}, content_type="application/json", headers=ONCE)
    assert made.status_code == 201
    assert [key["label"] for key in client.get("/api/v1/me/keys/").json()] == ["Till"]
    assert Client().get("/api/v1/me/", headers=bearer(made.json()["secret"])).status_code == 200
    assert client.delete(f"/api/v1/me/keys/{made.json()['id']}/").status_code == 204
    assert Client().get("/api/v1/me/", headers=bearer(made.json()["secret"])).status_code == 401


@pytest.mark.parametrize("label", ["", "x" * 81, "a\x00b", "\u202eabc"])
def test_label_must_be_readable(enter: Callable[[User], Client], buyer: User, label: str) -> None:
    client = enter(buyer)
    answer = client.post("/api/v1/me/keys/", {"label": label}, content_type="application/json", headers=ONCE)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["label"])
    assert client.post("/settings/keys/", {"label": label}).status_code == 422
    assert AccessKey.objects.count() == 0


def test_second_factor_before_key_for_staff(arbiter: User) -> None:
    with pytest.raises(Forbidden) as refused:
        keys.issue(actor=arbiter, label="x")
    assert refused.value.code == "second_factor_before_key"
    second_factor.activate_totp(arbiter, "JBSWY3DPEHPK3PXP")
    keys.issue(actor=arbiter, label="x")


def test_keys_at_most_twenty(buyer: User) -> None:
    for number in range(20):
        keys.issue(actor=buyer, label=str(number))
    with pytest.raises(Forbidden) as refused:
        keys.issue(actor=buyer, label="one more")
    assert refused.value.code == "keys_at_most"


def test_key_made_once_however_often_it_is_asked_and_its_secret_kept_nowhere(
    enter: Callable[[User], Client], buyer: User
) -> None:
    client = enter(buyer)

    def ask(**headers: str) -> Any:
        return client.post("/api/v1/me/keys/", {"label": "Till"}, content_type="application/json", headers={**headers})

    assert (ask().status_code, ask().json()["error"]["code"]) == (400, "idempotency_key_required")
    first, second = ask(**{"idempotency-key": "one"}), ask(**{"idempotency-key": "one"})
    assert (first.status_code, second.status_code, second.json()["id"]) == (201, 201, first.json()["id"])
    assert (first.json()["secret"][:3], second.json()["secret"]) == ("gd_", "")
    assert AccessKey.objects.count() == 1
    assert first.json()["secret"] not in str(list(IdempotencyKey.objects.values()))
