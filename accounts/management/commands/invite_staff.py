"""``manage.py invite_staff EMAIL ROLE`` prints the link by which the first administrator joins."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import CONSOLE
from accounts.models import StaffRole
from accounts.views import acts
from core.errors import Refused


class Command(BaseCommand):
    help = "Invite a person as platform staff and print the link. It works once, for seven days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=[role for role in StaffRole.values if role])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _invitation, token = acts.invite(actor=CONSOLE, email=options["email"], staff_role=options["role"])
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(acts.link_of(token))
