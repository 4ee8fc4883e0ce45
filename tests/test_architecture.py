"""The house rules a table or a grep can hold: same keys, every name resolves, one writer, every rule written down."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from accounts import policy
from arbitration.operations import OPERATIONS
from core import clock
from disputes import deadlines, lifecycle, refunds
from disputes.deadlines import ALL, CLOCKS
from disputes.lifecycle import BACK, STAY, TRANSITIONS
from disputes.models import Deadline, State
from disputes.models.case import AWAITING
from rulebook.queries import book, in_force
from tests.factories import START

ROOT = Path(__file__).parents[1]
ROOMS = (
    "core",
    "accounts",
    "ledger",
    "rulebook",
    "evidence",
    "disputes",
    "arbitration",
    "notices",
    "insights",
    "config",
)
NOT_OFFERED = {"upload"}
"""Acts of people that are no operation with a shape: a file is received, not submitted."""


@cache
def sources() -> list[tuple[str, ast.Module]]:
    """Every module of the product, without migrations: path from the root, syntax tree."""
    return [
        (str(path.relative_to(ROOT)), ast.parse(path.read_text()))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    ]


# --- the tables have the same keys -----------------------------------------------------------------------------------
def test_transitions_are_the_policy_actions_on_a_case() -> None:
    actions = {name.removeprefix("case.") for name in policy.TABLE if name.startswith("case.")}
    assert set(TRANSITIONS) == actions - {"start"}


def test_operations_are_the_transitions_people_make() -> None:
    by_the_clock = {name for name in TRANSITIONS if policy.TABLE[f"case.{name}"] is policy.system}
    assert set(OPERATIONS) == set(TRANSITIONS) - by_the_clock - NOT_OFFERED


def test_every_operation_begins_by_locking_the_case_and_asking_for_its_own_name() -> None:
    """Whatever one has no right to, or not now, is therefore refused alike in every state."""
    begun: dict[str, list[str]] = defaultdict(list)
    for path, tree in sources():
        if not path.startswith(("disputes/", "arbitration/")):
            continue
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
                if ast.unparse(call.func) == "lifecycle.begin" and isinstance(call.args[1], ast.Constant):
                    begun[str(call.args[1].value)].append(f"{path.removesuffix('.py')}.{function.name}")
                if ast.unparse(call.func) == "_deciding" and isinstance(call.args[2], ast.Constant):
                    begun[str(call.args[2].value)].append(f"{path.removesuffix('.py')}.{function.name}")
    for name, operation in OPERATIONS.items():
        verb = operation.verb
        assert begun[name] == [f"{verb.__module__.replace('.', '/')}.{verb.__name__}"], name


def dotted() -> dict[str, str]:
    names = {f"guard of {name}": row.guard for name, row in TRANSITIONS.items() if row.guard}
    names |= {f"expiry of {kind}": clock_row.expires for kind, clock_row in CLOCKS.items() if clock_row.expires}
    return names | {f"gateway {name}": path for name, path in refunds.GATEWAYS.items()}


@pytest.mark.parametrize(("what", "path"), dotted().items())
def test_dotted_name_resolves(what: str, path: str) -> None:
    assert callable(import_string(path)), what


def test_clocks_of_transitions_exist() -> None:
    named = {
        kind
        for row in TRANSITIONS.values()
        for kinds in (row.opens, row.meets, row.drops, row.pauses, row.resumes, (row.within,) if row.within else ())
        for kind in kinds
    }
    assert named - {"*"} <= set(CLOCKS)
    assert ALL == ("*",)


def test_clock_that_closes_an_act_has_its_sentence() -> None:
    assert {row.within for row in TRANSITIONS.values() if row.within} == set(lifecycle._TOO_LATE)


SECOND_LOOKS = {"set_aside_target", "return_target", "payment_target", "set_aside_decision", "return_decision"}
"""Clocks that run as long as ``review_target`` or ``review_decision``."""
LENGTHS_OF_NO_CLOCK = {
    "negotiation_stalled": "part of the gate",
    "wrote_first": "part of the merchant's gate",
    "merchant_filing": "the merchant's side of the filing clock",
    "extension": "added to a clock",
    "late_items_extend": "added to a clock",
    "review_material": "added to the review window for records_kept",
}


def test_every_clock_has_a_published_length_and_every_length_its_clock(db: None) -> None:
    published = {row.length.kind for row in book(in_force(START).pk).lengths}
    assert set(CLOCKS) - SECOND_LOOKS == published - set(LENGTHS_OF_NO_CLOCK)
    assert set(LENGTHS_OF_NO_CLOCK) <= published
    assert set(Deadline.TARGETS) <= set(CLOCKS)


def test_every_clock_is_opened_somewhere() -> None:
    """``filing`` alone is computed and never stored: it runs before there is a case."""
    opened = {kind for row in TRANSITIONS.values() for kind in row.opens}
    for _path, tree in sources():
        for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
            if ast.unparse(call.func).endswith("open_clock"):
                opened |= {
                    node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and node.value in CLOCKS
                }
    in_variables = {"review_target", "review_decision", "ship_back", "perform"}
    assert set(CLOCKS) - opened - in_variables == {"filing"}


# --- DOMAIN §3 as data -----------------------------------------------------------------------------------------------
S = State
SUBMITTED_UNDECIDED = AWAITING | {S.DELIBERATION, S.SUSPENDED}
DOMAIN = [
    ("file", {S.DRAFT}, [S.AWAITING_ADMISSION]),
    ("admit", {S.AWAITING_ADMISSION}, [S.AWAITING_RESPONSE]),
    ("refuse", {S.AWAITING_ADMISSION}, [S.NOT_ADMITTED]),
    ("ask", {S.AWAITING_ADMISSION, S.DELIBERATION, S.IN_REVIEW}, [S.AWAITING_INFORMATION]),
    ("answer", {S.AWAITING_INFORMATION}, [BACK, STAY]),
    ("information_expired", {S.AWAITING_INFORMATION}, [BACK, STAY, S.CLOSED]),
    ("respond", {S.AWAITING_RESPONSE}, [S.AWAITING_REBUTTAL]),
    ("concede", {S.AWAITING_RESPONSE, S.AWAITING_REBUTTAL, S.DELIBERATION}, [S.RULED]),
    ("response_expired", {S.AWAITING_RESPONSE}, [S.DELIBERATION]),
    ("rebut", {S.AWAITING_REBUTTAL}, [S.DELIBERATION]),
    ("skip", {S.AWAITING_REBUTTAL}, [S.DELIBERATION]),
    ("rebuttal_expired", {S.AWAITING_REBUTTAL}, [S.DELIBERATION]),
    ("rule", {S.DELIBERATION}, [STAY]),
    ("take_effect", {S.DELIBERATION}, [S.RULED]),
    ("request_review", {S.RULED, S.IN_REVIEW}, [S.IN_REVIEW]),
    ("answer_review", {S.IN_REVIEW}, [STAY]),
    ("decide_review", {S.IN_REVIEW}, [S.RULED]),
    ("set_aside", {S.RULED}, [S.AWAITING_RESPONSE]),
    ("conclude", {S.RULED, S.ENFORCING}, [S.CLOSED, S.ENFORCING]),
    ("accept_offer", SUBMITTED_UNDECIDED, [S.SETTLEMENT]),
    ("settlement_performed", {S.SETTLEMENT}, [S.CLOSED]),
    ("settlement_broken", {S.SETTLEMENT}, [BACK]),
    ("withdraw", SUBMITTED_UNDECIDED, [S.CLOSED]),
    ("suspend", AWAITING | {S.DELIBERATION}, [S.SUSPENDED]),
    ("resume", {S.SUSPENDED}, [BACK]),
    ("proof_expired", {S.SUSPENDED}, [BACK]),
]


@pytest.mark.parametrize(("name", "from_states", "to"), DOMAIN)
def test_transition_is_the_one_of_the_domain(name: str, from_states: set[State], to: list[str]) -> None:
    assert (set(TRANSITIONS[name].sources), list(TRANSITIONS[name].targets)) == (from_states, to)


def test_no_other_transition_changes_the_state() -> None:
    assert {name for name, row in TRANSITIONS.items() if row.targets != (STAY,)} | {"rule", "answer_review"} == {
        name for name, _sources, _to in DOMAIN
    }


# --- one writer ------------------------------------------------------------------------------------------------------
def writers(attribute: str, *, of: str = "") -> set[str]:
    """The modules that assign ``<of>.<attribute>`` or pass it to ``update``."""
    found = set()
    for path, tree in sources():
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            flat = [part for target in targets for part in getattr(target, "elts", [target])]
            found |= {
                path
                for part in flat
                if isinstance(part, ast.Attribute)
                and part.attr == attribute
                and (not of or ast.unparse(part.value) == of)
            }
    return found


def test_only_the_lifecycle_writes_the_state_of_a_case() -> None:
    assert writers("state", of="case") == {"disputes/lifecycle.py"}
    updates = [
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith("Case.objects")
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"update", "bulk_update"}
    ]
    assert updates == []


def test_only_deadlines_writes_a_due_moment() -> None:
    assert writers("due_at") == {"disputes/deadlines.py"}


def calls(*names: str) -> dict[str, int]:
    """Module → how often it calls something whose dotted name ends in one of ``names``."""
    found: dict[str, int] = defaultdict(int)
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(names):
                found[path] += 1
    return dict(found)


def test_cases_and_orders_are_locked_in_one_place_each() -> None:
    found = {path: count for path, count in calls("select_for_update").items() if path.startswith(("disp", "arb"))}
    assert found == {"disputes/models/case.py": 1, "disputes/models/order.py": 1}


HOST_CLOCK = {
    "core/clock.py": "the clock itself",
    "core/health.py": "whether parts are alive must not follow a demo world's clock",
    "core/management/commands/advance_clock.py": "prints",
}


def test_only_the_clock_asks_what_time_it_is() -> None:
    found = set(calls("datetime.now", "timezone.now", "datetime.utcnow", "datetime.today", "date.today"))
    assert found <= set(HOST_CLOCK), found - set(HOST_CLOCK)
    assert set(calls("time.time")) <= {"disputes/gateway/http.py", "evidence/storage.py"}


def test_clock_now_is_utc(db: None) -> None:
    assert str(clock.now().tzinfo) == "UTC"


# --- every rule is written down --------------------------------------------------------------------------------------
REFUSALS = {"Refused", "Conflict", "Forbidden", "predicate", "Condition", "refusal", "Bad"}
CONSTRAINTS = {"UniqueConstraint", "CheckConstraint"}


def codes() -> dict[str, set[str]]:
    """Every rule code the product can answer with → the files that spell it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]:
        migration = "migrations" in path.parts
        for node in ast.walk(ast.parse(path.read_text())):
            for code in filter(None, _codes_of(node, migration)):
                found[code].add(str(path.relative_to(ROOT)))
    for code, _message in lifecycle._TOO_LATE.values():
        found[code].add("disputes/lifecycle.py")
    return found


