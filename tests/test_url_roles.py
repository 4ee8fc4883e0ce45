"""Every address of every page × every role. The list comes from the URL map: an address without a row fails.

The API's own table is in tests/api/test_roles.py.
"""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import second_factor
from disputes.models import Case
from tests import factories
from tests.conftest import World

PEOPLE = (
    "buyer",
    "other_buyer",
    "merchant",
    "other_merchant",
    "arbiter",
    "supervisor",
    "administrator",
    "auditor",
)
ALL = frozenset(PEOPLE)
SIDES = frozenset({"buyer", "merchant"})
STORES = frozenset({"merchant", "other_merchant"})
DESK = frozenset({"arbiter", "supervisor", "auditor"})
ADMIN = frozenset({"administrator"})
BUYER, MERCHANT = frozenset({"buyer"}), frozenset({"merchant"})
NOBODY: frozenset[str] = frozenset()

# method and route → (who gets in, who is told that they have no right, whether visitors get in too; None: they are
# told there is nothing). Whoever is in neither set is told there is nothing; visitors are asked to sign in. The case
# is the buyer's against the merchant's store, its response clock runs, and the arbiter holds it.
Row = tuple[frozenset[str], frozenset[str], bool | None]


def public(*methods: str) -> dict[str, Row]:
    return dict.fromkeys(methods, (ALL, NOBODY, True))


def nothing(method: str) -> dict[str, Row]:
    return {method: (NOBODY, NOBODY, None)}


def private(
    who: frozenset[str], no: frozenset[str] = NOBODY, *, get: bool = True, post: bool = False
) -> dict[str, Row]:
    return {method: (who, no, False) for method, there in {"GET": get, "POST": post}.items() if there}


def form(who: frozenset[str], no: frozenset[str] = NOBODY) -> dict[str, Row]:
    return private(who, no, post=True)


def button(who: frozenset[str], no: frozenset[str] = NOBODY) -> dict[str, Row]:
    return private(who, no, get=False, post=True)


