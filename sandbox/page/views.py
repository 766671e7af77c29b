"""The page at `/`: plain forms that do what the control API does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from sandbox.page import present
from sandbox.page.texts import FAULTS, LANGUAGES, TEXTS
from sandbox.store import Store
from sandbox.wildberries.control import DEFAULT_SELLER
from sandbox.wildberries.machine import play
from sandbox.wildberries.making import Wish, make, make_raw
from sandbox.wildberries.upstream import Wildberries

TABS = ("all", "new", "confirm", "deliver", "pickup", "closed")
CODE_DELAYS = ("0", "60", "3600", "21600")
CODE_CHOICES = ("any", "none", "sgtin", "uin", "imei", "gtin")
TYPE_CHOICES = ("any", "dbs", "edbs", "dbsPickupPoint")
PATHS = ("/new", "/status/confirm", "/status/deliver", "/status/receive", "/status/info", "/client", "/meta/")
BROKEN_ORDER = {"id": "сорок два", "price": None, "skus": {"0": 1}, "createdAt": "вчера"}
SHOWN_ORDERS, SHOWN_CALLS = 60, 50
KEPT = ("seller", "stage", "lang", "live")


def page_blueprint(store: Store, upstream: Wildberries) -> Blueprint:
    blueprint = Blueprint(
        "page", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
    )
    page = Page(store, upstream)
    blueprint.add_url_rule("/", "index", page.index)
    for name in ("make", "play", "fault", "rules"):
        blueprint.add_url_rule(f"/page/{name}", name, page.posted(getattr(page, name)), methods=["POST"])
    return blueprint


class Page:
    """The views; each post ends in a redirect back to where it came from."""

    def __init__(self, store: Store, upstream: Wildberries) -> None:
        self.store, self.upstream, self.world = store, upstream, upstream.world

    def index(self) -> Response:
        language = request.args.get("lang") or request.cookies.get("lang", "")
        language = language if language in LANGUAGES else LANGUAGES[0]
        with self.store.lock:
            self.world.settle()
            context = self._context(TEXTS[language])
        names = {kind: words[LANGUAGES.index(language)] for kind, words in FAULTS.items()}
        kept = {name: request.args[name] for name in KEPT if name in request.args}
        answer = Response(render_template("page.html", language=language, fault_names=names, kept=kept, **context))
        answer.set_cookie("lang", language, samesite="Lax")
        return answer

    def _context(self, texts: dict[str, str]) -> dict[str, Any]:
        seller, tab = request.args.get("seller", DEFAULT_SELLER), request.args.get("stage", "all")
        tasks = list(self.world.shops.get(seller, {}).values())
        counts = Counter(present.stage(task) for task in tasks)
        counts["all"] = len(tasks)
        chosen = [task for task in tasks if tab in ("all", present.stage(task))]
        newest = sorted(chosen, key=lambda task: (-task.created, -task.id))[:SHOWN_ORDERS]
        calls = self.store.ledger.calls(limit=SHOWN_CALLS, newest=True)
        return {
            "t": texts,
            "seller": seller,
            "sellers": sorted({seller, *(name for name, shop in self.world.shops.items() if shop)}),
            "tab": tab,
            "tabs": [(name, counts[name]) for name in TABS],
            "orders": [present.order_row(self.world, task, texts) for task in newest],
            "hidden": len(chosen) - len(newest),
            "calls": [present.call_row(call, texts) for call in calls],
            "faults": self.store.faults.list(),
            "tuning": self.world.tuning,
            "limited": self.upstream.limits.enabled,
            "base_url": request.host_url.rstrip("/") + self.upstream.prefix,
            "choices": {"codes": CODE_CHOICES, "types": TYPE_CHOICES, "delays": CODE_DELAYS, "paths": PATHS},
            "live": request.args.get("live", "1") == "1",
            "error": request.args.get("error", ""),
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
        form, seller = request.form, request.form.get("seller", DEFAULT_SELLER)
        fields: dict[str, Any] = {}
        if form.get("codes", "any") != "any":
            fields["requiredMeta"] = [] if form["codes"] == "none" else [form["codes"]]
        if form.get("type", "any") != "any":
            fields["deliveryType"] = form["type"]
        with self.store.work():
            if form.get("what") == "broken":
                make_raw(self.world, seller=seller, raw=BROKEN_ORDER, cause="page")
                return
            count = 5 if form.get("what") == "five" else 1
            make(self.world, Wish(seller, count=count, fields=fields, basket="basket" in form, cause="page"))

    def play(self) -> None:
        with self.store.work():
            play(self.world, self.world.tasks[int(request.form["order"])], request.form["play"])

    def fault(self) -> None:
        form = request.form
        if "off" in form:
            self.store.faults.clear(int(form["off"]) if form["off"] else None)
            return
        self.store.faults.add(
            kind=form["kind"],
            match=form.get("match", "").strip(),
            times=int(form["times"]) if form.get("times") else None,
            seconds=float(form.get("seconds") or 5),
        )

    def rules(self) -> None:
        form = request.form
        with self.store.work():
            self.world.tune(
                {
                    "batch": "batch" in form,
                    "v3": "v3" in form,
                    "profile": "seed" if "seed" in form else "batch",
                    "code_delay": float(form.get("code_delay") or 0),
                }
            )
            self.upstream.limits.tune(enabled="limits" in form)
