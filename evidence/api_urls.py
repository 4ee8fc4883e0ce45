from django.urls import path

from evidence import api

app_name = "evidence_api"
urlpatterns = [
    path("cases/<slug:number>/uploads/", api.Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>/", api.OneUpload.as_view(), name="upload"),
    path("receipts/<uuid:item_id>/", api.OneReceipt.as_view(), name="receipt"),
]
