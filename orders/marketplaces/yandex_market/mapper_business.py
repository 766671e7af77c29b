"""An order of ``POST /v1/businesses/…/orders`` as our :class:`IncomingTask` (BusinessOrderDTO: contract 2.4.1, appendix B).

Prices are totals for all units of an item. There is no buyer: he is asked for by himself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.reading import text
from orders.enums import Stage
from orders.marketplaces.base import IncomingItem, IncomingTask, Money
from orders.marketplaces.facts import (
    Box,
    BoxItem,
    DeliveryFacts,
    ItemFacts,
    OrderFacts,
    ParcelFacts,
    Totals,
    UnitState,
)

from . import moments, money, parts
from .mapping import OrderMapper, is_business, kinds_of, product_name, stage_of
from .order_schemas import (
    AmountWire,
    BoxItemWire,
    BoxLayoutWire,
    BusinessDeliveryWire,
    BusinessItemWire,
    BusinessOrderWire,
    BusinessShipmentWire,
    CourierDeliveryWire,
    CourierWire,
    DeliveryPricesWire,
    ItemPricesWire,
    OrderPricesWire,
    PartWire,
    PickupWire,
    TransferWire,
    UnitStatusWire,
)
from .values import BadOrder, missing, number

DBS = "DBS"


class BusinessMapper(OrderMapper[BusinessOrderWire]):
    shape = BusinessOrderWire
    calendar = moments.BUSINESS

    def task(self, wire: BusinessOrderWire) -> IncomingTask:
        values, external_id = self.values, self.values.number(wire.order_id, "orderId")
        self._check_ours(wire)
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
            address=parts.address(_place(wire.delivery).address),
            comment=text(wire.notes),
            is_business=is_business(facts.buyer_type, facts.payment_method),
            is_test=values.yes(wire.fake, "fake"),
            facts=facts,
            handover=_handover(wire.delivery),
            cancel_requested=values.yes(wire.cancel_requested, "cancelRequested"),
            updated_at=moments.of_text(facts.updated_at),
        )

    def _check_ours(self, wire: BusinessOrderWire) -> None:
        """A cabinet's list holds orders of all its shops and models. Raises ``BadOrder`` for one that is not ours."""
        model, shop = self.values.word(wire.program_type, "programType"), text(wire.campaign_id)
        if model and model != DBS:
            raise BadOrder(
                _("This order is of the model %(model)s; only DBS orders are handled here.") % {"model": model[:40]}
            )
        if shop and shop != self.options.campaign_id:
            said = _("This order belongs to the shop %(shop)s; this account is for the shop %(own)s.")
            raise BadOrder(said % {"shop": shop[:40], "own": self.options.campaign_id})

    def _items(self, wire: BusinessOrderWire, facts: OrderFacts) -> tuple[IncomingItem, ...]:
        if not wire.items:
            raise missing("items")
        business = is_business(facts.buyer_type, facts.payment_method)
        return tuple(
            self._item(item, f"items[{position}]", facts.totals.currency, business)
            for position, item in enumerate(wire.items)
        )

    def _item(self, wire: BusinessItemWire, place: str, currency: str, business: bool) -> IncomingItem:
        values = self.values
        count = values.count(wire.count, f"{place}.count")
        sums = self._sums(wire.prices, f"{place}.prices", currency)
        needs = parts.needs(wire.required_instance_types, values, is_business=business)
        return IncomingItem(
            article=self.article(wire.offer_id, f"{place}.offerId"),
            price=Money(money.per_unit(sums.whole, count), sums.currency),
            external_id=values.number(wire.id, f"{place}.id"),
            name=product_name(wire.offer_name),
            quantity=count,
            final_price=None if sums.cost is None else Money(money.per_unit(sums.cost, count), sums.currency),
            code_kinds=needs.kinds,
            required_kinds=needs.required,
            facts=self._item_facts(wire, sums, needs.words),
        )

    def _item_facts(self, wire: BusinessItemWire, sums: _Sums, needs: tuple[str, ...]) -> ItemFacts:
        count = int(number(wire.count))
        return ItemFacts(
            vat=self.values.word(wire.prices.vat if wire.prices else None, "vat", "items.prices.vat"),
            subsidy=_share(sums.reward, count),
            cashback=_share(sums.plus, count),
            instances=parts.instances(wire.instances),
            states=tuple(self._state(state) for state in wire.item_statuses or ()),
            needs=needs,
            tags=parts.tags(wire.tags, self.values),
        )

    def _state(self, wire: UnitStatusWire) -> UnitState:
        return UnitState(
            status=self.values.word(wire.status, "itemStatus"),
            count=self.values.whole(wire.count, "itemStatuses.count"),
        )

    def _sums(self, wire: ItemPricesWire | None, place: str, currency: str) -> _Sums:
        """An item without prices costs nothing; that is noted."""
        if wire is None:
            self.values.unknown("items.prices", "")
            return _Sums(currency)
        letters = self._currency(wire.payment or wire.cashback or wire.subsidy, f"{place}.payment") or currency
        return _Sums(
            letters,
            self._amount(wire.payment, f"{place}.payment", letters),
            self._amount(wire.subsidy, f"{place}.subsidy", letters),
            self._amount(wire.cashback, f"{place}.cashback", letters),
        )

    def _currency(self, wire: AmountWire | None, place: str) -> str:
        return self.values.currency(wire.currency_id, f"{place}.currencyId") if wire else ""

    def _amount(self, wire: AmountWire | None, place: str, currency: str) -> Decimal | None:
        """Raises ``BadMoney``."""
        self._same_currency(wire, place, currency)
        return self.values.amount(wire.value, f"{place}.value") if wire else None

    def _kept(self, wire: AmountWire | None, place: str, currency: str) -> str:
        self._same_currency(wire, place, currency)
        return self.values.kept(wire.value, f"{place}.value") if wire else ""

    def _same_currency(self, wire: AmountWire | None, place: str, currency: str) -> None:
        """All amounts are in the shop's currency; one that is not is noted. Raises ``BadMoney``."""
        letters = self._currency(wire, place)
        if letters and letters != currency:
            self.values.unknown(f"{place}.currencyId", letters)

    def _facts(self, wire: BusinessOrderWire, delivery: BusinessDeliveryWire) -> OrderFacts:
        values, prices = self.values, wire.prices or OrderPricesWire()
        return OrderFacts(
            own_number=text(wire.external_order_id),
            payment_type=values.word(wire.payment_type, "paymentType"),
            payment_method=values.word(wire.payment_method, "paymentMethod"),
            buyer_type=values.word(wire.buyer_type, "buyerType"),
            program=text(wire.program_type),
            campaign=text(wire.campaign_id),
            platform=values.word(wire.source_platform, "sourcePlatform"),
            totals=self._totals(wire),
            delivery=self._delivery(wire, delivery, prices.delivery),
            updated_at=values.moment_text(wire.update_date, "updateDate"),
        )

    def _totals(self, wire: BusinessOrderWire) -> Totals:
        prices = wire.prices or OrderPricesWire()
        delivery = prices.delivery or DeliveryPricesWire()
        currency = self._currency(next(_amounts(wire), None), "prices.payment") or money.RUBLE
        paid = self._kept(delivery.payment, "prices.delivery.payment", currency)
        added = self._kept(delivery.subsidy, "prices.delivery.subsidy", currency)
        return Totals(
            currency=currency,
            items=self._kept(prices.payment, "prices.payment", currency),
            delivery=money.total((paid, added)),
            subsidy=self._kept(prices.subsidy, "prices.subsidy", currency),
            cashback=self._kept(prices.cashback, "prices.cashback", currency),
            delivery_subsidy=added,
        )

    def _delivery(
        self, order: BusinessOrderWire, wire: BusinessDeliveryWire, prices: DeliveryPricesWire | None
    ) -> DeliveryFacts:
        values, pickup, transfer = self.values, wire.pickup or PickupWire(), wire.transfer or TransferWire()
        courier = transfer.courier or CourierWire()
        return DeliveryFacts(
            type=self.delivery_word(wire.type),
            partner=values.word(wire.delivery_partner_type, "deliveryPartnerType"),
            service=text(wire.service_name),
            service_id=text(wire.delivery_service_id),
            vat=values.word(prices.vat if prices else None, "vat", "prices.delivery.vat"),
            dates=parts.dates(wire.dates, values),
            region=parts.regions(_place(wire).region, values),
            lift=values.word(order.services.lift_type if order.services else None, "liftType"),
            outlet=text(pickup.outlet_code),
            storage_until=values.iso(pickup.outlet_storage_limit_date, "delivery.pickup.outletStorageLimitDate"),
            point=text(pickup.logistic_point_id),
            warehouse=text(wire.warehouse_id),
            dispatch=values.word(wire.dispatch_type, "dispatchType"),
            eac_type=values.word(transfer.eac.eac_type if transfer.eac else None, "eacType"),
            vehicle_number=text(courier.vehicle_number),
            vehicle=text(courier.vehicle_description),
            tracks=parts.tracks(wire.tracks),
            parcels=self._parcels(wire.shipment),
            boxes=tuple(self._box(box) for box in wire.boxes_layout or ()),
            estimated=values.yes(wire.estimated, "delivery.estimated"),
            digital=values.word(wire.digital_goods.type if wire.digital_goods else None, "digitalType"),
        )

    def _parcels(self, wire: BusinessShipmentWire | None) -> tuple[ParcelFacts, ...]:
        if wire is None:
            return ()
        day = self.values.iso(wire.shipment_date, "delivery.shipment.shipmentDate")
        time = self.values.hour(wire.shipment_time, "delivery.shipment.shipmentTime")
        return (ParcelFacts(id=text(wire.id), date=day, time=time),)

    def _box(self, wire: BoxLayoutWire) -> Box:
        items = tuple(self._box_item(item) for item in wire.items or ())
        return Box(id=text(wire.box_id), number=text(wire.barcode), items=items)

    def _box_item(self, wire: BoxItemWire) -> BoxItem:
        values, part = self.values, wire.partial_count or PartWire()
        return BoxItem(
            item=text(wire.id),
            count=values.whole(wire.full_count, "boxesLayout.items.fullCount"),
            part=values.whole(part.current, "boxesLayout.items.partialCount.current"),
            parts=values.whole(part.total, "boxesLayout.items.partialCount.total"),
            instances=parts.instances(wire.instances),
        )


