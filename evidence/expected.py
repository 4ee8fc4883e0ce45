"""What the custody entries of a dossier say its rows must be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from evidence.models import ON_FILE, OWN, Derivative, Item, Side, State
from ledger.models import Entry

Derived = dict[str, tuple[str, int]]
"""Variant → the SHA-256 and size of what was made."""


@dataclass
class Told:
    """One item as its entries tell it. ``derived``: the last that was made of each variant."""

    entry: int
    side: str
    sha256: str
    size: int
    exhibit_no: int | None = None
    disclosed: bool = False
    withdrawn: bool = False
    erased: bool = False
    gone: bool = False
    derived: Derived = field(default_factory=dict)


def fold(entries: Iterable[Entry]) -> dict[str, Told]:
    """Item → what its entries say, in their order."""
    told: dict[str, Told] = {}
    for entry in entries:
        for facts in _each(entry):
            _apply(told, entry, facts)
    return told


def _each(entry: Entry) -> Iterator[dict[str, Any]]:
    """The items an entry is about: one, or several of one side."""
    if "items" in entry.facts:
        yield from entry.facts["items"]
    elif "item" in entry.facts:
        yield entry.facts


def _apply(told: dict[str, Told], entry: Entry, facts: dict[str, Any]) -> None:
    verb = entry.verb.removeprefix("evidence_")
    if verb == "received":
        told[facts["item"]] = Told(entry.seq, entry.role, facts["sha256"], facts["size"])
    item = told.get(facts["item"])
    if item is None:
        return
    made = {row["variant"]: (row["sha256"], row["size"]) for row in facts.get("derived", ())}
    item.derived = _redacted(item.derived, made) if verb == "redacted" else item.derived | made
    if verb == "lodged":
        item.exhibit_no = facts["exhibit_no"]
    item.disclosed |= verb == "disclosed" or (verb == "lodged" and entry.audience == "all")
    item.withdrawn |= verb == "withdrawn"
    item.erased |= verb == "erased"
    item.gone |= verb == "discarded"


def _redacted(before: Derived, made: Derived) -> Derived:
    """The covered ones stand in the place of the clear ones, which are kept aside; without any, the clear ones."""
    aside = {name.removeprefix(OWN): found for name, found in before.items() if name.startswith(OWN)}
    clear = aside or before
    return {OWN + name: found for name, found in clear.items()} | made if made else clear


def differences(told: dict[str, Told], items: dict[Item, list[Derivative]]) -> Iterator[tuple[str, str]]:
    """(item, what differs) for every row that is not what its entries say, missing and unheard-of rows included."""
    rows = {str(item.pk): item for item in items}
    for ref, entries in told.items():
        if ref in rows:
            yield from ((ref, detail) for detail in _compare(entries, rows[ref]))
            yield from ((ref, detail) for detail in _compare_derived(entries, items[rows[ref]]))
        elif not entries.gone:
            yield ref, f"row missing, received in entry {entries.entry}"
    for ref in rows.keys() - told.keys():
        yield ref, "row without an entry that it was received"


def _compare(told: Told, row: Item) -> Iterator[str]:
    if told.gone:
        yield "row still there, discarded in the ledger"
    for name in ("sha256", "size"):
        if getattr(row, name) != getattr(told, name):
            yield f"{name} of the row is not the one of entry {told.entry}"
    # Whoever is on neither side (a connected marketplace, the clock) puts an item where it belongs.
    if told.side in Side.values and row.side != told.side:
        yield f"side of the row is not the one of entry {told.entry}"
    if row.exhibit_no != told.exhibit_no:
        yield "exhibit number of the row is not the one it was lodged under"
    if (row.disclosed_at is not None) != told.disclosed:
        yield f"row is {'' if row.disclosed_at else 'not '}disclosed, the ledger says otherwise"
    if row.state in ON_FILE and (row.state == State.WITHDRAWN) != told.withdrawn:
        yield f"row is {'' if row.state == State.WITHDRAWN else 'not '}withdrawn, the ledger says otherwise"
    if (row.erased_at is not None) != told.erased:
        yield f"row is {'' if row.erased_at else 'not '}erased, the ledger says otherwise"


def _compare_derived(told: Told, rows: list[Derivative]) -> Iterator[str]:
    derived = {} if told.erased else told.derived
    made = {derivative.variant: (derivative.sha256, derivative.size) for derivative in rows}
    for variant in sorted(derived.keys() | made.keys()):
        if variant not in made:
            yield f"derivative {variant} missing"
        elif variant not in derived:
            yield f"derivative {variant} without an entry that it was made"
        elif made[variant] != derived[variant]:
            yield f"derivative {variant} is not the one last made"
