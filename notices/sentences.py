"""A ledger entry as a sentence in the reader's language: facts are stored, sentences are made here and nowhere else."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import moments, money
from ledger.models import Entry
from rulebook.models import Remedy

SENTENCES: dict[str, Any] = {
    # before the case
    "order_received": _("The order came in from the marketplace: %(paid)s paid"),
    "order_updated": _("The marketplace brought the order up to date"),
    "after_sales_asked": _("%(who)s asked for after-sales help: %(kind)s %(amount)s"),
    "after_sales_wrote": _("%(who)s wrote a message"),
    "after_sales_agreed": _("Agreed: %(kind)s %(amount)s"),
    "after_sales_refused": _("%(who)s refused the after-sales request"),
    "after_sales_countered": _("%(who)s made a counter-offer: %(kind)s %(amount)s"),
    "after_sales_withdrawn": _("%(who)s took the after-sales request back"),
    "after_sales_expire": _("The merchant did not answer the after-sales request in time"),
    "after_sales_unpaid": _("The agreed payment of %(amount)s was refused; the platform can be asked to step in"),
    "refund_executed": _("%(amount)s was refunded to the buyer"),
    "refund_failed": _("The payment service refused the refund of %(amount)s"),
    "compensation_executed": _("%(amount)s was paid to the buyer beside the refund"),
    "compensation_failed": _("The payment service refused the payment of %(amount)s beside the refund"),
    # filing and preliminary review
    "case_started": _("%(who)s began an application to the platform"),
    "file": _("%(who)s asked the platform to step in: %(kind)s %(amount)s"),
    "draft_ends": _("Your unsent application is deleted at %(due)s. Send it before then if you still want it"),
    "drop_draft": _("The unsent draft was deleted"),
    "admit": _("The platform accepted the case; the response time began"),
    "refuse": _("The platform did not accept the case (clause %(clause)s)"),
    "ask": _("The platform asked %(sides)s for more information"),
    "answer": _("%(who)s answered the platform's questions"),
    "information_expired": _("The time to answer the platform's questions ran out"),
    # response and rebuttal
    "respond": _("%(who)s responded"),
    "response_expired": _("%(silent)s did not respond in time; the platform decides on the file as it is"),
    "concede": _("%(who)s agreed to the claim as filed"),
    "rebut": _("%(who)s answered the other side's evidence"),
    "skip": _("%(who)s skipped the rebuttal round"),
    "rebuttal_expired": _("The rebuttal round ended without an answer"),
    "state_late": _("%(who)s sent a late statement"),
    # evidence and time
    "upload": _("%(who)s uploaded a file"),
    "lodge": _("%(who)s added evidence, %(n)s in number"),
    "withdraw_item": _("%(who)s withdrew a piece of evidence"),
    "extend": _("%(who)s got more time, until %(due)s"),
    "evidence_received": _("%(who)s uploaded a file"),
    "evidence_inspected": _("A file was checked"),
    "evidence_exported": _("%(who)s downloaded the case with its files"),
    "evidence_erased": _("Files and words were erased after their time"),
    "evidence_lodged": _("%(who)s put evidence on file, %(n)s in number"),
    "evidence_disclosed": _("The other side can now see the evidence, %(n)s in number"),
    "evidence_withdrawn": _("%(who)s withdrew a piece of evidence"),
    "evidence_redacted": _("%(who)s covered parts of an unsent file"),
    "evidence_discarded": _("%(who)s discarded an unsent file"),
    "evidence_original_viewed": _("The original of a file was viewed"),
    "clock_run_again": _("A supervisor had a stopped clock run again"),
    "records_held": _("The records are kept beyond their time"),
    "records_released": _("The records are no longer kept beyond their time"),
    "records_erased": _("What was written about this order was erased"),
    "person_erased": _("A person's files, words and name were erased"),
    # who holds the case
    "take": _("An arbiter took the case"),
    "release": _("The arbiter gave the case back"),
    "reassign": _("The case was assigned to another arbiter"),
    "escalate": _("The case was passed to a supervisor"),
    # ruling
    "rule": _("The arbiter ruled; the ruling takes effect in a minute"),
    "undo_ruling": _("The arbiter took the ruling back before it took effect"),
    "ruling_dropped": _("The signed ruling never took effect: the two sides ended the case first"),
    "take_effect": _("The platform ruled"),
    "acknowledge": _("%(who)s confirmed having read the ruling"),
    # after the ruling
    "perform": _("%(who)s performed what the ruling orders"),
    "ship_back": _("%(who)s sent the goods back"),
    "confirm_return": _("%(who)s checked the returned goods"),
    "decide_return": _("The platform decided about the returned goods"),
    "remedy_executed": _("Carried out: %(kind)s %(amount)s"),
    "remedy_failed": _("The payment service refused %(amount)s from the platform too; a supervisor looks into it"),
    "retry_payment": _("A supervisor had the payment sent once more: %(amount)s"),
    "debt_arose": _("Recorded as owed to the platform: %(amount)s"),
    "debt_paid": _("The platform received %(amount)s of what was owed"),
    "remedy_expired": _("The time to perform what the ruling orders ran out"),
    "request_review": _("%(who)s asked for a review"),
    "review_turned_away": _("%(who)s asked for a review without new evidence; it was refused at the door"),
    "answer_review": _("%(who)s answered in review"),
    "decide_review": _("The platform decided the review"),
    "request_set_aside": _("%(who)s asked to set the default ruling aside"),
    "set_aside": _("The platform set the default ruling aside; the response time began again"),
    "refuse_set_aside": _("The platform kept the default ruling"),
    "conclude": _("The case was concluded"),
    # the two sides among themselves
    "offer": _("%(who)s offered a settlement: %(terms)s"),
    "decline_offer": _("%(who)s declined the settlement offer"),
    "withdraw_offer": _("%(who)s took the settlement offer back"),
    "offer_expired": _("The settlement offer lapsed"),
    "accept_offer": _("%(who)s accepted the settlement: %(terms)s"),
    "perform_settlement": _("%(who)s paid what was settled: %(amount)s"),
    "settlement_performed": _("The settlement was performed and the case closed"),
    "settlement_broken": _("The settlement was not performed; the case goes on"),
    "withdraw": _("%(who)s withdrew the case"),
    "propose_suspension": _("%(who)s proposed to suspend the case for %(days)s days"),
    "decline_suspension": _("%(who)s declined the suspension"),
    "suspend": _("The case was suspended for %(days)s days"),
    "prove_suspension": _("%(prover)s showed the proof the suspension rests on"),
    "proof_expired": _("%(prover)s did not show the proof in time; the case was resumed"),
    "resume": _("The case was resumed"),
}


OTHERWISE = {
    "suspend": ("proof_from", _("The case was suspended for %(days)s days. %(prover)s has to show the proof")),
    "prove_suspension": ("confirmed", _("The platform was shown the proof the suspension rests on")),
}
"""Verb → the fact with which its sentence is another one, and that one."""


STEPS = {
    "return_goods": _("Return of the goods"),
    "pay_loss": _("Loss paid by the buyer"),
    "restitution": _("Given back to the merchant after the review"),
}
"""What a ruling's remedy consists of, where it is not called as the remedy."""


