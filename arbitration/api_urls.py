from django.urls import path

from arbitration import api
from arbitration.operations import OPERATIONS

app_name = "arbitration_api"
urlpatterns = [
    path("orders/<slug:number>/cases/", api.StartCase.as_view(), name="start_case"),
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
