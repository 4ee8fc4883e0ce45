"""``manage.py import_orders FILE`` takes orders in from JSON Lines, one a line, in the shape of ``POST /orders/``.

A bad line is reported on standard error and stops nothing. The same file twice changes nothing. ``-`` reads
standard input. Exits with 1 if any line failed.
"""

import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from rest_framework.exceptions import APIException

from accounts.actors import System
from core import parsing
from core.errors import Refused, flatten
from disputes import orders
from disputes.shapes import ReceiveOrder

LONGEST = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class Command(BaseCommand):
    help = "Take orders in from a file of JSON Lines; see docs/api.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="path of the file, or - for standard input")
        parser.add_argument("--integration", default="import", help="in whose name the orders come in")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = System(f"integration:{options['integration']}")
        counts = {"new": 0, "known": 0, "failed": 0}
        for number, line in _lines(options["file"]):
            try:
                counts["new" if _receive(actor, line) else "known"] += 1
            except (Refused, APIException, DatabaseError) as no:
                counts["failed"] += 1
                self.stderr.write(f"line {number}: {_why(no)}")
        self.stdout.write("{new} new, {known} known, {failed} failed".format(**counts))
        if counts["failed"]:
            sys.exit(1)


def _receive(actor: System, line: bytes) -> bool:
    """Take one line in; whether the order is new."""
    if len(line) > LONGEST:
        raise Refused("line_too_long", f"longer than {LONGEST} bytes")
    given = ReceiveOrder(data=parsing.loads(line))
    given.is_valid(raise_exception=True)
    return orders.receive(actor=actor, **given.validated_data).created


def _lines(path: str) -> Iterator[tuple[int, bytes]]:
    """The file's lines that are not empty, with their numbers; no more of a line is kept than it takes to refuse it."""
    if path == "-":
        yield from _read(sys.stdin.buffer)
        return
    try:
        with open(path, "rb") as file:
            yield from _read(file)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None


def _read(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(LONGEST + 2):
        number += 1
        whole = line
        while not line.endswith(b"\n") and (line := file.readline(LONGEST)):
            pass  # the rest of a line that is too long
        stripped = whole.removeprefix(_BOM).strip() if number == 1 else whole.strip()
        if stripped:
            yield number, stripped


def _why(no: Refused | APIException | DatabaseError) -> str:
    """Code, sentence and fields, in one line."""
    if isinstance(no, DatabaseError):
        return f"the database refused it: {' '.join(str(no).split())}"
    if isinstance(no, Refused):
        return " ".join(f"{no.code}: {no.message} {'; '.join(no.fields)}".split())
    fields = flatten(no.detail) if isinstance(no.detail, dict | list) else {"": [str(no.detail)]}
    return "; ".join(" ".join(f"{name} {' '.join(texts)}".split()) for name, texts in fields.items())
