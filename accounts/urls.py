from django.urls import path

from accounts import api, views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("settings/keys/", views.issue_key, name="issue_key"),
    path("settings/keys/<int:key_id>/revoke/", views.revoke_key, name="revoke_key"),
    path("settings/sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("settings/store/", views.store, name="store"),
    path("settings/store/<slug:code>/agents/", views.add_agent, name="add_agent"),
    path("settings/store/<slug:code>/agents/<int:user_id>/remove/", views.remove_agent, name="remove_agent"),
    path("settings/people/", views.people_list, name="people"),
    path("settings/people/invitations/", views.invite, name="invite"),
    path("settings/people/invitations/<int:invitation_id>/revoke/", views.revoke_invitation, name="revoke_invitation"),
    path("settings/people/<int:user_id>/", views.person, name="person"),
    path("settings/integrations/", views.integrations, name="integrations"),
    path("settings/integrations/<int:key_id>/revoke/", views.revoke_integration, name="revoke_integration"),
    path("settings/people/<int:user_id>/reset-second-factor/", views.reset_second_factor, name="reset_second_factor"),
    path("settings/people/<int:user_id>/disable/", views.switch_access, {"verb": "disable"}, name="disable"),
    path("settings/people/<int:user_id>/enable/", views.switch_access, {"verb": "enable"}, name="enable"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]

api_urlpatterns = [
    path("me/", api.MeView.as_view(), name="me"),
    path("me/keys/", api.KeysView.as_view(), name="keys"),
    path("me/keys/<int:key_id>/", api.KeyView.as_view(), name="key"),
]
