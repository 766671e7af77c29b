"""OrderDTO of the deprecated v2 methods (contract 2.4.2, appendix C, seed 003): prices for one unit, Russian dates."""

from __future__ import annotations

from typing import Any

from sandbox.yandex_market import catalog, shapes
from sandbox.yandex_market.days import clock_time, russian_day, russian_moment, today
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.tuning import Tuning

PAY_WITHIN = 1800


def legacy_order(order: Order, tuning: Tuning) -> Any:
    """An entry of `orders`, and `order` of the answers about one."""
    if order.raw is not None:
        return order.raw.get("v2", {"id": order.id, "status": order.status, "substatus": order.substatus})
    found = {
        "id": order.id,
        "externalOrderId": order.external,
        "status": order.status,
        "substatus": order.substatus,
        "creationDate": russian_moment(order.created),
        "updatedAt": russian_moment(order.updated),
        "currency": order.currency,
        **_totals(order),
        "paymentType": order.payment["type"],
        "paymentMethod": order.payment["method"],
        "fake": order.fake,
        "items": [_item(order, item) for item in order.items],
        "subsidies": _subsidies(order),
        "delivery": _delivery(order, tuning),
        "buyer": {name: value for name, value in order.buyer.items() if name not in ("phone", "trusted")},
        "notes": order.notes,
        "taxSystem": order.tax,
        "cancelRequested": order.waits_for_cancel,
        "expiryDate": russian_moment(order.created + PAY_WITHIN) if order.status == "UNPAID" else None,
    }
    return shapes.merged(shapes.shown(found), order.fields.get("v2", {}))


def _totals(order: Order) -> dict[str, Any]:
    """The buyer's payment is without points; the totals of the buyer are with them."""
    paid, points, delivery = shapes.items_paid(order), shapes.items_points(order), shapes.delivery_total(order)
    before = sum(item["before"] * item["count"] for item in order.items)
    totals = {
        "itemsTotal": paid,
        "deliveryTotal": delivery,
        "buyerItemsTotal": paid + points,
        "buyerTotal": paid + points + delivery,
        "buyerItemsTotalBeforeDiscount": before,
        "buyerTotalBeforeDiscount": before + delivery,
    }
    return {name: shapes.money(kopecks) for name, kopecks in totals.items()}


def _item(order: Order, item: dict[str, Any]) -> dict[str, Any]:
    money = shapes.money
    subsidy = item["subsidy"] + item["points"]
    return shapes.shown(
        {
            "id": item["id"],
            "offerId": item["offerId"],
            "offerName": item["offerName"],
            "price": money(item["paid"]),
            "buyerPrice": money(item["paid"] + item["points"]),
            "buyerPriceBeforeDiscount": money(item["before"]),
            "priceBeforeDiscount": money(item["before"]),
            "count": item["count"],
            "vat": item["vat"],
            "shopSku": item["offerId"],
            "subsidy": money(subsidy) if subsidy else None,
            "promos": [_promo(promo) for promo in item["promos"]],
            "instances": shapes.instances(item),
            "details": _details(order, item),
            "subsidies": _amounts(SUBSIDY=item["subsidy"], YANDEX_CASHBACK=item["points"]),
            "requiredInstanceTypes": item["required"],
            "tags": item["tags"],
        }
    )


def _promo(promo: dict[str, Any]) -> dict[str, Any]:
    amounts = {name: shapes.money(promo[name]) for name in ("discount", "subsidy") if name in promo}
    return promo | amounts


def _amounts(**kopecks: int) -> list[dict[str, Any]]:
    return [{"type": name, "amount": shapes.money(amount)} for name, amount in kopecks.items() if amount]


def _details(order: Order, item: dict[str, Any]) -> list[dict[str, Any]]:
    if not item["returned"]:
        return []
    day = russian_day(today(order.updated).isoformat())
    return [{"itemCount": item["returned"], "itemStatus": "RETURNED", "updateDate": day}]


def _subsidies(order: Order) -> list[dict[str, Any]]:
    """By type, for the whole order."""
    delivery = int(order.delivery.get("subsidy", 0))
    points = shapes.items_points(order)
    return _amounts(YANDEX_CASHBACK=points, SUBSIDY=shapes.items_subsidy(order), DELIVERY=delivery)


def _delivery(order: Order, tuning: Tuning) -> dict[str, Any]:
    known = order.delivery
    name = catalog.SERVICES.get(known["service"], "")
    found = {
        "type": order.kind,
        "price": shapes.money(shapes.delivery_total(order)),
        "deliveryPartnerType": "SHOP",
        "courier": order.courier,
        "dates": _dates(order, tuning),
        "region": known.get("region"),
        "address": known.get("address"),
        "vat": known.get("vat"),
        "deliveryServiceId": known["service"],
        **_lift(known),
        **_outlet(order, tuning),
        "dispatchType": "SHOP_OUTLET" if order.kind == "PICKUP" else "BUYER",
        "tracks": order.tracks,
        "shipments": [_shipment(order)],
        "estimated": known.get("estimated", False),
        "eacType": order.eac.get("type"),
        "eacCode": order.eac["code"] if order.eac.get("type") == "MERCHANT_TO_COURIER" else None,
    }
    return {**shapes.shown(found), "serviceName": name}


def _lift(known: dict[str, Any]) -> dict[str, Any]:
    lift = known.get("lift")
    if lift is None:
        return {}
    return {"liftType": lift["type"], "liftPrice": shapes.money(lift["price"]) if lift["price"] else None}


def _outlet(order: Order, tuning: Tuning) -> dict[str, Any]:
    """`logisticPointId` is the seed's, `receiveCode` came later (contract 2.4.2)."""
    outlet = order.delivery.get("outlet", {})
    limit = outlet.get("limit")
    found = {"outletCode": outlet.get("code"), "outletStorageLimitDate": russian_day(limit) if limit else None}
    if tuning.profile == "seed":
        return found | {"logisticPointId": outlet.get("point")}
    return found | {"receiveCode": order.receive_code}


def _dates(order: Order, tuning: Tuning) -> dict[str, Any]:
    known = order.delivery
    days = {"fromDate": known["from"], "toDate": known["to"], "realDeliveryDate": known["real"]}
    found: dict[str, Any] = {name: russian_day(day) for name, day in days.items() if day}
    for name in ("fromTime", "toTime"):
        if name in known:
            found[name] = clock_time(known[name], seconds=tuning.time_seconds)
    return found


def _shipment(order: Order) -> dict[str, Any]:
    boxes = [{"id": box["boxId"], "fulfilmentId": f"{order.id}-{place}"} for place, box in enumerate(order.boxes, 1)]
    return shapes.shown(
        {
            "id": order.id % 10**9,
            "shipmentDate": russian_day(order.delivery["shipment"]),
            "tracks": order.tracks,
            "boxes": boxes,
        }
    )
