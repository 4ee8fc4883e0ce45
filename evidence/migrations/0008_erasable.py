from django.db import migrations

from evidence.seals import let_items_be_erased


class Migration(migrations.Migration):
    dependencies = [("evidence", "0007_uploads")]

    operations = [let_items_be_erased()]
