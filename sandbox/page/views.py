"""The page at `/`: plain forms that do what the control API does. A desk for each upstream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox.page import present
from sandbox.page.texts import FAULTS, LANGUAGES, TEXTS
from sandbox.store import Store
from sandbox.wildberries.control import DEFAULT_SELLER

SHOWN_ORDERS, SHOWN_CALLS = 60, 50
KEPT = ("upstream", "seller", "stage", "lang", "live")


class Desk(Protocol):
    """What the page needs to know of an upstream; an order is whatever it has: an order, a parcel."""

    template: str
    tabs: tuple[str, ...]
    not_here: tuple[str, ...]
    upstream: Any
    world: Any

    def orders(self, seller: str) -> list[Any]: ...

    def stages(self, order: Any) -> set[str]:
        """Tabs an order is under."""
        ...

    def row(self, order: Any, texts: dict[str, str]) -> dict[str, Any]: ...

    def choices(self) -> dict[str, Any]: ...

    def make(self, seller: str, form: Mapping[str, str]) -> None: ...

    def play(self, number: int, name: str) -> None: ...

    def rules(self, form: Mapping[str, str]) -> None: ...


def page_blueprint(store: Store, desks: list[Desk]) -> Blueprint:
    blueprint = Blueprint(
        "page", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
    )
    page = Page(store, desks)
    blueprint.add_url_rule("/", "index", page.index)
    for name in ("make", "play", "fault", "rules"):
        blueprint.add_url_rule(f"/page/{name}", name, page.posted(getattr(page, name)), methods=["POST"])
    return blueprint


class Page:
    """The views; each post ends in a redirect back to where it came from."""

    def __init__(self, store: Store, desks: list[Desk]) -> None:
        self.store = store
        self.desks = {desk.upstream.name: desk for desk in desks}

    @property
    def desk(self) -> Desk:
        """The one whose tab is open; the first when none is."""
        first = next(iter(self.desks.values()))
        return self.desks.get(request.args.get("upstream", ""), first)

    def index(self) -> Response:
        language = request.args.get("lang") or request.cookies.get("lang", "")
        language = language if language in LANGUAGES else LANGUAGES[0]
        with self.store.lock:
            self.desk.world.settle()
            context = self._context(TEXTS[language])
        names = {kind: words[LANGUAGES.index(language)] for kind, words in FAULTS.items()}
        kept = {name: request.args[name] for name in KEPT if name in request.args}
        answer = Response(
            render_template(self.desk.template, language=language, fault_names=names, kept=kept, **context)
        )
        answer.set_cookie("lang", language, samesite="Lax")
        return answer

    def _context(self, texts: dict[str, str]) -> dict[str, Any]:
        desk = self.desk
        world, name = desk.world, desk.upstream.name
        seller, tab = request.args.get("seller", DEFAULT_SELLER), request.args.get("stage", "all")
        calls = self.store.ledger.calls(limit=SHOWN_CALLS, newest=True, filters={"upstream": name})
        return {
            "t": texts,
            "upstream": name,
            "upstreams": list(self.desks),
            "seller": seller,
            "sellers": sorted({seller, *(name for name, shop in world.shops.items() if shop)}),
            "tab": tab,
            **self._orders(seller, tab, texts),
            "calls": [present.call_row(call, texts) for call in calls],
            "faults": self.store.faults.list(),
            "fault_kinds": [kind for kind in FAULTS if kind not in desk.not_here],
            "tuning": world.tuning,
            "limited": desk.upstream.limits.enabled,
            "base_url": request.host_url.rstrip("/") + desk.upstream.address,
            "choices": desk.choices(),
            "live": request.args.get("live", "1") == "1",
            "error": request.args.get("error", ""),
        }

    def _orders(self, seller: str, tab: str, texts: dict[str, str]) -> dict[str, Any]:
        """Tabs with how many orders are under each, and the newest orders of the open one."""
        desk = self.desk
        orders = [(order, desk.stages(order)) for order in desk.orders(seller)]
        counts = Counter(stage for _, stages in orders for stage in stages)
        chosen = [order for order, stages in orders if tab in stages]
        newest = sorted(chosen, key=lambda order: (-order.created, -order.id))[:SHOWN_ORDERS]
        return {
            "tabs": [(name, counts[name]) for name in desk.tabs],
            "orders": [desk.row(order, texts) for order in newest],
            "hidden": len(chosen) - len(newest),
        }

    def posted(self, do: Callable[[], None]) -> Callable[[], BaseResponse]:
        """Do it, then back to the page; what could not be done is said there."""

        def view() -> BaseResponse:
            kept: dict[str, Any] = {name: request.args[name] for name in KEPT if name in request.args}
            try:
                do()
            except (ValueError, KeyError) as error:
                kept["error"] = str(error)
            return redirect(url_for("page.index", **kept), code=303)

        return view

    def make(self) -> None:
        with self.store.work():
            self.desk.make(request.form.get("seller", DEFAULT_SELLER), request.form)

    def play(self) -> None:
        with self.store.work():
            self.desk.play(int(request.form["order"]), request.form["play"])

    def fault(self) -> None:
        form = request.form
        if "off" in form:
            self.store.faults.clear(int(form["off"]) if form["off"] else None)
            return
        self.store.faults.add(
            kind=form["kind"],
            upstream=self.desk.upstream.name,
            match=form.get("match", "").strip(),
            times=int(form["times"]) if form.get("times") else None,
            seconds=float(form.get("seconds") or 5),
        )

    def rules(self) -> None:
        with self.store.work():
            self.desk.rules(request.form)
            self.desk.upstream.limits.tune(enabled="limits" in request.form)
