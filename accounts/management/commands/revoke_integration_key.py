"""``manage.py revoke_integration_key ID`` ends a marketplace's key at once; without ID it lists those that work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import keys
from accounts.actors import System
from accounts.models import AccessKey
from core import clock
from ledger.models import Audience
from ledger.recording import record


class Command(BaseCommand):
    help = "Revoke a marketplace integration's access key, or list those that work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key_id", type=int, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["key_id"] is None:
            for key in AccessKey.objects.filter(user=None, revoked_at=None).order_by("pk"):
                self.stdout.write(f"{key.pk}\t{key.label}")
            return
        self._revoke(options["key_id"])

    @transaction.atomic
    def _revoke(self, key_id: int) -> None:
        actor, at = System("console"), clock.now()
        try:
            worked = keys.revoke_integration(actor=actor, key_id=key_id, at=at)
        except AccessKey.DoesNotExist as unknown:
            raise CommandError(f"There is no integration key {key_id}.") from unknown
        if worked:
            record(
                subject=f"integration:{key_id}",
                verb="revoke_integration_key",
                actor=actor,
                role="system",
                at=at,
                facts={"key": key_id},
                audience=Audience.PLATFORM,
            )
        self.stdout.write(f"Key {key_id} no longer works.")
