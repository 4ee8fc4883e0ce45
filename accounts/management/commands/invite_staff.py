"""``manage.py invite_staff EMAIL ROLE`` prints the link by which the first administrator joins."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts import invitations
from accounts.adapter import public
from accounts.models import StaffRole
from core import clock
from core.errors import Refused
from ledger.recording import record


class Command(BaseCommand):
    help = "Invite a person as platform staff and print the link. It works once, for seven days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=[role for role in StaffRole.values if role])

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        try:
            with transaction.atomic():
                invitation, token = invitations.invite(
                    actor=invitations.CONSOLE, email=options["email"], staff_role=options["role"], at=at
                )
                record(
                    subject=f"invitation:{invitation.pk}",
                    verb="invite_staff",
                    actor=invitations.CONSOLE,
                    role="system",
                    at=at,
                    facts={"staff_role": invitation.staff_role},
                    audience="platform",
                )
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(public(reverse("accounts:invitation", args=[token])))
