import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('disputes', '0009_refunds_name_their_line')]

    operations = [
        migrations.AlterField(
            model_name='refund',
            name='line',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='disputes.orderline'),
        ),
    ]
