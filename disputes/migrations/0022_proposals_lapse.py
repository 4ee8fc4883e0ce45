from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0021_stopped_clocks")]

    operations = [
        migrations.AlterField(
            "suspension",
            "state",
            models.CharField(
                choices=[
                    ("proposed", "Proposed"),
                    ("running", "Running"),
                    ("ended", "Ended"),
                    ("declined", "Declined"),
                    ("lapsed", "Lapsed"),
                ],
                default="proposed",
                max_length=8,
            ),
        ),
    ]
