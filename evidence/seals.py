"""Migration operation: the database itself refuses to change what was received, or what was lodged."""

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


def seal_items() -> migrations.RunPython:
    return migrations.RunPython(_create, _drop)


def _changes(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)


def _forbidden(differs: str) -> str:
    lodged = f"{_changes(LODGED, differs)} OR NEW.state NOT IN ('lodged', 'withdrawn')"
    disclosed = f"OLD.disclosed_at IS NOT NULL AND NEW.disclosed_at {differs} OLD.disclosed_at"
    return f"({_changes(RECEIVED, differs)}) OR (OLD.exhibit_no IS NOT NULL AND ({lodged})) OR ({disclosed})"


def _create(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(_POSTGRES.format(update=_forbidden("IS DISTINCT FROM")), params=None)
        return
    for statement in _SQLITE:
        editor.execute(statement.format(update=_forbidden("IS NOT")), params=None)


def _drop(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP TRIGGER evidence_item_sealed ON evidence_item; DROP FUNCTION evidence_item_sealed()")
        return
    for name in ("evidence_item_no_update", "evidence_item_no_delete"):
        editor.execute(f"DROP TRIGGER {name}")
