"""``manage.py advance_clock 48h``: move the demo world's clock ahead."""

import re
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.clock import BEIJING, now
from core.models import DemoClock

_SPAN = re.compile(r"(?:(?P<days>\d{1,4})d)?(?:(?P<hours>\d{1,5})h)?(?:(?P<minutes>\d{1,6})m)?")


class Command(BaseCommand):
    help = "Move the demo world's clock ahead: advance_clock 48h (also 2d, 90m, 1d12h). Refused outside a demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("span")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo world (GONGDUAN_DEMO is not set): its clock stays as it is.")
        with transaction.atomic():
            row, _created = DemoClock.objects.select_for_update().get_or_create(pk=1, defaults={"offset": timedelta()})
            row.offset += span(options["span"])
            row.save()
        self.stdout.write(f"The demo's clock now says {now().astimezone(BEIJING):%Y-%m-%d %H:%M} (Asia/Shanghai).")


def span(text: str) -> timedelta:
    """``"1d12h"`` as a timedelta. Raises CommandError for anything else, and for nothing at all."""
    match = _SPAN.fullmatch(text)
    if not text or match is None:
        raise CommandError(f"{text!r} is not a span of time; write 48h, 2d, 90m or 1d12h.")
    return timedelta(**{unit: int(count) for unit, count in match.groupdict(default="0").items()})
