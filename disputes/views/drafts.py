"""What people type is kept as they type it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.models import User
from core.clock import BEIJING
from core.errors import Refused
from core.forms import typed
from disputes import drafts
from disputes.models import Case, Order


@require_POST
@login_required
def draft(request: HttpRequest, name: str) -> HttpResponse:
    """Keep what was typed into any form about a case or an order the reader can see: ``case:<number>:<form>``."""
    assert isinstance(request.user, User)
    if not _own_form(request.user, name):
        raise Http404
    try:
        saved = drafts.save(user=request.user, form=name, data=typed(request.POST))
    except Refused as refused:
        return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
    return JsonResponse({"saved_at": f"{saved.saved_at.astimezone(BEIJING):%H:%M}"})


def _own_form(user: User, name: str) -> bool:
    """Whether the name is that of a form about something the reader can see. One query."""
    kind, _colon, rest = name.partition(":")
    number, _colon, form = rest.partition(":")
    if not form or len(name) > 120:
        return False
    if kind == "case":
        return Case.objects.visible_to(user).filter(number=number).exists()
    return kind == "order" and Order.objects.visible_to(user).filter(number=number).exists()


def written(data: dict[str, Any]) -> str:
    """The words somebody typed into a form, in order, as one text."""
    texts = [text.strip() for name, values in data.items() if _is_text(name) for text in values if text.strip()]
    return "\n\n".join(texts)


def _is_text(name: str) -> bool:
    return name.rpartition(".")[2] in TEXTS or (name.startswith("answers[") and name.endswith("]"))


TEXTS = {"statement", "reason", "missing_reason", "conditions", "argument", "why_not_before", "excuse", "defence"}
