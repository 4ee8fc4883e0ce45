"""Whoever holds the database and the disk changes something: ``manage.py verify`` names the place, wherever it is.

Each kind is tried at twenty random places, as superuser with every trigger off, and taken back again.
"""

import io
import json
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.actors import CLOCK
from accounts.models import Membership, Store, User
from evidence import items, receiving
from evidence.models import Derivative, Dossier, Item, Side
from evidence.storage import store
from ledger import chain, heads
from ledger.models import Entry
from ledger.recording import record
from tests.evidence import samples
from tests.evidence.conftest import AT

PLACES = 20
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@dataclass
class Record:
    """What the tampering is done to. ``moments``: the last entry at each signed head but the newest."""

    chains: dict[str, int] = field(default_factory=dict)
    moments: list[int] = field(default_factory=list)

    def entry(self, by: random.Random, *, last: bool = True) -> Entry:
        subject = by.choice([name for name, length in self.chains.items() if length > 1])
        return Entry.objects.get(subject=subject, seq=by.randint(1, self.chains[subject] - (not last)))


@pytest.fixture
def made(folder: Path, buyer: User, clerk: User) -> Record:
    """Three dossiers with items in every state, some other chains, and three signed heads."""
    shop = Store.objects.create(name="Tea House", code="tea-house")
    Membership.objects.create(store=shop, user=clerk)
    made = Record()
    for number in range(3):
        dossier = Dossier.objects.create(subject=f"case:DC-{number}", buyer=buyer, store=shop)
        mine = [_take(dossier, buyer, f"{number} {name}") for name in "ab"]
        theirs = [_take(dossier, clerk, f"{number} {name}") for name in "de"]
        photo = _take(dossier, buyer, f"{number}", samples.jpeg(comment=str(number).encode()))
        items.lodge(actor=buyer, dossier=dossier, side="buyer", items=[mine[0], photo], at=AT, disclosed=True)
        items.lodge(actor=clerk, dossier=dossier, side="merchant", items=theirs[:1], at=AT, disclosed=False)
        items.withdraw(actor=buyer, item=mine[0], reason="放错了", at=AT)
        items.discard(actor=clerk, item=theirs[1], at=AT)
        for step in range(4):
            record(subject=f"order:{number}", verb="x", actor=CLOCK, role="system", at=AT, facts={"n": step})
        if number < 2:
            heads.sign(at=AT + timedelta(days=number))
            made.moments.append(Entry.objects.order_by("-pk").values_list("pk", flat=True)[0])
    heads.sign(at=AT + timedelta(days=9))
    for subject in Entry.objects.order_by().values_list("subject", flat=True).distinct():
        made.chains[subject] = Entry.objects.filter(subject=subject).count()
    assert verify() == []
    return made


def _take(dossier: Dossier, actor: User, words: str, data: bytes | None = None) -> Item:
    name, content = ("a.txt", words.encode() * 500) if data is None else ("a.jpg", data)
    side = Side.BUYER if actor.pk == dossier.buyer_id else Side.MERCHANT
    return receiving.receive(actor=actor, dossier=dossier, side=side, upload=samples.upload(name, content), at=AT)


def verify() -> list[str]:
    """What the command names."""
    told = io.StringIO()
    with suppress(CommandError):
        call_command("verify", stdout=io.StringIO(), stderr=told)
    return told.getvalue().splitlines()