ORDER, CASE, DESK_CASE = "orders/<slug:number>/", "disputes/<slug:number>/", "desk/cases/<slug:number>/"
ROWS: dict[str, dict[str, Row]] = {
    "healthz": public("GET"),
    "readyz": public("GET"),
    "": public("GET"),
    "language/": nothing("POST"),  # without a known language
    "dev/components/": public("GET"),
    "help/": public("GET"),
    # the rules
    "rules/": public("GET"),
    "rules/v<int:number>/": public("GET"),
    "rules/diff/<int:a>..<int:b>/": public("GET"),
    "rules/<slug:code>/": public("GET"),
    "rules/<slug:code>/v<int:number>/": public("GET"),
    # settings
    "settings/": form(ALL),
    "settings/keys/": button(ALL),
    "settings/keys/<int:key_id>/revoke/": button(NOBODY),  # nobody has such a key
    "settings/sign-out-everywhere/": {"POST": (ALL, NOBODY, False)},  # it ends at the sign-in page for everybody
    "settings/store/": private(STORES),
    "settings/store/<slug:code>/agents/": button(MERCHANT),
    "settings/store/<slug:code>/agents/<int:user_id>/remove/": button(MERCHANT),
    "settings/debts/": private(frozenset({"buyer", "other_buyer", "administrator"}) | STORES),
    "settings/debts/<int:debt_id>/": form(NOBODY, ALL - ADMIN),  # there is no such debt
    "settings/integrations/": form(ADMIN, ALL - ADMIN),
    "settings/integrations/<int:key_id>/revoke/": button(NOBODY, ALL - ADMIN),
    "settings/people/<int:user_id>/reset-second-factor/": button(ADMIN, ALL - ADMIN),
    "settings/people/": private(ADMIN, ALL - ADMIN),
    "settings/people/invitations/": button(ADMIN, ALL - ADMIN),
    "settings/people/invitations/<int:invitation_id>/revoke/": button(NOBODY, ALL - ADMIN),
    "settings/people/<int:user_id>/": form(ADMIN, ALL - ADMIN),
    "settings/people/<int:user_id>/disable/": button(ADMIN, ALL - ADMIN),
    "settings/people/<int:user_id>/enable/": button(ADMIN, ALL - ADMIN),
    "invitations/<str:token>/": nothing("GET"),  # such a link was never sent
    # records
    "desk/records/": form(frozenset({"supervisor"}), ALL - {"supervisor"}),
    "desk/records/<int:hold_id>/lift/": button(NOBODY, ALL - {"supervisor"}),  # there is none
    "desk/clocks/<int:deadline_id>/": button(NOBODY, ALL - {"supervisor"}),  # there is none
    "settings/erasure/": form(ALL),
    "settings/people/erasures/": private(ADMIN, ALL - ADMIN),
    "settings/people/erasures/<int:request_id>/": button(NOBODY, ALL - ADMIN),  # nobody asked
    # evidence that is on file and disclosed
    "receipts/<uuid:item_id>/": {"GET": (BUYER, NOBODY, None)},
    "receipts/<uuid:item_id>/receipt.<slug:form>": {"GET": (BUYER, NOBODY, None)},
    "cases/<slug:number>/bundle/": form(SIDES | DESK),
    "files/<uuid:item_id>/": {"GET": (SIDES | DESK, NOBODY, None)},
    "files/<uuid:item_id>/<slug:variant>/": {"GET": (SIDES | DESK, NOBODY, None)},
    # before the case
    "orders/": private(ALL),
    ORDER: private(SIDES),
    f"{ORDER}dispute/start/": form(SIDES),
    f"{ORDER}write/": form(SIDES),
    f"{ORDER}after-sales/": form(BUYER, MERCHANT),
    f"{ORDER}after-sales/<int:request_id>/files/<uuid:item_id>/check/": button(NOBODY),  # not of this negotiation
    f"{ORDER}after-sales/<int:request_id>/files/<uuid:item_id>/discard/": button(NOBODY),  # not of this negotiation
    f"{ORDER}after-sales/<int:request_id>/write/": form(SIDES),
    f"{ORDER}after-sales/<int:request_id>/<slug:act>/": form(MERCHANT),
    # the two sides' case
    "disputes/": private(ALL),
    "store/cases/": private(ALL),
    CASE: private(SIDES | DESK),
    f"{CASE}file/": private(BUYER),
    f"{CASE}file/<slug:step>/": form(BUYER),
    f"{CASE}submitted/": private(BUYER),
    f"{CASE}files/": button(SIDES),
    f"{CASE}files/from-order/": button(SIDES),
    f"{CASE}files/<uuid:item_id>/cover/": form(BUYER),
    f"{CASE}files/<uuid:item_id>/check/": button(BUYER),
    f"{CASE}files/<uuid:item_id>/discard/": button(BUYER),
    f"{CASE}ruling/": private(DESK),  # there is none yet; the platform is led to its own page
    f"{CASE}<slug:act>/": form(MERCHANT | DESK, BUYER),
    "drafts/<path:name>/": button(SIDES | DESK),
    # the platform's desk
    "desk/queue/": private(DESK),
    "desk/next/": button(DESK),
    DESK_CASE: private(DESK),
    f"{DESK_CASE}background/": private(DESK),
    f"{DESK_CASE}compare/": private(DESK),
    f"{DESK_CASE}drafts/<slug:act>/": button(DESK),
    f"{DESK_CASE}<slug:act>/preview/": form(frozenset({"arbiter"}), frozenset({"supervisor", "auditor"})),
    f"{DESK_CASE}<slug:act>/": button(frozenset({"arbiter"}), frozenset({"supervisor", "auditor"})),
    # notices
    "notifications/": private(ALL),
    "notifications/read/": button(ALL),
}
LIBRARY_OPEN = {
    "login/",
    "logout/",
    "inactive/",
    "signup/",
    "confirm-email/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "^confirm-email/(?P<key>[-:\\w]+)/$",
    "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
}
LIBRARY_SIGNED_IN = {
    "reauthenticate/",
    "email/",
    "password/change/",
    "password/set/",
    "login/code/confirm/",
    "mfa/",
    "mfa/authenticate/",
    "mfa/reauthenticate/",
    "mfa/totp/activate/",
    "mfa/totp/deactivate/",
    "mfa/recovery-codes/",
    "mfa/recovery-codes/generate/",
    "mfa/recovery-codes/download/",
}
"""The sign-in library's own pages: each person's own business, tried once without and once with a sign-in."""


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """Every route in the URL map but the API's."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and not route.removeprefix("^").startswith("api/"):
            yield route


def test_every_address_has_a_row() -> None:
    missing = set(routes()) - set(ROWS) - LIBRARY_OPEN - LIBRARY_SIGNED_IN
    gone = set(ROWS) - set(routes()) - {"dev/components/"}
    assert (missing, gone) == (set(), set())


@pytest.mark.slow
def test_every_address_for_every_role(world: World) -> None:
    clients = {"visitor": Client()} | {role: signed_in(getattr(world, role)) for role in PEOPLE}
    names = cast(world)
    there = set(routes())
    wrong: list[str] = []
    for route, methods in ROWS.items():
        for method, row in methods.items() if route in there else ():
            for who, client in clients.items():
                got, want = outcome(client, method, fill(route, names)), expected(row, who)
                want = "login" if "sign-out" in route else want
                wrong += [f"{method} {route} {who}: {got}, not {want}"] if got != want else []
    assert not wrong, "\n".join(wrong)


def test_missing_case_looks_like_a_strangers(world: World) -> None:
    case = world.filed()
    stranger = signed_in(world.other_buyer)
    there, nowhere = (stranger.get(f"/disputes/{number}/") for number in (case.number, "DC-2026-0101-0000"))
    assert (there.status_code, masked(there.content)) == (nowhere.status_code, masked(nowhere.content))


def test_originals_and_unsent_files_stay_with_their_side(world: World) -> None:
    names = cast(world)
    merchant, arbiter, buyer = (signed_in(person) for person in (world.merchant, world.arbiter, world.buyer))
    seen = {
        who: [outcome(client, "GET", f"files/{names[item]}/{variant}/") for item, variant in _FILES]
        for who, client in {"buyer": buyer, "merchant": merchant, "arbiter": arbiter}.items()
    }
    assert seen == {"buyer": ["in"] * 4, "merchant": ["404", "in", "404", "404"], "arbiter": ["in", "in", "404", "404"]}


_FILES = [("lodged", "original"), ("lodged", "view"), ("unsent", "original"), ("unsent", "view")]


@pytest.mark.django_db
def test_sign_in_pages_lead_visitors_to_sign_in_or_are_open(world: World) -> None:
    visitor, person = Client(), signed_in(world.buyer)
    for route in LIBRARY_OPEN | LIBRARY_SIGNED_IN:
        if route.startswith("^"):
            continue
        answers = outcome(visitor, "GET", route), outcome(person, "GET", route)
        assert answers[0] == ("in" if route in LIBRARY_OPEN else "login"), route
        assert answers[1] in {"in", "login", "403", "404"}, route


def cast(world: World) -> dict[str, Any]:
    """One case with everything the addresses name; the wizard's is a draft on another order."""
    case = world.admitted()
    Case.objects.filter(pk=case.pk).update(handler=world.arbiter)
    lodged = case.dossier.items.filter(side="buyer").first()
    unsent = factories.add_item(world.buyer, case)
    draft = factories.draft_case(world.buyer, world.merchant, world.order())
    assert lodged is not None
    assert case.after_sales is not None
    return {
        "case": case.number,
        "order": case.order.number,
        "draft": draft.number,
        "lodged": lodged.pk,
        "unsent": unsent.pk,
        "request_id": case.after_sales.pk,
        "store": world.store.code,
        "person": world.buyer.pk,
        "agent": world.agent.pk,
    }


