"""What a page of an act is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from arbitration.queries import CaseFile
from disputes import shapes
from disputes.forms import FormState
from disputes.views.common import Data


@dataclass
class Page:
    """``effects``: what will happen, sentence by sentence. ``fields``: contexts of ``components/field.html`` and kin.

    ``files``: "" none, "all" (what is uploaded goes with the act), "choose" (the ticked ones). ``hidden``: ids the
    act is about, always the case's own, never what a draft remembers. ``done``: what is said once it has happened.
    """

    title: str
    button: str
    done: str
    lead: str = ""
    effects: list[str] = field(default_factory=list)
    fields: list[Data] = field(default_factory=list)
    hidden: Data = field(default_factory=dict)
    files: str = ""
    danger: bool = False
    template: str = "disputes/acts/form.html"
    more: Data = field(default_factory=dict)


Build = Callable[[CaseFile, FormState], Page]


def last(form: FormState, name: str, default: str = "") -> str:
    """The value of a field as typed."""
    values = form.values.get(name)
    return values[-1] if values else default


def area(form: FormState, name: str, label: str, *, hint: str = "", most: int = shapes.LONG, **more: Any) -> Data:
    value = last(form, name)
    return {"kind": "textarea", "name": name, "label": label, "hint": hint, "max": most, "value": value, **more}


def line(form: FormState, name: str, label: str, **more: Any) -> Data:
    return {"kind": "text", "name": name, "label": label, "value": last(form, name), **more}


def choice(form: FormState, name: str, label: str, options: list[Data], **more: Any) -> Data:
    return {"kind": "radio", "name": name, "label": label, "options": options, "value": last(form, name), **more}


def select(form: FormState, name: str, label: str, options: list[Data], default: str, **more: Any) -> Data:
    value = last(form, name, default)
    return {"kind": "select", "name": name, "label": label, "options": options, "value": value, **more}


def form_name(file: CaseFile, act: str) -> str:
    """The name of the reader's unsent form of an act."""
    return f"case:{file.case.number}:{act}"
