"""The part of the control API that is the same for every upstream. Described in docs/sandbox.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from sandbox.exchange import Upstream
from sandbox.store import Store

CALL_FILTERS = ("upstream", "seller", "method", "path")


def asked_object() -> dict[str, Any]:
    """The request's JSON object, `{}` for no body; raises BadRequest."""
    if not request.get_data():
        return {}
    found = request.get_json(force=True)
    if not isinstance(found, dict):
        raise BadRequest("a JSON object is expected")
    return found


def asked_number(name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError:
        raise BadRequest(f"{name} is a number") from None


def answer_errors(blueprint: Blueprint) -> None:
    """Every error of a control call is `{"error": "…"}`: 400 for what cannot be done, 404 for what is not there."""

    @blueprint.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[Response, int]:
        return jsonify(error=error.description), error.code or 500

    @blueprint.errorhandler(ValueError)
    @blueprint.errorhandler(TypeError)
    def wrong(error: Exception) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400


def control_blueprint(store: Store, upstreams: Mapping[str, Upstream]) -> Blueprint:
    """`/control/`: ledger, effects, faults, clock, limits, reset."""
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    answer_errors(blueprint)
    _ledger_routes(blueprint, store)
    _fault_routes(blueprint, store)
    _clock_routes(blueprint, store)
    _limit_routes(blueprint, store, upstreams)

    @blueprint.post("/reset")
    def reset() -> Response:
        store.reset()
        return jsonify(ok=True)

    return blueprint


def _ledger_routes(blueprint: Blueprint, store: Store) -> None:
    @blueprint.get("/ledger")
    def ledger() -> Response:
        filters = {name: request.args[name] for name in CALL_FILTERS if name in request.args}
        with store.lock:
            calls = store.ledger.calls(
                since=asked_number("since", 0), limit=asked_number("limit", 1000), filters=filters
            )
            return jsonify(calls=calls, last=store.ledger.last())

    @blueprint.get("/effects")
    def effects() -> Response:
        order = asked_number("order", 0) or None
        with store.lock:
            return jsonify(effects=store.ledger.effects(order=order, since=asked_number("since", 0)))


def _fault_routes(blueprint: Blueprint, store: Store) -> None:
    @blueprint.get("/faults")
    def faults() -> Response:
        return jsonify(faults=store.faults.list())

    @blueprint.post("/faults")
    def add() -> tuple[Response, int]:
        return jsonify(store.faults.add(**asked_object()).state()), 201

    @blueprint.delete("/faults")
    def clear() -> Response:
        return jsonify(cleared=store.faults.clear())

    @blueprint.delete("/faults/<int:number>")
    def clear_one(number: int) -> Response:
        if not store.faults.clear(number):
            raise NotFound(f"no fault {number}")
        return jsonify(cleared=1)


def _clock_routes(blueprint: Blueprint, store: Store) -> None:
    @blueprint.get("/clock")
    def clock() -> Response:
        return jsonify(store.clock.state())

    @blueprint.patch("/clock")
    def move() -> Response:
        store.move_clock(**asked_object())
        return jsonify(store.clock.state())


def _limit_routes(blueprint: Blueprint, store: Store, upstreams: Mapping[str, Upstream]) -> None:
    @blueprint.get("/limits")
    def limits() -> Response:
        return jsonify({name: upstream.limits.state() for name, upstream in upstreams.items()})

    @blueprint.patch("/limits/<name>")
    def tune(name: str) -> Response:
        if name not in upstreams:
            raise NotFound(f"no upstream {name}")
        with store.lock:
            upstreams[name].limits.tune(**asked_object())
            return jsonify(upstreams[name].limits.state())
