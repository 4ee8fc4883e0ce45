from django.urls import path

from disputes.views import cases, filing, lists, orders

app_name = "disputes"
urlpatterns = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/dispute/start/", filing.start, name="start"),
    path("orders/<slug:number>/after-sales/", orders.ask, name="ask"),
    path("orders/<slug:number>/after-sales/<int:request_id>/files/", orders.attach, name="attach"),
    path(
        "orders/<slug:number>/after-sales/<int:request_id>/files/<uuid:item_id>/discard/",
        orders.detach,
        name="detach",
    ),
    path("orders/<slug:number>/after-sales/<int:request_id>/<slug:act>/", orders.negotiate, name="negotiate"),
    path("disputes/", lists.cases, name="cases"),
    path("store/cases/", lists.inbox, name="inbox"),
    path("disputes/<slug:number>/", cases.case, name="case"),
    path("disputes/<slug:number>/file/", filing.resume, name="file"),
    path("disputes/<slug:number>/file/<slug:step>/", filing.step, name="file_step"),
    path("disputes/<slug:number>/submitted/", filing.submitted, name="submitted"),
    path("disputes/<slug:number>/files/", filing.files, name="files"),
    path("disputes/<slug:number>/files/<uuid:item_id>/", filing.describe, name="file_describe"),
    path("disputes/<slug:number>/files/<uuid:item_id>/discard/", filing.discard, name="file_discard"),
    path("disputes/<slug:number>/ruling/", cases.ruling, name="ruling"),
    path("disputes/<slug:number>/<slug:act>/", cases.act, name="act"),
    path("drafts/<path:name>/", filing.draft, name="draft"),
]
