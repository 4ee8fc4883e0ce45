from typing import Any

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def name_lines(apps: Any, editor: Any) -> None:
    """A case's refund is for its article, an agreement's for the article that was asked about."""
    refunds, cases, requests = (apps.get_model('disputes', name) for name in ('Refund', 'Case', 'AfterSales'))
    of_case = cases.objects.filter(pk=OuterRef('case_id')).values('line_id')
    refunds.objects.filter(case__isnull=False).update(line_id=Subquery(of_case))
    for refund in refunds.objects.filter(case=None, key__startswith='after-sales-'):
        asked = requests.objects.filter(pk=refund.key.removeprefix('after-sales-')).first()
        refunds.objects.filter(pk=refund.pk).update(line_id=asked and asked.line_id)
    requests.objects.filter(state__in=['agreed', 'settled']).update(agreed=F('asked'))


class Migration(migrations.Migration):

    dependencies = [('disputes', '0008_money_by_line')]

    operations = [migrations.RunPython(name_lines, migrations.RunPython.noop)]
