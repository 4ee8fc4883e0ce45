"""What these pages share: who asks, what was refused, and the entry that says what was done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from core.errors import Forbidden, Refused
from ledger.models import Audience
from ledger.recording import record


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # every caller stands behind login_required
    return request.user


def note(subject: str, verb: str, *, actor: User, role: str, at: datetime, **facts: Any) -> None:
    """Record what a verb of this room did; these chains are read by the platform alone."""
    record(subject=subject, verb=verb, actor=actor, role=role, at=at, facts=facts, audience=Audience.PLATFORM)


def attempt(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What ``act`` returns, all or nothing; a refusal becomes the form's error and the answer None."""
    try:
        with transaction.atomic():
            return act()
    except Forbidden:
        raise
    except Refused as refused:
        for name, sentences in (refused.fields or {"": [refused.message]}).items():
            form.add_error(name if name in form.fields else None, list(sentences))
        return None


def part_of(user: User) -> str:
    return user.staff_role or "person"
