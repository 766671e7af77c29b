"""Every method that is called, as data: how, where, on which rate budget (contract 1.2 and 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orders.enums import ActionKind, CodeKind

_V3 = "/api/v3/dbs"
_ORDERS = f"{_V3}/orders"
_ORDER = f"{_V3}/orders/{{order}}"
_BATCH = "/api/marketplace/v3/dbs/orders"


@dataclass(frozen=True, slots=True)
class Route:
    """``place`` names it in drift. ``of_orders``: a 404 "NotFound" speaks of the tasks asked for, not of the method."""

    place: str
    method: str
    path: str
    group: str = "read"
    write: bool = False
    of_orders: bool = True


def _write(place: str, method: str, path: str, group: str) -> Route:
    return Route(place, method, path, group, write=True)


# In both dialects.
NEW = Route("orders/new", "GET", f"{_ORDERS}/new", of_orders=False)
FINISHED = Route("orders", "GET", _ORDERS, of_orders=False)
CLIENT = Route("orders/client", "POST", f"{_ORDERS}/client")

# Batch.
GROUPS = Route("groups/info", "POST", f"{_V3}/groups/info")
WINDOWS = Route("orders/delivery-date", "POST", f"{_ORDERS}/delivery-date")
B2B = Route("orders/b2b/info", "POST", f"{_BATCH}/b2b/info")
STATUS = Route("orders/status/info", "POST", f"{_BATCH}/status/info")
STICKERS = Route("orders/stickers", "POST", f"{_BATCH}/stickers")
META = Route("orders/meta/details", "POST", f"{_BATCH}/meta/details", "meta_details")
META_DELETE = _write("orders/meta/delete", "POST", f"{_BATCH}/meta/delete", "meta_delete")
META_SET: Mapping[CodeKind, Route] = {
    kind: _write(f"orders/meta/{name}", "POST", f"{_BATCH}/meta/{name}", "meta_set")
    for kind, name in (
        (CodeKind.SGTIN, "sgtin"),
        (CodeKind.UIN, "uin"),
        (CodeKind.IMEI, "imei"),
        (CodeKind.GTIN, "gtin"),
        (CodeKind.GTD, "customs-declaration"),
    )
}
_STEPS = (ActionKind.CONFIRM, ActionKind.DELIVER, ActionKind.RECEIVE, ActionKind.REJECT, ActionKind.CANCEL)
STEPS: Mapping[ActionKind, Route] = {
    kind: _write(f"orders/status/{kind.value}", "POST", f"{_BATCH}/status/{kind.value}", kind.value) for kind in _STEPS
}

# The older dialect, one order a call (seed 004).
V3_STATUS = Route("v3 orders/status", "POST", f"{_ORDERS}/status")
V3_META = Route("v3 orders/meta", "GET", f"{_ORDER}/meta", "meta_details")
V3_META_DELETE = _write("v3 orders/meta", "DELETE", f"{_ORDER}/meta", "meta_delete")
V3_META_SET: Mapping[CodeKind, Route] = {
    kind: _write(f"v3 orders/meta/{kind.value}", "PUT", f"{_ORDER}/meta/{kind.value}", "meta_set")
    for kind in (CodeKind.SGTIN, CodeKind.UIN, CodeKind.IMEI, CodeKind.GTIN)
}
V3_STEPS: Mapping[ActionKind, Route] = {
    kind: _write(f"v3 orders/{kind.value}", "PATCH", f"{_ORDER}/{kind.value}", kind.value) for kind in _STEPS
}
