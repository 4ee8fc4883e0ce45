from django.db import migrations

from core.guards import never_emptied


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0005_return_freight")]

    operations = [
        never_emptied("rulebook_clause", rule="published_rules_stay"),
        never_emptied("rulebook_cause", rule="published_rules_stay"),
        never_emptied("rulebook_clocklength", rule="published_rules_stay"),
        never_emptied("rulebook_number", rule="published_rules_stay"),
    ]