def sentence(entry: Entry, *, reader: str = "") -> str:
    """What happened. ``reader``: the side that reads (``buyer``, ``merchant``, ``""``), which is then “you”.

    No query. A verb without a sentence (none of the product's own) comes back as it is.
    """
    template = SENTENCES.get(entry.verb)
    if entry.verb in OTHERWISE and entry.facts.get(OTHERWISE[entry.verb][0]):
        template = OTHERWISE[entry.verb][1]
    if template is None:
        return entry.verb
    return " ".join((str(template) % _Words(entry, reader)).split())


def who(role: str, reader: str = "") -> str:
    """The actor at the beginning of a sentence: 您, 买家, 商家, 平台."""
    if role and role == reader:
        return pgettext("at the beginning of a sentence", "You")
    return str(_WHO.get(role, _PLATFORM))


_PLATFORM = pgettext_lazy("at the beginning of a sentence", "The platform")
_WHO = {
    "buyer": pgettext_lazy("at the beginning of a sentence", "The buyer"),
    "merchant": pgettext_lazy("at the beginning of a sentence", "The merchant"),
}


def actor_side(entry: Entry) -> str:
    """``buyer``, ``merchant``, ``platform`` or ``system``: whose dot the entry carries on a timeline."""
    return entry.role if entry.role in {"buyer", "merchant", "system"} else "platform"


