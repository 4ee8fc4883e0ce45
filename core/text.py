"""What may stand in a text that people type: everything but what a reader cannot see.

NUL and other control characters are refused by name rather than dropped (nothing typed is changed silently);
bidirectional overrides are refused too, since they can make a sentence read backwards on another screen.
"""

import unicodedata
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

_BIDI = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}
_ALLOWED_CONTROLS = {"\n", "\r", "\t"}


def unseen(value: str) -> bool:
    """Whether ``value`` holds a character no reader can see."""
    return any(
        char in _BIDI or (unicodedata.category(char) in {"Cc", "Cs"} and char not in _ALLOWED_CONTROLS)
        for char in value
    )


class PlainText(serializers.CharField):
    """Text as typed, trimmed; line ends become ``\\n``; unseen characters are refused, naming the field."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and unseen(data):
            raise serializers.ValidationError(
                _("This text contains characters that cannot be shown. Remove them and send it again."), code="unseen"
            )
        return super().to_internal_value(data).replace("\r\n", "\n").replace("\r", "\n")


class OneLine(PlainText):
    """Text that stands in a line of its own: a name, a label."""

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if "\n" in value:
            raise serializers.ValidationError(_("Write this in one line."), code="one_line")
        return value
