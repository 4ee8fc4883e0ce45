"""The REST door's ground: what was sent, one answer per idempotency key, keyset pages, and what the schema says.

Knows no business word; what an operation does stands with the operation.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from core import idempotency
from core.errors import Refused
from core.forms import Shape

PAGE, MOST = 30, 100
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")


# --- what was sent ---------------------------------------------------------------------------------------------------
def checked(shape: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The data in ``shape``: a verb's arguments, or a read's parameters. Raises ValidationError."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    if not isinstance(given, Shape):
        return dict(given.validated_data)
    return {name: value for name, value in given.arguments().items() if name != "based_on"}


# --- once ------------------------------------------------------------------------------------------------------------
def key_in(request: Request) -> str:
    """The request's idempotency key. Refused (400): ``idempotency_key_required``."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.match(key):
        raise Refused(
            "idempotency_key_required",
            _("Send a header Idempotency-Key: 1 to 200 visible ASCII characters, new for each act."),
            status=400,
        )
    return key


def answer_once(
    request: Request, *, actor: str, act: Callable[[], tuple[int, Any]], said: Any = None
) -> tuple[Response, bool]:
    """Perform ``act`` (which returns status and body) once per key; return its answer, and whether it is a repeat.

    The same key with another method, path or body (``said``: what stands for it) is refused with 422.
    """

    def keep() -> list[Any]:
        status, body = act()
        return [status, plain(body)]

    answer, repeated = idempotency.once(actor=actor, key=key_in(request), mark=_mark(request, said), act=keep)
    return _response(answer, repeated=repeated), repeated


def known_answer(request: Request, *, actor: str, said: Any = None) -> Response | None:
    """What ``answer_once`` answered to this key before, if it did."""
    answer = idempotency.known(actor=actor, key=key_in(request), mark=_mark(request, said))
    return None if answer is None else _response(answer, repeated=True)


def _mark(request: Request, said: Any) -> str:
    return idempotency.fingerprint(request.method, request.path, request.data if said is None else said)


def _response(answer: list[Any], *, repeated: bool) -> Response:
    status, body = answer
    return Response(body, status=status, headers={"Idempotent-Replayed": "true"} if repeated else None)


def plain(body: Any) -> Any:
    """The body as JSON keeps it, so that the first answer and its repetition are the same."""
    return json.loads(json.dumps(body, cls=JSONEncoder))


# --- pages -----------------------------------------------------------------------------------------------------------
class PageShape(serializers.Serializer[Any]):
    """Where in a list to go on, and how much of it to read."""

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE, help_text="Rows in a page.")
    before = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Rows older than this id; follow `next` instead."
    )


def page(request: Request, rows: Any, asked: Mapping[str, Any]) -> tuple[list[Any], str | None]:
    """One page of ``rows`` (a query set), newest first by id, and the address of the next. One query."""
    if before := asked.get("before"):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: asked["limit"] + 1])
    if len(found) <= asked["limit"]:
        return found, None
    found.pop()
    return found, address(request, before=found[-1].pk)


def address(request: Request, **changed: Any) -> str:
    """This request's path with its query, some of it changed."""
    query = request.query_params.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


# --- what the schema says about every operation -----------------------------------------------------------------------
class ErrorBody(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="The rule's name; it does not change.")
    message = serializers.CharField(help_text="For the reader, in their language.")
    still_possible = serializers.ListField(child=serializers.CharField(), help_text="What can be done instead.")

    def get_fields(self) -> dict[str, Any]:
        """``fields`` is also a serializer's own word, so it cannot stand among the attributes."""
        texts = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "fields": serializers.DictField(child=texts)}


class Error(serializers.Serializer[Any]):
    error = ErrorBody()


def errors(*statuses: int) -> dict[int, type[Error]]:
    """The one error shape for these statuses."""
    return dict.fromkeys(statuses, Error)


READ_ERRORS = errors(401, 403, 404, 429)
ACT_ERRORS = errors(400, 401, 403, 404, 409, 413, 415, 422, 429)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="New for each act. The same key with the same request gets the same answer and no second effect.",
)
