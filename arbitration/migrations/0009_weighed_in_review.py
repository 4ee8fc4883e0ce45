from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arbitration", "0008_freight")]

    operations = [
        migrations.AddField(
            model_name="itemweight", name="in_review", field=models.BooleanField(default=False)
        ),
    ]
