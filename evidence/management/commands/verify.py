import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidence import verify


class Command(BaseCommand):
    help = "Check every ledger chain, every row and every stored file; name what does not hold and exit with 1."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reads every entry, row and byte. Names every fault there is, the first of each chain."""
        began, done, sizes, faults = time.monotonic(), Counter[str](), Counter[str](), 0
        for checked in verify.run():
            done[checked.phase] += 1
            sizes[checked.phase] += checked.size
            faults += len(checked.faults)
            for fault in checked.faults:
                self.stderr.write(str(fault))
        seconds = max(time.monotonic() - began, 0.001)
        self.stdout.write(
            f"{done['chains']} chains with {sizes['chains']} entries, {sizes['heads']} signed heads,"
            f" {sizes['rows']} items and {done['files']} files with {sizes['files']} bytes checked in {seconds:.1f} s"
            f" ({sizes['chains'] / seconds:.0f} entries/s, {sizes['files'] / seconds / 1e6:.0f} MB/s)."
        )
        if faults:
            raise CommandError(f"{faults} faults.")
        self.stdout.write("Everything holds.")
