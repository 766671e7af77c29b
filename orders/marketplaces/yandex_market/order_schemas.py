"""Orders on the wire: OrderDTO of v2 (seed 003, contract appendix C) and BusinessOrderDTO (appendix B).

As lenient as the sources together: numbers may come as texts and texts as numbers, lists as null; what a value means is
settled by the mappers. Fields that are known and not used stand here too, so that they do not count as new ones.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

#: An identifier or a text; never through a float.
Value: TypeAlias = int | str | None
#: A price; the mappers decode it as the text that stood there, so that no rounding shows.
Number: TypeAlias = float | int | str | None
Flag: TypeAlias = bool | str | int | None


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """Base of all: the names are the upstream's, in its camel case."""


class IdWire(Wire, frozen=True):
    """The least that is read of an order to know it again: ``orderId`` of the business model, ``id`` of v2."""

    id: Value = None
    order_id: Value = None


# --- what both models share ---------------------------------------------------------------------------------------


class GpsWire(Wire, frozen=True):
    latitude: Number = None
    longitude: Number = None


class AddressWire(Wire, frozen=True):
    """``recipient``, ``phone``, ``estate`` and ``building`` are told by v2 alone."""

    country: Value = None
    postcode: Value = None
    city: Value = None
    district: Value = None
    subway: Value = None
    street: Value = None
    house: Value = None
    estate: Value = None
    block: Value = None
    building: Value = None
    entrance: Value = None
    entryphone: Value = None
    floor: Value = None
    apartment: Value = None
    phone: Value = None
    recipient: Value = None
    gps: GpsWire | None = None


class RegionWire(Wire, frozen=True):
    """``parent``: the same again, up to the country; read by the mapper, level by level."""

    id: Value = None
    name: Value = None
    type: Value = None
    parent: Any = None


class CourierWire(Wire, frozen=True):
    full_name: Value = None
    phone: Value = None
    phone_extension: Value = None
    vehicle_number: Value = None
    vehicle_description: Value = None


class DatesWire(Wire, frozen=True):
    from_date: Value = None
    to_date: Value = None
    from_time: Value = None
    to_time: Value = None
    real_delivery_date: Value = None


class TrackWire(Wire, frozen=True):
    track_code: Value = None
    delivery_service_id: Value = None


class InstanceWire(Wire, frozen=True):
    cis: Value = None
    cis_full: Value = None
    uin: Value = None
    rnpt: Value = None
    gtd: Value = None
    country_code: Value = None


class SubsidyWire(Wire, frozen=True):
    type: Value = None
    amount: Number = None


class PartWire(Wire, frozen=True):
    current: Value = None
    total: Value = None


class BoxItemWire(Wire, frozen=True):
    id: Value = None
    full_count: Value = None
    partial_count: PartWire | None = None
    instances: list[InstanceWire] | None = None


class BoxLayoutWire(Wire, frozen=True):
    box_id: Value = None
    barcode: Value = None
    items: list[BoxItemWire] | None = None


class DigitalWire(Wire, frozen=True):
    type: Value = None
    steam_link: Value = None


# --- v2: OrderDTO -------------------------------------------------------------------------------------------------


class PromoWire(Wire, frozen=True):
    type: Value = None
    discount: Number = None
    subsidy: Number = None
    shop_promo_id: Value = None
    market_promo_id: Value = None


class DetailWire(Wire, frozen=True):
    """Deprecated: units that were not bought or came back."""

    item_count: Value = None
    item_status: Value = None
    update_date: Value = None


class ItemWire(Wire, frozen=True):
    """Prices are per unit. Deprecated: ``priceBeforeDiscount``, ``shopSku``, ``subsidy``, ``details``."""

    id: Value = None
    offer_id: Value = None
    offer_name: Value = None
    price: Number = None
    buyer_price: Number = None
    buyer_price_before_discount: Number = None
    price_before_discount: Number = None
    count: Value = None
    vat: Value = None
    shop_sku: Value = None
    subsidy: Number = None
    partner_warehouse_id: Value = None
    promos: list[PromoWire] | None = None
    instances: list[InstanceWire] | None = None
    details: list[DetailWire] | None = None
    subsidies: list[SubsidyWire] | None = None
    required_instance_types: list[Value] | None = None
    tags: list[Value] | None = None


class ParcelBoxWire(Wire, frozen=True):
    id: Value = None
    fulfilment_id: Value = None


class ShipmentWire(Wire, frozen=True):
    id: Value = None
    shipment_date: Value = None
    shipment_time: Value = None
    tracks: list[TrackWire] | None = None
    boxes: list[ParcelBoxWire] | None = None


