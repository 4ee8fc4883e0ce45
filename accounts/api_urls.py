from django.urls import path

from accounts.api import integrations, invitations, me, people, stores

app_name = "accounts_api"
urlpatterns = [
    path("me/", me.MeView.as_view(), name="me"),
    path("me/sign-out-everywhere/", me.SignOutEverywhere.as_view(), name="sign_out_everywhere"),
    path("me/keys/", me.KeysView.as_view(), name="keys"),
    path("me/keys/<int:key_id>/", me.KeyView.as_view(), name="key"),
    path("people/", people.People.as_view(), name="people"),
    path("people/<int:user_id>/", people.OnePerson.as_view(), name="person"),
    path("people/<int:user_id>/set-role/", people.SetRole.as_view(), name="set_role"),
    path("people/<int:user_id>/disable/", people.Disable.as_view(), name="disable"),
    path("people/<int:user_id>/enable/", people.Enable.as_view(), name="enable"),
    path("people/<int:user_id>/reset-second-factor/", people.ResetSecondFactor.as_view(), name="reset_second_factor"),
    path("invitations/", invitations.Invitations.as_view(), name="invitations"),
    path("invitations/accept/", invitations.AcceptInvitation.as_view(), name="accept_invitation"),
    path("invitations/<int:invitation_id>/revoke/", invitations.RevokeInvitation.as_view(), name="revoke_invitation"),
    path("integrations/", integrations.Integrations.as_view(), name="integrations"),
    path("integrations/<int:key_id>/revoke/", integrations.RevokeIntegration.as_view(), name="revoke_integration"),
    path("stores/<slug:code>/people/", stores.StorePeople.as_view(), name="store_people"),
    path("stores/<slug:code>/people/<int:user_id>/remove/", stores.RemoveAgent.as_view(), name="remove_agent"),
]
