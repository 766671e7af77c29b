"""Every method that is called, as data: how, where, on which rate budget (contract 2.3).

``{campaign}`` and ``{business}`` are the account's, ``{order}`` the call's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orders.enums import ActionKind

_ORDERS = "/v2/campaigns/{campaign}/orders"
_ORDER = f"{_ORDERS}/{{order}}"


@dataclass(frozen=True, slots=True)
class Route:
    """``place`` names it in drift; ``group`` is its rate budget. ``silent``: a yes may come without a body."""

    place: str
    method: str
    path: str
    group: str
    write: bool = False
    silent: bool = False

    @property
    def of_order(self) -> bool:
        """A 404 in Yandex's own words speaks of the order, not of the method."""
        return "{order}" in self.path

    @property
    def of_business(self) -> bool:
        return "{business}" in self.path


def _write(method: str, place: str, *, silent: bool = False) -> Route:
    return Route(place, method, f"{_ORDER}/{place}", place, write=True, silent=silent)


def _read(method: str, place: str) -> Route:
    return Route(place, method, f"{_ORDER}/{place}", place)


TOKEN = Route("auth/token", "POST", "/v2/auth/token", "auth/token")
CAMPAIGNS = Route("campaigns", "GET", "/v2/campaigns", "campaigns")
SERVICES = Route("delivery/services", "GET", "/v2/delivery/services", "delivery/services")

#: Lists of orders, whole and with their status.
BUSINESS_ORDERS = Route("business orders", "POST", "/v1/businesses/{business}/orders", "business/orders")
ORDERS = Route("orders", "GET", _ORDERS, "orders")
ORDER = Route("order", "GET", _ORDER, "order")

BUYER = _read("GET", "buyer")
ORGANISATION = _read("POST", "business-buyer")
DOCUMENTS = _read("POST", "documents")
LABELS = _read("GET", "delivery/labels")

STATUS = _write("PUT", "status")
STATUSES = Route("status-update", "POST", f"{_ORDERS}/status-update", "status-update", write=True)
CODES = _write("PUT", "identifiers")
_CANCELLATION = _write("PUT", "cancellation/accept")
#: What changes a detail of one order.
DETAILS: Mapping[ActionKind, Route] = {
    ActionKind.ACCEPT_CANCEL: _CANCELLATION,
    ActionKind.REFUSE_CANCEL: _CANCELLATION,
    ActionKind.MOVE_DATE: _write("PUT", "delivery/date"),
    ActionKind.EXTEND_STORAGE: _write("PUT", "delivery/storage-limit"),
    ActionKind.SEND_TRACK: _write("POST", "delivery/track"),
    ActionKind.SET_NUMBER: _write("POST", "external-id"),
    ActionKind.SET_BOXES: _write("PUT", "boxes"),
    ActionKind.CHANGE_ITEMS: _write("PUT", "items", silent=True),  # [YM-SPEC]: no output is to be expected
    ActionKind.GIVE_DIGITAL: _write("POST", "deliverDigitalGoods"),
}
