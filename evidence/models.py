"""Dossiers with two sides, the items in them, and the pictures made of those."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from evidence import likeness

CAPTION_LENGTH = 60
NAME_LENGTH = 200
REASON_LENGTH = 200


class Side(models.TextChoices):
    """The two sides of a dossier. Nothing here treats one differently from the other."""

    BUYER = "buyer", _("Buyer")
    MERCHANT = "merchant", _("Merchant")

    @property
    def other(self) -> "Side":
        return Side.MERCHANT if self is Side.BUYER else Side.BUYER


class Kind(models.TextChoices):
    PHOTO = "photo", _("Photo")
    VIDEO = "video", _("Video")
    CHAT = "chat", _("Chat record")
    DOCUMENT = "document", _("Document")
    SNAPSHOT = "snapshot", _("Page snapshot")
    STATEMENT = "statement", _("Statement")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    INSPECTING = "inspecting", _("Being checked")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Refused")
    LODGED = "lodged", _("Lodged")
    WITHDRAWN = "withdrawn", _("Withdrawn")


UNLODGED = (State.DRAFT, State.INSPECTING, State.READY, State.REFUSED)
"""Its uploader's own business: nobody outside the side sees it, and it can be discarded."""
UNCHECKED = (State.INSPECTING, State.REFUSED)
"""Nobody, not even its uploader, is given the bytes."""
ON_FILE = (State.LODGED, State.WITHDRAWN)
"""Part of the file for good: numbered, unchangeable, kept."""


OWN = "own-"
"""Begins the name of a derivative that shows what its side has covered since: for that side alone."""


class Variant(models.TextChoices):
    """Pages of a document are variants too: ``page-1`` and so on."""

    THUMB = "thumb"
    VIEW = "view"
    POSTER = "poster"


class Dossier(models.Model):
    """Where two sides lodge evidence. ``subject`` is the ledger subject of its custody entries."""

    subject = models.CharField(max_length=80, unique=True)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="dossiers")
    store = models.ForeignKey("accounts.Store", models.PROTECT, related_name="dossiers")

    def __str__(self) -> str:
        return self.subject


class Item(models.Model):
    """One piece of evidence. What was received never changes; once lodged, nothing said about it changes either.

    Both are guarded by database triggers whose errors start with ``evidence_sealed``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="items")
    side = models.CharField(max_length=8, choices=Side)
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    slot = models.CharField(max_length=40, blank=True)
    caption = models.CharField(max_length=CAPTION_LENGTH, blank=True)
    position = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    refused_code = models.CharField(max_length=40, blank=True)
    # Numbered per side in the order of lodging.
    exhibit_no = models.PositiveIntegerField(null=True, blank=True)

    # As received: the name made safe to show, the rest measured on the bytes.
    original_name = models.CharField(max_length=NAME_LENGTH)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    # What the file itself claims; nobody vouches for it.
    capture_at = models.DateTimeField(null=True, blank=True)

    received_at = models.DateTimeField()
    # While it is being checked: how often that was begun, and until when whoever began is not disturbed.
    check_attempts = models.PositiveSmallIntegerField(default=0)
    check_until = models.DateTimeField(null=True, blank=True)
    lodged_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)
    # Empty: the other side does not see it yet.
    disclosed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # For everybody who sees the item.
    withdrawn_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    # For the platform's eyes only; the other side learns that it exists.
    platform_only = models.BooleanField(default=False)
    platform_only_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    # When bytes and words went for good (``evidence.erasure``); hash, size and moments stay.
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "side", "exhibit_no"], name="exhibit_number_once"),
            models.CheckConstraint(
                name="exhibit_numbered_when_lodged",
                condition=(
                    models.Q(
                        state__in=[State.LODGED, State.WITHDRAWN], exhibit_no__isnull=False, lodged_at__isnull=False
                    )
                    | (~models.Q(state__in=ON_FILE) & models.Q(exhibit_no=None, lodged_at=None, disclosed_at=None))
                ),
            ),
            models.CheckConstraint(
                name="platform_only_needs_reason",
                condition=models.Q(platform_only=False) | ~models.Q(platform_only_reason=""),
            ),
            models.CheckConstraint(
                name="withdrawal_needs_reason",
                condition=~models.Q(state=State.WITHDRAWN) | ~models.Q(withdrawn_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="evidence_item_bytes"),
            models.Index(
                fields=["received_at"], condition=models.Q(state=State.INSPECTING), name="evidence_item_unchecked"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name


class Shown(models.Manager["Derivative"]):
    """Without the clear copies of what was covered; so nobody comes upon those by asking for derivatives."""

    def get_queryset(self) -> "models.QuerySet[Derivative]":
        return super().get_queryset().exclude(variant__startswith=OWN)


class Derivative(models.Model):
    """What people look at instead of the original: upright, without metadata or anything that acts.

    ``every`` has the clear copies of covered items too (``evidence.redaction``); ``objects`` and an item's
    ``derivatives`` never do.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="derivatives")
    variant = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)

    objects = Shown()
    every = models.Manager["Derivative"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "variant"], name="derivative_once")]

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger keeps of it."""
        return {"variant": self.variant, "sha256": self.sha256, "size": self.size}


class Redaction(models.Model):
    """What its side covered of an item before lodging it: boxes (``redaction.Box``) or places in its text."""

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="redaction")
    boxes = models.JSONField(default=list)
    spans = models.JSONField(default=list)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.item_id)

    @property
    def count(self) -> int:
        return len(self.boxes) + len(self.spans)


class Upload(models.Model):
    """A file on its way in, in pieces. ``offset``: so many bytes of ``length`` are on the disk for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="uploads")
    side = models.CharField(max_length=8, choices=Side)
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    slot = models.CharField(max_length=40, blank=True)
    caption = models.CharField(max_length=CAPTION_LENGTH, blank=True)
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    # What it became.
    item = models.OneToOneField(Item, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="upload_within_length", condition=models.Q(offset__lte=models.F("length")))
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_written(self) -> bool:
        """Whether it has its row: not while bytes that came with its creation arrive."""
        return not self._state.adding

    def become(self, item: Item) -> None:
        """Its end, inside the caller's transaction. A row that was given up meanwhile stays gone."""
        self.item, self.offset = item, item.size
        if self.is_written:
            Upload.objects.filter(pk=self.pk).update(item=item, offset=item.size)
        else:
            self.save(force_insert=True)


