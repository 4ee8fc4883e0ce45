import django.db.models.deletion
from django.db import migrations, models

_FILL = """
UPDATE disputes_deadline SET store_id = COALESCE(
    (SELECT c.store_id FROM disputes_case c WHERE c.id = disputes_deadline.case_id),
    (SELECT o.store_id FROM disputes_aftersales a JOIN disputes_order o ON o.id = a.order_id
        WHERE a.id = disputes_deadline.after_sales_id)
) WHERE side = 'merchant'
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("disputes", "0003_desk_queue")]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="store",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.store",
            ),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
