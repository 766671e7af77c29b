"""Methods about the goods of an order: codes, boxes, what is left out, keys, the courier's code."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from sandbox.people import digits
from sandbox.wire import Call, Refusal, Reply
from sandbox.yandex_market import asking, codes, errors, shapes
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.reads import ok
from sandbox.yandex_market.world import World

MOST_DIGITAL, MOST_KEYS, MOST_KEY, MOST_SLIP = 100, 5000, 256, 10_000
REMOVE_REASONS: Final = ("PARTNER_REQUESTED_REMOVE", "USER_REQUESTED_REMOVE")
WHOLE_VALUE: Final = 0.99


def _item_of(order: Order, asked: dict[str, Any], path: str) -> dict[str, Any]:
    number = asking.number(asked, "id", path=f"{path}.id")
    item = order.item(number)
    if item is None:
        raise errors.illegal(f"{path}.id")
    return item


# codes


def identifiers(world: World, call: Call) -> Reply:
    """Replaces the codes of the items that are named; those of other items stay."""
    asked = asking.listed(asking.body(call), "items")
    order = asking.one_order(world, call)
    late = order.status in ("DELIVERY", "PICKUP") and world.tuning.late_identifiers
    if order.status != "PROCESSING" and not late:
        raise errors.not_allowed(order.id, order.status, order.substatus)
    items = [_item_of(order, one, f"items[{place}]") for place, one in enumerate(asked)]
    found = [
        codes.read(item, one.get("instances"), count=item["count"]) for item, one in zip(items, asked, strict=True)
    ]
    _write_codes(world, order, {item["id"]: one for item, one in zip(items, found, strict=True)}, cause="identifiers")
    return ok({"items": [_brief(item) for item in items]})


def _write_codes(world: World, order: Order, new: dict[int, list[dict[str, str]]], *, cause: str) -> None:
    before = _codes_of(order)
    for item in order.items:
        item["instances"] = new.get(item["id"], item["instances"])
    world.note(order, "identifiers", before, _codes_of(order), cause=cause)


def _codes_of(order: Order) -> dict[str, list[dict[str, str]]]:
    """By item; null in an effect for an order without codes."""
    return {str(item["id"]): item["instances"] for item in order.items if item["instances"]}


def _brief(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"],
        "vat": item["vat"],
        "count": item["count"],
        "price": shapes.money(item["paid"]),
        "offerName": item["offerName"],
        "offerId": item["offerId"],
        "instances": shapes.instances(item),
    }


# boxes


def boxes(world: World, call: Call) -> Reply:
    """Where the goods lie; with `allowRemove` what lies nowhere leaves the order."""
    body = asking.body(call)
    asked, order = asking.listed(body, "boxes"), asking.one_order(world, call)
    _may_pack(order)
    layout = [_box(order, box, f"boxes[{place}]") for place, box in enumerate(asked)]
    packed = _packed(order, layout)
    removed = {item["id"]: packed[item["id"]] for item in order.items if packed[item["id"]] < item["count"]}
    if removed and body.get("allowRemove") is not True:
        raise _violation("not every item is in a box")
    _check_removal(order, removed)
    instances = _packed_codes(order, layout, packed)
    _remove(world, order, removed, cause="boxes")
    _write_codes(world, order, instances, cause="boxes")
    _write_boxes(world, order, layout)
    return ok({"boxes": order.boxes})


def _may_pack(order: Order) -> None:
    if order.place == "PROCESSING/READY_TO_SHIP":
        raise errors.bad("Attempt to change order items or instances after READY_TO_SHIP")
    if order.place != "PROCESSING/STARTED":
        raise errors.not_allowed(order.id, order.status, order.substatus)


def _violation(words: str) -> Refusal:
    return errors.bad(f"Invalid order boxes layout request. Violations: {words}")


def _box(order: Order, box: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """`items` of a box: whole units, or one part of one unit."""
    found = asking.listed(box, "items", path=f"{path}.items")
    for place, one in enumerate(found):
        _item_of(order, one, f"{path}.items[{place}]")
        full, part = one.get("fullCount"), one.get("partialCount")
        if (full is None) == (part is None):
            raise _violation("either fullCount or partialCount must be filled")
        if full is not None:
            asking.number(one, "fullCount", least=1)
            continue
        if not isinstance(part, dict) or len(found) > 1:
            raise _violation("a part of an item lies in a box alone")
        total = asking.number(part, "total", least=2)
        if not 1 <= asking.number(part, "current", least=1) <= total:
            raise _violation("current is more than total")
    return [shapes.shown({name: one.get(name) for name in BOX_FIELDS}) for one in found]


BOX_FIELDS: Final = ("id", "fullCount", "partialCount", "instances")


def _packed(order: Order, layout: list[list[dict[str, Any]]]) -> dict[int, int]:
    """Units of each item; the parts of a unit are one when all of them are there."""
    units: Counter[int] = Counter()
    parts: Counter[tuple[int, int, int]] = Counter()
    for one in (item for box in layout for item in box):
        if "fullCount" in one:
            units[one["id"]] += one["fullCount"]
        else:
            part = one["partialCount"]
            parts[one["id"], part["current"], part["total"]] += 1
    for number, total in {(number, total) for number, _, total in parts}:
        counts = {parts[number, current, total] for current in range(1, total + 1)}
        if len(counts) != 1:
            raise _violation(f"parts of item {number} are missing")
        units[number] += counts.pop()
    for item in order.items:
        if units[item["id"]] > item["count"]:
            raise _violation(f"more units of item {item['id']} than ordered")
    return {item["id"]: units[item["id"]] for item in order.items}


def _packed_codes(
    order: Order, layout: list[list[dict[str, Any]]], packed: dict[int, int]
) -> dict[int, list[dict[str, str]]]:
    """Codes by item; a unit in several boxes has its code in each of them."""
    given: dict[int, list[Any]] = {}
    for one in (item for box in layout for item in box):
        known = given.setdefault(one["id"], [])
        known += [code for code in one.get("instances", []) if "fullCount" in one or code not in known]
    items = {item["id"]: item for item in order.items}
    return {number: codes.read(items[number], one, count=packed[number]) for number, one in given.items() if one}


def _write_boxes(world: World, order: Order, layout: list[list[dict[str, Any]]]) -> None:
    """The same layout again keeps the numbers of its boxes."""
    before = [box["items"] for box in order.boxes]
    if before != layout:
        order.boxes = [{"items": items, "boxId": world.number()} for items in layout]
    world.note(order, "boxes", before, layout, cause="boxes")


# what is left out


def items(world: World, call: Call) -> Reply:
    """Fewer units or fewer items; what is not named leaves the order."""
    body = asking.body(call)
    asked, order = asking.listed(body, "items"), asking.one_order(world, call)
    if body.get("reason") is not None:
        asking.choice(body, "reason", REMOVE_REASONS)
    if order.place != "PROCESSING/STARTED":
        raise errors.not_allowed(order.id, order.status, order.substatus)
    wanted = _wanted(order, asked)
    removed = {item["id"]: wanted[item["id"]] for item in order.items if wanted[item["id"]] < item["count"]}
    _check_removal(order, removed)
    instances = {
        one["id"]: codes.read(_item_of(order, one, "items"), one["instances"], count=wanted[one["id"]])
        for one in asked
        if one.get("instances")
    }
    _remove(world, order, removed, cause="items")
    _write_codes(world, order, instances, cause="items")
    return Reply(200, text="") if world.tuning.items_answer == "empty" else ok()


def _wanted(order: Order, asked: list[dict[str, Any]]) -> dict[int, int]:
    """Units of each item, none for those that are not named."""
    found = {item["id"]: 0 for item in order.items}
    for place, one in enumerate(asked):
        item = _item_of(order, one, f"items[{place}]")
        count = asking.number(one, "count", path=f"items[{place}].count", least=0)
        if count > item["count"]:
            raise errors.bad(f"Item count can't be increased (itemId = {item['id']})")
        found[item["id"]] = count
    return found


def _check_removal(order: Order, removed: dict[int, int]) -> None:
    """Not of the only item, not of a promotion, not of what is 99 % of the value; the words are not documented."""
    value = shapes.items_paid(order)
    for item in (item for item in order.items if item["id"] in removed):
        why = ""
        if len(order.items) == 1:
            why = "it is the only item of the order"
        elif item["promos"]:
            why = "it takes part in a promotion"
        elif item["paid"] * item["count"] >= value * WHOLE_VALUE:
            why = "it is 99 % of the order's value"
        if why:
            raise errors.bad(f"Item can't be removed: {why} (itemId = {item['id']})")
    if removed and all(item["id"] in removed and not removed[item["id"]] for item in order.items):
        raise errors.bad("Order can't be left without items")


def _remove(world: World, order: Order, removed: dict[int, int], *, cause: str) -> None:
    before = {str(item["id"]): item["count"] for item in order.items}
    for item in order.items:
        left = removed.get(item["id"], item["count"])
        item["removed"] += item["count"] - left
        item["count"], item["instances"] = left, item["instances"][:left]
    order.items = [item for item in order.items if item["count"]]
    world.note(order, "items", before, {str(item["id"]): item["count"] for item in order.items}, cause=cause)


# keys of digital goods


def digital_goods(world: World, call: Call) -> Reply:
    """A key for each unit; the order becomes DELIVERED a little later."""
    asked = asking.listed(asking.body(call), "items", most=MOST_DIGITAL)
    order = asking.one_order(world, call)
    if order.kind != "DIGITAL":
        raise errors.bad(f"Order.id='{order.id}' is not digital.")
    if order.status != "PROCESSING":
        raise errors.bad(f"Invalid status for order '{order.id}': '{order.status}', PROCESSING expected")
    found = {str(one.get("id")): _keys(order, one, f"items[{place}]") for place, one in enumerate(asked)}
    before = order.digital_codes
    order.digital_codes = found
    order.digital_at = order.digital_at or world.now
    world.note(order, "keys", before, found, cause="digital")
    return ok()


def _keys(order: Order, asked: dict[str, Any], path: str) -> list[str]:
    item = _item_of(order, asked, path)
    keys, slip = asked.get("codes"), asking.text(asked, "slip", path=f"{path}.slip")
    asking.day(asked, "activate_till", path=f"{path}.activate_till")
    if len(slip) > MOST_SLIP:
        raise errors.wrong_size(f"{path}.slip", len(slip), least=1, most=MOST_SLIP)
    if not isinstance(keys, list) or not all(isinstance(one, str) and 1 <= len(one) <= MOST_KEY for one in keys):
        raise errors.mismatch(keys)
    if not 1 <= len(keys) <= MOST_KEYS or len(keys) != item["count"]:
        raise errors.wrong_size(f"{path}.codes", len(keys), least=item["count"], most=item["count"])
    return keys


# the courier's code


def verify_eac(world: World, call: Call) -> Reply:
    """What the courier says must be what the Market told him; after some wrong ones there is a new code."""
    code = asking.text(asking.body(call), "code")
    order = asking.one_order(world, call)
    if not order.eac or order.status != "PROCESSING":
        raise errors.not_allowed(order.id, order.status, order.substatus)
    if code == order.eac["code"]:
        order.eac["left"] = world.tuning.eac_attempts
        world.note(order, "eac", order.eac.get("result"), "ACCEPTED", cause="eac")
        order.eac["result"] = "ACCEPTED"
        return ok({"verificationResult": "ACCEPTED"})
    order.eac["left"] -= 1
    if order.eac["left"] > 0:
        world.save(order)
        return ok({"verificationResult": "REJECTED", "attemptsLeft": order.eac["left"]})
    order.eac = {**order.eac, "code": digits(4), "left": world.tuning.eac_attempts, "result": None}
    world.save(order)
    return ok({"verificationResult": "NEED_UPDATE"})
