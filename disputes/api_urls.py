from django.urls import path

from disputes.api import debts, negotiation, orders

app_name = "disputes_api"
urlpatterns = [
    path("orders/", orders.Orders.as_view(), name="orders"),
    path("orders/<slug:number>/", orders.OneOrder.as_view(), name="order"),
    path("orders/<slug:number>/eligibility/", orders.GateOfOrder.as_view(), name="eligibility"),
    path("debts/", debts.Debts.as_view(), name="debts"),
    path("debts/<int:debt_id>/payments/", debts.DebtPayments.as_view(), name="debt_payments"),
    path("orders/<slug:number>/after-sales/", negotiation.AskAfterSales.as_view(), name="ask"),
    path("orders/<slug:number>/messages/", negotiation.WriteAboutLine.as_view(), name="order_messages"),
    path("after-sales/<int:request_id>/files/", negotiation.AfterSalesFiles.as_view(), name="after_sales_files"),
    path(
        "after-sales/<int:request_id>/files/<uuid:item_id>/",
        negotiation.AfterSalesFile.as_view(),
        name="after_sales_file",
    ),
    *(
        path(f"after-sales/<int:request_id>/{name}/", negotiation.negotiating(name), name=f"after_sales_{name}")
        for name in negotiation.NEGOTIATION
    ),
]
