from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0020_suspension_proof")]

    operations = [
        migrations.AddIndex(
            "deadline",
            models.Index(
                condition=models.Q(("state", "open"), models.Q(("parked_because", ""), _negated=True)),
                fields=["due_at"],
                name="deadline_stopped",
            ),
        ),
    ]
