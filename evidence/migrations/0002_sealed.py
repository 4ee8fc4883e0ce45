from django.db import migrations

from evidence.seals import seal_items


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [seal_items()]
