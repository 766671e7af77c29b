"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackofficeConfig(AppConfig):
    """Users, tokens, jobs and the ground under the other apps."""

    name = "backoffice"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Back office")

    def ready(self) -> None:
        """Lookups have to be known before the first query."""
        from backoffice import checks, lookups  # noqa: F401 - importing registers them
