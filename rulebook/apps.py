from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RulebookConfig(AppConfig):
    name = "rulebook"

    def ready(self) -> None:
        post_migrate.connect(install_after_migrate, sender=self)


def install_after_migrate(*, using: str, apps: Any = None, **kwargs: Any) -> None:
    """The published rules come with the tables: after migrating, and after a test emptied them."""
    if apps is not None:
        try:
            apps.get_model("rulebook", "Number")
        except LookupError:  # migrated back to nothing
            return
    from rulebook.install import install_published

    install_published(using=using)
