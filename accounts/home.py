"""Where a person starts after signing in."""

from accounts.models import StaffRole, User

# Paths, not names: the rooms they belong to stand above this one.
_OF_STAFF = {
    StaffRole.ARBITER.value: "/desk/queue/",
    StaffRole.SUPERVISOR.value: "/desk/queue/",
    StaffRole.AUDITOR.value: "/desk/queue/",
    StaffRole.ADMINISTRATOR.value: "/settings/people/",
}
STORE = "/store/cases/"
BUYER = "/orders/"


def path_of(user: User) -> str:
    """The first page for ``user``'s role. One query for a person who is not staff."""
    if user.is_platform:
        return _OF_STAFF[user.staff_role]
    return STORE if user.memberships.filter(is_active=True).exists() else BUYER
