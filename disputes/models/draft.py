"""What somebody typed and has not sent yet."""

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """The raw fields of one person's form, as typed: saved while typing, kept through errors, expiry and conflicts.

    ``form`` names the form and its object, e.g. ``case:DC-…:respond``.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="draft_once")]
