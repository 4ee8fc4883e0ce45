from django.conf import settings
from django.urls import path

from core import views

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.set_language, name="set_language"),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("dev/components/", views.components, name="components"))
