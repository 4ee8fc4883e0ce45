from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0013_penalty")]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="payer",
            field=models.CharField(
                choices=[("buyer", "Buyer"), ("merchant", "Merchant")], default="merchant", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="offer", name="reference", field=models.CharField(blank=True, default="", max_length=60),
            preserve_default=False,
        ),
    ]
