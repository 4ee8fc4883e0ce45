"""The ledger only grows, and shows where it was touched."""

import hashlib
import json
import uuid
from copy import copy
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.actors import CLOCK
from accounts.models import User
from ledger import chain
from ledger.chain import Fault
from ledger.models import Audience, Entry
from ledger.queries import lines
from ledger.recording import record

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CASE = "case:DC-1"


def three_entries() -> list[Entry]:
    buyer = User.objects.create(email="lin@example.com")
    return [
        record(subject=CASE, verb="file", actor=buyer, role="buyer", at=NOON, facts={"amount_fen": 129900}),
        record(subject=CASE, verb="admit", actor=CLOCK, role="system", at=NOON + timedelta(hours=1)),
        record(subject=CASE, verb="respond", actor=buyer, role="merchant", at=NOON, audience=Audience.PLATFORM),
    ]


def entries() -> list[Entry]:
    return list(Entry.objects.filter(subject=CASE).order_by("seq"))


def behind_the_guard(sql: str, *parameters: str | datetime) -> None:
    """What somebody with the database's own password could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
        else:
            cursor.execute("DROP TRIGGER ledger_entry_no_UPDATE")
            cursor.execute("DROP TRIGGER ledger_entry_no_DELETE")
        cursor.execute(sql, parameters)


def test_record_links_each_entry_to_the_one_before() -> None:
    first, second, third = three_entries()
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert [first.prev_hash, second.prev_hash, third.prev_hash] == ["", first.hash, second.hash]
    assert len({first.hash, second.hash, third.hash}) == 3


def test_record_keeps_one_chain_a_subject() -> None:
    three_entries()
    other = record(subject="case:DC-2", verb="file", actor=CLOCK, role="system", at=NOON)
    assert (other.seq, other.prev_hash) == (1, "")


def test_first_fault_finds_none_in_a_chain_read_back_from_the_database() -> None:
    three_entries()
    assert chain.first_fault(CASE, entries()) is None


SALT = uuid.UUID("00112233445566778899aabbccddeeff")
PINNED = Entry(
    subject=CASE, seq=7, at=NOON, verb="file", role="buyer", actor_id=3, facts={"b": "买家", "a": [1, None, True]}
)


def test_first_canonical_form_is_pinned_and_its_hash_covers_the_text() -> None:
    """A golden form: should it change, old entries no longer verify. Give a new form a new number instead."""
    entry = copy(PINNED)
    assert chain.canonical(entry).decode() == (
        '{"actor":3,"at":"2026-03-01T12:00:00.000000+00:00","audience":"all",'
        '"facts":{"a":[1,null,true],"b":"买家"},"form":1,"role":"buyer","seq":7,"subject":"case:DC-1","verb":"file"}'
    )
    entry.prev_hash = "ab"
    assert chain.link(entry) == hashlib.sha256(b"ab" + chain.canonical(entry)).hexdigest()


def test_second_canonical_form_is_pinned_and_its_hash_covers_the_hash_of_the_text() -> None:
    entry = copy(PINNED)
    entry.salt, entry.prev_hash = SALT, "ab"
    author = hashlib.sha256(b"00112233445566778899aabbccddeeff:3").hexdigest()
    assert chain.canonical(entry).decode() == (
        '{"at":"2026-03-01T12:00:00.000000+00:00","audience":"all","author":"' + author + '",'
        '"facts":{"a":[1,null,true],"b":"买家"},"form":2,"role":"buyer","seq":7,"subject":"case:DC-1","verb":"file"}'
    )
    content = hashlib.sha256(chain.canonical(entry)).hexdigest()
    assert chain.link(entry) == hashlib.sha256(f"ab{content}".encode()).hexdigest()


def test_chain_begun_in_the_first_form_goes_on_in_the_second() -> None:
    old = Entry(subject=CASE, seq=1, at=NOON, verb="admit", role="arbiter", audience=Audience.ALL, facts={})
    old.hash = chain.link(old)
    old.save(force_insert=True)
    new = three_entries()[0]
    assert (new.seq, new.prev_hash, chain.first_fault(CASE, entries())) == (2, old.hash, None)
    told = [json.loads(line) for line in lines(CASE, "buyer")]
    assert [set(row) - {"seq", "prev_hash", "hash"} for row in told] == [
        {"shown"},
        {"content", "canonical", "actor", "salt"},
        {"content", "canonical", "actor", "salt"},
        {"content"},
    ]


def test_record_writes_moments_and_days_as_text_that_reads_back_equal() -> None:
    facts = {"due_at": NOON, "on": date(2026, 3, 1), "ids": (1, 2)}
    entry = record(subject=CASE, verb="file", actor=CLOCK, role="system", at=NOON, facts=facts)
    entry.refresh_from_db()
    assert entry.facts == {"due_at": "2026-03-01T12:00:00+00:00", "on": "2026-03-01", "ids": [1, 2]}
    assert entry.hash == chain.link(entry)


@pytest.mark.parametrize("fact", [1.5, b"bytes", {1, 2}, object()])
def test_record_refuses_facts_that_do_not_read_back_equal(fact: object) -> None:
    with pytest.raises(TypeError):
        record(subject=CASE, verb="file", actor=CLOCK, role="system", at=NOON, facts={"fact": fact})
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "sql", ["UPDATE ledger_entry SET verb = 'concede' WHERE seq = 2", "DELETE FROM ledger_entry WHERE seq = 2"]
)
def test_ledger_only_grows_on_the_database_itself(sql: str) -> None:
    before = three_entries()
    with pytest.raises(DatabaseError, match="ledger_only_grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert [entry.hash for entry in entries()] == [entry.hash for entry in before]


def test_ledger_only_grows_through_the_models_too() -> None:
    entry = three_entries()[1]
    with pytest.raises(DatabaseError, match="ledger_only_grows"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(verb="concede")
    with pytest.raises(DatabaseError, match="ledger_only_grows"), transaction.atomic():
        entry.delete()
    assert Entry.objects.count() == 3


def test_ledger_never_forks() -> None:
    first = three_entries()[0]
    twin = Entry(subject=CASE, seq=2, at=NOON, verb="admit", role="system", prev_hash=first.hash, hash="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


@pytest.mark.parametrize(
    ("column", "value"),
    [("verb", "concede"), ("role", "arbiter"), ("audience", "buyer"), ("at", NOON + timedelta(microseconds=1))],
)
def test_first_fault_names_a_changed_entry(column: str, value: str | datetime) -> None:
    three_entries()
    behind_the_guard(f"UPDATE ledger_entry SET {column} = %s WHERE seq = 2", value)
    assert chain.first_fault(CASE, entries()) == Fault(CASE, 2, "content changed")


def test_first_fault_names_changed_facts() -> None:
    three_entries()
    behind_the_guard("UPDATE ledger_entry SET facts = %s WHERE seq = 1", '{"amount_fen": 1}')
    assert chain.first_fault(CASE, entries()) == Fault(CASE, 1, "content changed")


def test_first_fault_names_a_changed_entry_whose_hash_was_made_anew() -> None:
    second = three_entries()[1]
    second.verb = "concede"
    behind_the_guard("UPDATE ledger_entry SET verb = %s, hash = %s WHERE seq = 2", second.verb, chain.link(second))
    assert chain.first_fault(CASE, entries()) == Fault(CASE, 3, "does not follow the entry before")


def test_first_fault_names_a_removed_entry() -> None:
    three_entries()
    behind_the_guard("DELETE FROM ledger_entry WHERE seq = 2")
    assert chain.first_fault(CASE, entries()) == Fault(CASE, 2, "entry missing")


def test_first_fault_names_swapped_entries() -> None:
    three_entries()
    behind_the_guard("UPDATE ledger_entry SET seq = CASE seq WHEN 1 THEN 12 WHEN 2 THEN 11 ELSE seq END")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET seq = seq - 10 WHERE seq > 10")
    assert chain.first_fault(CASE, entries()) == Fault(CASE, 1, "does not follow the entry before")
