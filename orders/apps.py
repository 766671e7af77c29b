"""App configuration: schedules and roles are installed after every migrate, health checks are registered at start."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _install_schedules(**signal: Any) -> None:
    from orders import schedules

    schedules.install(**signal)


def _go_on_with_shift(**signal: Any) -> None:
    from orders.views import stations

    stations.adopt(**signal)


class OrdersConfig(AppConfig):
    """Orders of the marketplaces."""

    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from backoffice import health
        from orders import checks

        health.register(checks.account_findings)
        post_migrate.connect(_install_schedules, sender=self)
        user_logged_in.connect(_go_on_with_shift, dispatch_uid="shift")
