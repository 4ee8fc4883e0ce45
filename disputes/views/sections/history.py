"""Everything that happened."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from disputes.models import State
from disputes.views.common import Data
from ledger.models import Entry
from notices.sentences import actor_side, sentence

SILENT = {
    f"evidence_{verb}"
    for verb in ("received", "inspected", "discarded", "redacted", "disclosed", "lodged", "withdrawn")
}
"""Custody entries beside the act that caused them, which says the same in the case's own words."""


def timeline(file: CaseFile, now: Data) -> list[Data]:
    """Everything that happened, oldest first, and what is awaited last: context of ``components/timeline.html``."""
    rows = [
        {"actor": actor_side(entry), "text": sentence(entry, reader=file.side), "at": entry.at, "note": _clock(entry)}
        for entry in file.entries
        if entry.verb not in SILENT
    ]
    if now.get("due") and file.case.state not in {State.CLOSED, State.NOT_ADMITTED}:
        rows.append({"actor": "system", "text": now["big"], "at": now["due"], "until": True, "now": True, "note": ""})
    return rows


def _clock(entry: Entry) -> str:
    if entry.verb == "lodge" and entry.facts.get("late"):
        return _("Late: kept and marked")
    if entry.verb == "lodge" and entry.facts.get("response_extended"):
        return _("The response time was extended by 24 hours")
    if entry.verb == "file" and "rules" in entry.facts:
        return _("Rules: version %(n)s, pinned at this moment") % {"n": entry.facts["rules"]}
    return ""
