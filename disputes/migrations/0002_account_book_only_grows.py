from django.db import migrations

from core.guards import append_only


class Migration(migrations.Migration):
    dependencies = [("disputes", "0001_initial")]

    operations = [append_only("disputes_accountentry", rule="account_book_only_grows")]
