from django.urls import path

from disputes.views import cases, covering, debts, drafts, files, lists, orders
from disputes.views.acts import door
from disputes.views.filing import start, steps, submitted
from disputes.views.negotiation import acts, ask, messages

app_name = "disputes"
urlpatterns = [
    path("orders/", orders.order_list, name="orders"),
    path("orders/<slug:number>/", orders.order, name="order"),
    path("orders/<slug:number>/dispute/start/", start.start, name="start"),
    path("orders/<slug:number>/write/", messages.write_about, name="write_about"),
    path("orders/<slug:number>/after-sales/", ask.ask, name="ask"),
    path(
        "orders/<slug:number>/after-sales/<int:request_id>/files/<uuid:item_id>/check/",
        messages.check,
        name="attachment_check",
    ),
    path(
        "orders/<slug:number>/after-sales/<int:request_id>/files/<uuid:item_id>/discard/",
        messages.detach,
        name="detach",
    ),
    path("orders/<slug:number>/after-sales/<int:request_id>/write/", messages.write, name="write"),
    path("orders/<slug:number>/after-sales/<int:request_id>/<slug:act>/", acts.negotiate, name="negotiate"),
    path("disputes/", lists.cases, name="cases"),
    path("store/cases/", lists.inbox, name="inbox"),
    path("disputes/<slug:number>/", cases.case, name="case"),
    path("disputes/<slug:number>/file/", steps.resume, name="file"),
    path("disputes/<slug:number>/file/<slug:step>/", steps.step, name="file_step"),
    path("disputes/<slug:number>/submitted/", submitted.submitted, name="submitted"),
    path("disputes/<slug:number>/files/", files.files, name="files"),
    path("disputes/<slug:number>/files/from-order/", files.add_from_order, name="files_from_order"),
    path("disputes/<slug:number>/files/<uuid:item_id>/cover/", covering.cover, name="file_cover"),
    path("disputes/<slug:number>/files/<uuid:item_id>/check/", files.check, name="file_check"),
    path("disputes/<slug:number>/files/<uuid:item_id>/discard/", files.discard, name="file_discard"),
    path("disputes/<slug:number>/ruling/", cases.ruling, name="ruling"),
    path("disputes/<slug:number>/<slug:act>/", door.act, name="act"),
    path("settings/debts/", debts.debts, name="debts"),
    path("settings/debts/<int:debt_id>/", debts.receive_payment, name="debt"),
    path("drafts/<path:name>/", drafts.draft, name="draft"),
]
