"""The desk of Yandex Market: its orders, plays and rules on the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sandbox.page import present
from sandbox.page.texts import ONLY_CARRIERS
from sandbox.yandex_market import shapes
from sandbox.yandex_market.machine import play, possible_plays
from sandbox.yandex_market.making import Wish, make, make_raw
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.upstream import YandexMarket
from sandbox.yandex_market.world import BUSINESS

TABS = ("all", "unpaid", "processing", "delivery", "y_pickup", "asked", "y_closed")
CODE_CHOICES = ("any", "none", "cis", "uin", "gtd")
TYPE_CHOICES = ("any", "DELIVERY", "PICKUP", "POST", "DIGITAL")
KIND_CHOICES = ("any", "business", "fake", "unpaid", "delivery")
CANCEL_DELAYS = (("172800", "hours_48"), ("3600", "hours_1"), ("60", "minutes_1"))
PATHS = ("/orders", "/status", "/status-update", "/identifiers", "/buyer", "/delivery/track", "/cancellation/accept")
NOT_HERE = ("402", "410", "429", *ONLY_CARRIERS)
BROKEN_ORDER = {
    "v1": {"orderId": "сорок два", "status": None, "items": {"0": 1}, "creationDate": "вчера"},
    "v2": {"id": "сорок два", "status": None, "items": {"0": 1}, "creationDate": "вчера"},
}
GOODS: Final[dict[str, list[dict[str, Any]]]] = {
    "none": [{"offerId": "LAMP-E27", "count": 2}, {"offerId": "BOOK-GARDEN"}],
    "cis": [{"offerId": "BOOTS-42-BLK", "count": 2}, {"offerId": "BED-SET-EURO"}],
    "uin": [{"offerId": "RING-925-17", "count": 2}],
    "gtd": [{"offerId": "MONITOR-27"}, {"offerId": "WASHER-6KG"}],
}
STAGES: Final = {
    "UNPAID": "unpaid", "PENDING": "unpaid", "PROCESSING": "processing", "DELIVERY": "delivery", "PICKUP": "y_pickup",
}  # fmt: skip
TONES: Final = {
    "UNPAID": "mute", "PROCESSING": "info", "DELIVERY": "warn", "PICKUP": "violet", "DELIVERED": "ok", "CANCELLED": "mute",
    "RETURNED": "bad", "PARTIALLY_RETURNED": "bad",
}  # fmt: skip
MAIN_PLAYS: Final = ("pay", "cancel", "request_cancel", "confirm", "win", "lose", "return")
# Words of the page that another desk, or the same table, has for something else.
PLAY_WORDS: Final = {"confirm": "confirm_received", "lose": "y_lose"}


class YandexDesk:
    """Implements `views.Desk`."""

    template = "yandex.html"
    tabs: tuple[str, ...] = TABS
    not_here: tuple[str, ...] = NOT_HERE

    def __init__(self, upstream: YandexMarket) -> None:
        self.upstream, self.world = upstream, upstream.world

    def orders(self, seller: str) -> list[Order]:
        return list(self.world.shops.get(seller, {}).values())

    def stages(self, order: Order) -> set[str]:
        found = {"all", STAGES.get(order.status, "y_closed")}
        return found | {"asked"} if order.waits_for_cancel else found

    def row(self, order: Order, texts: dict[str, str]) -> dict[str, Any]:
        return order_row(self.world.now, order, texts)

    def choices(self) -> dict[str, Any]:
        return {
            "codes": CODE_CHOICES,
            "types": TYPE_CHOICES,
            "kinds": KIND_CHOICES,
            "delays": CANCEL_DELAYS,
            "paths": PATHS,
            "business": BUSINESS,
            "campaigns": self.world.campaigns,
        }

    def make(self, seller: str, form: Mapping[str, str]) -> None:
        if form.get("what") == "broken":
            make_raw(self.world, seller=seller, raw=BROKEN_ORDER, cause="page")
            return
        kind, chosen = form.get("kind", "any"), form.get("type", "any")
        wish = Wish(seller, count=5 if form.get("what") == "five" else 1, cause="page")
        wish.items = GOODS.get(form.get("codes", "any"))
        wish.type = "" if chosen == "any" else chosen
        wish.business, wish.fake = kind == "business", kind == "fake"
        wish.status = kind.upper() if kind in ("unpaid", "delivery") else "PROCESSING"
        make(self.world, wish)

    def play(self, number: int, name: str) -> None:
        play(self.world, self.world.orders[number], name)

    def rules(self, form: Mapping[str, str]) -> None:
        switches = ("v1_orders", "v2_orders", "unreachable_proven", "late_identifiers", "business_needs_codes")
        changes: dict[str, Any] = {name: name in form for name in switches}
        changes["profile"] = "seed" if "seed" in form else "spec"
        changes["cancel_after"] = float(form.get("cancel_after") or CANCEL_DELAYS[0][0])
        self.world.tune(changes)


def order_row(now: float, order: Order, texts: dict[str, str]) -> dict[str, Any]:
    plays = [(name, texts[PLAY_WORDS.get(name, name)]) for name in possible_plays(order)]
    first = order.items[0] if order.items else None
    address = order.delivery.get("address", {})
    return {
        "id": order.id,
        "ago": present.ago(now - order.created, texts),
        "article": _article(first) if first else texts["raw"],
        "name": _name(order),
        "price": f"{shapes.items_paid(order) / 100:,.2f} ₽".replace(",", "\u00a0").replace(".", ",") if first else "",
        "address": ", ".join(filter(None, (address.get("city"), address.get("street"), address.get("house")))),
        "note": " · ".join(_notes(order, texts)),
        "marks": [mark for item in order.items for mark in marks(item, texts)],
        "status": order.status,
        "substatus": order.substatus,
        "tone": TONES.get(order.status, "bad"),
        "asked": order.waits_for_cancel,
        "open": order.is_open,
        "when": _when(order),
        "secrets": _secrets(order, texts),
        "plays": [one for one in plays if one[0] in MAIN_PLAYS],
        "more": [one for one in plays if one[0] not in MAIN_PLAYS],
    }


def _article(item: dict[str, Any]) -> str:
    return item["offerId"] if item["count"] == 1 else f"{item['offerId']} × {item['count']}"


def _name(order: Order) -> str:
    """The first item's name, and the others' articles; what a strange order is, if it has no items."""
    if order.raw is not None or not order.items:
        return json.dumps(order.raw, ensure_ascii=False)[:80]
    return " + ".join([order.items[0]["offerName"], *(_article(item) for item in order.items[1:])])


def _notes(order: Order, texts: dict[str, str]) -> list[str]:
    kind = "" if order.kind == "DELIVERY" else texts.get(f"type_{order.kind}", order.kind)
    words = {"business": order.company, "fake": order.fake, "trusted": order.buyer.get("trusted")}
    return [one for one in (kind, *(texts[name] for name, is_so in words.items() if is_so), order.notes) if one]


def marks(item: dict[str, Any], texts: dict[str, str]) -> list[dict[str, Any]]:
    """Each kind a unit needs, how many are written, and the codes that stand on the units."""
    count, written = item["count"], len(item["instances"])
    samples = [next(iter(shapes.instance(one).values())) for one in item["samples"][:count]]
    tone = "ok" if written == count else "mute"
    return [
        {
            "kind": present.kind_name(kind.lower(), texts),
            "tone": tone,
            "count": f"{written}/{count}",
            "samples": samples,
        }
        for kind in item["required"][:1]
    ]


def _when(order: Order) -> str:
    """The delivery window: `28.11 14:00–18:00`, or both days."""
    known = order.delivery
    if "to" not in known:
        return ""
    first, last = (".".join(reversed(known[name].split("-")[1:])) for name in ("from", "to"))
    days = last if first == last else f"{first}–{last}"
    return f"{days} {known['fromTime']}–{known['toTime']}" if "fromTime" in known else days


def _secrets(order: Order, texts: dict[str, str]) -> str:
    """Codes that a courier or the buyer tells, and how often the date was moved."""
    found = []
    if order.eac:
        found.append(f"{texts['eac']} {order.eac['code']}")
    if order.receive_code:
        found.append(f"{texts['receive']} {order.receive_code}")
    if order.date_edits:
        found.append(f"{texts['edits']} {order.date_edits}")
    return " · ".join(found)
