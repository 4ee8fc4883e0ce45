from django.urls import path

from arbitration.views import acts, background, bundles, case, compare, previews, queue, records, stopped

app_name = "arbitration"
urlpatterns = [
    path("cases/<slug:number>/bundle/", bundles.bundle, name="bundle"),
    path("desk/records/", records.holds, name="holds"),
    path("desk/records/<int:hold_id>/lift/", records.lift, name="lift_hold"),
    path("settings/erasure/", records.own, name="own_erasure"),
    path("settings/people/erasures/", records.requests, name="erasures"),
    path("settings/people/erasures/<int:request_id>/", records.carry_out, name="carry_out_erasure"),
    path("desk/queue/", queue.queue, name="queue"),
    path("desk/clocks/<int:deadline_id>/", stopped.run_again, name="run_again"),
    path("desk/next/", queue.next_case, name="next"),
    path("desk/cases/<slug:number>/", case.case, name="case"),
    path("desk/cases/<slug:number>/drafts/<slug:act>/", case.draft, name="draft"),
    path("desk/cases/<slug:number>/background/", background.background, name="background"),
    path("desk/cases/<slug:number>/compare/", compare.compare, name="compare"),
    path("desk/cases/<slug:number>/<slug:act>/preview/", previews.preview, name="preview"),
    path("desk/cases/<slug:number>/<slug:act>/", acts.act, name="act"),
]
