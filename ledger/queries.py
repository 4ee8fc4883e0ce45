"""Reads: who may read what happened."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from ledger.chain import canonical
from ledger.models import Audience, Entry


def readable(subject: str, side: str) -> QuerySet[Entry]:
    """A subject's entries as ``side`` (``""``: the platform) may read them, oldest first. No query yet."""
    return Entry.objects.filter(subject=subject, audience__in=_audiences(side)).order_by("seq")


def read(subject: str, side: str) -> list[Entry]:
    """The same, read by a statement of our own: every case page asks it. One query."""
    heard = _audiences(side)
    marks = ", ".join("%s" for _audience in heard)
    statement = f"SELECT * FROM ledger_entry WHERE subject = %s AND audience IN ({marks}) ORDER BY seq"
    return list(Entry.objects.raw(statement, [subject, *heard]))


def _audiences(side: str) -> list[str]:
    """Whom an entry is for that ``side`` may read. A side's own business is not the other side's; what the two offered
    each other is not the platform's."""
    if side:
        return [Audience.ALL, Audience.PARTIES, side]
    return [audience for audience in Audience.values if audience != Audience.PARTIES]


SIDES = {"buyer", "merchant", "system"}


def lines(subject: str, side: str) -> Iterator[bytes]:
    """A subject's whole chain as JSON lines that anybody can check, for ``side`` (``""``: the platform). Two queries.

    ``hash`` is the SHA-256 of ``prev_hash`` and ``canonical``. Of what the reader may not read only the hashes are
    there, to hold its place. A side does not learn who on the platform acted, so it reads such an entry without its
    author (``shown``), and its hash holds its place too.
    """
    may_read = set(readable(subject, side).values_list("pk", flat=True))
    for entry in Entry.objects.filter(subject=subject).order_by("seq").iterator(chunk_size=500):
        line: dict[str, Any] = {"seq": entry.seq, "prev_hash": entry.prev_hash, "hash": entry.hash}
        if entry.pk in may_read:
            text = canonical(entry).decode()
            if not side or entry.role in SIDES:
                line["canonical"] = text
            else:
                line["shown"] = {name: value for name, value in json.loads(text).items() if name != "actor"}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
