"""Pays within the product: an account book for marketplaces without a refund service, and for trying things out."""

from django.db import transaction

from accounts.models import Store
from core import clock
from disputes.gateway import Answer, Result
from disputes.models import AccountEntry, Refund


class EmbeddedGateway:
    """Books each key once, in legs that add up to zero; a deposit pays what it holds, the platform the rest."""

    def refund(self, refund: Refund) -> Answer:
        """Money moves from the store (or its deposit, or the platform) to the buyer."""
        with transaction.atomic():
            if not AccountEntry.objects.filter(key=refund.key).exists():
                AccountEntry.objects.bulk_create(self._legs(refund))
        return Answer(Result.DONE, f"book:{refund.key}")

    def ask(self, refund: Refund) -> Answer:
        if AccountEntry.objects.filter(key=refund.key).exists():
            return Answer(Result.DONE, f"book:{refund.key}")
        return Answer(Result.ABSENT)

    def _legs(self, refund: Refund) -> list[AccountEntry]:
        at = clock.now()
        store = Store.objects.get(pk=refund.order.store_id)
        legs = {f"buyer:{refund.order.buyer_id}": refund.amount_fen}
        if refund.funding == Refund.Funding.MERCHANT:
            legs[f"store:{store.pk}"] = -refund.amount_fen
        else:
            from_deposit = _take_deposit(store.pk, refund.amount_fen) if refund.funding == Refund.Funding.DEPOSIT else 0
            if from_deposit:
                legs[f"deposit:{store.pk}"] = -from_deposit
            if advanced := refund.amount_fen - from_deposit:
                legs[f"advance:{store.pk}"] = -advanced
        return [
            AccountEntry(key=refund.key, account=account, amount_fen=amount, at=at) for account, amount in legs.items()
        ]


def _take_deposit(store_id: int, wanted_fen: int) -> int:
    """Take up to ``wanted_fen`` from the store's deposit; returns how much, in fen.

    Compares before it writes: another payment from the same deposit may come in between.
    """
    while True:
        held = Store.objects.values_list("deposit_fen", flat=True).get(pk=store_id)
        taken = min(held, wanted_fen)
        if Store.objects.filter(pk=store_id, deposit_fen=held).update(deposit_fen=held - taken):
            return taken
