"""People, the stores they work for, and the keys programs use."""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class StaffRole(models.TextChoices):
    """Platform staff (平台). A person without one is a buyer, and a merchant where a store counts them as a member."""

    NONE = "", _("Not staff")
    ARBITER = "arbiter", _("Arbiter")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in, by e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    staff_role = models.CharField(_("role"), max_length=16, choices=StaffRole, default=StaffRole.NONE, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    # Single-key shortcuts can be turned off by whoever hits keys by accident or speaks to the computer (WCAG 2.1.4).
    shortcuts = models.BooleanField(_("single-key shortcuts"), default=True)
    is_active = models.BooleanField(default=True)
    # Part of every session's hash: one more ends all sessions of this person.
    session_round = models.PositiveIntegerField(default=0)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def masked_name(self) -> str:
        """How the other side reads the name: ``林**``, ``L***``."""
        name = str(self)
        return f"{name[:1]}{'***' if name[:1].isascii() else '**'}"

    @property
    def is_platform(self) -> bool:
        return bool(self.staff_role)

    def owns(self, store: "Store") -> bool:
        """Whether this person may also add and remove the store's agents. One query."""
        return self.memberships.filter(store=store, is_active=True, kind=Membership.Kind.OWNER).exists()

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Django's hash over the password, and over ``session_round``: a change of either ends every session."""
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.session_round}", secret=secret, algorithm="sha256"
        ).hexdigest()


class Store(models.Model):
    """A merchant's shop (店铺), the respondent of most cases. ``deposit_fen`` is its 保证金 in fen."""

    name = models.CharField(_("store"), max_length=80)
    code = models.SlugField(max_length=40, unique=True)
    deposit_fen = models.BigIntegerField(_("deposit"), default=0)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="stores"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(deposit_fen__gte=0), name="deposit_not_negative")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person working for a store. Owners may also add and remove agents."""

    class Kind(models.TextChoices):
        OWNER = "owner", _("Owner")
        AGENT = "agent", _("Agent")

    store = models.ForeignKey(Store, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.AGENT)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "user"], name="membership_once")]


class AccessKey(models.Model):
    """A key a program signs in with: a person's own, or (``user`` empty) a marketplace integration's.

    Only the SHA-256 of the secret is kept; the secret is shown once, when the key is made.
    """

    label = models.CharField(max_length=80)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="access_keys")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    @classmethod
    def issue(cls, *, label: str, user: User | None = None) -> tuple["AccessKey", str]:
        """Make a key; return it and its secret (256 bits), which is kept nowhere."""
        secret = f"gd_{secrets.token_urlsafe(32)}"
        return cls.objects.create(label=label, user=user, digest=cls.digest_of(secret)), secret

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()


class StaffInvitation(models.Model):
    """A link by which one person becomes platform staff, once. Only the SHA-256 of its token is kept."""

    email = models.EmailField()
    staff_role = models.CharField(max_length=16, choices=StaffRole)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="staff_invitation_once",
            ),
            models.CheckConstraint(condition=~models.Q(staff_role=StaffRole.NONE), name="staff_invitation_has_role"),
        ]

    def open_at(self, moment: datetime) -> bool:
        """Whether the link may still be used at ``moment``; its last moment is the one before ``expires_at``."""
        return self.accepted_at is None and self.revoked_at is None and moment < self.expires_at
