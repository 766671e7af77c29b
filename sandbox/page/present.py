"""What the page shows, made ready for its template."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from sandbox.wildberries import codes
from sandbox.wildberries.machine import possible_plays
from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World

MOSCOW: Final = timezone(timedelta(hours=3))
CURRENCIES: Final = {643: "₽", 933: "BYN", 398: "KZT", 51: "AMD", 417: "KGS", 860: "UZS"}
CUT = 1500
MAIN_PLAYS: Final = ("decline", "miss_call", "arrive", "collect", "return")
TONES: Final = {
    "new": "info", "confirm": "violet", "deliver": "warn", "receive": "ok", "reject": "bad", "cancel": "mute",
    "cancel_missed_call": "mute",
}  # fmt: skip


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
        "ago": ago(world.now - task.created, texts),
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
            "kind": kind_name(kind, texts),
            "tone": tone,
            "decision": one["decision"],
            "sample": task.samples.get(kind, ""),
        }
    return list(found.values())


def kind_name(kind: str, texts: dict[str, str]) -> str:
    return texts.get(f"kind_{kind}", kind.upper())


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


def ago(seconds: float, texts: dict[str, str]) -> str:
    for size, word in ((86_400, "ago_d"), (3600, "ago_h"), (60, "ago_m"), (5, "ago_s")):
        if seconds >= size:
            return f"{int(seconds / (1 if word == 'ago_s' else size))} {texts[word]}"
    return texts["now"]


def call_row(call: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    at = datetime.strptime(call["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(MOSCOW)
    status = call["status"]
    return {
        **call,
        "time": f"{at:%H:%M:%S}",
        "short": call["path"].replace("/api/marketplace/v3/dbs/orders/", "…/").replace("/api/v3/dbs/orders", "…/v3"),
        "tone": "ok" if 200 <= status < 300 else "warn" if status == 429 else "bad",
        "changed": changes(call["effects"], texts),
        "request": shown(call["request"]),
        "answer": shown(call["answer"]),
    }


def changes(effects: list[dict[str, Any]], texts: dict[str, str]) -> str:
    """What a call changed, in one line."""
    if not effects:
        return ""
    first = effects[0]
    if first["kind"].startswith("meta."):
        what = kind_name(first["kind"].removeprefix("meta."), texts) + (" +" if first["after"] else " −")
    else:
        what = f"{first['before']} → {first['after']}" if first["before"] else f"→ {first['after']}"
    return f"{first['order']}: {what}" if len(effects) == 1 else f"{len(effects)} {texts['orders_changed']}: {what}"


def shown(body: Any) -> str:
    """The beginning of a body, readable."""
    if body is None:
        return ""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=1)
    return text if len(text) <= CUT else text[:CUT] + " …"
