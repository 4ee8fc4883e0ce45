"""Doors for the scheduler."""

from celery import shared_task

from ledger import heads


@shared_task(name="ledger.tasks.sign_heads")
def sign_heads() -> None:
    """Sign the ends of all chains, once a day."""
    heads.sign_when_due()
