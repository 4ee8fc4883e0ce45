"""Between the fields people fill in and the shape a verb takes.

A form's names say where a value belongs: ``answers[0].reason`` is the reason of the first answer. What was typed stays
flat text, name by name, so that it can be shown again exactly as it was.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core import clock, money
from core.errors import Refused

EARLIEST, AHEAD = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=366)
_STEP = re.compile(r"([a-z_]+)|\[(\d+)\]")
MACHINE_FIELDS = ("csrfmiddlewaretoken", "idempotency_key", "based_on")


def typed(post: Any) -> dict[str, list[str]]:
    """Everything a person filled in, flat: name → values, without the form's own machinery."""
    return {name: list(values) for name, values in post.lists() if name not in MACHINE_FIELDS}


def nested(flat: Mapping[str, list[str]]) -> dict[str, Any]:
    """``{"answers[0].reason": ["…"], "items[]": ["a"]}`` → ``{"answers": [{"reason": "…"}], "items": ["a"]}``.

    Names ending in ``[]`` are lists even with one value; an empty one stands for "none ticked". Gaps in numbering
    close up. Other names are left out.
    """
    tree: dict[Any, Any] = {}
    for name, values in flat.items():
        many = name.endswith("[]")
        path = _path(name[:-2] if many else name)
        if path is None or not values:
            continue
        branch = tree
        for step in path[:-1]:
            inner = branch.setdefault(step, {})
            branch = inner if isinstance(inner, dict) else {}
        branch[path[-1]] = [value for value in values if value] if many else values[-1]
    grown: dict[str, Any] = _lists(tree)
    return grown


def _path(name: str) -> list[str | int] | None:
    if len(name) > 120:
        return None
    steps: list[str | int] = []
    position = 0
    for part in name.split("."):
        for match in _STEP.finditer(part):
            steps.append(match[1] if match[1] else int(match[2]))
            position += len(match[0])
        position += 1
    return steps if steps and position - 1 == len(name) and isinstance(steps[0], str) else None


def _lists(branch: Any) -> Any:
    if not isinstance(branch, dict):
        return branch
    if branch and all(isinstance(key, int) for key in branch):
        return [_lists(branch[key]) for key in sorted(branch)]
    return {key: _lists(value) for key, value in branch.items() if isinstance(key, str)}


class Fen(serializers.IntegerField):
    """An amount in fen. Programs send the integer; people type yuan (context ``typed``), which is never rounded."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 10**12, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if self.context.get("typed"):
            try:
                return money.parse(str(data))
            except Refused as refused:
                raise serializers.ValidationError(refused.message, code=refused.code) from None
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError(_("Send the amount in fen, as an integer."), code="amount_format")
        return int(super().to_internal_value(data))


class Moment(serializers.DateTimeField):
    """A moment that was, or is to be soon: days are counted from it, which nobody can at the ends of the calendar."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = super().to_internal_value(data)
        asked = cast(dict[str, Any], self.context)  # the clock, once for all moments of a document
        if "latest" not in asked:
            asked["latest"] = clock.now() + AHEAD
        if not EARLIEST <= moment <= asked["latest"]:
            raise serializers.ValidationError(
                _("A moment lies between the year 2000 and a year from now."), code="moment_in_range"
            )
        return moment


class Day(serializers.DateField):
    """A day, or None where the field of a form was left empty."""

    def to_internal_value(self, data: Any) -> date | None:  # type: ignore[override]
        return None if data == "" else super().to_internal_value(data)


class Shape(serializers.Serializer[Any]):
    """The input of one verb, for both doors. ``arguments`` are the verb's keyword arguments."""

    based_on = serializers.IntegerField(
        required=False, help_text="The case's version this was based on; an older one is refused with 409."
    )

    def arguments(self) -> dict[str, Any]:
        return dict(self.validated_data)
