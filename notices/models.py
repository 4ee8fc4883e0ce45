"""How far a reader has read. The notices themselves are the ledger's entries; nothing of them is copied."""

from django.conf import settings
from django.db import models


class ReadMark(models.Model):
    """Everything up to ``last_entry`` has been read by ``user``."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="read_mark")
    last_entry = models.BigIntegerField(default=0)