class Reading(models.Model):
    """What the inspection read off a file: ``advice`` for its uploader, facts for the platform. Never a verdict.

    ``likeness``: the picture's fingerprint (``evidence.likeness``), with the four keys that like pictures are found by.
    """

    item = models.OneToOneField(Item, models.CASCADE, primary_key=True, related_name="reading")
    advice = models.JSONField(default=list)
    device = models.CharField(max_length=100, blank=True)
    software = models.CharField(max_length=100, blank=True)
    # Where the file names that program, e.g. "EXIF Software".
    software_from = models.CharField(max_length=20, blank=True)
    likeness = models.BigIntegerField(null=True, blank=True)
    band_0 = models.PositiveIntegerField(null=True, blank=True)
    band_1 = models.PositiveIntegerField(null=True, blank=True)
    band_2 = models.PositiveIntegerField(null=True, blank=True)
    band_3 = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=[f"band_{number}"],
                name=f"evidence_reading_band_{number}",
                condition=models.Q(**{f"band_{number}__isnull": False}),
            )
            for number in range(likeness.BANDS)
        ]

    def __str__(self) -> str:
        return str(self.item_id)

    @classmethod
    def of(cls, item: Item, read: Mapping[str, Any]) -> "Reading":
        """The row, not saved, for what the inspecting process reports."""
        mark = read.get("likeness")
        keys = likeness.bands(mark) if mark is not None else (None,) * likeness.BANDS
        return cls(
            item=item,
            advice=read.get("advice", []),
            **{name: read.get(name, "") for name in ("device", "software", "software_from")},
            likeness=None if mark is None else likeness.signed(mark),
            **{f"band_{number}": key for number, key in enumerate(keys)},
        )


class Walk(models.Model):
    """The one row by which the nightly check of everything (``evidence.rounds``) goes on where it stopped.

    Moments are the host's: a demo's moved clock must not make the checks look old.
    """

    # Empty: no round is under way.
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Whoever works on it: nobody else does before this moment.
    busy_until = models.DateTimeField(null=True)
    phase = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=80, blank=True)
    checked = models.PositiveBigIntegerField(default=0)


class Defect(models.Model):
    """A fault that a round found; over when a later round no longer finds it."""

    kind = models.CharField(max_length=12)
    subject = models.CharField(max_length=80)
    ref = models.CharField(max_length=80)
    detail = models.CharField(max_length=300)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "ref", "detail"], condition=models.Q(over_at=None), name="defect_open_once"
            )
        ]
