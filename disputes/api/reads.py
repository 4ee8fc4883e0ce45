"""What an operation reads: orders and after-sales requests the actor may see, and their documents."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts import policy
from accounts.models import User
from disputes import representations
from disputes.models import AfterSales, Order


def visible_order(actor: User, number: str) -> Order:
    """The order if the actor may know of it, else 404. One query, one for the actor's stores."""
    found = Order.objects.visible_to(actor).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def visible_request(actor: User, request_id: int) -> AfterSales:
    """The after-sales request if the actor may know of its order, else 404. One query, one for the actor's stores."""
    rows = AfterSales.objects.select_related("order", "dossier").filter(order__in=Order.objects.visible_to(actor))
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise Http404
    return found


def order_document(actor: User, number: str) -> Any:
    """The order whole, as the actor may read it. Thirteen queries at most. Raises Http404."""
    rows = Order.objects.visible_to(actor).select_related("buyer", "store")
    found = rows.prefetch_related("lines__messages", "cases", "logistics", "refunds").filter(number=number).first()
    if found is None:
        raise Http404
    found.__dict__["_prefetched_objects_cache"]["after_sales"] = _requests(found.after_sales.all())
    return representations.OrderWhole(found, context=side_context(actor)).data


def _requests(rows: QuerySet[AfterSales]) -> QuerySet[AfterSales]:
    return rows.prefetch_related("deadlines", "messages__attachments", "cases")


def request_document(actor: User, request_id: int) -> Any:
    """The after-sales request whole, as the actor may act on it. Six queries at most."""
    found = _requests(AfterSales.objects.select_related("order")).get(pk=request_id)
    return representations.AfterSalesWhole(found, context=side_context(actor)).data


def side_context(actor: User) -> dict[str, Any]:
    return {"side": lambda order: policy.side_of(actor, order), "reader": actor}
