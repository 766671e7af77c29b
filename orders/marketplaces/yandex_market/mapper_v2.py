"""An order of ``GET …/orders`` as our :class:`IncomingTask` (OrderDTO: seed 003, contract 2.4.2). Prices are per unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from backoffice.reading import text
from orders.enums import Stage
from orders.marketplaces.base import IncomingItem, IncomingTask, Money
from orders.marketplaces.facts import (
    Box,
    DeliveryFacts,
    ItemFacts,
    OrderFacts,
    ParcelFacts,
    Promo,
    Subsidy,
    Totals,
    UnitState,
)

from . import moments, money, parts
from .mapping import OrderMapper, is_business, kinds_of, product_name, stage_of
from .order_schemas import (
    DeliveryWire,
    DetailWire,
    ItemWire,
    OrderWire,
    PromoWire,
    ShipmentWire,
)
from .values import missing


class V2Mapper(OrderMapper[OrderWire]):
    shape = OrderWire
    calendar = moments.V2

    def task(self, wire: OrderWire) -> IncomingTask:
        values, external_id = self.values, self.values.number(wire.id, "id")
        words = self.status(wire.status, wire.substatus)
        created = values.needed_moment(wire.creation_date, "creationDate")
        if wire.delivery is None:
            raise missing("delivery")
        facts, stage = self._facts(wire, wire.delivery), stage_of(words)
        items = self._items(wire, facts)
        kinds, needed = kinds_of(items)
        window = self.window(facts.delivery.dates)
        return IncomingTask(
            external_id=external_id,
            order_external_id=external_id,
            created_at=created,
            items=items,
            stage=stage or Stage.WAITING,
            known=stage is not None,
            words=words,
            delivery_type=facts.delivery.type,
            code_kinds=kinds,
            required_kinds=needed,
            window=window,
            deadline_at=self.deadline(created, window, facts.delivery, stage),
            address=parts.address(wire.delivery.address),
            comment=text(wire.notes),
            is_business=is_business(facts.buyer_type, facts.payment_method),
            is_test=values.yes(wire.fake, "fake"),
            buyer=parts.buyer(external_id, wire.buyer, wire.delivery.address),
            facts=facts,
            handover=_handover(wire.delivery),
            cancel_requested=values.yes(wire.cancel_requested, "cancelRequested"),
            updated_at=moments.of_text(facts.updated_at),
        )

    def _items(self, wire: OrderWire, facts: OrderFacts) -> tuple[IncomingItem, ...]:
        if not wire.items:
            raise missing("items")
        business = is_business(facts.buyer_type, facts.payment_method)
        return tuple(
            self._item(item, f"items[{position}]", facts.totals.currency, business)
            for position, item in enumerate(wire.items)
        )

    def _item(self, wire: ItemWire, place: str, currency: str, business: bool) -> IncomingItem:
        values = self.values
        price = values.amount(wire.price, f"{place}.price")
        if price is None:
            raise missing(f"{place}.price")
        paid = values.amount(wire.buyer_price, f"{place}.buyerPrice")
        reward = self._reward(wire, place)
        needs = parts.needs(wire.required_instance_types, values, is_business=business)
        return IncomingItem(
            article=self.article(text(wire.offer_id) or wire.shop_sku, f"{place}.offerId"),
            price=Money(money.cents(price + (reward or 0)), currency),
            external_id=values.number(wire.id, f"{place}.id"),
            name=product_name(wire.offer_name),
            quantity=values.count(wire.count, f"{place}.count"),
            final_price=None if paid is None else Money(money.cents(paid), currency),
            code_kinds=needs.kinds,
            required_kinds=needs.required,
            facts=self._item_facts(wire, place, reward, needs.words),
        )

    def _reward(self, wire: ItemWire, place: str) -> Decimal | None:
        """What the Market adds to the price of a unit: ``subsidy``, or the list of them by type since it is deprecated."""
        told = self.values.amount(wire.subsidy, f"{place}.subsidy")
        if told is not None or not wire.subsidies:
            return told
        amounts = [self.values.amount(subsidy.amount, f"{place}.subsidies.amount") for subsidy in wire.subsidies]
        return sum(filter(None, amounts), Decimal())

    def _item_facts(self, wire: ItemWire, place: str, reward: Decimal | None, needs: tuple[str, ...]) -> ItemFacts:
        values, found = self.values, parts.subsidies(wire.subsidies, self.values, "items.subsidies")
        return ItemFacts(
            sku=text(wire.shop_sku),
            vat=values.word(wire.vat, "vat", "items.vat"),
            price_before=values.kept(wire.buyer_price_before_discount, f"{place}.buyerPriceBeforeDiscount"),
            list_price=values.kept(wire.price_before_discount, f"{place}.priceBeforeDiscount"),
            subsidy=money.plain(reward),
            cashback=parts.amount_of(parts.PLUS, found),
            subsidies=found,
            warehouse=text(wire.partner_warehouse_id),
            promos=tuple(self._promo(promo) for promo in wire.promos or ()),
            instances=parts.instances(wire.instances),
            states=tuple(self._state(detail) for detail in wire.details or ()),
            needs=needs,
            tags=parts.tags(wire.tags, values),
        )

    def _promo(self, wire: PromoWire) -> Promo:
        values = self.values
        return Promo(
            type=values.word(wire.type, "promoType", "promos.type"),
            discount=values.kept(wire.discount, "promos.discount"),
            subsidy=values.kept(wire.subsidy, "promos.subsidy"),
            shop_id=text(wire.shop_promo_id),
            market_id=text(wire.market_promo_id),
        )

    def _state(self, wire: DetailWire) -> UnitState:
        return UnitState(
            status=self.values.word(wire.item_status, "itemStatus"),
            count=self.values.whole(wire.item_count, "details.itemCount"),
            date=self.values.iso(wire.update_date, "details.updateDate"),
        )

    def _facts(self, wire: OrderWire, delivery: DeliveryWire) -> OrderFacts:
        values, found = self.values, parts.subsidies(wire.subsidies, self.values, "subsidies")
        return OrderFacts(
            own_number=text(wire.external_order_id),
            payment_type=values.word(wire.payment_type, "paymentType"),
            payment_method=values.word(wire.payment_method, "paymentMethod"),
            tax_system=values.word(wire.tax_system, "taxSystem"),
            buyer_type=values.word(wire.buyer.type if wire.buyer else None, "buyerType", "buyer.type"),
            totals=self._totals(wire, found),
            subsidies=found,
            delivery=self._delivery(delivery),
            expires_at=values.due(wire.expiry_date, "expiryDate"),
            updated_at=values.moment_text(wire.updated_at, "updatedAt"),
        )

    def _totals(self, wire: OrderWire, found: tuple[Subsidy, ...]) -> Totals:
        values = self.values
        return Totals(
            currency=values.currency(wire.currency, "currency"),
            items=values.kept(wire.items_total, "itemsTotal"),
            delivery=values.kept(wire.delivery_total, "deliveryTotal"),
            buyer_items=values.kept(wire.buyer_items_total, "buyerItemsTotal"),
            buyer=values.kept(wire.buyer_total, "buyerTotal"),
            buyer_items_before=values.kept(wire.buyer_items_total_before_discount, "buyerItemsTotalBeforeDiscount"),
            buyer_before=values.kept(wire.buyer_total_before_discount, "buyerTotalBeforeDiscount"),
            subsidy=money.total(subsidy.amount for subsidy in found),
            cashback=parts.amount_of(parts.PLUS, found),
            delivery_subsidy=parts.amount_of(parts.DELIVERY_REWARD, found),
        )

    def _delivery(self, wire: DeliveryWire) -> DeliveryFacts:
        values, courier = self.values, wire.courier
        return DeliveryFacts(
            id=text(wire.id),
            type=self.delivery_word(wire.type),
            partner=values.word(wire.delivery_partner_type, "deliveryPartnerType"),
            service=text(wire.service_name),
            service_id=text(wire.delivery_service_id),
            price=values.kept(wire.price, "delivery.price"),
            vat=values.word(wire.vat, "vat", "delivery.vat"),
            dates=parts.dates(wire.dates, values),
            region=parts.regions(wire.region, values),
            lift=values.word(wire.lift_type, "liftType"),
            lift_price=values.kept(wire.lift_price, "delivery.liftPrice"),
            outlet=text(wire.outlet_code),
            storage_until=values.iso(wire.outlet_storage_limit_date, "delivery.outletStorageLimitDate"),
            point=text(wire.logistic_point_id),
            dispatch=values.word(wire.dispatch_type, "dispatchType"),
            eac_type=values.word(wire.eac_type, "eacType"),
            vehicle_number=text(courier.vehicle_number) if courier else "",
            vehicle=text(courier.vehicle_description) if courier else "",
            tracks=parts.tracks(wire.tracks),
            parcels=tuple(self._parcel(shipment) for shipment in wire.shipments or ()),
            estimated=values.yes(wire.estimated, "delivery.estimated"),
        )

    def _parcel(self, wire: ShipmentWire) -> ParcelFacts:
        return ParcelFacts(
            id=text(wire.id),
            date=self.values.iso(wire.shipment_date, "delivery.shipments.shipmentDate"),
            time=self.values.hour(wire.shipment_time, "delivery.shipments.shipmentTime"),
            tracks=parts.tracks(wire.tracks),
            boxes=tuple(Box(id=text(box.id), number=text(box.fulfilment_id)) for box in wire.boxes or ()),
        )


def _handover(wire: DeliveryWire) -> dict[str, Any]:
    codes = parts.present({"eac_code": wire.eac_code, "receive_code": wire.receive_code})
    courier = parts.courier(wire.courier)
    return {**({"courier": courier} if courier else {}), **codes}