class _Words(Mapping[str, Any]):
    """What a template may name, made only when it does: a history holds many sentences, and each few words."""

    def __init__(self, entry: Entry, reader: str) -> None:
        self._entry, self._reader = entry, reader

    def __getitem__(self, name: str) -> Any:
        return _WORDS[name](self._entry, self._reader)

    def __iter__(self) -> Iterator[str]:
        return iter(_WORDS)

    def __len__(self) -> int:
        return len(_WORDS)


_WORDS: dict[str, Callable[[Entry, str], Any]] = {
    "who": lambda entry, reader: who(entry.role, reader),
    "kind": lambda entry, reader: _kind(entry.facts),
    "amount": lambda entry, reader: _amount(entry.facts),
    "terms": lambda entry, reader: _terms(entry.facts, reader),
    "paid": lambda entry, reader: money.text(entry.facts.get("paid_fen", 0)),
    "clause": lambda entry, reader: entry.facts.get("clause", ""),
    "prover": lambda entry, reader: who(entry.facts.get("side") or entry.facts.get("proof_from", ""), reader),
    "silent": lambda entry, reader: who(entry.facts.get("silent", ""), reader),
    "sides": lambda entry, reader: _sides(entry.facts.get("sides", []), reader),
    "n": lambda entry, reader: _count(entry.facts.get("items", 0)),
    "days": lambda entry, reader: entry.facts.get("days", ""),
    "due": lambda entry, reader: _moment(entry.facts.get("due_at")),
}


def _count(items: Any) -> Any:
    return len(items) if isinstance(items, list) else items


def _kind(facts: Mapping[str, Any]) -> str:
    code = next((facts[name] for name in ("asked", "offer", "kind", "remedy") if isinstance(facts.get(name), str)), "")
    if code in STEPS:
        return str(STEPS[code])
    return str(Remedy(code).label) if code in Remedy.values else ""


def _amount(facts: Mapping[str, Any]) -> str:
    fen = facts.get("amount_fen", facts.get("claim_fen", 0)) or 0
    return money.text(fen) if fen else ""


def _terms(facts: Mapping[str, Any], reader: str) -> str:
    """The amount of an offer, and who pays it where that is not the merchant."""
    amount = _amount(facts)
    if not amount or facts.get("payer") != "buyer":
        return amount
    return gettext("you pay %(amount)s") % {"amount": amount} if reader == "buyer" else (
        gettext("the buyer pays %(amount)s") % {"amount": amount})  # fmt: skip


def _sides(sides: list[str], reader: str) -> str:
    if len(sides) > 1:
        return gettext("both sides")
    side = sides[0] if sides else ""
    if side and side == reader:
        return pgettext("in the middle of a sentence", "you")
    return {
        "buyer": pgettext("in the middle of a sentence", "the buyer"),
        "merchant": pgettext("in the middle of a sentence", "the merchant"),
    }.get(side, "")


def _moment(text: Any) -> str:
    return moments.short_text(datetime.fromisoformat(text)) if isinstance(text, str) else ""
