from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.guards import append_only, lifted


def as_published(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Give the causes already installed the least and most points of their published version."""
    from rulebook.install import load

    causes = apps.get_model("rulebook", "Cause").objects.using(editor.connection.alias)
    for number in causes.order_by("version_id").values_list("version_id", flat=True).distinct():
        for row in load(number)["causes"]:
            causes.filter(version_id=number, code=row["code"]).update(
                points_least=row.get("points_least", row["points"]),
                points_most=row.get("points_most", row["points"]),
                points_note_zh=row.get("points_note_zh", ""),
                points_note_en=row.get("points_note_en", ""),
            )
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_numbers")]

    operations = [
        lifted("rulebook_cause", rule="published_rules_stay"),
        migrations.AddField(
            "cause", "points_least", models.PositiveSmallIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            "cause", "points_most", models.PositiveSmallIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            "cause", "points_note_zh", models.CharField(blank=True, default="", max_length=60), preserve_default=False
        ),
        migrations.AddField(
            "cause", "points_note_en", models.CharField(blank=True, default="", max_length=80), preserve_default=False
        ),
        migrations.RunPython(as_published, migrations.RunPython.noop),
        migrations.AddConstraint(
            "cause",
            models.CheckConstraint(
                condition=models.Q(points__gte=models.F("points_least"), points_most__gte=models.F("points")),
                name="usual_points_inside_their_range",
            ),
        ),
        append_only("rulebook_cause", rule="published_rules_stay"),
    ]
