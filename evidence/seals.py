"""Migration operations: the database itself refuses to change what was received, or what was lodged.

Once, and all at once, an item's words may go: when ``erased_at`` is set, the name and the caption are emptied and the
claimed capture moment goes with them. Hash, size, number and moments stay for good, and so does the erasure.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

RECEIVED = ("dossier_id", "side", "uploader_id", "original_name", "sha256", "size", "received_at")
LODGED = ("kind", "slot", "caption", "media_type", "capture_at", "exhibit_no", "lodged_at", "late")

_POSTGRES = """
CREATE FUNCTION evidence_item_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.exhibit_no IS NOT NULL THEN
    RAISE EXCEPTION 'evidence_sealed: a lodged item stays';
  ELSIF TG_OP = 'UPDATE' AND ({update}) THEN
    RAISE EXCEPTION 'evidence_sealed: nothing received or lodged changes';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER evidence_item_sealed BEFORE UPDATE OR DELETE ON evidence_item
FOR EACH ROW EXECUTE FUNCTION evidence_item_sealed();
"""
_SQLITE = (
    """CREATE TRIGGER evidence_item_no_update BEFORE UPDATE ON evidence_item WHEN {update}
    BEGIN SELECT RAISE(ABORT, 'evidence_sealed: nothing received or lodged changes'); END""",
    """CREATE TRIGGER evidence_item_no_delete BEFORE DELETE ON evidence_item WHEN OLD.exhibit_no IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'evidence_sealed: a lodged item stays'); END""",
)


ERASED = {"original_name": "''", "caption": "''", "capture_at": "NULL"}
"""What erasing leaves of an item's words."""


def seal_items() -> migrations.RunPython:
    return migrations.RunPython(_create(_forbidden), _drop)


def let_items_be_erased() -> migrations.RunPython:
    """The same triggers with the one exception. To be undone by an operation that seals again."""
    return migrations.RunPython(_replace(_forbidden_but_erasing), _replace(_forbidden))


def seal_withdrawals() -> migrations.RunPython:
    """The same triggers, and what was withdrawn stays so, with its moment and its reason (which erasing may empty).

    SQLite makes the table anew for what stands before this; to be undone, ``let_items_be_erased_again`` stands first.
    """
    return migrations.RunPython(_replace(_forbidden_when_withdrawn), migrations.RunPython.noop)


def let_items_be_erased_again() -> migrations.RunPython:
    return migrations.RunPython(migrations.RunPython.noop, _replace(_forbidden_but_erasing))


def _changes(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)


def _forbidden(differs: str) -> str:
    lodged = f"{_changes(LODGED, differs)} OR NEW.state NOT IN ('lodged', 'withdrawn')"
    disclosed = f"OLD.disclosed_at IS NOT NULL AND NEW.disclosed_at {differs} OLD.disclosed_at"
    return f"({_changes(RECEIVED, differs)}) OR (OLD.exhibit_no IS NOT NULL AND ({lodged})) OR ({disclosed})"


def _forbidden_but_erasing(differs: str) -> str:
    """What was forbidden stays so, but the words may go to what is left of them, together with ``erased_at``."""
    fixed = tuple(column for column in RECEIVED if column not in ERASED)
    lodged = tuple(column for column in LODGED if column not in ERASED)
    on_file = f"{_changes(lodged, differs)} OR NEW.state NOT IN ('lodged', 'withdrawn')"
    disclosed = f"OLD.disclosed_at IS NOT NULL AND NEW.disclosed_at {differs} OLD.disclosed_at"
    emptied = " OR ".join(f"NEW.{column} {differs} {left}" for column, left in ERASED.items())
    erasing = "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL"
    captioned = f"OLD.exhibit_no IS NOT NULL AND ({_changes(('caption', 'capture_at'), differs)})"
    words = f"NEW.original_name {differs} OLD.original_name OR ({captioned})"
    undone = f"OLD.erased_at IS NOT NULL AND (NEW.erased_at {differs} OLD.erased_at OR {emptied})"
    return (
        f"({_changes(fixed, differs)}) OR (OLD.exhibit_no IS NOT NULL AND ({on_file})) OR ({disclosed}) OR ({undone})"
        f" OR ({erasing} AND ({emptied})) OR (NOT ({erasing}) AND ({words}))"
    )


def _forbidden_when_withdrawn(differs: str) -> str:
    erasing = "OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL"
    reason = f"NOT ({erasing}) AND NEW.withdrawn_reason {differs} OLD.withdrawn_reason"
    taken_back = f"OLD.state = 'withdrawn' AND ({_changes(('state', 'withdrawn_at'), differs)} OR ({reason}))"
    return f"{_forbidden_but_erasing(differs)} OR ({taken_back})"


Forbidden = Callable[[str], str]
Step = Callable[[Any, BaseDatabaseSchemaEditor], None]


def _create(forbidden: Forbidden) -> Step:
    def run(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(_POSTGRES.format(update=forbidden("IS DISTINCT FROM")), params=None)
            return
        for statement in _SQLITE:
            editor.execute(statement.format(update=forbidden("IS NOT")), params=None)

    return run


def _replace(forbidden: Forbidden) -> Step:
    def run(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        _drop(apps, editor)
        _create(forbidden)(apps, editor)

    return run


def _drop(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER evidence_item_sealed ON evidence_item; DROP FUNCTION evidence_item_sealed()")
        return
    for name in ("evidence_item_no_update", "evidence_item_no_delete"):
        editor.execute(f"DROP TRIGGER IF EXISTS {name}")  # SQLite loses them when it makes a table anew
