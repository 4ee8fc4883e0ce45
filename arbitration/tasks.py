"""Doors for the scheduler: money on its way."""

from celery import shared_task

from arbitration import execution


@shared_task(name="arbitration.tasks.settle_refunds")
def settle_refunds() -> None:
    """Bring every open refund forward; one that fails stops nobody."""
    execution.settle_open_refunds()
