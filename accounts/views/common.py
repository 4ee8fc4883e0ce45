"""What these doors share: who asks, for which store, and what was refused."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Store, User
from core.errors import Forbidden, Refused


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # every caller stands behind login_required
    return request.user


def store_of(user: User, code: str) -> Store:
    """A store the reader works for; to everyone else it does not exist. One query."""
    return get_object_or_404(Store, code=code, memberships__user=user, memberships__is_active=True)


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
