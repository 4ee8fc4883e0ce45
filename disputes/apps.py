from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class DisputesConfig(AppConfig):
    name = "disputes"

    def ready(self) -> None:
        """No process starts that could not pay."""
        from disputes.refunds import GATEWAYS

        if settings.REFUND_GATEWAY not in GATEWAYS:
            raise ImproperlyConfigured(f"GONGDUAN_REFUND_GATEWAY is one of: {', '.join(GATEWAYS)}.")
        if settings.REFUND_GATEWAY == "http" and not (settings.REFUND_GATEWAY_URL and settings.REFUND_GATEWAY_SECRET):
            raise ImproperlyConfigured("Set GONGDUAN_REFUND_GATEWAY_URL and GONGDUAN_REFUND_GATEWAY_SECRET too.")
