from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evidence.models import Item
from evidence.verify import check_files
from ledger.chain import first_fault
from ledger.models import Entry


class Command(BaseCommand):
    help = "Check every ledger chain and every stored original; name the first fault and exit with 1."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reads every entry and every byte."""
        subjects = Entry.objects.order_by("subject").values_list("subject", flat=True).distinct()
        chains = 0
        for subject in subjects.iterator():
            chains += 1
            fault = first_fault(subject, Entry.objects.filter(subject=subject).order_by("seq").iterator())
            if fault:
                raise CommandError(f"{fault.subject}, entry {fault.seq}: {fault.reason}")
        for broken in check_files():
            raise CommandError(f"{broken.subject}, item {broken.item}: file {broken.sha256} {broken.reason}")
        self.stdout.write(f"{chains} chains and {Item.objects.count()} files hold.")
