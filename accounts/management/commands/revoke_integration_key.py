"""``manage.py revoke_integration_key ID`` ends a marketplace's key at once; without ID it lists those that work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import CONSOLE
from accounts.models import AccessKey
from accounts.views import acts


class Command(BaseCommand):
    help = "Revoke a marketplace integration's access key, or list those that work."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key_id", type=int, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["key_id"] is None:
            for key in AccessKey.objects.filter(user=None, revoked_at=None).order_by("pk"):
                self.stdout.write(f"{key.pk}\t{key.label}")
            return
        try:
            key = acts.revoke_integration(actor=CONSOLE, key_id=options["key_id"])
        except AccessKey.DoesNotExist as unknown:
            raise CommandError(f"There is no integration key {options['key_id']}.") from unknown
        self.stdout.write(f"Key {key.pk} no longer works.")
