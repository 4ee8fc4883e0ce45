"""Doors for the scheduler."""

from celery import shared_task

from disputes import sweep


@shared_task(name="disputes.tasks.sweep_deadlines")
def sweep_deadlines() -> None:
    sweep.sweep()
