"""The desk of Wildberries: its orders, plays and rules on the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sandbox.page import present
from sandbox.page.texts import ONLY_CARRIERS
from sandbox.wildberries import codes
from sandbox.wildberries.machine import play, possible_plays
from sandbox.wildberries.making import Wish, make, make_raw
from sandbox.wildberries.task import Task
from sandbox.wildberries.upstream import Wildberries
from sandbox.wildberries.world import World

TABS = ("all", "new", "confirm", "deliver", "pickup", "closed")
CODE_DELAYS = ("0", "60", "3600", "21600")
CODE_CHOICES = ("any", "none", "sgtin", "uin", "imei", "gtin")
TYPE_CHOICES = ("any", "dbs", "edbs", "dbsPickupPoint")
PATHS = ("/new", "/status/confirm", "/status/deliver", "/status/receive", "/status/info", "/client", "/meta/")
BROKEN_ORDER = {"id": "сорок два", "price": None, "skus": {"0": 1}, "createdAt": "вчера"}
NOT_HERE = ("420", "423", "unknown_substatus", "unknown_payment", "unknown_currency", *ONLY_CARRIERS)
CURRENCIES: Final = {643: "₽", 933: "BYN", 398: "KZT", 51: "AMD", 417: "KGS", 860: "UZS"}
MAIN_PLAYS: Final = ("decline", "miss_call", "arrive", "collect", "return")
TONES: Final = {
    "new": "info", "confirm": "violet", "deliver": "warn", "receive": "ok", "reject": "bad", "cancel": "mute",
    "cancel_missed_call": "mute",
}  # fmt: skip


class WildberriesDesk:
    """Implements `views.Desk`."""

    template = "wildberries.html"
    tabs: tuple[str, ...] = TABS
    not_here: tuple[str, ...] = NOT_HERE

    def __init__(self, upstream: Wildberries) -> None:
        self.upstream, self.world = upstream, upstream.world

    def orders(self, seller: str) -> list[Task]:
        return list(self.world.shops.get(seller, {}).values())

    def stages(self, order: Task) -> set[str]:
        return {"all", stage(order)}

    def row(self, order: Task, texts: dict[str, str]) -> dict[str, Any]:
        return order_row(self.world, order, texts)

    def choices(self) -> dict[str, Any]:
        return {"codes": CODE_CHOICES, "types": TYPE_CHOICES, "delays": CODE_DELAYS, "paths": PATHS}

    def make(self, seller: str, form: Mapping[str, str]) -> None:
        fields: dict[str, Any] = {}
        if form.get("codes", "any") != "any":
            fields["requiredMeta"] = [] if form["codes"] == "none" else [form["codes"]]
        if form.get("type", "any") != "any":
            fields["deliveryType"] = form["type"]
        if form.get("what") == "broken":
            make_raw(self.world, seller=seller, raw=BROKEN_ORDER, cause="page")
            return
        count = 5 if form.get("what") == "five" else 1
        make(self.world, Wish(seller, count=count, fields=fields, basket="basket" in form, cause="page"))

    def play(self, number: int, name: str) -> None:
        play(self.world, self.world.tasks[number], name)

    def rules(self, form: Mapping[str, str]) -> None:
        self.world.tune(
            {
                "batch": "batch" in form,
                "v3": "v3" in form,
                "profile": "seed" if "seed" in form else "batch",
                "code_delay": float(form.get("code_delay") or 0),
            }
        )


def stage(task: Task) -> str:
    """The tab a task is under."""
    if not task.is_open:
        return "closed"
    return "pickup" if task.wb == "ready_for_pickup" else task.supplier


def order_row(world: World, task: Task, texts: dict[str, str]) -> dict[str, Any]:
    item = task.item if isinstance(task.item, dict) and not task.raw else {}
    address = item.get("address") or {}
    plays = possible_plays(world, task)
    return {
        "id": task.id,
        "ago": present.ago(world.now - task.created, texts),
        "article": item.get("article") or texts["raw"],
        "name": task.name or ("" if item else json.dumps(task.item, ensure_ascii=False)[:80]),
        "price": money(item),
        "address": short_address(str(address.get("fullAddress", ""))),
        "full_address": address.get("fullAddress", ""),
        "note": " · ".join(filter(None, (kind_of_delivery(item, texts), item.get("comment", "")))),
        "marks": marks(world, task, texts),
        "supplier": task.supplier,
        "wb": task.wb,
        "tone": TONES.get(task.supplier, "bad") if task.is_open or task.supplier != "new" else "mute",
        "code": task.code,
        "open": task.is_open,
        "plays": [name for name in plays if name in MAIN_PLAYS],
        "more": [name for name in plays if name not in MAIN_PLAYS],
    }


def marks(world: World, task: Task, texts: dict[str, str]) -> list[dict[str, str]]:
    """Each kind a task can have: filled or not, and the code that stands on the unit."""
    found = {}
    for one in codes.details(world, task):
        tone = "bad" if one["decision"] in codes.BLOCKING and task.is_open else "mute" if one["value"] is None else "ok"
        kind = one["key"]
        found[kind] = {
            "kind": present.kind_name(kind, texts),
            "tone": tone,
            "decision": one["decision"],
            "sample": task.samples.get(kind, ""),
        }
    return list(found.values())


def kind_of_delivery(item: dict[str, Any], texts: dict[str, str]) -> str:
    """Said only when it is not an ordinary courier's."""
    kind = item.get("deliveryType", "dbs")
    return "" if kind == "dbs" else texts.get(f"type_{kind}", str(kind))


def short_address(full: str) -> str:
    """From the town on: the region takes the room of the street."""
    return full[full.index("г. ") :] if "г. " in full else full


def money(item: dict[str, Any]) -> str:
    """Hundredths to the words of a price: `1 014,00 ₽`."""
    price = item.get("price")
    if not isinstance(price, int):
        return ""
    whole = f"{price / 100:,.2f}".replace(",", "\u00a0").replace(".", ",")
    return f"{whole}\u00a0{CURRENCIES.get(item.get('currencyCode', 643), '')}"
