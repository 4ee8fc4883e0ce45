"""Doors for the scheduler: money on its way, and records whose time is over."""

from celery import shared_task

from arbitration import execution, records
from core import health


@shared_task(name="arbitration.tasks.settle_refunds")
def settle_refunds() -> None:
    """Bring every open refund forward; one that fails stops nobody. Proof, too, that a worker takes these rings."""
    health.beat("money")
    execution.settle_open_refunds()
    health.beat("money")


@shared_task(name="arbitration.tasks.erase_records")
def erase_records() -> None:
    """Erase what was kept for its time."""
    records.sweep()
