"""The hash chain: canonical form, linking, verifying."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from ledger.models import Entry

FORM = 1
"""Version of the canonical form. A new form gets a new number and old entries keep verifying with the old one."""


def canonical(entry: Entry) -> bytes:
    """Sorted keys, no white space, UTF-8, moments as UTC with microseconds. Floats are not allowed in facts."""
    document: dict[str, Any] = {
        "form": FORM,
        "subject": entry.subject,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "verb": entry.verb,
        "role": entry.role,
        "actor": entry.actor_id,
        "audience": entry.audience,
        "facts": entry.facts,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def link(entry: Entry) -> str:
    return hashlib.sha256(entry.prev_hash.encode() + canonical(entry)).hexdigest()


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
