from django.urls import path

from evidence import views

app_name = "evidence"
urlpatterns = [
    path("files/<uuid:item_id>/", views.show, name="show"),
    path("receipts/<uuid:item_id>/", views.receipt, name="receipt"),
    path("receipts/<uuid:item_id>/receipt.<slug:form>", views.receipt_file, name="receipt_file"),
    path("files/<uuid:item_id>/<slug:variant>/", views.file, name="file"),
]
