"""The control API of a carrier: making parcels, acts, settings. Described in docs/sandbox.md."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from sandbox.control import answer_errors, asked_number, asked_object
from sandbox.parcels.acts import ACTS, act, possible_acts
from sandbox.parcels.making import Wish, make, row_of
from sandbox.parcels.parcel import Parcel
from sandbox.parcels.world import ParcelWorld
from sandbox.store import Store

DEFAULT_SELLER: Final = "sandbox-demo"
MOST_MADE: Final = 5000
WISHES: Final[dict[str, tuple[type, ...]]] = {
    "number": (str,), "path": (str, list), "steps": (int,), "until": (str,), "pace": (int, float), "created": (str,),
    "rows": (list,), "flags": (list,), "fields": (dict,), "id": (int,),
}  # fmt: skip
WORDS: Final = ("rest", "path", "flags")
PATCHES: Final[dict[str, tuple[type, ...]]] = {
    "number": (str,), "rest": (list,), "rows": (list,), "pace": (int, float), "fields": (dict,),
}  # fmt: skip


def parcel_blueprint(store: Store, world: ParcelWorld) -> Blueprint:
    """`/control/measoft/`, `/control/dellin/`"""
    blueprint = Blueprint(f"control_{world.name}", __name__, url_prefix=f"/control/{world.name}")
    answer_errors(blueprint)
    _setting_routes(blueprint, store, world)
    _parcel_routes(blueprint, store, world)
    _one_parcel_routes(blueprint, store, world)
    return blueprint


def shown(world: ParcelWorld, parcel: Parcel) -> dict[str, Any]:
    """Everything about a parcel, and what can be done to it."""
    return {**parcel.state(), "title": world.title(parcel.code), "acts": possible_acts(world, parcel)}


def find(world: ParcelWorld, text: str) -> Parcel:
    """The parcel as it is now, by number or identity; raises NotFound."""
    world.settle()
    parcel = world.found(text)
    if parcel is None:
        raise NotFound(f"no parcel {text}")
    return parcel


def _setting_routes(blueprint: Blueprint, store: Store, world: ParcelWorld) -> None:
    @blueprint.get("/settings")
    def settings() -> Response:
        return jsonify(world.tuning.state())

    @blueprint.patch("/settings")
    def tune() -> Response:
        with store.work():
            world.tune(asked_object())
        return jsonify(world.tuning.state())

    @blueprint.get("/paths")
    def paths() -> Response:
        return jsonify({name: list(stations) for name, stations in world.paths.items()})


def _parcel_routes(blueprint: Blueprint, store: Store, world: ParcelWorld) -> None:
    @blueprint.get("/parcels")
    def parcels() -> Response:
        """Newest first; `seller`, `status`, `limit`."""
        seller, status = request.args.get("seller", DEFAULT_SELLER), request.args.get("status")
        with store.lock:
            world.settle()
            found = [one for one in world.shops[seller].values() if status in (None, one.code)]
            newest = sorted(found, key=lambda one: -one.id)[: asked_number("limit", 100)]
            return jsonify(parcels=[shown(world, parcel) for parcel in newest])

    @blueprint.post("/parcels")
    def add() -> tuple[Response, int]:
        asked = asked_object()
        with store.work():
            made = make(world, wish_of(asked))
            return jsonify(parcels=[shown(world, parcel) for parcel in made]), 201


def wish_of(asked: dict[str, Any]) -> Wish:
    """Raises BadRequest for a name or a value it does not know."""
    seller, count = asked.pop("seller", DEFAULT_SELLER), asked.pop("count", 1)
    if not isinstance(seller, str):
        raise BadRequest("seller is a string")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_MADE:
        raise BadRequest(f"count is 1 … {MOST_MADE}")
    check(asked, WISHES)
    return Wish(seller, count=count, **asked)


def check(asked: dict[str, Any], allowed: dict[str, tuple[type, ...]]) -> None:
    """Raises BadRequest for an unknown name or a value of a wrong kind."""
    unknown = asked.keys() - allowed.keys()
    if unknown:
        raise BadRequest(f"unknown: {', '.join(sorted(unknown))}")
    for name, value in asked.items():
        strange = isinstance(value, list) and not all(isinstance(one, str) for one in value)
        if not isinstance(value, allowed[name]) or isinstance(value, bool) or (name in WORDS and strange):
            raise BadRequest(f"{name}: {value!r} does not fit")


def _one_parcel_routes(blueprint: Blueprint, store: Store, world: ParcelWorld) -> None:
    @blueprint.get("/parcels/<text>")
    def one(text: str) -> Response:
        with store.lock:
            return jsonify(shown(world, find(world, text)))

    @blueprint.patch("/parcels/<text>")
    def change(text: str) -> Response:
        with store.work():
            parcel = find(world, text)
            patch(world, parcel, asked_object())
            return jsonify(shown(world, parcel))

    @blueprint.post("/parcels/<text>/<name>")
    def do(text: str, name: str) -> Response:
        if name not in (*ACTS, *world.acts, *world.flags):
            raise NotFound(f"an act is one of {', '.join((*ACTS, *world.acts, *world.flags))}")
        with store.work():
            parcel = find(world, text)
            act(world, parcel, name, asked_object())
            return jsonify(shown(world, parcel))


def patch(world: ParcelWorld, parcel: Parcel, asked: dict[str, Any]) -> None:
    """Raises BadRequest for an unknown name, ValueError for a row that is none; then nothing has changed."""
    check(asked, PATCHES)
    rows = [row_of(world, one) for one in asked["rows"]] if "rows" in asked else None
    if rows == []:
        raise BadRequest("rows: one at least")
    if "fields" in asked:
        world.describe(parcel, asked["fields"], cause="control")
    if "number" in asked:
        world.rename(parcel, asked["number"], cause="control")
    if rows is not None:
        before, parcel.rows = parcel.code, rows
        world.record(parcel, kind="rows", cause="control", before=before, after=parcel.code)
    if "rest" in asked or "pace" in asked:
        parcel.rest, parcel.pace = list(asked.get("rest", parcel.rest)), float(asked.get("pace", parcel.pace))
        world.expect(parcel, world.now)
