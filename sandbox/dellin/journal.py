"""`/v3/orders.json`: the journal of orders (contract 2.6)."""

from __future__ import annotations

from typing import Any, Final

from sandbox.dellin import errors
from sandbox.dellin.days import moscow, parsed
from sandbox.dellin.history import MOST_IDS
from sandbox.dellin.statuses import DETAILS, PROGRESS, TITLES, UNDATED
from sandbox.dellin.world import WEB, DellinWorld, detail_of, state_of
from sandbox.parcels.parcel import Parcel
from sandbox.wire import Call

SEARCHES: Final = ("docIds", "orderNumber", "barcode", "cargoPlaces", "shipmentLabelCargoPlace")
WITHOUT_SESSION: Final = ("docIds", "orderNumber", "barcode")
ORDER_BY: Final = ("ordered_at", "updated_at")
SHORT: Final = (
    "orderId", "orderNumber", "state", "stateName", "stateDate", "detailedStatus", "detailedStatusRus", "progressPercent",
)  # fmt: skip


def journal(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """`{"orders": […]}` and the pages in `metadata`; short without a session. Raises Refusal."""
    detailed = asked.get("sessionID") is not None
    if detailed and world.session(call.seller, asked["sessionID"]) is None:
        raise errors.error(401, errors.SESSION, "Сессия не найдена или истекла", ("sessionID",))
    given = [name for name in SEARCHES if asked.get(name)]
    if len(given) > 1:
        raise errors.bad("Должен быть передан только один из параметров поиска", *given)
    if not detailed and given not in [[name] for name in WITHOUT_SESSION]:
        raise errors.error(400, errors.REQUIRED, "Без sessionID нужен один из параметров поиска", WITHOUT_SESSION)
    found = _searched(world, call.seller, asked, given[0]) if given else _filtered(world, call.seller, asked)
    return _page(world, found, asked, detailed=detailed)


def _searched(world: DellinWorld, seller: str, asked: dict[str, Any], field: str) -> list[Parcel]:
    """By number; what several orders answer to brings all of them."""
    wanted = asked[field] if isinstance(asked[field], list) else [asked[field]]
    if not all(isinstance(one, str) for one in wanted) or len(wanted) > MOST_IDS:
        raise errors.bad("Недопустимый список номеров", field)
    sign = WEB if field == "orderNumber" else ""
    found = [one for key in wanted for one in world.answering(seller, sign + key)]
    return list({one.id: one for one in found}.values())


def _filtered(world: DellinWorld, seller: str, asked: dict[str, Any]) -> list[Parcel]:
    """By dates and states. Orders on the way are there whenever `inway` is among the states, changed or not: a quirk."""
    first, last, since = (_moment(asked, name) for name in ("dateStart", "dateEnd", "lastUpdate"))
    states = _states(asked)
    by = asked.get("orderBy", ORDER_BY[0])
    if by not in ORDER_BY:
        raise errors.bad("Недопустимая сортировка", "orderBy", validValues=list(ORDER_BY), badValues=[by])

    def fits(one: Parcel) -> bool:
        state = state_of(one.code)
        fresh = since is None or int(one.updated) >= since or ("inway" in states and state == "inway")
        made = (first is None or int(one.created) >= first) and (last is None or int(one.created) <= last)
        return fresh and made and (not states or state in states) and not one.has("missing")

    found = [one for one in world.shops[seller].values() if fits(one)]
    sign = -1 if world.tuning.journal_order == "newest" else 1
    return sorted(found, key=lambda one: (sign * (one.created if by == ORDER_BY[0] else one.updated), sign * one.id))


def _moment(asked: dict[str, Any], name: str) -> float | None:
    if asked.get(name) is None:
        return None
    try:
        return parsed(str(asked[name]))
    except ValueError:
        raise errors.bad("Недопустимый формат даты", name, badValues=[asked[name]]) from None


def _states(asked: dict[str, Any]) -> list[str]:
    """A list, or one word as in the example."""
    given = asked.get("states") or []
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not set(found) <= set(TITLES):
        raise errors.bad("Недопустимый статус", "states", validValues=list(TITLES))
    return found


def _page(world: DellinWorld, found: list[Parcel], asked: dict[str, Any], *, detailed: bool) -> dict[str, Any]:
    """`metadata` gets `currentPage`, `nextPage`, `prevPage` (null at the ends) and `totalPages`."""
    page, size = asked.get("page", 1), world.tuning.page_size
    if not isinstance(page, int) or isinstance(page, bool) or page < 1:
        raise errors.bad("Недопустимый номер страницы", "page", badValues=[page])
    total = max(1, -(-len(found) // size))
    shown = [order(world, one) for one in found[(page - 1) * size : page * size]]
    pages = {
        "currentPage": page,
        "nextPage": page + 1 if page < total else None,
        "prevPage": page - 1 if page > 1 else None,
        "totalPages": total,
    }
    orders = shown if detailed else [{name: one[name] for name in SHORT} for one in shown]
    return {"metadata": pages, "orders": orders}


def order(world: DellinWorld, parcel: Parcel) -> dict[str, Any]:
    """One order; times are Moscow's without a zone, and the date of a state is a bare day."""
    known, row = parcel.fields, parcel.rows[-1]
    state, detail = state_of(parcel.code), detail_of(parcel.code)
    since = moscow(row.get("since", row["at"]))
    return {
        "orderId": parcel.number,
        "orderNumber": known["web"] or None,
        "orderedAt": moscow(parcel.created),
        "state": state,
        "stateName": TITLES.get(state, state),
        "stateDate": None if state in UNDATED else since[:10],
        "detailedStatus": detail,
        "detailedStatusRus": DETAILS.get(detail),
        "progressPercent": PROGRESS.get(state, 0),
        "returnState": known["returned"],
        "returnReason": known["returnReason"] or None,
        "returnDate": moscow(known["returned_at"]) if known["returned_at"] is not None else None,
        "declineReason": (known["declineReason"] or "Отказ отправителя") if state == "declined" else None,
        "isAir": known["air"],
        "orderedDeliveryToAddress": known["to_address"],
        "arrival": {"city": known["town"]},
        "receiver": {"name": known["receiver"]},
        "orderDates": {"finish": since if state == "finished" else None},
        "documents": [
            {"id": one, "type": "shipping", "state": "in_way", "createDate": moscow(parcel.created)}
            for one in known["others"]
        ],
    }
