"""Clocks that stopped: what was to follow failed, so the sweep set them aside. A supervisor has them run again."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from core import clock
from core.errors import Conflict
from disputes.models import Case, Deadline, Order
from ledger.models import Audience
from ledger.recording import record


def stopped() -> "QuerySet[Deadline]":
    """Every stopped clock, the longest overdue first. No query yet; it reads a partial index of its own."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN).exclude(parked_because="")
    return rows.select_related("case", "after_sales__order").order_by("due_at", "pk")


def for_supervisor(actor: Actor, *, most: int = 25) -> list[Deadline]:
    """Those the actor may have run again: not of a case or order of their own. One query, and one for the stores."""
    return [row for row in stopped()[:most] if policy.refusal(actor, "clocks.run_again", about(row)) is None]


def about(row: Deadline) -> Case | Order:
    """The case the clock is of; before there is one, the order."""
    if row.case is not None:
        return row.case
    assert row.after_sales is not None
    return row.after_sales.order


@transaction.atomic
def run_again(*, actor: Actor, deadline_id: int) -> Deadline:
    """The next sweep carries it out, with its due moment; where that fails again it stands here again.

    Raises Deadline.DoesNotExist. Refused: clock_stopped (409).
    """
    subject = about(Deadline.objects.select_related("case", "after_sales__order").get(pk=deadline_id))
    locked = Case.objects.locked(subject.pk) if isinstance(subject, Case) else Order.objects.locked(subject.pk)
    policy.require(actor, "clocks.run_again", locked)
    row = stopped().filter(pk=deadline_id).first()
    if row is None:
        raise Conflict("clock_stopped", _("This clock runs again already."))
    row.parked_because = ""
    row.save(update_fields=["parked_because"])
    record(
        subject=locked.subject if isinstance(locked, Case) else f"order:{locked.number}",
        verb="clock_run_again",
        actor=actor,
        role=policy.role_in(actor, locked),
        at=clock.now(),
        audience=Audience.PLATFORM,
        facts={"clock": row.kind, "deadline": row.pk},
    )
    return row
