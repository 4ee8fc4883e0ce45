"""The URL map: one include a room. No language prefix; a shared link opens in the reader's language."""

from django.urls import include, path, re_path

from config import health
from core.api import Docs, Nothing, Schema, Tone

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("rulebook.urls")),
    path("", include("evidence.urls")),
    path("", include("disputes.urls")),
    path("", include("arbitration.urls")),
    path("", include("notices.urls")),
    path("", include("allauth.account.urls")),
    path("mfa/", include("allauth.mfa.urls")),
    path("api/v1/", include("accounts.api_urls")),
    path("api/v1/", include("ledger.api_urls")),
    path("api/v1/", include("rulebook.api_urls")),
    path("api/v1/", include("evidence.api_urls")),
    path("api/v1/", include("disputes.api_urls")),
    path("api/v1/", include("arbitration.api_urls")),
    path("api/v1/", include("notices.api_urls")),
    path("api/v1/tone/", Tone.as_view(), name="tone"),
    path("api/v1/schema/", Schema.as_view(), name="schema"),
    path("api/v1/docs/", Docs.as_view(), name="api_docs"),
    re_path(r"^api/", Nothing.as_view(), name="api_nothing"),
]
handler400 = "core.views.bad_request"
handler500 = "core.views.server_error"
