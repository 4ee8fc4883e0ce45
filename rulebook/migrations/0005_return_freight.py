from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def as_published(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """The versions already installed have the number too: a ruling under them is carried out by it."""
    versions, numbers = (apps.get_model("rulebook", name).objects for name in ("Version", "Number"))
    for version in versions.using(editor.connection.alias):
        numbers.using(editor.connection.alias).get_or_create(
            version=version, code="return_freight_fen", defaults={"value": 5_000, "clause": "EN-02"}
        )


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0004_penalty_with")]

    operations = [migrations.RunPython(as_published, migrations.RunPython.noop)]
