from django.urls import path

from evidence import views

app_name = "evidence"
urlpatterns = [
    path("files/<uuid:item_id>/", views.show, name="show"),
    path("files/<uuid:item_id>/<slug:variant>/", views.file, name="file"),
]