class DeliveryWire(Wire, frozen=True):
    """``logisticPointId`` is the seed's; ``receiveCode`` is newer than it. Deprecated: ``id``, ``price``."""

    id: Value = None
    type: Value = None
    service_name: Value = None
    price: Number = None
    delivery_partner_type: Value = None
    courier: CourierWire | None = None
    dates: DatesWire | None = None
    region: RegionWire | None = None
    address: AddressWire | None = None
    vat: Value = None
    delivery_service_id: Value = None
    logistic_point_id: Value = None
    lift_type: Value = None
    lift_price: Number = None
    outlet_code: Value = None
    outlet_storage_limit_date: Value = None
    dispatch_type: Value = None
    tracks: list[TrackWire] | None = None
    shipments: list[ShipmentWire] | None = None
    estimated: Flag = None
    eac_type: Value = None
    eac_code: Value = None
    receive_code: Value = None


class OrderBuyerWire(Wire, frozen=True):
    id: Value = None
    last_name: Value = None
    first_name: Value = None
    middle_name: Value = None
    type: Value = None


class OrderWire(Wire, frozen=True):
    """OrderDTO. Deprecated: ``buyerItemsTotal``, ``buyerTotal``, ``buyerTotalBeforeDiscount``."""

    id: Value = None
    external_order_id: Value = None
    status: Value = None
    substatus: Value = None
    creation_date: Value = None
    updated_at: Value = None
    currency: Value = None
    items_total: Number = None
    delivery_total: Number = None
    buyer_items_total: Number = None
    buyer_total: Number = None
    buyer_items_total_before_discount: Number = None
    buyer_total_before_discount: Number = None
    payment_type: Value = None
    payment_method: Value = None
    fake: Flag = None
    items: list[ItemWire] | None = None
    subsidies: list[SubsidyWire] | None = None
    delivery: DeliveryWire | None = None
    buyer: OrderBuyerWire | None = None
    notes: Value = None
    tax_system: Value = None
    cancel_requested: Flag = None
    expiry_date: Value = None


# --- business: BusinessOrderDTO -----------------------------------------------------------------------------------


class AmountWire(Wire, frozen=True):
    value: Number = None
    currency_id: Value = None


class ItemPricesWire(Wire, frozen=True):
    """Totals for all units of the item."""

    payment: AmountWire | None = None
    subsidy: AmountWire | None = None
    cashback: AmountWire | None = None
    vat: Value = None


class DeliveryPricesWire(Wire, frozen=True):
    payment: AmountWire | None = None
    subsidy: AmountWire | None = None
    vat: Value = None


class OrderPricesWire(Wire, frozen=True):
    payment: AmountWire | None = None
    subsidy: AmountWire | None = None
    cashback: AmountWire | None = None
    delivery: DeliveryPricesWire | None = None


class UnitStatusWire(Wire, frozen=True):
    status: Value = None
    count: Value = None


class BusinessItemWire(Wire, frozen=True):
    id: Value = None
    offer_id: Value = None
    offer_name: Value = None
    count: Value = None
    prices: ItemPricesWire | None = None
    instances: list[InstanceWire] | None = None
    required_instance_types: list[Value] | None = None
    item_statuses: list[UnitStatusWire] | None = None
    tags: list[Value] | None = None


class BusinessShipmentWire(Wire, frozen=True):
    id: Value = None
    shipment_date: Value = None
    shipment_time: Value = None


class CourierDeliveryWire(Wire, frozen=True):
    address: AddressWire | None = None
    region: RegionWire | None = None


class PickupWire(Wire, frozen=True):
    address: AddressWire | None = None
    region: RegionWire | None = None
    logistic_point_id: Value = None
    outlet_code: Value = None
    outlet_storage_limit_date: Value = None


class EacWire(Wire, frozen=True):
    eac_type: Value = None
    eac_code: Value = None


class TransferWire(Wire, frozen=True):
    courier: CourierWire | None = None
    eac: EacWire | None = None


class BusinessDeliveryWire(Wire, frozen=True):
    type: Value = None
    service_name: Value = None
    delivery_service_id: Value = None
    warehouse_id: Value = None
    delivery_partner_type: Value = None
    dispatch_type: Value = None
    dates: DatesWire | None = None
    shipment: BusinessShipmentWire | None = None
    courier: CourierDeliveryWire | None = None
    pickup: PickupWire | None = None
    transfer: TransferWire | None = None
    boxes_layout: list[BoxLayoutWire] | None = None
    tracks: list[TrackWire] | None = None
    estimated: Flag = None
    receive_barcode: Value = None
    receive_code: Value = None
    digital_goods: DigitalWire | None = None


class ServicesOfOrderWire(Wire, frozen=True):
    lift_type: Value = None


class BusinessOrderWire(Wire, frozen=True):
    """BusinessOrderDTO."""

    order_id: Value = None
    campaign_id: Value = None
    program_type: Value = None
    external_order_id: Value = None
    status: Value = None
    substatus: Value = None
    creation_date: Value = None
    update_date: Value = None
    payment_type: Value = None
    payment_method: Value = None
    fake: Flag = None
    items: list[BusinessItemWire] | None = None
    prices: OrderPricesWire | None = None
    delivery: BusinessDeliveryWire | None = None
    services: ServicesOfOrderWire | None = None
    buyer_type: Value = None
    notes: Value = None
    cancel_requested: Flag = None
    source_platform: Value = None
