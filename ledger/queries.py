"""Reads: who may read what happened."""

from django.db.models import QuerySet

from ledger.models import Audience, Entry


def readable(subject: str, side: str) -> QuerySet[Entry]:
    """A subject's entries as ``side`` (``""``: the platform) may read them, oldest first. No query yet.

    A side's own business is not the other side's; what the two offered each other is not the platform's.
    """
    entries = Entry.objects.filter(subject=subject).order_by("seq")
    if not side:
        return entries.exclude(audience=Audience.PARTIES)
    return entries.filter(audience__in=[Audience.ALL, Audience.PARTIES, side])
