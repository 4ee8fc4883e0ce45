"""``manage.py demo_signins``: who can sign in to the demo, as JSON."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import home
from accounts.models import Membership, StaffRole, User
from arbitration.demo.cast import PASSWORD, SIGNING_IN, TOTP_SECRET, address

ORDER = ("buyer", "merchant", *StaffRole.values)


class Command(BaseCommand):
    help = "Print the demo's sign-ins as JSON: role, name, e-mail, password, store and the page each starts on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo world (GONGDUAN_DEMO is not set): it has no sign-ins to print.")
        people = User.objects.filter(email__in=[address(key) for key in SIGNING_IN]).order_by("pk")
        rows = sorted(map(_row, people), key=lambda row: ORDER.index(row["role"]))
        self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))


def _row(user: User) -> dict[str, str]:
    membership = Membership.objects.filter(user=user, is_active=True).select_related("store").first()
    row = {
        "role": user.staff_role or ("merchant" if membership else "buyer"),
        "name": user.name,
        "email": user.email,
        "password": PASSWORD,
        "store": membership.store.name if membership else "",
        "where": settings.PUBLIC_URL.rstrip("/") + home.path_of(user),
    }
    return row | ({"totp_secret": TOTP_SECRET} if user.is_platform and settings.DEMO_SECOND_FACTOR else {})
