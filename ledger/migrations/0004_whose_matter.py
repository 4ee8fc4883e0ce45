import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _key(model: str, to: str) -> migrations.AddField:
    field = models.ForeignKey(
        to,
        django.db.models.deletion.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    return migrations.AddField(model_name="entry", name=model, field=field)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("ledger", "0003_alter_entry_audience")]

    operations = [
        _key("buyer", settings.AUTH_USER_MODEL),
        _key("store", "accounts.store"),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["buyer", "id"], name="ledger_by_buyer", condition=models.Q(("buyer__isnull", False))
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                fields=["store", "id"], name="ledger_by_store", condition=models.Q(("store__isnull", False))
            ),
        ),
    ]
