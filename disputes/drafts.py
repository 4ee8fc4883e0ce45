"""Keeping what people type: raw, per person and form, through errors, expiry and conflicts."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.errors import Refused
from disputes.models import Draft

MAX_CHARACTERS = 400_000
"""Of one form: a megabyte of Chinese, and what else stands in it."""


def save(*, user: User, form: str, data: dict[str, Any]) -> Draft:
    """Keep ``data`` as this person's unsent ``form``; fields not named stay as they were.

    Raises Refused("draft_too_long") with the longest field.
    """
    length = {name: len(str(value)) for name, value in data.items()}
    if sum(length.values()) > MAX_CHARACTERS:
        longest = max(length, key=lambda name: length[name])
        text = _("This is too long to keep. Shorten it and save again.")
        raise Refused("draft_too_long", text, field=longest, status=413)
    draft, _created = Draft.objects.get_or_create(user=user, form=form, defaults={"saved_at": clock.now()})
    draft.data = {**draft.data, **_storable(data)}
    draft.saved_at = clock.now()
    draft.save()
    return draft


def _storable(value: Any) -> Any:
    """The same with NUL shown as its symbol: PostgreSQL's JSON cannot hold the character itself."""
    if isinstance(value, dict):
        return {name: _storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value.replace("\0", "␀") if isinstance(value, str) else value


def load(*, user: User, form: str) -> Draft | None:
    return Draft.objects.filter(user=user, form=form).first()


def drop(*, user: User, form: str) -> None:
    """The form was sent."""
    Draft.objects.filter(user=user, form=form).delete()
