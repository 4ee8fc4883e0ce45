from django.urls import path

from ledger import api

app_name = "ledger_api"
urlpatterns = [path("ledger/heads/", api.Heads.as_view(), name="heads")]
