from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0014_settlement_payer'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='case', name='case_by_handler'),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('handler__isnull', False)), fields=['handler'], name='case_by_handler'),
        ),
    ]
