from django.db import migrations

from core.guards import never_emptied


class Migration(migrations.Migration):
    dependencies = [("disputes", "0015_handler_index")]

    operations = [
        never_emptied("disputes_accountentry", rule="account_book_only_grows"),
    ]
