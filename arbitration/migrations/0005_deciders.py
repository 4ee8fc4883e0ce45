from django.db import migrations


def remember(apps, schema_editor):
    """Everybody who decided in a case so far: rulings that bound, reviews, decisions on a default."""
    ruling, review = apps.get_model("arbitration", "Ruling"), apps.get_model("arbitration", "Review")
    case, entry = apps.get_model("disputes", "Case"), apps.get_model("ledger", "Entry")
    bound = ruling.objects.exclude(effective_at=None).exclude(arbiter=None)
    pairs = set(bound.values_list("case_id", "arbiter_id"))
    pairs |= set(review.objects.exclude(decided_by=None).values_list("case_id", "decided_by_id"))
    pairs |= set(case.objects.exclude(decided_by=None).values_list("pk", "decided_by_id"))
    decided = entry.objects.filter(verb__in=["set_aside", "refuse_set_aside"]).exclude(actor=None)
    for subject, person in decided.values_list("subject", "actor_id"):
        found = case.objects.filter(number=subject.removeprefix("case:")).values_list("pk", flat=True)
        pairs |= {(key, person) for key in found}
    row = case.deciders.through
    row.objects.bulk_create(row(case_id=key, user_id=person) for key, person in sorted(pairs))


class Migration(migrations.Migration):
    dependencies = [
        ("arbitration", "0004_account"),
        ("disputes", "0011_deciders"),
        ("ledger", "0006_salt"),
    ]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
