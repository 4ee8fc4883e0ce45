"""JSON in: strict, so that every reader understands the same."""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.utils.http import parse_header_parameters
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import JSONParser

from core.errors import Refused

MAX_DEPTH = 40
_CHARSETS = {"", "utf-8", "utf8", "us-ascii"}


class StrictJSON(JSONParser):
    """UTF-8 JSON of which every reader understands the same: no NaN, no number too large for a float, no key twice,
    no half of a character pair, no bottomless nesting. Anything else is 400, another charset 415, too much 413."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        charset = parse_header_parameters(media_type or "")[1].get("charset", "")
        if charset.lower() not in _CHARSETS:
            raise exceptions.UnsupportedMediaType(media_type or "")
        raw = stream.read(settings.JSON_MAX_BYTES + 1)
        if len(raw) > settings.JSON_MAX_BYTES:
            raise too_large()
        return loads(raw)


def loads(raw: bytes) -> Any:
    """The document in ``raw``. Raises ParseError with what is wrong, in the reader's language."""
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_object, parse_float=_number, parse_constant=_constant
        )
    except UnicodeDecodeError:
        raise exceptions.ParseError(_("This is not UTF-8 text.")) from None
    except RecursionError:
        raise exceptions.ParseError(_("This JSON is nested too deeply.")) from None
    except ValueError as error:
        raise exceptions.ParseError(_("This is not valid JSON: %(why)s") % {"why": error}) from None
    _check(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise exceptions.ParseError(_("This JSON has the same key twice in one object."))
    return found


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise exceptions.ParseError(_("This JSON has a number that is too large."))
    return value


def _constant(name: str) -> NoReturn:
    raise exceptions.ParseError(_("This JSON has a number that is none: NaN and Infinity are not allowed."))


def _check(document: Any) -> None:
    """Depth and characters, without recursion of our own."""
    todo = [(document, 0)]
    while todo:
        value, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise exceptions.ParseError(_("This JSON is nested too deeply."))
        if isinstance(value, str):
            _paired(value)
        elif isinstance(value, dict):
            for key in value:
                _paired(key)
            todo += [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            todo += [(inner, depth + 1) for inner in value]


def _paired(text: str) -> None:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise exceptions.ParseError(_("This JSON has half of a character pair."))


def too_large() -> Refused:
    return Refused("request_too_large", _("This is too large to send in one request."), status=413)
