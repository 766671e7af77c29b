"""Carriers that are spoken here."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CarrierKind(TextChoices):
    MEASOFT = "measoft", _("MeaSoft")
    DELLIN = "dellin", _("Dellin")
