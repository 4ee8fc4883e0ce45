"""Doors for the workers: one file to look into, what a dead worker left, and the nightly check of everything."""

from uuid import UUID

from celery import shared_task

from core import clock
from evidence import checking, rounds, uploads


@shared_task(name="evidence.tasks.check")
def check(item_id: str) -> None:
    checking.check(UUID(item_id))


@shared_task(name="evidence.tasks.sweep_unchecked")
def sweep_unchecked() -> None:
    checking.sweep()


@shared_task(name="evidence.tasks.check_everything")
def check_everything() -> None:
    """A slice of the nightly round."""
    rounds.work()


@shared_task(name="evidence.tasks.sweep_uploads")
def sweep_uploads() -> None:
    uploads.sweep(at=clock.now())
