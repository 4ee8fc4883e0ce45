from django.urls import path

from accounts.views import integrations, invitation, people, settings, store

app_name = "accounts"
urlpatterns = [
    path("settings/", settings.settings, name="settings"),
    path("settings/keys/", settings.issue_key, name="issue_key"),
    path("settings/keys/<int:key_id>/revoke/", settings.revoke_key, name="revoke_key"),
    path("settings/sign-out-everywhere/", settings.sign_out_everywhere, name="sign_out_everywhere"),
    path("settings/store/", store.store, name="store"),
    path("settings/store/<slug:code>/agents/", store.add_agent, name="add_agent"),
    path("settings/store/<slug:code>/agents/<int:user_id>/remove/", store.remove_agent, name="remove_agent"),
    path("settings/people/", people.people_list, name="people"),
    path("settings/people/invitations/", people.invite, name="invite"),
    path("settings/people/invitations/<int:invitation_id>/revoke/", people.revoke_invitation, name="revoke_invitation"),
    path("settings/people/<int:user_id>/", people.person, name="person"),
    path("settings/integrations/", integrations.integrations, name="integrations"),
    path("settings/integrations/<int:key_id>/revoke/", integrations.revoke_integration, name="revoke_integration"),
    path("settings/people/<int:user_id>/reset-second-factor/", people.reset_second_factor, name="reset_second_factor"),
    path("settings/people/<int:user_id>/disable/", people.switch_access, {"verb": "disable"}, name="disable"),
    path("settings/people/<int:user_id>/enable/", people.switch_access, {"verb": "enable"}, name="enable"),
    path("invitations/<str:token>/", invitation.invitation, name="invitation"),
]
