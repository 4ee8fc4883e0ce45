from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0016_never_emptied'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='claim_penalty_fen',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='case',
            name='claim_penalty_ground',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(
                condition=models.Q(('claim_penalty_fen__gte', 0)), name='claim_penalty_not_negative'
            ),
        ),
    ]
