from django.urls import path

from rulebook import api

app_name = "rulebook_api"
urlpatterns = [
    path("rules/", api.Versions.as_view(), name="versions"),
    path("rules/<int:number>/", api.OneVersion.as_view(), name="version"),
    path("rules/<int:number>/clauses/<slug:code>/", api.OneClause.as_view(), name="clause"),
    path("rules/<int:number>/causes/", api.Causes.as_view(), name="causes"),
]
