"""Reads: who may read what happened."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from ledger.chain import canonical, content
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

    ``hash`` is the SHA-256 of ``prev_hash`` and ``content``, which is the SHA-256 of ``canonical``. Of what the reader
    may not read ``content`` stands alone. A side does not learn who on the platform acted: it is given ``actor`` and
    ``salt``, which say whose the ``author`` of an entry is, of the two sides and the system alone. For entries of the
    first form (no salt) see ``_first_form``.
    """
    may_read = set(readable(subject, side).values_list("pk", flat=True))
    for entry in Entry.objects.filter(subject=subject).order_by("seq").iterator(chunk_size=500):
        line: dict[str, Any] = {"seq": entry.seq, "prev_hash": entry.prev_hash, "hash": entry.hash}
        named = not side or entry.role in SIDES
        if entry.salt is None:
            line |= _first_form(entry, named=named) if entry.pk in may_read else {}
        else:
            line["content"] = content(entry)
            if entry.pk in may_read:
                line["canonical"] = canonical(entry).decode()
                line |= {"actor": entry.actor_id, "salt": entry.salt.hex} if named else {}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _first_form(entry: Entry, *, named: bool) -> dict[str, Any]:
    """Its text names its author; a side reads it without (``shown``), so that only its hash holds its place."""
    text = canonical(entry).decode()
    if named:
        return {"canonical": text}
    return {"shown": {name: value for name, value in json.loads(text).items() if name != "actor"}}
