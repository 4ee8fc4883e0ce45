from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("disputes", "0018_threatened")]

    operations = [migrations.AddField("case", "happened_on", models.DateField(null=True))]
