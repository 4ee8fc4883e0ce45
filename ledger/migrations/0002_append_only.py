from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [append_only("ledger_entry", rule="ledger_only_grows")]
