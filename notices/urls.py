from django.urls import path

from notices import views

app_name = "notices"
urlpatterns = [
    path("notifications/", views.notices, name="notices"),
    path("notifications/read/", views.mark_read, name="mark_read"),
]
