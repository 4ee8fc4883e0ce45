"""Reading that is itself recorded: an auditor's."""

from datetime import datetime

from django.db import transaction

from accounts.models import StaffRole, User
from disputes.models import Case
from ledger.models import Audience
from ledger.recording import record


def note_reading(*, actor: User, case: Case, at: datetime) -> None:
    """Record that an auditor read the case, for the platform alone. Nothing for anybody else."""
    if actor.staff_role != StaffRole.AUDITOR:
        return
    with transaction.atomic():
        record(
            subject=case.subject,
            verb="case_read",
            actor=actor,
            role=actor.staff_role,
            at=at,
            audience=Audience.PLATFORM,
        )
