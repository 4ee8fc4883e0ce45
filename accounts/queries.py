"""Reads for the settings pages and their operations."""

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import AccessKey, Membership, StaffInvitation, Store, User


def keys_of(user: User) -> list[AccessKey]:
    """The keys that still work, newest first. One query."""
    return list(user.access_keys.filter(revoked_at=None).order_by("-pk"))


def integration_keys() -> QuerySet[AccessKey]:
    """Every key that stands for a marketplace, working ones first, then newest. Lazy; one query."""
    return AccessKey.objects.filter(user=None).alias(works=Q(revoked_at=None)).order_by("-works", "-pk")


def stores_of(user: User) -> list[Store]:
    """The stores ``user`` works for, each with its active ``staff`` (owners first). Two queries."""
    return list(
        Store.objects.filter(memberships__user=user, memberships__is_active=True)
        .prefetch_related(Prefetch("memberships", _staff(), to_attr="staff"))
        .order_by("name", "pk")
    )


def staff_of(store: Store) -> QuerySet[Membership]:
    """Who works for the store, owners first, each with the ``user``. Lazy; one query."""
    return _staff().filter(store=store)


def _staff() -> QuerySet[Membership]:
    return Membership.objects.filter(is_active=True).select_related("user").order_by("-kind", "pk")


def owned_store_ids(user: User) -> set[int]:
    """One query."""
    return set(user.memberships.filter(is_active=True, kind=Membership.Kind.OWNER).values_list("store_id", flat=True))


def people(*, search: str = "", staff_only: bool = False) -> QuerySet[User]:
    """Everybody, staff first; by a part of name or address. Lazy; one query."""
    found = User.objects.order_by("-staff_role", "pk")
    if staff_only:
        found = found.exclude(staff_role="")
    if search:
        found = found.filter(email__icontains=search) | found.filter(name__icontains=search)
    return found


def open_invitations() -> QuerySet[StaffInvitation]:
    """Those neither used nor withdrawn, newest first; some may be past their time. Lazy; one query."""
    return StaffInvitation.objects.filter(accepted_at=None, revoked_at=None).order_by("-pk")


def working_for(user: User) -> list[Membership]:
    """Active memberships with their stores. One query."""
    return list(user.memberships.filter(is_active=True).select_related("store").order_by("store__name", "pk"))
