from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.guards import append_only, lifted


def as_published(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the causes already installed what their published version says of penalties."""
    from rulebook.install import load

    causes = apps.get_model("rulebook", "Cause").objects.using(editor.connection.alias)
    for number in causes.order_by("version_id").values_list("version_id", flat=True).distinct():
        for row in load(number)["causes"]:
            causes.filter(version_id=number, code=row["code"]).update(penalty_with=row.get("penalty_with", []))
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0003_points_range")]

    operations = [
        lifted("rulebook_cause", rule="published_rules_stay"),
        migrations.AddField("cause", "penalty_with", models.JSONField(default=list)),
        migrations.RunPython(as_published, migrations.RunPython.noop),
        append_only("rulebook_cause", rule="published_rules_stay"),
    ]
