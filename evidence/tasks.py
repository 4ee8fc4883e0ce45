"""Doors for the workers: one file to look into, and what a dead worker left."""

from uuid import UUID

from celery import shared_task

from evidence import checking


@shared_task(name="evidence.tasks.check")
def check(item_id: str) -> None:
    checking.check(UUID(item_id))


@shared_task(name="evidence.tasks.sweep_unchecked")
def sweep_unchecked() -> None:
    checking.sweep()
