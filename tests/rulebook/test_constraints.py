"""What the tables of the rules hold by themselves."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from rulebook.models import Cause, Clause, ClockLength, Number, Version

MOMENT = datetime(2027, 1, 1, tzinfo=UTC)


def version(**moments: datetime) -> Version:
    return Version.objects.create(number=99, title_zh="草案", title_en="Draft", **moments)


def again(rows: Any) -> None:
    """The version's first row a second time."""
    row = rows.first()
    row.pk, row._state.adding = None, True
    row.save(force_insert=True)


def points_below_their_least() -> None:
    row = Cause.objects.filter(version=1, code="malicious_review").get()
    row.pk, row._state.adding, row.code, row.points = None, True, "another", 1
    row.save(force_insert=True)


HELD: dict[str, Callable[[], object]] = {
    "announced_before_effective": lambda: version(announced_at=MOMENT, effective_at=MOMENT),
    "cause_once_per_version": lambda: again(Cause.objects.filter(version=1)),
    "clause_once_per_version": lambda: again(Clause.objects.filter(version=1)),
    "clock_length_once_per_version": lambda: again(ClockLength.objects.filter(version=1)),
    "usual_points_inside_their_range": points_below_their_least,
    "number_once_per_version": lambda: again(Number.objects.filter(version=1)),
}


@pytest.mark.parametrize("rule", HELD)
def test_constraint_holds_by_itself(db: None, rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        HELD[rule]()


def test_announced_before_effective_by_a_moment_is_enough(db: None) -> None:
    assert version(announced_at=datetime(2026, 12, 31, tzinfo=UTC), effective_at=MOMENT).pk == 99
