"""``manage.py seed_demo``: fill an empty demo with its world."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from arbitration.demo import past, present
from arbitration.demo.cast import BUYERS, address, gather
from arbitration.demo.stage import Stage
from core import clock
from disputes.models import Case, Order
from ledger.models import Entry
from notices.marks import mark_read


class Command(BaseCommand):
    help = "Make the demo world: people, stores, orders and cases in every state, all by the product's own verbs."

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing. Refused outside a demo; does nothing where the world is already there."""
        if not settings.DEMO:
            raise CommandError("This is not a demo world (GONGDUAN_DEMO is not set): nothing was made.")
        if User.objects.filter(email=address(BUYERS[0][0])).exists():
            self.stdout.write("The demo world is already there.")
            return
        with transaction.atomic():
            self._make()
        cases = Case.objects.count()
        self.stdout.write(f"The demo world has {Order.objects.count()} orders and {cases} cases.")

    def _make(self) -> None:
        cast, now = gather(), clock.now()
        stage = Stage(until=now)
        for story in [*past.stories(cast, now), *past.agreed_before(cast, now), *present.stories(cast, now)]:
            stage.add(story)
        stage.play()
        self._read_until(now - timedelta(days=1))

    def _read_until(self, moment: datetime) -> None:
        """Everybody has read what happened until then, as people do."""
        last_entry = Entry.objects.filter(at__lte=moment).aggregate(last=Max("pk"))["last"]
        for user in User.objects.all():
            mark_read(actor=user, last_entry=last_entry)
