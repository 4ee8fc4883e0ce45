from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("disputes", "0010_refund_has_line"),
    ]

    operations = [
        migrations.AddField("case", "deciders", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
    ]
