from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_signed_heads")]

    operations = [migrations.AddField(model_name="entry", name="salt", field=models.UUIDField(null=True))]
