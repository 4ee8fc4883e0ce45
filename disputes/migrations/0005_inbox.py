from django.db import migrations, models

from core.guards import fill

_WHOSE = """
UPDATE ledger_entry SET
    buyer_id = COALESCE(
        (SELECT c.buyer_id FROM disputes_case c WHERE 'case:' || c.number = subject AND c.number = substr(subject, 6)),
        (SELECT o.buyer_id FROM disputes_order o WHERE 'order:' || o.number = subject AND o.number = substr(subject, 7))
    ),
    store_id = COALESCE(
        (SELECT c.store_id FROM disputes_case c WHERE 'case:' || c.number = subject AND c.number = substr(subject, 6)),
        (SELECT o.store_id FROM disputes_order o WHERE 'order:' || o.number = subject AND o.number = substr(subject, 7))
    )
WHERE verb <> 'order_received' AND substr(verb, 1, 9) <> 'evidence_'
"""


class Migration(migrations.Migration):
    dependencies = [("disputes", "0004_deadline_store"), ("ledger", "0004_whose_matter")]

    operations = [
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                fields=["store", "due_at", "id"],
                name="deadline_inbox",
                condition=models.Q(("state", "open"), ("store__isnull", False)),
            ),
        ),
        fill("ledger_entry", rule="ledger_only_grows", sql=_WHOSE),
    ]