@contextmanager
def as_superuser() -> Iterator[Callable[..., None]]:
    """SQL with every trigger and constraint trigger off; all of it is taken back at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield lambda sql, *parameters: cursor.execute(sql, parameters)
        transaction.set_rollback(True)


def each_place() -> Iterator[random.Random]:
    return (random.Random(place) for place in range(PLACES))


def test_edited_entry_is_named(made: Record, buyer: User, clerk: User) -> None:
    for by in each_place():
        entry = made.entry(by)
        column, value = by.choice(
            [
                ("verb", "concede"),
                ("role", "arbiter"),
                ("audience", "platform" if entry.audience != "platform" else "all"),
                ("at", entry.at + timedelta(microseconds=1)),
                ("actor_id", clerk.pk if entry.actor_id == buyer.pk else buyer.pk),
                ("facts", json.dumps({**entry.facts, "amount_fen": 1})),
                ("salt", uuid.uuid4()),
            ]
        )
        with as_superuser() as sql:
            sql(f"UPDATE ledger_entry SET {column} = %s WHERE id = %s", value, entry.pk)
            assert f"{entry.subject}, entry {entry.seq}: content changed" in verify()


def test_rewritten_chain_is_named_by_the_signed_head(made: Record) -> None:
    """The forger knows the code: every hash after the edited entry is made anew, so the chain itself holds."""
    for by in each_place():
        entry = made.entry(by)
        length = made.chains[entry.subject]
        with as_superuser() as sql:
            sql("UPDATE ledger_entry SET facts = facts || '{\"forged\": 1}' WHERE id = %s", entry.pk)
            relink(sql, entry.subject)
            named = verify()
            assert f"{entry.subject}, entry {length}: not the entry that was signed" in named
            assert not any(line.startswith(f"{entry.subject}, entry") and "follow" in line for line in named)


def relink(sql: Callable[..., None], subject: str) -> None:
    previous = ""
    for entry in Entry.objects.filter(subject=subject).order_by("seq"):
        entry.prev_hash = previous
        previous = chain.link(entry)
        sql("UPDATE ledger_entry SET prev_hash = %s, hash = %s WHERE id = %s", entry.prev_hash, previous, entry.pk)


def test_deleted_entry_is_named(made: Record) -> None:
    for by in each_place():
        entry = made.entry(by, last=False)
        with as_superuser() as sql:
            sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)
            assert f"{entry.subject}, entry {entry.seq}: entry missing" in verify()


def test_inserted_entry_is_named(made: Record) -> None:
    """It has the right number, predecessor and hash, and the entries after it have moved up."""
    for by in each_place():
        entry = made.entry(by)
        with as_superuser() as sql:
            for seq in range(made.chains[entry.subject], entry.seq - 1, -1):
                sql("UPDATE ledger_entry SET seq = %s WHERE subject = %s AND seq = %s", seq + 1, entry.subject, seq)
            forged = Entry(subject=entry.subject, seq=entry.seq, at=AT, verb="x", role="system", facts={})
            forged.prev_hash = entry.prev_hash
            forged.hash = chain.link(forged)
            forged.save(force_insert=True)
            assert f"{entry.subject}, entry {entry.seq + 1}: does not follow the entry before" in verify()


def test_reordered_entries_are_named(made: Record) -> None:
    for by in each_place():
        subject = by.choice([name for name, length in made.chains.items() if length > 1])
        first, second = sorted(by.sample(range(1, made.chains[subject] + 1), 2))
        with as_superuser() as sql:
            for old, new in ((first, 9999), (second, first), (9999, second)):
                sql("UPDATE ledger_entry SET seq = %s WHERE subject = %s AND seq = %s", new, subject, old)
            assert f"{subject}, entry {first}: does not follow the entry before" in verify()


def test_cut_tail_is_named(made: Record) -> None:
    for by in each_place():
        entry = made.entry(by)
        with as_superuser() as sql:
            sql("DELETE FROM ledger_entry WHERE subject = %s AND seq >= %s", entry.subject, entry.seq)
            said = f"missing: the chain was signed up to here and now ends at {entry.seq - 1}"
            assert f"{entry.subject}, entry {made.chains[entry.subject]}: {said}" in verify()


def test_swapped_chains_are_named(made: Record) -> None:
    for by in each_place():
        one, other = by.sample(sorted(made.chains), 2)
        with as_superuser() as sql:
            for old, new in ((one, "aside"), (other, one), ("aside", other)):
                sql("UPDATE ledger_entry SET subject = %s WHERE subject = %s", new, old)
            named = verify()
            assert f"{one}, entry 1: content changed" in named
            assert f"{other}, entry 1: content changed" in named


def test_restored_old_backup_is_named(made: Record) -> None:
    """Every table is as it once was, and consistent; only what was signed meanwhile tells."""
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    for by in each_place():
        last = by.randint(made.moments[0], newest - 1)
        known = len([moment for moment in made.moments if moment <= last])
        with as_superuser() as sql:
            restore(sql, last, known)
            assert f"heads, head {known + 1}: the database is an older copy than this" in verify()


def restore(sql: Callable[..., None], last: int, known: int) -> None:
    younger = "SELECT (facts->>'item')::uuid FROM ledger_entry WHERE verb = 'evidence_received' AND id > %s"
    sql(f"DELETE FROM evidence_derivative WHERE item_id IN ({younger})", last)
    sql(f"DELETE FROM evidence_item WHERE id IN ({younger})", last)
    sql("DELETE FROM ledger_entry WHERE id > %s", last)
    sql("DELETE FROM ledger_signedhead WHERE number > %s", known)


def test_changed_row_is_named(made: Record) -> None:
    rows = list(Item.objects.select_related("dossier").exclude(exhibit_no=None).order_by("pk"))
    for by in each_place():
        item = by.choice(rows)
        other = by.choice([row for row in rows if row.sha256 != item.sha256])
        column, value, said = by.choice(
            [
                ("sha256", other.sha256, "sha256 of the row is not the one of entry"),
                ("size", item.size + 1, "size of the row is not the one of entry"),
                ("side", Side(item.side).other, "side of the row is not the one of entry"),
                ("exhibit_no", 77, "exhibit number of the row is not the one it was lodged under"),
                ("disclosed_at", None if item.disclosed_at else AT, "disclosed, the ledger says otherwise"),
                ("erased_at", AT, "row is erased, the ledger says otherwise"),
            ]
        )
        with as_superuser() as sql:
            moved = ", exhibit_no = 78" if column == "side" else ""  # its number is taken there
            sql(f"UPDATE evidence_item SET {column} = %s{moved} WHERE id = %s", value, item.pk)
            place = f"{item.dossier.subject}, item {item.pk}: "
            assert any(line.startswith(place) and said in line for line in verify())


def test_deleted_or_unheard_of_row_is_named(made: Record) -> None:
    rows = list(Item.objects.select_related("dossier").order_by("pk"))
    for by in each_place():
        item = by.choice(rows)
        with as_superuser() as sql:
            sql("DELETE FROM evidence_derivative WHERE item_id = %s", item.pk)
            sql("DELETE FROM evidence_item WHERE id = %s", item.pk)
            assert any(f"item {item.pk}: row missing, received in entry" in line for line in verify())
            item.save(force_insert=True)
            unheard = Item.objects.get(pk=item.pk)
            unheard.pk, unheard.exhibit_no = "00000000-0000-4000-8000-000000000001", 99 if item.exhibit_no else None
            unheard.save(force_insert=True)
            assert any(f"item {unheard.pk}: row without an entry" in line for line in verify())


def test_swapped_or_lost_derivative_is_named(made: Record) -> None:
    rows = list(Derivative.every.order_by("pk"))
    for by in each_place():
        one = by.choice(rows)
        other = by.choice([row for row in rows if row.sha256 != one.sha256])
        with as_superuser() as sql:
            if by.random() < 0.5:
                sql("UPDATE evidence_derivative SET sha256 = %s WHERE id = %s", other.sha256, one.pk)
                said = f"item {one.item_id}: derivative {one.variant} is not the one last made"
            else:
                sql("DELETE FROM evidence_derivative WHERE id = %s", one.pk)
                said = f"item {one.item_id}: derivative {one.variant} missing"
            assert any(line.endswith(said) for line in verify())


def test_changed_cut_longer_or_missing_file_is_named(made: Record) -> None:
    hashes = sorted({sha256 for sha256, _kept_at in store().kept()} & named_hashes())
    for by in each_place():
        sha256 = by.choice(hashes)
        path: Path = store().path(sha256)  # type: ignore[attr-defined]
        data = path.read_bytes()
        with tampered(path, by.choice([flip(data, by), data[: by.randrange(len(data))], data + b"\0", None])):
            assert any(f"file {sha256} " in line for line in verify())
    assert verify() == []


def named_hashes() -> set[str]:
    return {*Item.objects.values_list("sha256", flat=True), *Derivative.every.values_list("sha256", flat=True)}


def test_changed_or_missing_head_is_named(made: Record, settings: Any) -> None:
    files = sorted(Path(urlsplit(settings.HEADS_URL).path).iterdir())
    for by in each_place():
        path = by.choice(files)
        data = path.read_bytes()
        # In the JSON the signed text and the signature count; the rest is wrapping.
        start = data.find(b"document") + 13 if path.suffix == ".json" else 0
        with tampered(path, by.choice([data[:start] + flip(data[start : start + 60], by) + data[start + 60 :], None])):
            assert any(line.startswith("heads, head ") for line in verify())
    assert verify() == []


def flip(data: bytes, by: random.Random) -> bytes:
    at = by.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << by.randrange(8)]) + data[at + 1 :]


@contextmanager
def tampered(path: Path, data: bytes | None) -> Iterator[None]:
    """Other bytes, or none, in place of a file's own; its own come back afterwards."""
    own = path.read_bytes()
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(own)
