"""One form's way through the HTML door: shown with what was kept, sent once, shown again with what was wrong.

What people type is kept as a draft before anything is checked, so no answer, however bad, loses a word.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actors import key_of
from accounts.models import User
from core import idempotency
from core.errors import Refused, flatten
from core.forms import Shape, nested, typed
from disputes import drafts


@dataclass
class FormState:
    """What a template needs to draw a form. ``values``: name → list of texts, as typed. ``errors``: name → sentences.

    ``key`` is the idempotency key, ``based_on`` the version of the case the form was drawn from; both go into hidden
    fields. ``status`` is the HTTP status of the page that shows it.
    """

    name: str
    values: Mapping[str, list[str]] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refused | None = None
    status: int = 200
    done: bool = False
    answer: Any = None
    saved_at: datetime | None = None
    based_on: int | None = None
    key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def flat(self) -> dict[str, str]:
        """Name → its one text, for forms without lists."""
        return {name: values[-1] if values else "" for name, values in self.values.items()}


def blank(
    request: HttpRequest, name: str, *, based_on: int | None = None, start: Mapping[str, Any] | None = None
) -> FormState:
    """The form as first shown: the reader's draft if there is one, else ``start``. One query."""
    assert isinstance(request.user, User)
    draft = drafts.load(user=request.user, form=name)
    first = {key: value if isinstance(value, list) else [str(value)] for key, value in (start or {}).items()}
    values = {**first, **draft.data} if draft else first
    return FormState(name=name, values=values, based_on=based_on, saved_at=draft.saved_at if draft else None)


def submit(
    request: HttpRequest,
    name: str,
    *,
    shape: type[Shape],
    act: Callable[..., Any],
    based_on: int | None = None,
) -> FormState:
    """Check the posted form's shape and perform ``act(**arguments)`` once per idempotency key.

    On success the draft is dropped and ``done`` is set; else the state carries the errors and everything typed.
    ``act`` returns something JSON can keep. ``based_on``: the version now, for the page that is shown again.
    """
    assert isinstance(request.user, User)
    values = typed(request.POST)
    state = FormState(
        name=name,
        values=values,
        based_on=based_on,
        key=request.POST.get("idempotency_key", "")[:64] or uuid.uuid4().hex,
    )
    try:
        state.saved_at = drafts.save(user=request.user, form=name, data=values).saved_at
        data = nested(values)
        if posted := request.POST.get("based_on", ""):
            data["based_on"] = posted
        checked = shape(data=data, context={"typed": True})
        if not checked.is_valid():
            state.errors, state.status = flatten(checked.errors), 422
            state.refusal = Refused("invalid", _("Some fields need another look."))
            return state
        mark = idempotency.fingerprint(name, data)
        arguments = checked.arguments()
        state.answer, _replayed = idempotency.once(
            actor=key_of(request.user), key=state.key, mark=mark, act=lambda: act(**arguments)
        )
    except Refused as refused:
        state.refusal, state.errors, state.status = refused, refused.fields, refused.status
        return state
    drafts.drop(user=request.user, form=name)
    state.done = True
    return state


def unversioned(given: dict[str, Any]) -> dict[str, Any]:
    """Arguments for a verb on something that has no version."""
    return {name: value for name, value in given.items() if name != "based_on"}
