"""The Yandex Market part of the control API: making orders, plays, settings, notifications. See docs/sandbox.md."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from sandbox.control import answer_errors, asked_number, asked_object
from sandbox.store import Store
from sandbox.yandex_market import notify
from sandbox.yandex_market.machine import PLAYS, play, possible_plays
from sandbox.yandex_market.making import Wish, make, make_raw
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.upstream import YandexMarket
from sandbox.yandex_market.world import World

DEFAULT_SELLER = "sandbox-demo"
MOST_MADE = 5000
# By name in a request: the field of a Wish, and what it may be.
WISHES: Final[dict[str, tuple[str, tuple[type, ...]]]] = {
    "status": ("status", (str,)), "substatus": ("substatus", (str,)), "fake": ("fake", (bool,)),
    "business": ("business", (bool,)), "digital": ("digital", (bool,)), "type": ("type", (str,)),
    "items": ("items", (list,)), "payment": ("payment", (str, dict)), "created": ("created", (str,)),
    "updated": ("updated", (str,)), "region": ("region", (str, dict)), "id": ("id", (int,)),
    "campaign": ("campaign", (int,)), "externalOrderId": ("external", (str,)), "notes": ("notes", (str,)),
    "trusted": ("trusted", (bool,)), "courier": ("courier", (bool,)), "estimated": ("estimated", (bool,)),
    "cancelRequested": ("cancel_requested", (bool,)), "fields": ("fields", (dict,)),
}  # fmt: skip
PATCHES: Final = ("status", "substatus", "delivery", "buyer", "notes", "fields", "raw", "eac")


def yandex_blueprint(store: Store, upstream: YandexMarket) -> Blueprint:
    """`/control/yandex_market/`"""
    blueprint = Blueprint("control_yandex_market", __name__, url_prefix="/control/yandex_market")
    answer_errors(blueprint)
    world = upstream.world
    _setting_routes(blueprint, store, world)
    _order_routes(blueprint, store, world)
    _one_order_routes(blueprint, store, world)
    _notify_routes(blueprint, store, world)
    return blueprint


def shown(order: Order) -> dict[str, Any]:
    """Everything about an order, and what may happen to it."""
    return {**order.state(), "plays": possible_plays(order)}


def find(world: World, number: int) -> Order:
    """The order as it is now; raises NotFound."""
    world.settle()
    if number not in world.orders:
        raise NotFound(f"no order {number}")
    return world.orders[number]


def _setting_routes(blueprint: Blueprint, store: Store, world: World) -> None:
    @blueprint.get("/settings")
    def settings() -> Response:
        return jsonify(world.tuning.state())

    @blueprint.patch("/settings")
    def tune() -> Response:
        with store.work():
            world.tune(asked_object())
        return jsonify(world.tuning.state())


def _order_routes(blueprint: Blueprint, store: Store, world: World) -> None:
    @blueprint.get("/orders")
    def orders() -> Response:
        """Newest first; `seller`, `status` ("PROCESSING/STARTED" or "PROCESSING"), `limit`."""
        seller, status = request.args.get("seller", DEFAULT_SELLER), request.args.get("status")
        with store.lock:
            world.settle()
            found = [one for one in world.shops[seller].values() if status in (None, one.place, one.status)]
            newest = sorted(found, key=lambda one: -one.id)[: asked_number("limit", 100)]
            return jsonify(orders=[shown(order) for order in newest])

    @blueprint.post("/orders")
    def add() -> tuple[Response, int]:
        asked = asked_object()
        with store.work():
            made = _make(world, asked)
            return jsonify(orders=[shown(order) for order in made]), 201


def _make(world: World, asked: dict[str, Any]) -> list[Order]:
    seller = asked.pop("seller", DEFAULT_SELLER)
    if not isinstance(seller, str):
        raise BadRequest("seller is a string")
    if "raw" in asked:
        return [make_raw(world, seller=seller, raw=asked["raw"])]
    return make(world, wish_of(seller, asked))


def wish_of(seller: str, asked: dict[str, Any]) -> Wish:
    """Raises BadRequest for a name or a value it does not know."""
    count = asked.pop("count", 1)
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_MADE:
        raise BadRequest(f"count is 1 … {MOST_MADE}")
    unknown = asked.keys() - WISHES.keys()
    if unknown:
        raise BadRequest(f"unknown: {', '.join(sorted(unknown))}")
    for name, value in asked.items():
        kinds = WISHES[name][1]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise BadRequest(f"{name}: {value!r} does not fit")
    return Wish(seller, count=count, **{WISHES[name][0]: value for name, value in asked.items()})


def _one_order_routes(blueprint: Blueprint, store: Store, world: World) -> None:
    @blueprint.get("/orders/<int:number>")
    def one(number: int) -> Response:
        with store.lock:
            return jsonify(shown(find(world, number)))

    @blueprint.patch("/orders/<int:number>")
    def change(number: int) -> Response:
        with store.work():
            patch(world, find(world, number), asked_object())
            return jsonify(shown(find(world, number)))

    @blueprint.post("/orders/<int:number>/<name>")
    def act(number: int, name: str) -> Response:
        if name not in PLAYS:
            raise NotFound(f"a play is one of {', '.join(PLAYS)}")
        with store.work():
            play(world, find(world, number), name)
            return jsonify(shown(find(world, number)))


def patch(world: World, order: Order, asked: dict[str, Any]) -> None:
    """A status by force, and what is written about an order. Raises BadRequest for an unknown name."""
    unknown = asked.keys() - set(PATCHES)
    if unknown:
        raise BadRequest(f"unknown: {', '.join(sorted(unknown))}")
    for name in ("delivery", "buyer", "fields", "eac"):
        if name in asked:
            setattr(order, name, {**getattr(order, name), **asked[name]})
    order.notes, order.raw = asked.get("notes", order.notes), asked.get("raw", order.raw)
    if "status" in asked or "substatus" in asked:
        place = f"{asked.get('status', order.status)}/{asked.get('substatus', order.substatus)}"
        world.move(order, place, cause="control")
    order.updated = world.now
    world.save(order)


def _notify_routes(blueprint: Blueprint, store: Store, world: World) -> None:
    @blueprint.post("/notify")
    def ping() -> Response:
        """`{"url", "headers"?}`: a PING, as when an address is entered in the cabinet."""
        asked = asked_object()
        return jsonify(notify.send(_url(asked), {**notify.ping(world.now), **_extra(asked)}, asked.get("headers")))

    @blueprint.post("/orders/<int:number>/notify")
    def tell(number: int) -> Response:
        """`{"url", "type"?, "headers"?, "body"?}`"""
        asked = asked_object()
        with store.lock:
            order = find(world, number)
            kind = asked.get("type", notify.usual_kind(order))
            body = {**notify.about(order, kind, now=world.now), **_extra(asked)}
        return jsonify(notify.send(_url(asked), body, asked.get("headers")))


def _url(asked: dict[str, Any]) -> str:
    if not isinstance(asked.get("url"), str):
        raise BadRequest("url is a string")
    return str(asked["url"])


def _extra(asked: dict[str, Any]) -> dict[str, Any]:
    """`body`: fields that are sent otherwise than they would be."""
    found = asked.get("body", {})
    if not isinstance(found, dict):
        raise BadRequest("body is an object")
    return found