def _codes_of(node: ast.AST, migration: bool) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "refused" and isinstance(value, ast.Constant):
                yield str(value.value)
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    first = node.args[0] if node.args else None
    if name in REFUSALS and not migration:
        given = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
        yield from (part.value for part in given if isinstance(part, ast.Constant) and isinstance(part.value, str))
    for keyword in node.keywords:
        named = (name in CONSTRAINTS and keyword.arg == "name") or (name == "append_only" and keyword.arg == "rule")
        if named and isinstance(keyword.value, ast.Constant):
            yield str(keyword.value.value)


ROW = re.compile(r"^\| `(?P<code>[a-z0-9_]+)` \| (?P<sentence>[^|]+) \| `(?P<file>[^`|]+)` \|$", re.MULTILINE)


def test_every_rule_code_is_a_row_of_the_rules_and_every_row_a_rule() -> None:
    rows = {
        row["code"]: (row["sentence"].strip(), row["file"])
        for row in ROW.finditer((ROOT / "docs/rules.md").read_text())
    }
    known = codes()
    assert sorted(set(known) - set(rows)) == [], "rules without a row"
    assert sorted(set(rows) - set(known)) == [], "rows without a rule"
    assert [code for code, (sentence, _file) in rows.items() if not sentence.endswith(".")] == []
    assert [(code, file) for code, (_sentence, file) in rows.items() if file not in known[code]] == []


