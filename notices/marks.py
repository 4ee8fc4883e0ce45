"""How far a person has read."""

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from ledger.models import Entry
from notices.models import ReadMark


@transaction.atomic
def mark_read(*, actor: User, last_entry: int) -> None:
    """Everything up to ``last_entry`` is read, but nothing that has not happened yet. The mark never goes back."""
    newest = Entry.objects.aggregate(newest=Max("pk"))["newest"] or 0
    last = min(last_entry, newest)
    ReadMark.objects.get_or_create(user=actor)
    ReadMark.objects.filter(user=actor, last_entry__lt=last).update(last_entry=last)
