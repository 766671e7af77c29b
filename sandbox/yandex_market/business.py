"""BusinessOrderDTO of `POST /v1/businesses/{b}/orders` (contract 2.4.1, appendix B): totals, ISO dates, no buyer."""

from __future__ import annotations

from typing import Any, Final

from sandbox.yandex_market import catalog, shapes
from sandbox.yandex_market.days import clock_time, iso_moment
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.tuning import Tuning

HIDDEN: Final = ("recipient", "phone", "estate", "building")


def business_order(order: Order, tuning: Tuning) -> Any:
    """An entry of `orders`."""
    if order.raw is not None:
        return order.raw["v1"]
    found = {
        "orderId": order.id,
        "campaignId": order.campaign,
        "programType": "DBS",
        "externalOrderId": order.external,
        "status": order.status,
        "substatus": order.substatus,
        "creationDate": iso_moment(order.created),
        "updateDate": iso_moment(order.updated),
        "paymentType": order.payment["type"],
        "paymentMethod": order.payment["method"],
        "fake": order.fake,
        "items": [_item(order, item) for item in order.items],
        "prices": _prices(order),
        "delivery": _delivery(order, tuning),
        "services": {"liftType": order.delivery["lift"]["type"]} if "lift" in order.delivery else None,
        "buyerType": order.buyer["type"],
        "notes": order.notes,
        "cancelRequested": order.waits_for_cancel,
        "sourcePlatform": "MARKET",
    }
    return shapes.merged(shapes.shown(found), order.fields.get("v1", {}))


def _value(order: Order, kopecks: int) -> dict[str, Any]:
    return {"value": shapes.money(kopecks), "currencyId": order.currency}


def _some(order: Order, kopecks: int) -> dict[str, Any] | None:
    """Nothing is shown for nothing."""
    return _value(order, kopecks) if kopecks else None


def _item(order: Order, item: dict[str, Any]) -> dict[str, Any]:
    """Prices are of all units together."""
    count = item["count"]
    prices = {
        "payment": _value(order, item["paid"] * count),
        "subsidy": _some(order, (item["subsidy"] + item["points"]) * count),
        "cashback": _some(order, item["points"] * count),
        "vat": item["vat"],
    }
    return shapes.shown(
        {
            "id": item["id"],
            "offerId": item["offerId"],
            "offerName": item["offerName"],
            "count": count,
            "prices": shapes.shown(prices),
            "instances": shapes.instances(item),
            "requiredInstanceTypes": item["required"],
            "itemStatuses": shapes.unit_statuses(order, item),
            "tags": item["tags"],
        }
    )


def _prices(order: Order) -> dict[str, Any]:
    points, subsidy = shapes.items_points(order), order.delivery.get("subsidy", 0)
    delivery = {
        "payment": _value(order, order.delivery.get("price", 0)),
        "subsidy": _some(order, subsidy),
        "vat": order.delivery.get("vat"),
    }
    return shapes.shown(
        {
            "payment": _value(order, shapes.items_paid(order)),
            "subsidy": _some(order, shapes.items_subsidy(order) + points + subsidy),
            "cashback": _some(order, points),
            "delivery": shapes.shown(delivery),
        }
    )


def _delivery(order: Order, tuning: Tuning) -> dict[str, Any]:
    known = order.delivery
    found = {
        "type": order.kind,
        "serviceName": catalog.SERVICES.get(known["service"], ""),
        "deliveryServiceId": known["service"],
        "deliveryPartnerType": "SHOP",
        "dispatchType": "SHOP_OUTLET" if order.kind == "PICKUP" else "BUYER",
        "dates": _dates(order, tuning),
        "shipment": {"id": order.id % 10**9, "shipmentDate": known["shipment"]},
        "transfer": _transfer(order),
        "boxesLayout": [_box(order, box, number) for number, box in enumerate(order.boxes, 1)],
        "tracks": order.tracks,
        "estimated": known.get("estimated", False),
        "receiveCode": order.receive_code,
        "digitalGoods": {"type": "ACTIVATION_CODE"} if order.kind == "DIGITAL" else None,
        **_where(order),
    }
    return {**shapes.shown(found), "serviceName": found["serviceName"]}


def _where(order: Order) -> dict[str, Any]:
    """`courier` or `pickup`, with the same address and region."""
    known = order.delivery
    if "address" not in known:
        return {}
    address = {name: value for name, value in known["address"].items() if name not in HIDDEN}
    place = {"address": address, "region": known["region"]}
    if order.kind != "PICKUP":
        return {"courier": place}
    outlet = known["outlet"]
    more = {
        "logisticPointId": outlet["point"],
        "outletCode": outlet["code"],
        "outletStorageLimitDate": outlet["limit"],
    }
    return {"pickup": place | shapes.shown(more)}


def _dates(order: Order, tuning: Tuning) -> dict[str, Any]:
    known = order.delivery
    hours: dict[str, Any] = {
        name: clock_time(known[name], seconds=tuning.time_seconds) for name in ("fromTime", "toTime") if name in known
    }
    return shapes.shown({"fromDate": known["from"], "toDate": known["to"], **hours, "realDeliveryDate": known["real"]})


def _transfer(order: Order) -> dict[str, Any]:
    eac = {"eacType": order.eac["type"]} if order.eac else {}
    if order.eac.get("type") == "MERCHANT_TO_COURIER":
        eac["eacCode"] = order.eac["code"]
    return shapes.shown({"courier": order.courier, "eac": eac})


def _box(order: Order, box: dict[str, Any], number: int) -> dict[str, Any]:
    return {"items": box["items"], "boxId": box["boxId"], "barcode": f"{order.id}-{number}"}
