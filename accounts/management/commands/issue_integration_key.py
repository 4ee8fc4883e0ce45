"""``manage.py issue_integration_key LABEL`` prints the key a marketplace signs in with. It is shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.actors import CONSOLE
from accounts.views import acts


class Command(BaseCommand):
    help = "Make an access key for a marketplace integration (not for a person) and print its secret once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("label")

    def handle(self, *args: Any, **options: Any) -> None:
        _key, secret = acts.issue_integration(actor=CONSOLE, label=options["label"])
        self.stdout.write(secret)
