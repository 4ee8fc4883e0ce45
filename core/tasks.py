"""Tasks about the machinery itself."""

from celery import shared_task

from core import clock, health, idempotency


@shared_task(name="core.tasks.heartbeat")
def heartbeat() -> None:
    """Rung by the scheduler, run by a worker: proof that a worker is alive."""
    health.beat("worker")


@shared_task(name="core.tasks.forget_idempotency_keys")
def forget_idempotency_keys() -> None:
    """Answers that nobody asks for again any more."""
    idempotency.forget(before=clock.now() - idempotency.KEPT_FOR)
