"""The shape of what people type about themselves. Rights and rules are the verbs' business."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffRole, User
from core.text import unseen


class ReadableField(forms.CharField):
    """One line of text without characters a reader cannot see."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if unseen(value) or "\n" in value or "\r" in value:
            raise ValidationError(
                _("This text contains characters that cannot be shown. Remove them and send it again."), code="unseen"
            )


class Styled(forms.Form):
    """Gives the widgets the design's classes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "select" if isinstance(field.widget, forms.Select) else "input"


class SignupForm(forms.Form):
    """Added to allauth's own sign-up form: the name others will read."""

    field_order = ["name", "email", "password1"]

    name = ReadableField(
        label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name", "class": "input"})
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing is left to do: the adapter saves the name with the account."""


class ProfileForm(Styled):
    name = ReadableField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    shortcuts = forms.BooleanField(label=_("Single-key shortcuts at the desk"), required=False)


class KeyForm(Styled):
    label = ReadableField(label=_("What the key is for"), max_length=80)


class AgentForm(Styled):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"})
    )


class InvitationForm(AgentForm):
    staff_role = forms.ChoiceField(
        label=_("Role"), choices=[choice for choice in StaffRole.choices if choice[0] != StaffRole.NONE]
    )


class RoleForm(Styled):
    staff_role = forms.ChoiceField(label=_("Role"), choices=StaffRole.choices, required=False)


class AcceptForm(Styled):
    name = ReadableField(label=_("Your name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 10 characters. A few words in a row are easy to remember and hard to guess."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
