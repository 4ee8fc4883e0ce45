from django.db import migrations, models

from evidence.erasure import REASON_LEFT
from evidence.seals import let_items_be_erased_again, seal_withdrawals


def say_something(apps, editor):
    """Of what was withdrawn before a reason was asked for, none is known."""
    apps.get_model("evidence", "Item").objects.filter(state="withdrawn").update(withdrawn_reason=REASON_LEFT)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0008_erasable")]

    operations = [
        let_items_be_erased_again(),
        migrations.AddField(
            "item", "withdrawn_reason", models.CharField(blank=True, default="", max_length=200), preserve_default=False
        ),
        migrations.RunPython(say_something, migrations.RunPython.noop),
        migrations.AddConstraint(
            "item",
            models.CheckConstraint(
                condition=~models.Q(state="withdrawn") | ~models.Q(withdrawn_reason=""), name="withdrawal_needs_reason"
            ),
        ),
        seal_withdrawals(),
    ]
