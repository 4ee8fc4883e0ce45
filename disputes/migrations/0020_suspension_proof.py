from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0019_happened_on")]

    operations = [
        migrations.AddField(
            "suspension",
            "proof_from",
            models.CharField(blank=True, choices=[("buyer", "Buyer"), ("merchant", "Merchant")], max_length=8),
        ),
        migrations.AddField("suspension", "proved_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("suspension", "proof_note", models.TextField(blank=True)),
    ]
