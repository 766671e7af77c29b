"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CarriersConfig(AppConfig):
    """Parcels and the carriers that move them."""

    name = "carriers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Carriers")
