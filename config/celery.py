"""The Celery app and the whole beat schedule.

Beat only rings: every task looks into the database for what is due, may be lost, late or doubled, and changes nothing
when run twice. ``expires`` keeps a backlog of rings from building up while no worker listens.
"""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
HEARTBEAT = "core.tasks.heartbeat"
MONEY = "arbitration.tasks.settle_refunds"

app = Celery("gongduan")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "heartbeat": {"task": HEARTBEAT, "schedule": 15.0, "options": {"expires": 14}},
    "sweep-deadlines": {"task": "disputes.tasks.sweep_deadlines", "schedule": 15.0, "options": {"expires": 14}},
    "sweep-unchecked": {"task": "evidence.tasks.sweep_unchecked", "schedule": 30.0, "options": {"expires": 29}},
    "forget-idempotency-keys": {
        "task": "core.tasks.forget_idempotency_keys",
        "schedule": 86400.0,
        "options": {"expires": 3600},
    },
    "sweep-uploads": {"task": "evidence.tasks.sweep_uploads", "schedule": 60.0, "options": {"expires": 59}},
    "settle-refunds": {"task": MONEY, "schedule": 15.0, "options": {"expires": 14}},
    "erase-records": {"task": "arbitration.tasks.erase_records", "schedule": 300.0, "options": {"expires": 299}},
    "sign-heads": {"task": "ledger.tasks.sign_heads", "schedule": 600.0, "options": {"expires": 599}},
    "check-evidence": {"task": "evidence.tasks.check_everything", "schedule": 60.0, "options": {"expires": 59}},
}


@signals.beat_init.connect
@signals.beat_embedded_init.connect
def ring_at_start(**_signal: Any) -> None:
    """The schedule's first ring comes after a whole period; readiness should not wait for it."""
    app.send_task(HEARTBEAT, expires=14)
    app.send_task(MONEY, expires=14)


@signals.before_task_publish.connect(sender=HEARTBEAT)
def scheduler_is_alive(**_signal: Any) -> None:
    """Only the scheduler sends this task: its sending proves the scheduler, its running proves a worker."""
    from django.db import close_old_connections

    from core import health

    close_old_connections()
    health.beat("scheduler")
