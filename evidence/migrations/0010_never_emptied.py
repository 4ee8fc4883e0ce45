from django.db import migrations

from core.guards import never_emptied


class Migration(migrations.Migration):
    dependencies = [("evidence", "0009_why_withdrawn")]

    operations = [
        never_emptied("evidence_item", rule="evidence_sealed"),
    ]
