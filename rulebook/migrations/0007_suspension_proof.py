from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def as_published(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """The versions already installed have the length too: it is what their clause CK-03 says."""
    versions, lengths = (apps.get_model("rulebook", name).objects for name in ("Version", "ClockLength"))
    for version in versions.using(editor.connection.alias):
        lengths.using(editor.connection.alias).get_or_create(
            version=version,
            kind="suspension_proof",
            defaults={"amount": 7, "unit": "days", "calendar": "working", "clause": "CK-03"},
        )


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0006_never_emptied")]

    operations = [migrations.RunPython(as_published, migrations.RunPython.noop)]
