"""Every address of the API × every role. The list comes from the URL map: an address without a row fails."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import AccessKey
from disputes import exhibits
from disputes.models import Case
from tests import factories
from tests.conftest import World
from tests.test_url_roles import signed_in

ROLES = (
    "anonymous",
    "revoked",
    "integration",
    "buyer",
    "other_buyer",
    "merchant",
    "other_merchant",
    "arbiter",
    "supervisor",
    "administrator",
    "auditor",
)
PEOPLE = set(ROLES[3:])
SIDES = {"buyer", "merchant"}
STAFF = {"arbiter", "supervisor", "auditor"}
READERS = SIDES | STAFF

# (method, route) → (who may, who sees it but may not). Everybody else is told there is nothing; whoever did not sign
# in is told to; integrations may nothing but what says so. The case is the buyer's and held by the arbiter.
Row = tuple[set[str], set[str]]
EVERYBODY: Row = (set(ROLES) - {"revoked"}, set())
PERSON: Row = (PEOPLE, set())


def act(*may: str) -> Row:
    return set(may), READERS - set(may)


ADMINISTRATOR: Row = ({"administrator"}, PEOPLE - {"administrator"})
STORE = "stores/<slug:code>/"
BY_SESSION: dict[tuple[str, str], Row] = {
    ("GET", "me/keys/"): PERSON,
    ("POST", "me/keys/"): PERSON,
    ("DELETE", "me/keys/<int:key_id>/"): (set(), set()),  # nobody has such a key
    ("POST", "invitations/"): ADMINISTRATOR,
    ("POST", "integrations/"): ADMINISTRATOR,
    ("POST", f"{STORE}people/"): ({"merchant"}, set()),
    ("POST", "people/<int:user_id>/set-role/"): ADMINISTRATOR,
    ("POST", "people/<int:user_id>/enable/"): ADMINISTRATOR,
    ("POST", "people/<int:user_id>/reset-second-factor/"): ADMINISTRATOR,
}
CASES = "cases/<slug:number>/"
ORDERS = "orders/<slug:number>/"
ROWS: dict[tuple[str, str], Row] = {
    ("GET", "me/"): PERSON,
    ("POST", "tone/"): PERSON,
    ("PATCH", "me/"): PERSON,
    ("POST", "me/sign-out-everywhere/"): PERSON,
    **dict.fromkeys(BY_SESSION, (set(), PEOPLE)),  # for the session that each of them asks for, see below
    ("GET", "people/"): ADMINISTRATOR,
    ("GET", "people/<int:user_id>/"): ADMINISTRATOR,
    ("POST", "people/<int:user_id>/disable/"): ADMINISTRATOR,
    ("GET", "invitations/"): ADMINISTRATOR,
    ("POST", "invitations/<int:invitation_id>/revoke/"): (set(), PEOPLE - {"administrator"}),  # there is none
    ("POST", "invitations/accept/"): (set(ROLES), set()),  # the token alone counts: it looks at no key
    ("GET", "integrations/"): ADMINISTRATOR,
    ("POST", "integrations/<int:key_id>/revoke/"): (set(), PEOPLE - {"administrator"}),  # there is no such key
    ("GET", f"{STORE}people/"): ({"merchant"}, set()),
    ("POST", f"{STORE}people/<int:user_id>/remove/"): ({"merchant"}, set()),
    ("GET", "notices/"): PERSON,
    ("GET", "notices/unread/"): PERSON,
    ("POST", "notices/read/"): PERSON,
    ("GET", "duties/"): PERSON,
    ("GET", "ledger/heads/"): EVERYBODY,
    ("GET", "rules/"): EVERYBODY,
    ("GET", "rules/<int:number>/"): EVERYBODY,
    ("GET", "rules/<int:number>/clauses/<slug:code>/"): EVERYBODY,
    ("GET", "rules/<int:number>/causes/"): EVERYBODY,
    ("GET", "schema/"): EVERYBODY,
    ("GET", "docs/"): (set(ROLES), set()),  # a page, not an answer: it looks at no key
    ("GET", "orders/"): PERSON,
    ("POST", "orders/"): ({"integration"}, PEOPLE),
    ("GET", ORDERS): (SIDES, set()),
    ("GET", f"{ORDERS}eligibility/"): (SIDES, set()),
    ("POST", f"{ORDERS}after-sales/"): ({"buyer"}, {"merchant"}),
    ("POST", f"{ORDERS}messages/"): (SIDES, set()),
    ("POST", f"{ORDERS}cases/"): (SIDES, set()),
    ("POST", "after-sales/<int:request_id>/agree/"): ({"merchant"}, {"buyer"}),
    ("POST", "after-sales/<int:request_id>/refuse/"): ({"merchant"}, {"buyer"}),
    ("POST", "after-sales/<int:request_id>/counter/"): ({"merchant"}, {"buyer"}),
    ("POST", "after-sales/<int:request_id>/accept/"): ({"buyer"}, {"merchant"}),
    ("POST", "after-sales/<int:request_id>/withdraw/"): ({"buyer"}, {"merchant"}),
    ("POST", "after-sales/<int:request_id>/messages/"): (SIDES, set()),
    ("POST", "after-sales/<int:request_id>/files/"): (SIDES, set()),
    ("DELETE", "after-sales/<int:request_id>/files/<uuid:item_id>/"): (set(), set()),  # the item is the case's
    ("GET", "debts/"): PERSON,
    ("POST", "debts/<int:debt_id>/payments/"): (set(), PEOPLE - {"administrator"}),  # there is no such debt
    ("GET", "records/holds/"): ({"supervisor"}, PEOPLE - {"supervisor"}),
    ("POST", "records/holds/"): ({"supervisor"}, PEOPLE - {"supervisor"}),
    ("POST", "records/holds/<int:hold_id>/lift/"): (set(), PEOPLE - {"supervisor"}),  # there is none
    ("GET", "clocks/stopped/"): ({"supervisor"}, PEOPLE - {"supervisor"}),
    ("POST", "clocks/<int:deadline_id>/run-again/"): (set(), PEOPLE - {"supervisor"}),  # there is none
    ("POST", "me/erasure/"): PERSON,
    ("GET", "erasures/"): ADMINISTRATOR,
    ("POST", "erasures/<int:request_id>/carry-out/"): (set(), PEOPLE - {"administrator"}),  # nobody asked
    ("GET", "cases/"): PERSON,
    ("GET", CASES): (READERS, set()),
    ("GET", f"{CASES}timeline/"): (READERS, set()),
    ("GET", f"{CASES}rulings/"): (READERS, set()),
    ("POST", f"{CASES}bundle/"): (READERS, set()),
    ("GET", "receipts/<uuid:item_id>/"): ({"buyer"}, set()),
    ("POST", f"{CASES}files/"): act("buyer", "merchant"),
    ("POST", f"{CASES}files/from-order/"): act("buyer", "merchant"),
    ("POST", f"{CASES}uploads/"): act("buyer", "merchant"),
    ("PATCH", "uploads/<uuid:upload_id>/"): ({"buyer"}, set()),
    ("DELETE", "uploads/<uuid:upload_id>/"): ({"buyer"}, set()),
    ("GET", f"{CASES}files/<uuid:item_id>/"): ({"buyer"}, STAFF),
    ("PATCH", f"{CASES}files/<uuid:item_id>/"): ({"buyer"}, STAFF),
    ("DELETE", f"{CASES}files/<uuid:item_id>/"): ({"buyer"}, STAFF),
    ("GET", f"{CASES}files/<uuid:item_id>/redaction/"): ({"buyer"}, STAFF),
    ("PUT", f"{CASES}files/<uuid:item_id>/redaction/"): ({"buyer"}, STAFF),
    **{("POST", f"{CASES}{name}/"): act("buyer") for name in ("file", "rebut", "skip", "withdraw")},
    **{
        ("POST", f"{CASES}{name}/"): act("merchant")
        for name in ("respond", "concede", "perform_settlement", "request_set_aside")
    },
    **{
        ("POST", f"{CASES}{name}/"): act("buyer", "merchant")
        for name in (
            "lodge",
            "withdraw_item",
            "answer",
            "state_late",
            "extend",
            "offer",
            "accept_offer",
            "decline_offer",
            "withdraw_offer",
            "propose_suspension",
            "decline_suspension",
            "perform",
            "ship_back",
            "confirm_return",
            "acknowledge",
            "request_review",
            "answer_review",
        )
    },
    **{
        ("POST", f"{CASES}{name}/"): act("buyer", "merchant", "arbiter")
        for name in ("suspend", "resume", "prove_suspension")
    },
    **{("POST", f"{CASES}{name}/"): act("arbiter", "supervisor") for name in ("take", "decide_return")},
    **{("POST", f"{CASES}{name}/"): act("supervisor") for name in ("reassign", "retry_payment")},
    **{
        ("POST", f"{CASES}{name}/"): act("arbiter")
        for name in (
            "release",
            "admit",
            "refuse",
            "ask",
            "rule",
            "undo_ruling",
            "decide_review",
            "set_aside",
            "refuse_set_aside",
        )
    },
}


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(method, route) of every API view in the URL map."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/v1/"):
            view: Any = pattern.callback
            for method in ("get", "post", "put", "patch", "delete"):
                if hasattr(view.cls, method):
                    yield method.upper(), route.removeprefix("api/v1/")


def test_every_address_has_a_row() -> None:
    assert set(routes()) == set(ROWS)


@pytest.fixture
def secrets(world: World) -> dict[str, str]:
    """Role → the secret its program signs in with."""
    people = {role: AccessKey.issue(label=role, user=getattr(world, role))[1] for role in PEOPLE}
    key, revoked = AccessKey.issue(label="revoked", user=world.buyer)
    key.revoked_at = key.created_at
    key.save()
    return people | {"integration": AccessKey.issue(label="market")[1], "revoked": revoked}


def expected(row: Row, role: str) -> str:
    may, no = row
    if role in may:
        return "may"
    if role in no:
        return "403"
    if role in {"anonymous", "revoked"}:
        return "401"
    return "403" if role == "integration" else "404"


@pytest.mark.slow
def test_every_address_for_every_role(world: World, secrets: dict[str, str]) -> None:
    case = world.admitted()
    Case.objects.filter(pk=case.pk).update(handler=world.arbiter)
    item = factories.add_item(world.buyer, case)
    assert case.after_sales is not None
    upload = exhibits.begin_upload(actor=world.buyer, case=case, name="a.jpg", length=9)
    names = {
        "number": case.number,
        "item_id": item.pk,
        "upload_id": upload.pk,
        "request_id": case.after_sales.pk,
        "key_id": 1,
        "debt_id": 1,
        "hold_id": 1,
        "deadline_id": 10**9,
        "code": "RP-04",
        "invitation_id": 10**9,
        "user_id": world.agent.pk,
    }
    missing: dict[str, Any] = {
        "upload_id": uuid.uuid4(),
        "number": "DC-2026-0101-0000",
        "request_id": 10**9,
        "code": "no-such-store",
    }
    found: dict[str, dict[str, str]] = {}
    want: dict[str, dict[str, str]] = {}
    for (method, route), row in ROWS.items():
        here = names | ({"number": case.order.number} if route.startswith("orders") else {})
        here |= {"number": 2} if route.startswith("rules") else {}
        here |= {"code": world.store.code} if route.startswith("stores") else {}
        path, nowhere = _fill(route, here), _fill(route, here | missing)
        label = f"{method} {route}"
        found[label], want[label] = {}, {}
        for role in ROLES:
            answer = _ask(method, path, secrets.get(role))
            code = answer.status_code
            assert code < 500, (label, role, answer.content)
            found[label][role] = str(code) if code in {401, 403, 404} else "may"
            want[label][role] = expected(row, role)
            if code == 404:
                assert answer.content == _ask(method, nowhere, secrets.get(role)).content, (label, role)
    assert found == want


def test_what_no_key_can_do_for_the_session_of_every_role(world: World) -> None:
    """Whoever signed in with everything asked of them; that a key cannot, whosever it is, stands in the table above."""
    names = {"key_id": 1, "user_id": world.agent.pk, "code": world.store.code}
    found = {}
    for method, route in BY_SESSION:
        for role in sorted(PEOPLE):
            client = signed_in(getattr(world, role))
            code = _ask(method, _fill(route, names), client=client).status_code
            found[method, route, role] = str(code) if code in {401, 403, 404} else "may"
    want = {(*address, role): expected(row, role) for address, row in BY_SESSION.items() for role in PEOPLE}
    assert found == want


def _fill(route: str, names: dict[str, Any]) -> str:
    parts = [names[part[1:-1].partition(":")[2]] if part.startswith("<") else part for part in route.split("/")]
    return "/".join(str(part) for part in parts)


def _ask(method: str, path: str, secret: str | None = None, client: Client | None = None) -> Any:
    """The answer to an empty request, whose effect is taken back."""
    cache.clear()
    headers = {"idempotency-key": "k"} | ({"authorization": f"Bearer {secret}"} if secret else {})
    kind = "multipart/form-data; boundary=x" if path.endswith("/files/") else "application/json"
    body = "" if method in {"GET", "DELETE"} or "multipart" in kind else json.dumps({})
    with transaction.atomic():
        answer = (client or Client()).generic(method, f"/api/v1/{path}", body, content_type=kind, headers=headers)
        transaction.set_rollback(True)
    return answer
