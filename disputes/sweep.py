"""The sweep: what is due happens. Run it twice, late, or on ten workers: nothing changes but the hour it is noticed."""

import logging
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, transaction
from django.db.models import QuerySet

from core import clock
from disputes import deadlines
from disputes.models import Case, Deadline, Order

logger = logging.getLogger(__name__)

BATCH = 200


def due(at: datetime) -> "QuerySet[Deadline]":
    """What the sweep has to carry out at ``at``, oldest first. The platform's own targets only sort its queue."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, parked_because="", due_at__lte=at)
    return rows.exclude(kind__in=Deadline.TARGETS).order_by("due_at", "id")


def sweep(*, limit: int = 5000) -> int:
    """Carry out every expiry that is due, oldest first, each in a transaction of its own; returns how many.

    An expiry may make another one due (a case nobody swept for days): rounds go on until none is left. A row whose
    verb fails is parked with its error and stops nobody. The query reads the partial index of open clocks alone.
    """
    done, seen = 0, set[int]()
    while done < limit:
        at = clock.now()
        batch = list(due(at).exclude(pk__in=seen).values_list("pk", "case_id", "after_sales__order_id")[:BATCH])
        if not batch:
            return done
        for deadline_id, case_id, order_id in batch:
            seen.add(deadline_id)
            done += _carry_out(deadline_id, at, case_id, order_id)
    return done


def _carry_out(deadline_id: int, at: datetime, case_id: int | None, order_id: int | None) -> bool:
    try:
        with transaction.atomic():
            return _expire(deadline_id, at, case_id, order_id)
    except OperationalError:
        # The database's trouble (a deadlock, a lost connection), not the row's: the next sweep tries again.
        logger.exception("deadline %s waits for the next sweep", deadline_id)
        return False
    except Exception as error:
        logger.exception("deadline %s parked", deadline_id)
        Deadline.objects.filter(pk=deadline_id, state=Deadline.State.OPEN).update(
            parked_because=f"{type(error).__name__}: {error}"[:200]
        )
        return False


def _expire(deadline_id: int, at: datetime, case_id: int | None, order_id: int | None) -> bool:
    """Under the lock: was it still open and due at ``at``? Then end it and call its verb with the due moment."""
    try:
        case = _locked(case_id, order_id)
        row = Deadline.objects.get(pk=deadline_id)
    except ObjectDoesNotExist:
        return False
    if row.state != Deadline.State.OPEN or row.due_at is None or at < row.due_at:
        return False
    row.case = case
    deadlines.expire(row)
    return True


def _locked(case_id: int | None, order_id: int | None) -> Case | None:
    """The clock's case, locked, or before there is one its order. ObjectDoesNotExist when another worker holds it."""
    if case_id is not None:
        return Case.objects.locked(case_id, skip_locked=True)
    assert order_id is not None
    Order.objects.locked(order_id, skip_locked=True)
    return None
