"""How the product says no: one exception, rendered as a page or as the API's one error shape.

``{"error": {"code", "message", "fields": {name: [message, …]}, "still_possible": [sentence, …]}}``
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response

FieldErrors = Mapping[str, Sequence[str]]


class Refused(Exception):
    """A verb said no. ``code`` is the rule's snake_case name as in docs/rules.md; ``message`` is for the reader.

    ``field`` names the input at fault; ``still_possible`` lists what the reader can do instead. The status is 422 for
    a bad input, 409 for the wrong state or a passed deadline, 403 for a missing right, 413/429 for limits.
    ``stays`` writes what the refusal itself leaves behind: ``core.idempotency.once`` calls it once all else is rolled
    back.
    """

    status: int = status.HTTP_422_UNPROCESSABLE_ENTITY

    def __init__(
        self,
        code: str,
        message: Any,
        *,
        field: str | None = None,
        fields: FieldErrors | None = None,
        still_possible: Sequence[Any] = (),
        status: int | None = None,
        stays: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(code, str(message))
        self.code = code
        self.message = str(message)
        self.fields = dict(fields) if fields else ({field: [self.message]} if field else {})
        self.still_possible = [str(sentence) for sentence in still_possible]
        self.stays = stays
        if status is not None:
            self.status = status


class Conflict(Refused):
    """The object is not (or no longer) in a state that allows this."""

    status: int = status.HTTP_409_CONFLICT


class Forbidden(Refused):
    """The actor may see the object but lacks the right."""

    status: int = status.HTTP_403_FORBIDDEN


def body(
    code: str, message: str, fields: FieldErrors | None = None, still_possible: Sequence[str] = ()
) -> dict[str, Any]:
    return {
        "error": {
            "code": code,
            "message": message,
            "fields": dict(fields or {}),
            "still_possible": list(still_possible),
        }
    }


def to_json(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: everything foreseen becomes the one error shape, the rest stays a 500."""
    if isinstance(exc, Refused):
        return Response(body(exc.code, exc.message, exc.fields, exc.still_possible), status=exc.status)
    if isinstance(exc, Http404):
        return Response(body("not_found", _("There is nothing here that you may see.")), status=404)
    if isinstance(exc, PermissionDenied):
        return Response(body("forbidden", _("You do not have the right to do this.")), status=403)
    if isinstance(exc, exceptions.ValidationError):
        return Response(body("invalid", _("Some fields need another look."), flatten(exc.detail)), status=422)
    if isinstance(exc, exceptions.APIException):
        headers = {}
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(wait))
        if challenge := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        code = exc.get_codes()
        return Response(
            body(code if isinstance(code, str) else "invalid", str(exc.detail)), status=exc.status_code, headers=headers
        )
    if isinstance(exc, RequestDataTooBig):
        return Response(body("request_too_large", _("This is too large to send in one request.")), status=413)
    if isinstance(exc, SuspiciousOperation | BadRequest | MultiPartParserError | UnreadablePostError):
        return Response(body("parse_error", _("This request cannot be read.")), status=400)
    return None


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested error detail as ``{"answers[0].reason": ["…"]}``, the names the form's fields carry."""
    if isinstance(detail, dict):
        found: dict[str, list[str]] = {}
        for key, value in detail.items():
            name = f"[{key}]" if isinstance(key, int) else str(key)
            joined = f"{prefix}{name}" if name.startswith("[") or not prefix else f"{prefix}.{name}"
            found |= flatten(value, joined)
        return found
    if isinstance(detail, list) and any(isinstance(value, dict) for value in detail):
        found = {}
        for index, value in enumerate(detail):
            found |= flatten(value, f"{prefix}[{index}]")
        return found
    return {prefix or "non_field_errors": [str(value) for value in detail]}
