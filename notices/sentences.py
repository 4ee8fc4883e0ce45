"""A ledger entry as a sentence in the reader's language: facts are stored, sentences are made here and nowhere else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext

from core import money, moments
from ledger.models import Entry
from rulebook.models import Remedy

SENTENCES: dict[str, Any] = {
    # before the case
    "order_received": lazy("The order came in from the marketplace: %(paid)s paid"),
    "order_updated": lazy("The marketplace brought the order up to date"),
    "after_sales_asked": lazy("%(who)s asked for after-sales help: %(kind)s %(amount)s"),
    "after_sales_wrote": lazy("%(who)s wrote a message"),
    "after_sales_agreed": lazy("Agreed: %(kind)s %(amount)s"),
    "after_sales_refused": lazy("%(who)s refused the after-sales request"),
    "after_sales_countered": lazy("%(who)s made a counter-offer: %(kind)s %(amount)s"),
    "after_sales_withdrawn": lazy("%(who)s took the after-sales request back"),
    "after_sales_expire": lazy("The merchant did not answer the after-sales request in time"),
    "refund_executed": lazy("%(amount)s was refunded to the buyer"),
    "refund_failed": lazy("The payment service refused the refund of %(amount)s"),
    # filing and preliminary review
    "file": lazy("%(who)s asked the platform to step in: %(kind)s %(amount)s"),
    "drop_draft": lazy("The unsent draft was deleted"),
    "admit": lazy("The platform accepted the case; the response time began"),
    "refuse": lazy("The platform did not accept the case (clause %(clause)s)"),
    "ask": lazy("The platform asked %(sides)s for more information"),
    "answer": lazy("%(who)s answered the platform's questions"),
    "information_expired": lazy("The time to answer the platform's questions ran out"),
    # response and rebuttal
    "respond": lazy("%(who)s responded"),
    "response_expired": lazy("%(silent)s did not respond in time; the platform decides on the file as it is"),
    "concede": lazy("%(who)s agreed to the claim as filed"),
    "rebut": lazy("%(who)s answered the other side's evidence"),
    "skip": lazy("%(who)s skipped the rebuttal round"),
    "rebuttal_expired": lazy("The rebuttal round ended without an answer"),
    "state_late": lazy("%(who)s sent a late statement"),
    # evidence and time
    "upload": lazy("%(who)s uploaded a file"),
    "lodge": lazy("%(who)s added evidence, %(n)s in number"),
    "withdraw_item": lazy("%(who)s withdrew a piece of evidence"),
    "extend": lazy("%(who)s got more time, until %(due)s"),
    "evidence_received": lazy("%(who)s uploaded a file"),
    "evidence_lodged": lazy("%(who)s put evidence on file, %(n)s in number"),
    "evidence_disclosed": lazy("The other side can now see the evidence, %(n)s in number"),
    "evidence_withdrawn": lazy("%(who)s withdrew a piece of evidence"),
    "evidence_discarded": lazy("%(who)s discarded an unsent file"),
    "evidence_original_viewed": lazy("The original of a file was viewed"),
    # who holds the case
    "take": lazy("An arbiter took the case"),
    "release": lazy("The arbiter gave the case back"),
    "reassign": lazy("The case was assigned to another arbiter"),
    "escalate": lazy("The case was passed to a supervisor"),
    # ruling
    "rule": lazy("The arbiter ruled; the ruling takes effect in a minute"),
    "undo_ruling": lazy("The arbiter took the ruling back before it took effect"),
    "take_effect": lazy("The platform ruled"),
    "acknowledge": lazy("%(who)s confirmed having read the ruling"),
    # after the ruling
    "perform": lazy("%(who)s performed what the ruling orders"),
    "ship_back": lazy("%(who)s sent the goods back"),
    "confirm_return": lazy("%(who)s checked the returned goods"),
    "decide_return": lazy("The platform decided about the returned goods"),
    "remedy_executed": lazy("Carried out: %(kind)s %(amount)s"),
    "remedy_expired": lazy("The time to perform what the ruling orders ran out"),
    "request_review": lazy("%(who)s asked for a review"),
    "answer_review": lazy("%(who)s answered in review"),
    "decide_review": lazy("The platform decided the review"),
    "request_set_aside": lazy("%(who)s asked to set the default ruling aside"),
    "set_aside": lazy("The platform set the default ruling aside; the response time began again"),
    "refuse_set_aside": lazy("The platform kept the default ruling"),
    "conclude": lazy("The case was concluded"),
    # the two sides among themselves
    "offer": lazy("%(who)s offered a settlement: %(amount)s"),
    "decline_offer": lazy("%(who)s declined the settlement offer"),
    "withdraw_offer": lazy("%(who)s took the settlement offer back"),
    "offer_expired": lazy("The settlement offer lapsed"),
    "accept_offer": lazy("%(who)s accepted the settlement: %(amount)s"),
    "perform_settlement": lazy("%(who)s paid what was settled: %(amount)s"),
    "settlement_performed": lazy("The settlement was performed and the case closed"),
    "settlement_broken": lazy("The settlement was not performed; the case goes on"),
    "withdraw": lazy("%(who)s withdrew the case"),
    "propose_suspension": lazy("%(who)s proposed to suspend the case for %(days)s days"),
    "decline_suspension": lazy("%(who)s declined the suspension"),
    "suspend": lazy("The case was suspended for %(days)s days"),
    "resume": lazy("The case was resumed"),
}


def sentence(entry: Entry, *, reader: str = "") -> str:
    """What happened. ``reader``: the side that reads (``buyer``, ``merchant``, ``""``), which is then “you”.

    No query. A verb without a sentence (none of the product's own) comes back as it is.
    """
    template = SENTENCES.get(entry.verb)
    if template is None:
        return entry.verb
    return " ".join((str(template) % _words(entry, reader)).split())


def who(role: str, reader: str = "") -> str:
    """The actor at the beginning of a sentence: 您, 买家, 商家, 平台."""
    if role and role == reader:
        return pgettext("at the beginning of a sentence", "You")
    return {
        "buyer": pgettext("at the beginning of a sentence", "The buyer"),
        "merchant": pgettext("at the beginning of a sentence", "The merchant"),
    }.get(role, pgettext("at the beginning of a sentence", "The platform"))


def actor_side(entry: Entry) -> str:
    """``buyer``, ``merchant``, ``platform`` or ``system``: whose dot the entry carries on a timeline."""
    return entry.role if entry.role in {"buyer", "merchant", "system"} else "platform"


def _words(entry: Entry, reader: str) -> dict[str, Any]:
    facts = entry.facts
    return {
        "who": who(entry.role, reader),
        "kind": _kind(facts),
        "amount": _amount(facts),
        "paid": money.text(facts.get("paid_fen", 0)),
        "clause": facts.get("clause", ""),
        "silent": who(facts.get("silent", ""), reader),
        "sides": _sides(facts.get("sides", []), reader),
        "n": len(facts["items"]) if isinstance(facts.get("items"), list) else facts.get("items", 0),
        "days": facts.get("days", ""),
        "due": _moment(facts.get("due_at")),
    }


def _kind(facts: Mapping[str, Any]) -> str:
    code = next((facts[name] for name in ("asked", "offer", "kind", "remedy") if isinstance(facts.get(name), str)), "")
    if code == "return_goods":
        return _("Return of the goods")
    return str(Remedy(code).label) if code in Remedy.values else ""


def _amount(facts: Mapping[str, Any]) -> str:
    fen = facts.get("amount_fen", facts.get("claim_fen", 0)) or 0
    return money.text(fen) if fen else ""


def _sides(sides: list[str], reader: str) -> str:
    if len(sides) > 1:
        return _("both sides")
    side = sides[0] if sides else ""
    if side and side == reader:
        return pgettext("in the middle of a sentence", "you")
    return {
        "buyer": pgettext("in the middle of a sentence", "the buyer"),
        "merchant": pgettext("in the middle of a sentence", "the merchant"),
    }.get(side, "")


def _moment(text: Any) -> str:
    return moments.short_text(datetime.fromisoformat(text)) if isinstance(text, str) else ""
