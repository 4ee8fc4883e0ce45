"""Invented data for the gallery of components, in the reader's language. Nothing here is stored."""

from core.gallery.decisions import decisions
from core.gallery.evidence import evidence
from core.gallery.forms import forms
from core.gallery.heads import case_stages, heads
from core.gallery.words import NOW, Data
from core.gallery.work import work


def context() -> Data:
    return {"now": NOW, "heads": heads(), "case_stages": case_stages()} | forms() | evidence() | work() | decisions()
