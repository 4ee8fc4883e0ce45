from django.urls import path

from arbitration import api
from arbitration.operations import OPERATIONS

app_name = "arbitration_api"
urlpatterns = [
    path("orders/<slug:number>/cases/", api.StartCase.as_view(), name="start_case"),
    path("records/holds/", api.Holds.as_view(), name="holds"),
    path("records/holds/<int:hold_id>/lift/", api.LiftHold.as_view(), name="lift_hold"),
    path("me/erasure/", api.AskErasure.as_view(), name="ask_erasure"),
    path("erasures/<int:request_id>/carry-out/", api.CarryOutErasure.as_view(), name="carry_out_erasure"),
    path("cases/", api.Cases.as_view(), name="cases"),
    path("cases/<slug:number>/", api.OneCase.as_view(), name="case"),
    path("cases/<slug:number>/timeline/", api.Timeline.as_view(), name="timeline"),
    path("cases/<slug:number>/bundle/", api.ExportCase.as_view(), name="bundle"),
    path("cases/<slug:number>/rulings/", api.Rulings.as_view(), name="rulings"),
    path("cases/<slug:number>/files/", api.Files.as_view(), name="files"),
    path("cases/<slug:number>/files/from-order/", api.FilesFromOrder.as_view(), name="files_from_order"),
    path("cases/<slug:number>/files/<uuid:item_id>/", api.FileOfCase.as_view(), name="file"),
    path("cases/<slug:number>/files/<uuid:item_id>/redaction/", api.OneRedaction.as_view(), name="redaction"),
    *(path(f"cases/<slug:number>/{name}/", api.acting(name), name=f"act_{name}") for name in OPERATIONS),
]
