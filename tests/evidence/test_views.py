from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, StaffRole, Store, User
from evidence import checking
from evidence.models import Dossier, Item
from ledger.models import Entry
from tests.evidence import samples, videos
from tests.evidence.test_items import lodge

VARIANTS = ("thumb", "view", "original")


@pytest.fixture(autouse=True)
def _no_second_factor(settings: Any) -> None:
    """Staff sign in here without their second factor; that rule has its own tests."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("StaffSecondFactor")]


def get(who: User | None, item: Item, variant: str, **headers: str) -> Any:
    client = Client()
    if who:
        client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer: Any = client.get(reverse("evidence:file", args=[item.pk, variant]), headers=headers)
    answer.body = answer.getvalue()
    return answer


@pytest.fixture
def people(buyer: User, clerk: User, dossier: Dossier) -> dict[str, User | None]:
    left, elsewhere = (User.objects.create_user(f"{name}@example.com") for name in ("left", "elsewhere"))
    Membership.objects.create(store=dossier.store, user=left, is_active=False)
    Membership.objects.create(store=Store.objects.create(name="Other", code="other"), user=elsewhere)
    colleague = User.objects.create_user("colleague@example.com")
    Membership.objects.create(store=dossier.store, user=colleague)
    gone = User.objects.create_user("gone@example.com", staff_role=StaffRole.ARBITER, is_active=False)
    staff = {role: User.objects.create_user(f"{role}@x.test", staff_role=role) for role in StaffRole.values if role}
    return {
        "anonymous": None,
        "buyer": buyer,
        "clerk": clerk,
        "colleague": colleague,
        "left": left,
        "elsewhere": elsewhere,
        "stranger": User.objects.create_user("stranger@example.com"),
        "gone": gone,
        **staff,
    }


READERS = {"arbiter", "supervisor", "auditor"}
ALL, DERIVED, NOTHING = [200, 200, 200], [200, 200, 404], [404, 404, 404]


@pytest.mark.parametrize(
    ("state", "seen_by"),
    [
        ("draft", {"buyer": ALL}),
        ("lodged", {"buyer": ALL, **dict.fromkeys(READERS, ALL)}),
        ("disclosed", {"buyer": ALL, "clerk": DERIVED, "colleague": DERIVED, **dict.fromkeys(READERS, ALL)}),
        ("platform_only", {"buyer": ALL, **dict.fromkeys(READERS, ALL)}),
    ],
)
def test_every_role_gets_exactly_what_it_may_see(
    take: Any, people: dict[str, User | None], state: str, seen_by: dict[str, list[int]]
) -> None:
    item = take()
    if state == "platform_only":
        Item.objects.filter(pk=item.pk).update(platform_only=True, platform_only_reason="identity card")
        item.refresh_from_db()
    if state != "draft":
        lodge(item, disclosed=state != "lodged")
    answers = {name: [get(who, item, variant).status_code for variant in VARIANTS] for name, who in people.items()}
    assert answers == {name: seen_by.get(name, NOTHING) for name in people}


def test_merchant_side_sees_its_own_and_colleagues_leave_a_custody_entry(
    take: Any, people: dict[str, User | None]
) -> None:
    item = take(side="merchant")
    assert [get(people["colleague"], item, variant).status_code for variant in VARIANTS] == ALL
    assert [get(people["buyer"], item, variant).status_code for variant in VARIANTS] == NOTHING
    viewed = Entry.objects.get(verb="evidence_original_viewed")
    assert (viewed.actor, viewed.role, viewed.facts["item"]) == (people["colleague"], "merchant", str(item.pk))


def test_original_is_a_download_of_the_same_bytes(take: Any, buyer: User, arbiter: User) -> None:
    data = samples.camera_jpeg()
    item = lodge(take('包"裹><script>.jpg', data))
    answer = get(buyer, item, "original")
    assert answer.body == data
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Length"] == str(len(data))
    assert answer["Content-Disposition"] == ("attachment; filename*=utf-8''%E5%8C%85%22%E8%A3%B9%3E%3Cscript%3E.jpg")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert Entry.objects.filter(verb="evidence_original_viewed").count() == 0
    get(arbiter, item, "original")
    viewed = Entry.objects.get(verb="evidence_original_viewed")
    assert (viewed.actor, viewed.role, viewed.audience) == (arbiter, "arbiter", "platform")


def test_thumb_is_shown_in_place_and_asked_for_again_is_304(take: Any, buyer: User) -> None:
    item = take()
    answer = get(buyer, item, "thumb")
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Disposition"] == 'inline; filename="draft-thumb.webp"'
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Content-Type-Options"] == "nosniff"
    again = get(buyer, item, "thumb", if_none_match=answer["ETag"])
    assert (again.status_code, again.body, again["Cache-Control"]) == (304, b"", "private, no-cache")


def test_text_and_pdf_never_run_in_place(take: Any, buyer: User) -> None:
    text = get(buyer, take("chat.txt", b"hello <b>there</b>"), "view")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert text.body == b"hello <b>there</b>"
    paper = get(buyer, take("bill.pdf", samples.pdf()), "view")
    assert paper["Content-Disposition"] == 'attachment; filename="draft-view.pdf"'
    assert text["Content-Security-Policy"] == paper["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_variant_there_is_none_of_is_404(take: Any, buyer: User) -> None:
    item = take("chat.txt", b"hello")
    assert [get(buyer, item, variant).status_code for variant in ("thumb", "poster")] == [404, 404]


def film(take: Any) -> Item:
    item = checking.check(take("a.mp4", videos.video(seconds=2)).pk)
    assert item is not None
    return item


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-99", 0, 100), ("bytes=100-", 100, None), ("bytes=-50", -50, None), ("bytes=10-999999999", 10, None)],
)
def test_film_is_sent_by_ranges(any_store: str, take: Any, buyer: User, asked: str, start: int, end: int) -> None:
    item = film(take)
    whole = get(buyer, item, "view")
    part = get(buyer, item, "view", range=asked)
    wanted = whole.body[start:end]
    first = start if start >= 0 else len(whole.body) + start
    assert (whole.status_code, part.status_code, part.body) == (200, 206, wanted)
    assert part["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(whole.body)}"
    assert part["Content-Length"] == str(len(wanted))
    assert (part["Content-Type"], part["Accept-Ranges"], part["ETag"]) == ("video/mp4", "bytes", whole["ETag"])


@pytest.mark.parametrize(("asked", "status"), [("bytes=9999999-", 416), ("bytes=5-4", 416), ("bytes=a-b", 200)])
def test_range_there_is_none_of_is_416_and_nonsense_is_ignored(take: Any, buyer: User, asked: str, status: int) -> None:
    assert get(buyer, film(take), "view", range=asked).status_code == status


def test_ranges_pass_the_same_door(take: Any, people: dict[str, User | None]) -> None:
    item = film(take)
    answers = {name: get(who, item, "view", range="bytes=0-9").status_code for name, who in people.items()}
    assert answers == {name: 206 if name == "buyer" else 404 for name in people}


def test_bytes_without_a_verdict_are_given_to_nobody(take: Any, buyer: User) -> None:
    waiting = take(wait=False)
    bad = checking.check(take("b.jpg", samples.jpeg()[:3000], wait=False).pk)
    assert bad is not None
    assert [get(buyer, item, variant).status_code for item in (waiting, bad) for variant in VARIANTS] == [404] * 6


def test_conversation_is_shown_by_its_speakers_and_never_runs(take: Any, buyer: User, clerk: User) -> None:
    said = "林晓 2026-11-20 14:03:22\n<script>alert(1)</script>\n" * 201
    item = take("chat.txt", said.encode())
    client = Client()
    client.force_login(buyer)
    page = client.get(reverse("evidence:show", args=[item.pk])).content.decode()
    assert page.count("<strong>林晓</strong>") == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    rest = client.get(reverse("evidence:show", args=[item.pk]) + "?from=200").content.decode()
    assert rest.count("<strong>林晓</strong>") == 1
    client.force_login(clerk)
    assert client.get(reverse("evidence:show", args=[item.pk])).status_code == 404