def fill(route: str, names: dict[str, Any]) -> str:
    here = {
        "number": names["order"] if route.startswith("orders") else names["case"],
        "item_id": names["lodged"] if route.startswith("files") else names["unsent"],
        "code": names["store"] if route.startswith("settings") else "RP-04",
        "user_id": names["agent"] if route.startswith("settings/store") else names["person"],
        "variant": "view",
        "form": "json",
        "act": {"orders": "refuse", "disput": "respond"}.get(route[:6], "release"),
        "name": f"case:{names['case']}:respond",
        "step": "claim",
        "request_id": names["request_id"],
        "key_id": 1,
        "debt_id": 1,
        "hold_id": 1,
        "deadline_id": 10**9,
        "invitation_id": 1,
        "token": "x",
        "a": 1,
        "b": 2,
    }
    if "/file/" in route:
        here["number"] = names["draft"]
    if route.startswith("rules"):
        here["number"] = 1
    if "preview" in route or "drafts/<slug:act>" in route:
        here["act"] = "rule"
    return re.sub(r"<\w+:(\w+)>", lambda found: str(here[found[1]]), route)


def expected(row: Row, who: str) -> str:
    may, no, visitors = row
    if who == "visitor":
        return "404" if visitors is None else "in" if visitors else "login"
    return "in" if who in may else "403" if who in no else "404"


def outcome(client: Client, method: str, path: str) -> str:
    """``in``, ``login``, or 403, 404, 405, 500; what the request did is taken back."""
    cache.clear()
    body = "" if method == "GET" else "reason=x"
    cookies = client.cookies.copy()
    with transaction.atomic():
        answer: Any = client.generic(method, f"/{path}", body, content_type="application/x-www-form-urlencoded")
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)  # who signed out is signed in again
    answer.getvalue()  # streamed files are closed by being read
    if answer.status_code in {301, 302, 303} and answer.headers["Location"].startswith("/login/"):
        return "login"
    return str(answer.status_code) if answer.status_code in {403, 404, 405, 500} else "in"


def signed_in(person: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    session = client.session
    second_factor.mark_passed(session, person)
    session.save()
    return client


def masked(page: bytes) -> bytes:
    """A page without what differs by request: its address and its tokens."""
    return re.sub(rb"DC-[\d-]+|value=\"[\w-]{20,}\"|/disputes/[\w-]*/", b"", page)
