"""The one table with personal data of buyers. Erasing a buyer is erasing one row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.secrets import EncryptedJSONField


class Buyer(models.Model):
    """Written by ``services.buyers`` only. All fields are encrypted.

    ``name`` {"first", "full"}; ``phones`` [{"number", "extension", "primary"}]; ``address`` {"full", "latitude", "longitude"};
    ``comment`` text; ``organisation`` {"inn", "kpp", "name"} of a business order, which may be a person too;
    ``codes`` {action id: confirmation code}; ``handover`` {"courier": {"name", "phone", "extension"}, "eac_code",
    "receive_code", "receive_barcode"}.
    """

    order = models.OneToOneField(
        "orders.Order", models.CASCADE, primary_key=True, related_name="buyer", verbose_name=_("order")
    )
    name = EncryptedJSONField(verbose_name=pgettext_lazy("person", "name"))
    phones = EncryptedJSONField(verbose_name=_("phones"))
    address = EncryptedJSONField(verbose_name=_("address"))
    comment = EncryptedJSONField(verbose_name=_("comment"))
    organisation = EncryptedJSONField(verbose_name=_("organisation"))
    codes = EncryptedJSONField(verbose_name=_("confirmation codes"))
    handover = EncryptedJSONField(verbose_name=_("hand-over"))
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")

    def __str__(self) -> str:
        return f"buyer of {self.order_id}"


class BuyerToken(models.Model):
    """Keyed hashes of the full phone, its last four digits and the words of the name, for search by equality."""

    buyer = models.ForeignKey(Buyer, models.CASCADE, related_name="tokens", verbose_name=_("buyer"))
    token = models.CharField(_("search token"), max_length=32, db_index=True)

    class Meta:
        verbose_name = _("search token")
        verbose_name_plural = _("search tokens")
        constraints: ClassVar = [models.UniqueConstraint(fields=["buyer", "token"], name="buyer_token_once")]

    def __str__(self) -> str:
        return self.token
