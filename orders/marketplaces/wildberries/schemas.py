"""Shapes on the wire (seed 004, appendix A of the contract), as lenient as the two together.

Names are the upstream's. Numbers may come as texts and texts as numbers, lists as null; what a value means is settled by
the mapper. Fields that are known and not used stand here too, so that they do not count as new ones.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

#: An identifier or a number; never through a float.
Value: TypeAlias = int | str | None
Flag: TypeAlias = bool | str | int | None
Coordinate: TypeAlias = float | int | str | None


class AddressWire(msgspec.Struct, rename="camel", frozen=True):
    full_address: Value = None
    longitude: Coordinate = None
    latitude: Coordinate = None


class OptionsWire(msgspec.Struct, frozen=True):
    is_b2b: Flag = msgspec.field(default=None, name="isB2b")


class OrderWire(msgspec.Struct, rename="camel", frozen=True):
    """An element of ``orders/new`` or ``orders``. ``ddate``, ``dTimeFrom``, ``dTimeTo`` are the seed's."""

    id: Value = None
    order_uid: Value = None
    group_id: Value = None
    rid: Value = None
    created_at: Value = None
    delivery_type: Value = None
    address: AddressWire | None = None
    article: Value = None
    nm_id: Value = None
    chrt_id: Value = None
    skus: list[Value] | None = None
    color_code: Value = None
    warehouse_id: Value = None
    price: Value = None
    sale_price: Value = None
    final_price: Value = None
    converted_price: Value = None
    converted_final_price: Value = None
    scan_price: Value = None
    currency_code: Value = None
    converted_currency_code: Value = None
    cargo_type: Value = None
    required_meta: list[Value] | None = None
    options: OptionsWire | None = None
    comment: Value = None
    is_zero_order: Flag = None
    wb_sticker_id: Value = None
    ddate: Value = None
    d_time_from: Value = None
    d_time_to: Value = None


class IdWire(msgspec.Struct, frozen=True):
    """The least that is read of an element to know it again."""

    id: Value = None


class OrdersWire(msgspec.Struct, frozen=True, rename="camel"):
    """``{orders: […]}`` of many methods; null counts as empty, a missing list as another shape."""

    orders: list[Any] | None
    request_id: Value = None


class StatusWire(msgspec.Struct, frozen=True, rename="camel"):
    """``orderId`` in batch, ``id`` in v3."""

    order_id: Value = None
    id: Value = None
    supplier_status: Value = None
    wb_status: Value = None
    errors: list[Any] | None = None


class MetaDetailWire(msgspec.Struct, frozen=True):
    """``value``: one, several (sgtin) or none."""

    key: Value = None
    value: int | str | list[Value] | None = None
    decision: Value = None


class ItemErrorWire(msgspec.Struct, frozen=True, rename="camel"):
    code: Value = None
    detail: Value = None
    meta_details: list[MetaDetailWire] | None = None


class ItemResultWire(msgspec.Struct, frozen=True, rename="camel"):
    """One task of a batch answer (contract 1.3.1)."""

    order_id: Value = None
    is_error: Flag = None
    errors: list[ItemErrorWire] | None = None


class ResultsWire(msgspec.Struct, frozen=True, rename="camel"):
    results: list[Any] | None
    request_id: Value = None


class MetaOrderWire(msgspec.Struct, frozen=True, rename="camel"):
    order_id: Value = None
    is_error: Flag = None
    errors: list[Any] | None = None
    meta_details: list[MetaDetailWire] | None = None


class MetaValueWire(msgspec.Struct, frozen=True):
    value: int | str | list[Value] | None = None


class MetaWire(msgspec.Struct, frozen=True):
    imei: MetaValueWire | None = None
    uin: MetaValueWire | None = None
    gtin: MetaValueWire | None = None
    sgtin: MetaValueWire | None = None


class MetaAnswerWire(msgspec.Struct, frozen=True):
    meta: MetaWire | None


class ClientWire(msgspec.Struct, frozen=True, rename="camel"):
    order_id: Value = msgspec.field(default=None, name="orderID")
    first_name: Value = None
    full_name: Value = None
    phone: Value = None
    phone_code: Value = None
    replacement_phone: int | str | msgspec.UnsetType | None = msgspec.UNSET
    additional_phone_codes: list[Value] | None = None
    additional_phones: list[Value] | None = None
    replacement_additional_phones: list[Value] | None = None


class WindowWire(msgspec.Struct, frozen=True, rename="camel"):
    """``…Old`` stand there for a day after a change; ``dDateFrom`` and ``dDateTo`` are not used (contract 1.3.5)."""

    id: Value = None
    d_date: Value = None
    d_time_from: Value = None
    d_time_to: Value = None
    d_date_old: Value = None
    d_time_from_old: Value = None
    d_time_to_old: Value = None
    d_date_from: Value = None
    d_date_to: Value = None


class GroupWire(msgspec.Struct, frozen=True, rename="camel"):
    group_id: Value = msgspec.field(default=None, name="groupID")
    delivery_cost: Value = None
    converted_delivery_cost: Value = None
    currency_code: Value = None
    converted_currency_code: Value = None


class OrganisationWire(msgspec.Struct, frozen=True, rename="camel"):
    inn: Value = None
    kpp: Value = None
    org_name: Value = None


class OrganisationResultWire(msgspec.Struct, frozen=True, rename="camel"):
    order_id: Value = None
    is_error: Flag = None
    errors: list[Any] | None = None
    data: OrganisationWire | None = None


class StickerWire(msgspec.Struct, frozen=True, rename="camel"):
    order_id: Value = None
    part_a: Value = None
    part_b: Value = None
    barcode: Value = None
    file: Value = None


class StickersWire(msgspec.Struct, frozen=True):
    stickers: list[Any] | None


class ErrorWire(msgspec.Struct, frozen=True, rename="camel"):
    """All three shapes of refusal in one (contract 1.3.1, 1.6)."""

    code: Value = None
    message: Value = None
    data: Any = None
    title: Value = None
    detail: Any = None
    origin: Value = None
    request_id: Value = None
