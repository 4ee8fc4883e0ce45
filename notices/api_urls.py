from django.urls import path

from notices import api

app_name = "notices_api"
urlpatterns = [
    path("notices/", api.Notices.as_view(), name="notices"),
    path("notices/unread/", api.UnreadNotices.as_view(), name="unread"),
    path("notices/read/", api.ReadNotices.as_view(), name="mark_read"),
    path("duties/", api.Duties.as_view(), name="duties"),
]
