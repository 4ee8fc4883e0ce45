"""Whether everything is still what it was: every chain, every row against its custody entries, every stored byte.

Each phase walks its keys in order, some hundred at a time, and may go on after any of them, so that the nightly round
works in slices.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import transaction

from evidence import expected
from evidence.models import Derivative, Dossier, Item
from evidence.storage import PIECE, Measure, store
from ledger import heads
from ledger.chain import first_fault
from ledger.models import Entry
from ledger.recording import hold

BATCH = 200


@dataclass(frozen=True)
class Fault:
    """What does not hold. ``subject``: the chain; ``ref``: the entry, item or head; ``detail``: what is wrong.

    English words for whoever runs the machine; nothing a party reads.
    """

    kind: str
    subject: str
    ref: str
    detail: str

    def __str__(self) -> str:
        return f"{self.subject}, {self.ref}: {self.detail}"


@dataclass(frozen=True)
class Checked:
    """One key of a phase, done. ``size``: the entries or rows walked, or the bytes read."""

    phase: str
    key: str
    faults: list[Fault]
    size: int


def run(phase: str = "", after: str = "") -> Iterator[Checked]:
    """Check everything that comes after key ``after`` of ``phase``. Reads every entry, row and byte there is."""
    names = list(PHASES)
    for name in names[names.index(phase) if phase else 0 :]:
        yield from PHASES[name](after if name == phase else "")


# --- the chains, and the heads that were signed of them --------------------------------------------------------------
def chains(after: str) -> Iterator[Checked]:
    """The signed heads by themselves, then every chain. Two queries for ``BATCH`` chains."""
    signed = heads.read()
    if not after:
        yield Checked("heads", "", [*_problems(signed), *_lost(signed.ends)], signed.number)
    while subjects := _subjects(after):
        rows = Entry.objects.filter(subject__in=subjects).order_by("subject", "seq")
        for subject, entries in groupby(rows.iterator(chunk_size=2000), key=lambda entry: entry.subject):
            yield _chain(subject, list(entries), signed.ends)
        after = subjects[-1]


def _subjects(after: str) -> list[str]:
    rows = Entry.objects.filter(subject__gt=after).order_by("subject").values_list("subject", flat=True)
    return list(rows.distinct()[:BATCH])


def _chain(subject: str, entries: list[Entry], ends: heads.Ends) -> Checked:
    found = []
    if fault := first_fault(subject, entries):
        found.append(Fault("entry", subject, f"entry {fault.seq}", fault.reason))
    if subject in ends and (reason := heads.differs(ends[subject], {entry.seq: entry.hash for entry in entries})):
        found.append(Fault("head", subject, f"entry {ends[subject][0]}", reason))
    return Checked("chains", subject, found, len(entries))


def _problems(signed: heads.Signed) -> list[Fault]:
    return [Fault("head", "heads", f"head {bad.number}", bad.reason) for bad in signed.problems]


def _lost(ends: heads.Ends) -> list[Fault]:
    """The chains that were signed and are no longer there at all. One query."""
    there = set(Entry.objects.order_by().values_list("subject", flat=True).distinct())
    return [
        Fault("head", subject, f"entry {ends[subject][0]}", heads.differs(ends[subject], {}))
        for subject in sorted(ends.keys() - there)
    ]


# --- the rows --------------------------------------------------------------------------------------------------------
def rows(after: str) -> Iterator[Checked]:
    """Items and what was made of them against the custody entries about them. Four queries for ``BATCH`` dossiers."""
    while dossiers := list(Dossier.objects.filter(subject__gt=after).order_by("subject")[:BATCH]):
        for subject, (faults, size) in _differences(dossiers).items():
            yield Checked("rows", subject, _still(subject) if faults else [], size)
        after = dossiers[-1].subject


def _still(subject: str) -> list[Fault]:
    """Reading goes on beside writing: only what differs under the dossier's lock is a fault. Five queries."""
    with transaction.atomic():
        hold(subject)
        return _differences(list(Dossier.objects.filter(subject=subject)))[subject][0]


