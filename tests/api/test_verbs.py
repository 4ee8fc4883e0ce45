"""The rule itself: whatever can be done about people, keys, stores and notices has an operation of its own."""

import inspect
from types import ModuleType

import pytest

from accounts import invitations, keys, people, stores
from notices import marks
from tests.api.conftest import Program

DOORS = {
    people: {
        "update_profile": "update_profile",
        "sign_out_everywhere": "sign_out_everywhere",
        "set_role": "set_role",
        "disable": "disable_person",
        "enable": "enable_person",
        "reset_second_factor": "reset_second_factor",
    },
    invitations: {"invite": "invite_staff", "accept": "accept_invitation", "revoke": "revoke_invitation"},
    keys: {
        "issue": "issue_key",
        "revoke": "revoke_key",
        "issue_integration": "issue_integration",
        "revoke_integration": "revoke_integration",
    },
    stores: {"add_agent": "add_agent", "remove_agent": "remove_agent"},
    marks: {"mark_read": "mark_notices_read"},
}
"""Verb → the operation that is its door."""
NO_ACTS = {people: {"create"}, invitations: {"find", "require_open"}}
"""What stands among them and is no act of a person: a part of others, or a read."""


def functions(module: ModuleType) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


@pytest.mark.parametrize("module", DOORS, ids=lambda module: module.__name__)
def test_every_verb_has_its_operation(db: None, module: ModuleType) -> None:
    assert functions(module) == DOORS[module].keys() | NO_ACTS.get(module, set())
    paths = Program().get("schema/?format=json")["paths"]
    offered = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert set(DOORS[module].values()) - offered == set()
