"""The Wildberries part of the control API: making orders, playing the buyer, settings. See docs/sandbox.md."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from sandbox.control import answer_errors, asked_number, asked_object
from sandbox.store import Store
from sandbox.wildberries.machine import PLAYS, play
from sandbox.wildberries.making import Wish, make, make_raw
from sandbox.wildberries.task import Task
from sandbox.wildberries.upstream import Wildberries
from sandbox.wildberries.world import World

DEFAULT_SELLER = "sandbox-demo"
MOST_MADE = 5000
SHORTCUTS: Final = (
    "id", "requiredMeta", "deliveryType", "article", "price", "finalPrice", "currencyCode", "orderUid", "groupId",
    "createdAt", "comment", "address", "skus",
)  # fmt: skip
WISHES: Final = {
    "isB2b": "b2b", "paidDelivery": "paid_delivery", "basket": "basket", "mandatory": "mandatory", "code": "code",
}  # fmt: skip
PATCHES: Final = {"code": "code", "codeDelay": "code_delay", "mandatory": "mandatory"}


def wildberries_blueprint(store: Store, upstream: Wildberries) -> Blueprint:
    """`/control/wildberries/`"""
    blueprint = Blueprint("control_wildberries", __name__, url_prefix="/control/wildberries")
    answer_errors(blueprint)
    world = upstream.world
    _setting_routes(blueprint, store, world)
    _order_routes(blueprint, store, world)
    _one_order_routes(blueprint, store, world)
    return blueprint


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
        """Newest first; `seller`, `status` ("new/waiting"), `limit`."""
        seller, status = request.args.get("seller", DEFAULT_SELLER), request.args.get("status")
        with store.lock:
            world.settle()
            found = [task for task in world.shops[seller].values() if status in (None, task.status)]
            newest = sorted(found, key=lambda task: -task.id)[: asked_number("limit", 100)]
            return jsonify(orders=[task.state() for task in newest])

    @blueprint.post("/orders")
    def add() -> tuple[Response, int]:
        asked = asked_object()
        with store.work():
            made = _make(world, asked)
            return jsonify(orders=[task.state() for task in made]), 201


def _make(world: World, asked: dict[str, Any]) -> list[Task]:
    seller = asked.pop("seller", DEFAULT_SELLER)
    if not isinstance(seller, str):
        raise BadRequest("seller is a string")
    if "raw" in asked:
        return [make_raw(world, seller=seller, raw=asked["raw"])]
    return make(world, wish_of(seller, asked))


def wish_of(seller: str, asked: dict[str, Any]) -> Wish:
    """Raises BadRequest for a name or a number it does not know."""
    count, fields, status = asked.pop("count", 1), asked.pop("fields", {}), asked.pop("status", "new/waiting")
    if not isinstance(count, int) or not 1 <= count <= MOST_MADE:
        raise BadRequest(f"count is 1 … {MOST_MADE}")
    if not isinstance(fields, dict) or not isinstance(status, str) or status.count("/") != 1:
        raise BadRequest('fields is an object, status is like "new/waiting"')
    known = {WISHES[name]: asked.pop(name) for name in tuple(asked) if name in WISHES}
    fields = fields | {name: asked.pop(name) for name in tuple(asked) if name in SHORTCUTS}
    if asked:
        raise BadRequest(f"unknown: {', '.join(asked)}")
    supplier, wb = status.split("/")
    return Wish(seller, count=count, fields=fields, status=(supplier, wb), **known)


def _one_order_routes(blueprint: Blueprint, store: Store, world: World) -> None:
    def found(number: int) -> Task:
        world.settle()
        if number not in world.tasks:
            raise NotFound(f"no order {number}")
        return world.tasks[number]

    @blueprint.get("/orders/<int:number>")
    def one(number: int) -> Response:
        with store.lock:
            return jsonify(found(number).state())

    @blueprint.patch("/orders/<int:number>")
    def change(number: int) -> Response:
        with store.work():
            patch(world, found(number), asked_object())
            return jsonify(found(number).state())

    @blueprint.post("/orders/<int:number>/<name>")
    def act(number: int, name: str) -> Response:
        if name not in PLAYS:
            raise NotFound(f"a play is one of {', '.join(PLAYS)}")
        with store.work():
            play(world, found(number), name)
            return jsonify(found(number).state())


def patch(world: World, task: Task, asked: dict[str, Any]) -> None:
    """Code, delays, delivery window, wire fields; a status by force. Raises BadRequest for an unknown name."""
    unknown = asked.keys() - {*PATCHES, "fields", "supplierStatus", "wbStatus", "delivery", "phones"}
    if unknown:
        raise BadRequest(f"unknown: {', '.join(sorted(unknown))}")
    for name, attribute in PATCHES.items():
        if name in asked:
            setattr(task, attribute, asked[name])
    if "fields" in asked:
        task.item = {**task.item, **asked["fields"]}
    if "delivery" in asked:
        old = {name: task.delivery.get(name) for name in ("dDate", "dTimeFrom", "dTimeTo")}
        task.delivery = {**old, **asked["delivery"], "old": old, "moved_at": world.now}
    if asked.get("phones"):
        task.confirmed = min(task.confirmed or world.now, world.now - world.tuning.phone_delay)
    if "supplierStatus" in asked or "wbStatus" in asked:
        world.move(task, asked.get("supplierStatus", task.supplier), asked.get("wbStatus", task.wb), cause="control")
    world.save(task)
