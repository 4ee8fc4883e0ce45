from django.urls import path

from disputes import api

app_name = "disputes_api"
urlpatterns = [
    path("orders/", api.Orders.as_view(), name="orders"),
    path("orders/<slug:number>/", api.OneOrder.as_view(), name="order"),
    path("orders/<slug:number>/eligibility/", api.GateOfOrder.as_view(), name="eligibility"),
    path("debts/", api.Debts.as_view(), name="debts"),
    path("debts/<int:debt_id>/payments/", api.DebtPayments.as_view(), name="debt_payments"),
    path("orders/<slug:number>/after-sales/", api.AskAfterSales.as_view(), name="ask"),
    path("after-sales/<int:request_id>/files/", api.AfterSalesFiles.as_view(), name="after_sales_files"),
    path("after-sales/<int:request_id>/files/<uuid:item_id>/", api.AfterSalesFile.as_view(), name="after_sales_file"),
    *(
        path(f"after-sales/<int:request_id>/{name}/", api.negotiating(name), name=f"after_sales_{name}")
        for name in api.NEGOTIATION
    ),
]