def _differences(dossiers: list[Dossier]) -> dict[str, tuple[list[Fault], int]]:
    """Dossier's subject → what differs, and how many items it has."""
    subjects = [dossier.subject for dossier in dossiers]
    entries = Entry.objects.filter(subject__in=subjects, verb__startswith="evidence_").order_by("subject", "seq")
    told = {
        subject: expected.fold(about)
        for subject, about in groupby(entries.iterator(chunk_size=2000), key=lambda entry: entry.subject)
    }
    made: dict[Any, list[Derivative]] = defaultdict(list)
    for derivative in Derivative.every.filter(item__dossier__in=dossiers):
        made[derivative.item_id].append(derivative)
    items: dict[int, dict[Item, list[Derivative]]] = defaultdict(dict)
    for item in Item.objects.filter(dossier__in=dossiers):
        items[item.dossier_id][item] = made[item.pk]
    return {
        dossier.subject: (_faults(dossier.subject, told.get(dossier.subject, {}), here), len(here))
        for dossier in dossiers
        for here in [items[dossier.pk]]
    }


def _faults(subject: str, told: dict[str, expected.Told], items: dict[Item, list[Derivative]]) -> list[Fault]:
    return [Fault("row", subject, f"item {ref}", detail) for ref, detail in expected.differences(told, items)]


# --- the files -------------------------------------------------------------------------------------------------------
def files(after: str) -> Iterator[Checked]:
    """Every stored file that a row names, re-hashed in pieces. Two queries for ``BATCH`` files."""
    while hashes := _hashes(after):
        for sha256 in hashes:
            faults, size = _file(sha256)
            yield Checked("files", sha256, faults, size)
        after = hashes[-1]


def _hashes(after: str) -> list[str]:
    items = Item.objects.filter(sha256__gt=after, erased_at=None).values_list("sha256", flat=True)
    made = Derivative.every.filter(sha256__gt=after).values_list("sha256", flat=True)
    both = [*items.order_by("sha256").distinct()[:BATCH], *made.order_by("sha256").distinct()[:BATCH]]
    return sorted(set(both))[:BATCH]


def _file(sha256: str) -> tuple[list[Fault], int]:
    try:
        measure = store().rehash(sha256)
    except FileNotFoundError:
        return _named("file", sha256, "missing"), 0
    if measure.sha256 == sha256:
        return [], measure.size
    return _named("file", sha256, _where(sha256, measure)), measure.size


def _named(kind: str, sha256: str, detail: str) -> list[Fault]:
    """The fault, once for each item that the file belongs to; none where the last of them went meanwhile."""
    own = Item.objects.filter(sha256=sha256, erased_at=None).values_list("dossier__subject", "pk")
    made = Derivative.every.filter(sha256=sha256).values_list("item__dossier__subject", "item_id")
    return [
        Fault(kind, subject, f"item {pk}", f"file {sha256} {detail}") for subject, pk in sorted({*own, *made}, key=str)
    ]


def _where(sha256: str, measure: Measure) -> str:
    """Which bytes changed, as closely as the sums taken at receipt tell."""
    received = Entry.objects.filter(verb="evidence_received", facts__sha256=sha256).order_by("pk").first()
    sums: str = received.facts.get("sums", "") if received else ""
    if received is None or not sums:
        return "changed"
    size: int = received.facts["size"]
    if measure.size < size:
        return f"changed: ends after {measure.size} of {size} bytes"
    bad = [number for number in range(len(sums) // 8) if _sum(sums, number) != _sum(measure.sums, number)]
    # Of a file that grew, the last piece differs in any case.
    if measure.size > size and bad in ([], [len(sums) // 8 - 1]):
        return f"changed: {measure.size - size} bytes more than the {size} received"
    if not bad:
        return "changed"
    return f"changed: first in bytes {bad[0] * PIECE} to {min((bad[0] + 1) * PIECE, size) - 1}"


def _sum(sums: str, number: int) -> str:
    return sums[number * 8 : number * 8 + 8]


PHASES: dict[str, Callable[[str], Iterator[Checked]]] = {"chains": chains, "rows": rows, "files": files}
