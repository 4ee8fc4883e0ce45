"""What happened: append-only entries, one hash chain per subject."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Audience(models.TextChoices):
    """Who may read an entry. A side's own business (a platform's question to it, say) is
    not the other side's, and refused offers are not the platform's (without prejudice)."""

    ALL = "all"
    PARTIES = "parties"
    BUYER = "buyer"
    MERCHANT = "merchant"
    PLATFORM = "platform"


class Entry(models.Model):
    """One thing that happened to one subject (``case:DC-…``, ``order:…``, ``user:…``).

    ``facts`` holds ids, codes, amounts and moments, never free text: what people wrote stays in its own row, so that
    it can be erased one day without breaking the chain. ``hash`` = SHA-256 over the previous hash and the SHA-256 of
    this entry's canonical form (``ledger.chain``). ``salt`` hides the author in it from whoever is not told; entries
    written before there was one have none. ``buyer`` and ``store`` repeat whose matter the subject is, where its
    sides are told of it; they follow from the subject and are no part of the chain.
    """

    subject = models.CharField(max_length=80)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=40)
    role = models.CharField(max_length=16)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.ALL)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    store = models.ForeignKey("accounts.Store", models.PROTECT, null=True, related_name="+", db_index=False)
    facts = models.JSONField(default=dict)
    salt = models.UUIDField(null=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "seq"], name="ledger_never_forks")]
        indexes = [
            models.Index(fields=["verb", "id"], name="ledger_verb"),
            models.Index(fields=["actor", "at"], name="ledger_by_actor"),
            models.Index(fields=["buyer", "id"], name="ledger_by_buyer", condition=Q(buyer__isnull=False)),
            models.Index(fields=["store", "id"], name="ledger_by_store", condition=Q(store__isnull=False)),
        ]


class SignedHead(models.Model):
    """A head that was signed and written outside (``ledger.heads``). ``sha256``: of its document."""

    number = models.PositiveIntegerField(primary_key=True)
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    # As written outside: the document's text, its signature, the public key.
    signed = models.JSONField()
