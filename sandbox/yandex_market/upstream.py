"""The stand-in as a whole: its routes, its door, its limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from sandbox import garble
from sandbox.exchange import Route
from sandbox.store import Store
from sandbox.wire import JSON, Call, Refusal, Reply
from sandbox.yandex_market import errors, goods, lists, reads, writes
from sandbox.yandex_market.limits import HourLimits
from sandbox.yandex_market.world import BUSINESS, NAME, World

CAMPAIGN: Final = "/v2/campaigns/<campaign>"
ORDER: Final = f"{CAMPAIGN}/orders/<order>"
MOST_BYTES: Final = 512 * 1024
PARAMETER: Final = re.compile(r"<\w+>")

# Contract 2.3; `group` is the operation's name in the specification, and what it counts against.
ROUTES: Final = (
    Route("POST", "/v2/auth/token", reads.key_info, "getAuthTokenInfo", ""),
    Route("GET", "/v2/campaigns", reads.campaigns, "getCampaigns", ""),
    Route("GET", "/v2/delivery/services", reads.services, "getDeliveryServices", ""),
    Route("POST", "/v1/businesses/<business>/orders", lists.business_orders, "getBusinessOrders", "v1_orders"),
    Route("GET", f"{CAMPAIGN}/orders", lists.orders, "getOrders", "v2_orders"),
    Route("GET", ORDER, reads.order, "getOrder", "v2_orders"),
    Route("POST", f"{CAMPAIGN}/orders/status-update", writes.statuses, "updateOrderStatuses", ""),
    Route("PUT", f"{ORDER}/status", writes.status, "updateOrderStatus", ""),
    Route("PUT", f"{ORDER}/cancellation/accept", writes.cancellation, "acceptOrderCancellation", ""),
    Route("POST", f"{ORDER}/delivery/track", writes.track, "setOrderDeliveryTrackCode", ""),
    Route("PUT", f"{ORDER}/delivery/date", writes.delivery_date, "setOrderDeliveryDate", ""),
    Route("PUT", f"{ORDER}/delivery/storage-limit", writes.storage_limit, "updateOrderStorageLimit", ""),
    Route("POST", f"{ORDER}/external-id", writes.external_id, "updateExternalOrderId", ""),
    Route("PUT", f"{ORDER}/identifiers", goods.identifiers, "provideOrderItemIdentifiers", ""),
    Route("PUT", f"{ORDER}/boxes", goods.boxes, "setOrderBoxLayout", ""),
    Route("PUT", f"{ORDER}/items", goods.items, "updateOrderItems", ""),
    Route("POST", f"{ORDER}/deliverDigitalGoods", goods.digital_goods, "provideOrderDigitalCodes", ""),
    Route("PUT", f"{ORDER}/verifyEac", goods.verify_eac, "verifyOrderEac", ""),
    Route("GET", f"{ORDER}/buyer", reads.buyer, "getOrderBuyerInfo", ""),
    Route("POST", f"{ORDER}/business-buyer", reads.business_buyer, "getOrderBusinessBuyerInfo", ""),
    Route("POST", f"{ORDER}/documents", reads.documents, "getOrderBusinessDocumentsInfo", ""),
    Route("GET", f"{ORDER}/delivery/labels", reads.labels, "generateOrderLabels", ""),
    Route("GET", f"{ORDER}/delivery/labels/data", reads.labels_data, "getOrderLabelsData", ""),
    Route(
        "GET", f"{ORDER}/delivery/shipments/<shipment>/boxes/<box>/label", reads.label, "generateOrderLabel", ""
    ),
)  # fmt: skip
AMOUNTS: Final = {route.group: 10_000 for route in ROUTES} | {
    "getAuthTokenInfo": 100, "getCampaigns": 1_000, "getDeliveryServices": 5_000, "acceptOrderCancellation": 500,
    "getOrderBuyerInfo": 3_000, "getOrderBusinessBuyerInfo": 3_000, "getOrderBusinessDocumentsInfo": 3_000,
    "updateExternalOrderId": 1_000,
}  # fmt: skip
# A read-only key may not make labels either: the specification gives them no read-only scope.
READABLE: Final = frozenset(
    {
        "getAuthTokenInfo", "getCampaigns", "getDeliveryServices", "getBusinessOrders", "getOrders", "getOrder",
        "getOrderBuyerInfo", "getOrderBusinessBuyerInfo", "getOrderBusinessDocumentsInfo", "getOrderLabelsData",
    }
)  # fmt: skip
GOOD_KEYS: Final = ("sandbox-", "readonly-", "inactive-", "migrating-")


class YandexMarket:
    """Implements `sandbox.exchange.Upstream`."""

    name = NAME
    prefix = address = "/yandex"

    def __init__(self, store: Store, *, limited: bool = False) -> None:
        self.world = World(store)
        self.limits = HourLimits(AMOUNTS, enabled=limited)
        store.on_reset(lambda: self.limits.reset(enabled=self.limits.enabled))

    def routes(self) -> Iterable[Route]:
        return ROUTES

    @contextmanager
    def hold(self, route: Route | None, call: Call) -> Iterator[Reply | None]:
        """One of the places a shop has for calls under way; a slow one keeps its place (contract 2.8)."""
        seller, entity = call.headers.get("Api-Key", ""), _entity(call)
        if route is None or not entity or not self.limits.enabled or not _is_good(seller):
            yield None
            return
        with self.limits.places.hold(f"{seller} {entity}", self.limits.parallel) as free:
            yield None if free else self._crowded(route, call, seller=seller)

    def _crowded(self, route: Route, call: Call, *, seller: str) -> Reply:
        call.seller = seller
        text = f"Hit rate limit of {self.limits.parallel} parallel requests for {_entity(call)}"
        with self.world.store.lock:
            headers = self.limits.spend(f"{seller} {_entity(call)}", route.group, 0)
        return errors.error(420, text, headers).reply

    def answer(self, route: Route | None, call: Call) -> Reply:
        """Key, path, limits, rights, work. Raises Refusal."""
        self.world.settle()
        call.seller = _seller(call)
        if route is None or (route.dialect and not getattr(self.world.tuning, route.dialect)):
            raise _no_method(call)
        shop = f"{call.seller} {_entity(call)}"
        if self.limits.is_spent(shop, route.group):
            raise errors.error(420, self._spent(route, call), self.limits.spend(shop, route.group, 0))
        reply = self._work(route, call)
        reply.headers |= self.limits.spend(shop, route.group, _cost(route, reply))
        return reply

    def _spent(self, route: Route, call: Call) -> str:
        amount = self.limits.amounts[route.group]
        who = _entity(call) or f"key {call.seller}"
        return f"Hit rate limit of {amount} requests per 1 hour for resource {route.group} for {who}"

    def _work(self, route: Route, call: Call) -> Reply:
        try:
            self._let_in(route, call)
            return route.handler(self.world, call)
        except Refusal as refusal:
            return refusal.reply

    def _let_in(self, route: Route, call: Call) -> None:
        """Whose shop, whether it is served, whether the key may do this, and what is sent along."""
        for name, own in (("campaign", self.world.campaigns), ("business", [BUSINESS])):
            if name in call.args and call.args[name] not in map(str, own):
                raise errors.error(403, f"Access to {name}Id {call.args[name]} is denied")
        if _entity(call):
            _check_shop(call)
        if call.seller.startswith("readonly-") and route.group not in READABLE:
            raise errors.error(403, "Api-Key token has no scope for this method")
        _check_body(call)

    def failure(self, status: int, seconds: float) -> Reply:
        headers = self.limits.spend("", "getOrders", 0) if status == 420 else {}
        return errors.error(status, errors.FAILURES.get(status, "Internal server error"), headers).reply

    def spoil(self, kind: str, reply: Reply | None, call: Call) -> Reply | None:
        return garble.garble(kind, reply)


def _is_good(key: str) -> bool:
    return key == "sandbox" or key.startswith(GOOD_KEYS)


def _seller(call: Call) -> str:
    """A key is a seller: `sandbox` or `sandbox-…`, and three kinds of trouble (docs/sandbox.md)."""
    key = call.headers.get("Api-Key", "")
    if not _is_good(key):
        raise errors.error(401, "Api-Key token is invalid")
    return key


def _entity(call: Call) -> str:
    """`campaignId 7100001`, `businessId 7000001`, or nothing for what belongs to no shop."""
    for name in ("campaign", "business"):
        if name in call.args:
            return f"{name}Id {call.args[name]}"
    return ""


def _check_shop(call: Call) -> None:
    """A shop that is off, a cabinet on the move, a header that speaks of another cabinet (contract 2.1, 2.7)."""
    if call.seller.startswith("inactive-"):
        number = call.args.get("campaign", call.args.get("business"))
        raise errors.error(403, f"API for campaign {number} disabled due to inactivity.")
    if call.seller.startswith("migrating-"):
        raise errors.error(
            423, "Campaign is in business migration" if "campaign" in call.args else "Business is in migration"
        )
    other, business = call.headers.get("X-Business-Id"), call.args.get("business")
    if other is not None and business is not None and other != business:
        raise errors.bad(f"URL businessId ('{business}') does not match businessId in X-Business-Id header ('{other}')")


def _check_body(call: Call) -> None:
    if len(call.body) > MOST_BYTES:
        raise errors.bad(f"The request is too big: {len(call.body)}")
    kind = call.headers.get("Content-Type", JSON)
    if call.body and kind.split(";")[0].strip().lower() != JSON:
        raise errors.bad(f"Content type '{kind}' not supported")


def _cost(route: Route, reply: Reply) -> int:
    """One a request; a batch costs its orders: `resp.result.orders` (contract 2.3)."""
    if route.group == "updateOrderStatuses" and reply.status == 200:
        return len(reply.body["result"]["orders"])
    return 1


def _no_method(call: Call) -> Refusal:
    """405 where the path is known with another method."""
    known = [route for route in ROUTES if _pattern(route).fullmatch(call.path)]
    if known and call.method not in [route.method for route in known]:
        return errors.error(405, f"Request method '{call.method}' not supported")
    return errors.error(404, f"No method {call.method} {call.path}")


def _pattern(route: Route) -> re.Pattern[str]:
    return re.compile(PARAMETER.sub("[^/]+", route.path))
