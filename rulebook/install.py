"""Puts the versions published in ``rulebook/published/`` into the database, once.

``v<n>.json`` holds a whole version, or names the one it is ``based_on`` and only what differs from it.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from rulebook import queries
from rulebook.models import Cause, Clause, ClockLength, Number, Pending, Version

PUBLISHED = Path(__file__).parent / "published"
_KEYS = {
    "clauses": ("code",),
    "causes": ("code",),
    "clocks": ("kind", "cause", "category", "condition"),
    "numbers": ("code",),
}

Rules = dict[str, Any]


def install_published(*, using: str = "default") -> list[int]:
    """Install what is missing and return its numbers. One query when nothing is."""
    there = set(Version.objects.using(using).values_list("number", flat=True))
    missing = [number for number in published_numbers() if number not in there]
    if missing:
        with transaction.atomic(using=using):
            for number in missing:
                _install(load(number), using)
        queries.forget()
    return missing


def published_numbers() -> list[int]:
    return sorted(int(path.stem.removeprefix("v")) for path in PUBLISHED.glob("v*.json"))


def load(number: int) -> Rules:
    """The complete rules of one version, as published."""
    rules: Rules = json.loads((PUBLISHED / f"v{number}.json").read_text(encoding="utf-8"))
    if "based_on" not in rules:
        return rules
    base = load(rules["based_on"])
    for part, key in _KEYS.items():
        rules[part] = _merged([_settled(row) for row in base[part]], rules.get(part, []), key)
    return rules


def _settled(row: Rules) -> Rules:
    """An unchanged rule of an earlier version: there is nothing for pending cases to choose between."""
    return row | {"pending": Pending.OLD} if "pending" in row else row


def _merged(base: list[Rules], changes: list[Rules], key: tuple[str, ...]) -> list[Rules]:
    rows = {tuple(row.get(name, "") for name in key): row for row in base}
    for change in changes:
        at = tuple(change.get(name, "") for name in key)
        rows[at] = rows.get(at, {}) | change
    return list(rows.values())


def _install(rules: Rules, using: str) -> None:
    moments = {name: datetime.fromisoformat(rules[name]) for name in ("comment_at", "announced_at", "effective_at")}
    Version.objects.using(using).filter(number=rules.get("based_on", 0)).update(replaced_at=moments["effective_at"])
    version = Version.objects.using(using).create(
        number=rules["number"], title_zh=rules["title_zh"], title_en=rules["title_en"], **moments
    )
    Clause.objects.using(using).bulk_create(
        Clause(version=version, position=position, **row) for position, row in enumerate(rules["clauses"], 1)
    )
    clauses = {clause.code: clause for clause in Clause.objects.using(using).filter(version=version)}
    Cause.objects.using(using).bulk_create(
        Cause(version=version, position=position, **_cause(row, rules, clauses))
        for position, row in enumerate(rules["causes"], 1)
    )
    ClockLength.objects.using(using).bulk_create(ClockLength(version=version, **row) for row in rules["clocks"])
    Number.objects.using(using).bulk_create(Number(version=version, **row) for row in rules["numbers"])


def _cause(row: Rules, rules: Rules, clauses: dict[str, Clause]) -> Rules:
    """A cause's response hours are its response clock: written once, among the clocks. Its points are its usual ones
    where it names no least and most."""
    lengths = (clock for clock in rules["clocks"] if clock["kind"] == "response" and clock.get("cause") == row["code"])
    hours = next((clock["amount"] for clock in lengths), None)
    points = {"points_least": row["points"], "points_most": row["points"]}
    return points | row | {"clause": clauses[row["clause"]], "respond_hours": hours}
