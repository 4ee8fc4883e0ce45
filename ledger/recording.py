"""``record``: the one way anything gets into the ledger."""

from datetime import date, datetime
from typing import Any, Protocol
from uuid import uuid4

from django.db import connection

from accounts.actors import Actor
from accounts.models import User
from ledger import chain
from ledger.models import Audience, Entry

_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(subject, 0)) FROM unnest(%s::text[]) AS subject"


def hold(*subjects: str) -> None:
    """Make other writers to these subjects wait until the caller's transaction ends, in this order. Free to repeat.

    Doors that record without the case's lock (a view of an original, an upload) line up here. One query on
    PostgreSQL, none on SQLite, whose transactions stand in line anyway.
    """
    if subjects and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [list(subjects)])


class Sided(Protocol):
    """What has a buyer and a store: an order, a case."""

    buyer_id: int
    store_id: int


def record(
    *,
    subject: str,
    verb: str,
    actor: Actor,
    role: str,
    at: datetime,
    facts: dict[str, Any] | None = None,
    audience: str = Audience.ALL,
    about: Sided | None = None,
) -> Entry:
    """Append an entry to the subject's chain, inside the caller's transaction and under the subject's lock.

    ``role`` is the part the actor played (buyer, merchant, arbiter, …, system). ``about``: whose matter it is, so that
    both sides find it among their notices; None for what neither is told of. The constraint
    ``ledger_never_forks`` stands behind the lock. Three queries.
    """
    hold(subject)
    last = Entry.objects.filter(subject=subject).order_by("-seq").values_list("seq", "hash").first()
    seq, prev_hash = last or (0, "")
    entry = Entry(
        subject=subject,
        seq=seq + 1,
        at=at,
        verb=verb,
        role=role,
        actor=actor if isinstance(actor, User) else None,
        audience=audience,
        buyer_id=about.buyer_id if about else None,
        store_id=about.store_id if about else None,
        facts=_plain(facts or {}),
        salt=uuid4(),
        prev_hash=prev_hash,
    )
    entry.hash = chain.link(entry)
    entry.save(force_insert=True)
    return entry


def _plain(value: Any) -> Any:
    """Facts as JSON that reads back equal: moments become text, floats are refused."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{type(value).__name__} may not stand in a ledger entry")
