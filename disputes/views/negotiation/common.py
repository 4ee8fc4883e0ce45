"""What the pages of a negotiation share."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.models import User
from disputes.models import AfterSales, Order, OrderLine
from disputes.views.common import order_or_404
from rulebook.models import Remedy

ASKED = [
    (Remedy.RETURN_REFUND, gettext_lazy("I send it back and get my money back")),
    (Remedy.REFUND, gettext_lazy("I get my money back without sending anything back")),
    (Remedy.EXCHANGE, gettext_lazy("I send it back and get another one")),
    (Remedy.RESEND, gettext_lazy("The missing or broken part is sent again")),
    (Remedy.REPAIR, gettext_lazy("It is repaired")),
    (Remedy.COMPENSATION, gettext_lazy("I keep it and get part of the price back")),
]


def request_or_404(user: User, number: str, request_id: int) -> AfterSales:
    found = order_or_404(user, number)
    try:
        asked = found.after_sales.select_related("line", "dossier").get(pk=request_id)
    except AfterSales.DoesNotExist:
        raise Http404 from None
    asked.order = found
    return asked


def back_to_order(found: Order, line: OrderLine) -> str:
    return f"{reverse('disputes:order', args=[found.number])}?line={line.pk}#negotiation"
