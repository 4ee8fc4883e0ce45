"""Keeping what every item is worth: in the ruling, and in a review that lets it stand for what came since."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from arbitration.decisions import WeightInput, lacking
from arbitration.models import ItemWeight, Ruling
from core.errors import Refused
from disputes.models import Case
from evidence.models import Item
from evidence.models import State as ItemState


def new_on_file(case: Case) -> list[Item]:
    """What is on file and not weighed by the ruling in effect: it was lodged in the review. One query."""
    weighed = ItemWeight.objects.filter(ruling__case=case, ruling__state=Ruling.State.IN_EFFECT)
    items = case.dossier.items.filter(state=ItemState.LODGED).exclude(pk__in=weighed.values("item"))
    return list(items.order_by("side", "exhibit_no"))


def require_new(case: Case, given: Sequence[WeightInput]) -> list[Item]:
    """The items lodged in the review, each weighed in ``given`` and nothing else: what was weighed stays as it is."""
    items = new_on_file(case)
    new = {str(item.pk) for item in items}
    old = [index for index, row in enumerate(given) if row.item_id not in new]
    if old:
        text = _("The ruling stands, so only what was lodged in the review is weighed now.")
        raise Refused("ruling_stands", text, fields={f"weights[{index}].item": [text] for index in old})
    if missing := lacking(items, given):
        fields = {name: [text] for name, text in missing.items()}
        raise Refused("review_weighs_what_is_new", _("What was lodged in the review needs its weight."), fields=fields)
    return items


def weigh(ruling: Ruling, items: Iterable[Item], given: Sequence[WeightInput], *, in_review: bool = False) -> None:
    """Keep the weight of each of ``items``; whatever else is in ``given`` is left out."""
    weights = {row.item_id: row for row in given}
    ItemWeight.objects.bulk_create(
        ItemWeight(ruling=ruling, item=item, weight=row.weight, reason=row.reason, in_review=in_review)
        for item in items
        if (row := weights.get(str(item.pk))) is not None
    )
