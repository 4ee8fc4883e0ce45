from django.urls import path

from arbitration.api import cases, files, history, records, stopped
from arbitration.operations import OPERATIONS

app_name = "arbitration_api"
urlpatterns = [
    path("orders/<slug:number>/cases/", cases.StartCase.as_view(), name="start_case"),
    path("records/holds/", records.Holds.as_view(), name="holds"),
    path("records/holds/<int:hold_id>/lift/", records.LiftHold.as_view(), name="lift_hold"),
    path("clocks/stopped/", stopped.StoppedClocks.as_view(), name="stopped_clocks"),
    path("clocks/<int:deadline_id>/run-again/", stopped.RunAgain.as_view(), name="run_again"),
    path("me/erasure/", records.AskErasure.as_view(), name="ask_erasure"),
    path("erasures/", records.Erasures.as_view(), name="erasures"),
    path("erasures/<int:request_id>/carry-out/", records.CarryOutErasure.as_view(), name="carry_out_erasure"),
    path("cases/", cases.Cases.as_view(), name="cases"),
    path("cases/<slug:number>/", cases.OneCase.as_view(), name="case"),
    path("cases/<slug:number>/timeline/", history.Timeline.as_view(), name="timeline"),
    path("cases/<slug:number>/bundle/", history.ExportCase.as_view(), name="bundle"),
    path("cases/<slug:number>/rulings/", history.Rulings.as_view(), name="rulings"),
    path("cases/<slug:number>/files/", files.Files.as_view(), name="files"),
    path("cases/<slug:number>/files/from-order/", files.FilesFromOrder.as_view(), name="files_from_order"),
    path("cases/<slug:number>/files/<uuid:item_id>/", files.FileOfCase.as_view(), name="file"),
    path("cases/<slug:number>/files/<uuid:item_id>/redaction/", files.OneRedaction.as_view(), name="redaction"),
    *(path(f"cases/<slug:number>/{name}/", cases.acting(name), name=f"act_{name}") for name in OPERATIONS),
]
