from django.urls import path

from rulebook import views

app_name = "rulebook"
urlpatterns = [
    path("help/", views.help_page, name="help"),
    path("rules/", views.index, name="index"),
    path("rules/v<int:number>/", views.version, name="version"),
    path("rules/diff/<int:a>..<int:b>/", views.difference, name="diff"),
    path("rules/<slug:code>/", views.clause, name="clause"),
    path("rules/<slug:code>/v<int:number>/", views.clause_version, name="clause_version"),
]
