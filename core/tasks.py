"""The one task that is about the machinery itself."""

from celery import shared_task

from core import health


@shared_task(name="core.tasks.heartbeat")
def heartbeat() -> None:
    """Rung by the scheduler, run by a worker: proof that a worker is alive."""
    health.beat("worker")
