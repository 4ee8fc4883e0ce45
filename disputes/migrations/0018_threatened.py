from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0017_claim_penalty")]

    operations = [migrations.AddField("case", "threatened", models.BooleanField(default=False))]
