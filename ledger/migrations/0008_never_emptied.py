from django.db import migrations

from core.guards import never_emptied


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_by_actor")]

    operations = [
        never_emptied("ledger_entry", rule="ledger_only_grows"),
    ]
