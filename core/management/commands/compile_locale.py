"""``manage.py compile_locale``: translations from .po to .mo without the gettext tools."""

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compile every locale/*/LC_MESSAGES/django.po whose .mo is missing or older."
    requires_system_checks = ()

    def handle(self, *_args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                if compile_catalogue(source) and options["verbosity"]:
                    self.stdout.write(str(source.with_suffix(".mo")))


def compile_catalogue(source: Path) -> bool:
    """Write the .mo beside ``source`` if it is out of date, in one step: a running process never reads half of it."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
        return False
    partial = target.with_suffix(f".{os.getpid()}.part")
    polib.pofile(str(source)).save_as_mofile(str(partial))
    partial.replace(target)
    return True
