from django.urls import path

from evidence import api

app_name = "evidence_api"
urlpatterns = [path("receipts/<uuid:item_id>/", api.OneReceipt.as_view(), name="receipt")]