def test_rules_are_listed_once() -> None:
    listed = [row["code"] for row in ROW.finditer((ROOT / "docs/rules.md").read_text())]
    assert sorted(listed) == sorted(set(listed))


def names_of_tests() -> set[str]:
    """What tests are named after: their names, and the codes in the tables they are parametrised with."""
    found = set()
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        tables = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        for test in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            if test.name.startswith("test_"):
                found.add(test.name.removeprefix("test_"))
                found |= _words(test.decorator_list, tables)
    return found


def _words(nodes: list[ast.expr], tables: dict[str, ast.expr]) -> set[str]:
    """The texts written in the decorators that parametrise, and in the tables these name."""
    rows = [node for node in nodes if "parametrize" in ast.unparse(node)]
    named = [
        tables[part.id] for row in rows for part in ast.walk(row) if isinstance(part, ast.Name) and part.id in tables
    ]
    parts = [part for row in (*rows, *named) for part in ast.walk(row)]
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_rule_has_a_test_named_after_it() -> None:
    names = names_of_tests()
    listed = [row["code"] for row in ROW.finditer((ROOT / "docs/rules.md").read_text())]
    untested = [code for code in listed if not any(name == code or name.startswith(f"{code}_") for name in names)]
    assert untested == []


def test_case_clocks_paused_by_questions_are_the_platforms_and_the_reviews() -> None:
    assert set(deadlines.PLATFORM) < set(lifecycle.WAITING_FOR_ANSWERS)
