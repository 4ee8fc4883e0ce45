import gc

from django.apps import AppConfig

COLLECTED_AFTER = 20_000
"""Objects made and still there before Python looks for cycles; its own 700 made every case page wait for several."""


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        """What is loaded now stays: it is not looked through again, and what a page makes is, but more rarely."""
        gc.freeze()
        gc.set_threshold(COLLECTED_AFTER, 10, 10)
