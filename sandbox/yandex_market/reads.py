"""Methods that change nothing, the lists aside."""

from __future__ import annotations

from typing import Any, Final

from sandbox.wire import Call, Reply
from sandbox.yandex_market import asking, catalog, errors
from sandbox.yandex_market.days import today
from sandbox.yandex_market.labels import label_pdf, labels_pdf
from sandbox.yandex_market.legacy import legacy_order
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.world import BUSINESS, World

MOST_CAMPAIGNS: Final = 100
BEFORE_PROCESSING: Final = ("PLACING", "RESERVED", "UNPAID", "PENDING")
WITH_BUYER: Final = ("PROCESSING", "DELIVERY", "PICKUP")
SCOPES: Final = ("ALL_METHODS", "INVENTORY_AND_ORDER_PROCESSING")


def ok(result: Any = None) -> Reply:
    """The envelope of a success; without `result` when there is nothing to tell."""
    return Reply(200, {"status": "OK"} if result is None else {"status": "OK", "result": result})


def key_info(world: World, call: Call) -> Reply:
    """`{"apiKey": {"name", "authScopes"}}`"""
    suffix = "_READ_ONLY" if call.seller.startswith("readonly") else ""
    return ok({"apiKey": {"name": call.seller[:100], "authScopes": [scope + suffix for scope in SCOPES]}})


def campaigns(world: World, call: Call) -> Reply:
    """The seller's shops, without an envelope."""
    limit = asking.query_number(call, "limit", least=1, most=MOST_CAMPAIGNS, default=MOST_CAMPAIGNS)
    available = "DISABLED_BY_INACTIVITY" if call.seller.startswith("inactive-") else "AVAILABLE"
    found = [
        {
            "domain": f"{call.seller} {number}",
            "id": number,
            "business": {"id": BUSINESS, "name": call.seller},
            "placementType": "DBS",
            "apiAvailability": available,
        }
        for number in world.campaigns[:limit]
    ]
    pager = {"total": len(world.campaigns), "from": 1, "to": len(found), "currentPage": 1, "pagesCount": 1}
    return Reply(200, {"campaigns": found, "pager": {**pager, "pageSize": limit}, "paging": {}})


def order(world: World, call: Call) -> Reply:
    """`{"order": OrderDTO}`"""
    return Reply(200, {"order": legacy_order(asking.one_order(world, call), world.tuning)})


def buyer(world: World, call: Call) -> Reply:
    """Names, a substitute phone number, and whether the buyer need not be called."""
    found = asking.one_order(world, call)
    if found.status not in WITH_BUYER:
        raise errors.bad(f"Order is not in shop-processing status (actual: '{found.status}').")
    return ok(found.buyer)


def business_buyer(world: World, call: Call) -> Reply:
    return ok(_business_order(world, call).company)


def documents(world: World, call: Call) -> Reply:
    """Documents are ready when the order has left."""
    found = _business_order(world, call)
    if found.status == "PROCESSING":
        return ok({"upd": {"status": "NOT_READY"}})
    number = f"{found.id % 10**6}"
    return ok({"upd": {"status": "READY", "number": number, "date": today(found.updated).isoformat()}})


def _business_order(world: World, call: Call) -> Order:
    found = asking.one_order(world, call)
    if found.company is None:
        raise errors.bad("Not a business buyer.")
    if found.status in BEFORE_PROCESSING:
        raise errors.bad("Order is in the wrong status, it's only possible starting from the status PROCESSING.")
    return found


def services(world: World, call: Call) -> Reply:
    return ok({"deliveryService": [{"id": number, "name": name} for number, name in catalog.SERVICES.items()]})


# labels


def labels(world: World, call: Call) -> Reply:
    found = asking.one_order(world, call)
    return Reply(200, text=labels_pdf(found).decode("ascii"), mimetype="application/pdf")


def label(world: World, call: Call) -> Reply:
    found, number = asking.one_order(world, call), asking.path_number(call, "box")
    places = [place for place, box in enumerate(found.boxes, 1) if box["boxId"] == number]
    if not places:
        raise errors.error(404, f"Box not found: '{number}'")
    return Reply(200, text=label_pdf(found, places[0]).decode("ascii"), mimetype="application/pdf")


def labels_data(world: World, call: Call) -> Reply:
    found = asking.one_order(world, call)
    root = f"/v2/campaigns/{found.campaign}/orders/{found.id}/delivery"
    boxes = found.boxes or [{"boxId": found.id}]
    entries = [_label_data(found, box, place, len(boxes), root=root) for place, box in enumerate(boxes, 1)]
    data = {"orderId": found.id, "placesNumber": len(boxes), "url": f"{root}/labels", "parcelBoxLabels": entries}
    return ok(data)


def _label_data(found: Order, box: dict[str, Any], place: int, places: int, *, root: str) -> dict[str, Any]:
    names = found.buyer
    service = found.delivery["service"]
    return {
        "url": f"{root}/shipments/{found.id % 10**9}/boxes/{box['boxId']}/label",
        "supplierName": "ООО «Песочница»",
        "deliveryServiceName": catalog.SERVICES.get(service, ""),
        "orderId": found.id,
        "orderNum": found.external or str(found.id),
        "recipientName": f"{names['lastName']} {names['firstName'][0]}. {names['middleName'][0]}.",
        "boxId": box["boxId"],
        "fulfilmentId": f"{found.id}-{place}",
        "place": f"{place}/{places}",
        "weight": "1 кг",
        "deliveryServiceId": str(service),
    }
