"""What would make an item stronger, said to its uploader alone. It is advice and blocks nothing."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

WORDS = {
    "too_small": _("The picture is small. Text in it may be hard to read; a larger one is stronger."),
    "too_dark": _("The picture is dark. One taken in more light is stronger."),
    "too_bright": _("The picture is very bright. One with less glare is stronger."),
    "blurred": _("The picture looks blurred. A sharp one is stronger."),
    "too_short": _("The video is very short. One take from the label to the fault is stronger."),
    "too_long": _("The video is long. Say in the caption at which minute to look."),
}


def sentences(codes: Iterable[str]) -> list[str]:
    """One sentence for each code that is known."""
    return [str(WORDS[code]) for code in codes if code in WORDS]
