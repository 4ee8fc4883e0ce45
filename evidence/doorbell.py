"""Telling a worker that a file waits to be checked. A lost ring costs time, nothing else: the sweep rings again."""

import logging

from celery import current_app
from django.db import transaction

from evidence.models import Item

logger = logging.getLogger(__name__)

EXPIRES_SECONDS = 29
"""A ring nobody heard by then is repeated by the sweep."""


def ring(item: Item) -> None:
    """After the caller's transaction. A broker that cannot be reached is only logged."""
    item_id = str(item.pk)
    transaction.on_commit(lambda: _send(item_id))


def _send(item_id: str) -> None:
    try:
        current_app.send_task("evidence.tasks.check", [item_id], expires=EXPIRES_SECONDS, retry=False)
    except Exception:  # whatever a transport raises
        logger.warning("no broker to tell of item %s; the sweep will", item_id)
