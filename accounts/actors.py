"""Who acts: a signed-in person, or the system in the name of a clock or an integration."""

from dataclasses import dataclass

from accounts.models import StaffRole, User


@dataclass(frozen=True)
class System:
    """The clock or an integration. May only do what a deadline or an integration names."""

    name: str

    is_authenticated = True
    is_active = True
    is_platform = False
    pk = None
    staff_role = StaffRole.NONE

    def __str__(self) -> str:
        return self.name


CLOCK, CONSOLE = System("clock"), System("console")

Actor = User | System


def key_of(actor: Actor) -> str:
    """A stable text for an actor, for idempotency keys and logs."""
    return f"user:{actor.pk}" if isinstance(actor, User) else f"system:{actor.name}"