@dataclass(frozen=True, slots=True)
class _Sums:
    """Totals for all units of an item: paid in money, added by the Market for all discounts, paid in Plus points."""

    currency: str
    paid: Decimal | None = None
    reward: Decimal | None = None
    plus: Decimal | None = None

    @property
    def cost(self) -> Decimal | None:
        """What the units cost the buyer, in money and in points; None where neither is told."""
        told = [amount for amount in (self.paid, self.plus) if amount is not None]
        return sum(told, Decimal()) if told else None

    @property
    def whole(self) -> Decimal:
        """What the seller gets. The reward makes up for the points as well; one that is less than them cannot."""
        reward, plus = self.reward or Decimal(), self.plus or Decimal()
        return (self.paid or Decimal()) + reward + (plus if reward < plus else 0)


def _share(total: Decimal | None, count: int) -> str:
    return "" if total is None else money.plain(money.per_unit(total, count))


def _amounts(wire: BusinessOrderWire) -> Iterator[AmountWire]:
    """All that may tell the currency of the order, the surest first."""
    prices = wire.prices or OrderPricesWire()
    yield from filter(None, (prices.payment, prices.cashback, prices.subsidy))
    for item in wire.items or ():
        held = item.prices or ItemPricesWire()
        yield from filter(None, (held.payment, held.cashback, held.subsidy))


def _place(wire: BusinessDeliveryWire) -> CourierDeliveryWire | PickupWire:
    """Where it goes: one of the two is there."""
    both = (wire.pickup, wire.courier) if wire.type == "PICKUP" else (wire.courier, wire.pickup)
    return both[0] or both[1] or CourierDeliveryWire()


def _handover(wire: BusinessDeliveryWire) -> dict[str, Any]:
    """``digital_link``: the buyer's invitation in Steam, by which he can be found there."""
    transfer, goods = wire.transfer or TransferWire(), wire.digital_goods
    courier = parts.courier(transfer.courier)
    codes = {
        "eac_code": transfer.eac.eac_code if transfer.eac else None,
        "receive_code": wire.receive_code,
        "receive_barcode": wire.receive_barcode,
        "digital_link": goods.steam_link if goods else None,
    }
    return {**({"courier": courier} if courier else {}), **parts.present(codes)}
