"""Reads: who may read what happened."""

from django.db.models import QuerySet

from ledger.models import Audience, Entry


def readable(subject: str, side: str) -> QuerySet[Entry]:
    """A subject's entries as ``side`` (``""``: the platform) may read them, oldest first. No query yet.

    A side's own business is not the other side's; what the two offered each other is not the platform's.
    """
    audiences = [Audience.ALL, Audience.PARTIES, side] if side else [Audience.ALL, Audience.PLATFORM]
    return Entry.objects.filter(subject=subject, audience__in=audiences).order_by("seq")
