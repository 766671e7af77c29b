"""Shapes of all answers but orders, whose shapes stand in ``order_schemas`` and are handed on here (contract 2.1, 2.5).

As lenient as the sources together; fields that are known and not used stand here too, so that they do not count as new.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .order_schemas import BusinessOrderWire, Flag, IdWire, InstanceWire, Number, OrderWire, Value, Wire

__all__ = [
    "BusinessOrderWire",
    "BusinessWire",
    "BuyerResultWire",
    "BuyerWire",
    "CampaignWire",
    "CampaignsWire",
    "DocumentWire",
    "DocumentsResultWire",
    "DocumentsWire",
    "DoneWire",
    "ErrorWire",
    "ErrorsWire",
    "Flag",
    "IdWire",
    "IdentifiedItemWire",
    "IdentifiedWire",
    "IdentifiersWire",
    "InstanceWire",
    "KeyWire",
    "Number",
    "OrderStatusWire",
    "OrderStatusesWire",
    "OrderWire",
    "OrganisationResultWire",
    "OrganisationWire",
    "PagerWire",
    "PagingWire",
    "ServiceWire",
    "ServicesResultWire",
    "ServicesWire",
    "StatusUpdateWire",
    "TokenResultWire",
    "TokenWire",
    "Value",
    "Wire",
]


class ErrorWire(Wire, frozen=True):
    code: Value = None
    message: Value = None


class ErrorsWire(Wire, frozen=True):
    """The refusal of a whole call."""

    status: Value = None
    errors: list[ErrorWire] | None = None


class DoneWire(Wire, frozen=True):
    """``{"status": "OK"}``: an empty success."""

    status: Value = None


class OrderStatusWire(Wire, frozen=True):
    """One order of ``status-update``: ``updateStatus`` is OK or ERROR."""

    id: Value = None
    status: Value = None
    substatus: Value = None
    update_status: Value = None
    error_details: Value = None


class OrderStatusesWire(Wire, frozen=True):
    orders: list[Any] | None


class StatusUpdateWire(Wire, frozen=True):
    """Partial success inside 200; the ``orders`` are :class:`OrderStatusWire`."""

    result: OrderStatusesWire
    status: Value = None


class IdentifiedItemWire(Wire, frozen=True):
    id: Value = None
    vat: Value = None
    count: Value = None
    price: Number = None
    offer_name: Value = None
    offer_id: Value = None
    instances: list[InstanceWire] | None = None


class IdentifiedWire(Wire, frozen=True):
    items: list[IdentifiedItemWire] | None = None


class IdentifiersWire(Wire, frozen=True):
    result: IdentifiedWire | None = None
    status: Value = None


class BuyerResultWire(Wire, frozen=True):
    """``phone`` is a substitute number; ``trusted``: the buyer is not to be called."""

    id: Value = None
    last_name: Value = None
    first_name: Value = None
    middle_name: Value = None
    type: Value = None
    phone: Value = None
    trusted: Flag = None


class BuyerWire(Wire, frozen=True):
    result: BuyerResultWire | None = None
    status: Value = None


class OrganisationResultWire(Wire, frozen=True):
    inn: Value = None
    kpp: Value = None
    organization_name: Value = None
    organization_jur_address: Value = None


class OrganisationWire(Wire, frozen=True):
    result: OrganisationResultWire | None = None
    status: Value = None


class DocumentWire(Wire, frozen=True):
    status: Value = None
    number: Value = None
    date: Value = None


class DocumentsResultWire(Wire, frozen=True):
    """The kinds that are told (contract 2.3, [YM-SPEC] ``OrderBusinessDocumentsDTO``)."""

    upd: DocumentWire | None = None
    ukd: DocumentWire | None = None
    torg_twelve: DocumentWire | None = None
    sf: DocumentWire | None = None
    ksf: DocumentWire | None = None


class DocumentsWire(Wire, frozen=True):
    result: DocumentsResultWire | None = None
    status: Value = None


class ServiceWire(Wire, frozen=True):
    id: Value = None
    name: Value = None


class ServicesResultWire(Wire, frozen=True):
    delivery_service: list[Any] | None = None


class ServicesWire(Wire, frozen=True):
    """``deliveryService`` holds :class:`ServiceWire`."""

    result: ServicesResultWire | None = None
    status: Value = None


class BusinessWire(Wire, frozen=True):
    id: Value = None
    name: Value = None


class CampaignWire(Wire, frozen=True):
    id: Value = None
    domain: Value = None
    client_id: Value = None
    business: BusinessWire | None = None
    placement_type: Value = None
    api_availability: Value = None


class PagerWire(Wire, frozen=True):
    total: Value = None
    from_: Value = msgspec.field(default=None, name="from")
    to: Value = None
    current_page: Value = None
    pages_count: Value = None
    page_size: Value = None


class PagingWire(Wire, frozen=True):
    next_page_token: Value = None
    prev_page_token: Value = None


class CampaignsWire(Wire, frozen=True):
    """``campaigns`` are :class:`CampaignWire`."""

    campaigns: list[Any] | None
    pager: PagerWire | None = None
    paging: PagingWire | None = None


class KeyWire(Wire, frozen=True):
    name: Value = None
    auth_scopes: list[Value] | None = None


class TokenResultWire(Wire, frozen=True):
    api_key: KeyWire | None = None


class TokenWire(Wire, frozen=True):
    """The name of the key and its scopes."""

    result: TokenResultWire | None = None
    status: Value = None
