"""The hash chain: canonical form, linking, verifying."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from ledger.models import Entry

FORM = 2
"""Version of the canonical form. A new form gets a new number and old entries keep verifying with the old one.

1: names its author, and the hash covers the text itself. 2: holds the salted hash of its author, and the hash covers
the SHA-256 of the text, which can stand for a text that its reader may not read: the salt keeps it from being guessed.
"""


def canonical(entry: Entry) -> bytes:
    """Sorted keys, no white space, UTF-8, moments as UTC with microseconds. Floats are not allowed in facts."""
    document: dict[str, Any] = {
        "form": FORM if entry.salt else 1,
        "subject": entry.subject,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "verb": entry.verb,
        "role": entry.role,
        "audience": entry.audience,
        "facts": entry.facts,
        **({"author": author(entry)} if entry.salt else {"actor": entry.actor_id}),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def author(entry: Entry) -> str:
    """What stands for the author: whoever is told ``salt`` and ``actor`` can check that it is them."""
    assert entry.salt
    return hashlib.sha256(f"{entry.salt.hex}:{entry.actor_id}".encode()).hexdigest()


def content(entry: Entry) -> str:
    """What stands for the text in the entry's hash; empty in the first form, whose hash covers the text itself."""
    return hashlib.sha256(canonical(entry)).hexdigest() if entry.salt else ""


def link(entry: Entry) -> str:
    covered = content(entry).encode() or canonical(entry)
    return hashlib.sha256(entry.prev_hash.encode() + covered).hexdigest()


@dataclass(frozen=True)
class Fault:
    """The first entry of a chain that does not hold."""

    subject: str
    seq: int
    reason: str


def first_fault(subject: str, entries: Iterable[Entry]) -> Fault | None:
    """Walk a chain in order; None when every entry follows from the one before."""
    previous = ""
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected:
            return Fault(subject, expected, "entry missing")
        if entry.prev_hash != previous:
            return Fault(subject, entry.seq, "does not follow the entry before")
        if entry.hash != link(entry):
            return Fault(subject, entry.seq, "content changed")
        previous = entry.hash
    return None
