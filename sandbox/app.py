"""The sandbox as one WSGI program: stand-ins, control API, page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request

from sandbox.control import control_blueprint
from sandbox.dellin.upstream import Dellin
from sandbox.exchange import Upstream, mount
from sandbox.measoft.upstream import Measoft
from sandbox.page.parcels import DellinDesk, MeasoftDesk
from sandbox.page.views import Desk, page_blueprint
from sandbox.page.wildberries import WildberriesDesk
from sandbox.page.yandex import YandexDesk
from sandbox.parcels.control import parcel_blueprint
from sandbox.store import Store
from sandbox.wildberries.control import wildberries_blueprint
from sandbox.wildberries.upstream import Wildberries
from sandbox.yandex_market.control import yandex_blueprint
from sandbox.yandex_market.upstream import YandexMarket

MOST_BYTES = 32 * 1024 * 1024


def create_app(store: Store, *, limited: bool = False) -> Flask:
    """`limited`: rate limits are on from the start. The app's `extensions` hold the stand-ins by their names."""
    app = Flask("sandbox", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    wildberries, yandex = Wildberries(store, limited=limited), YandexMarket(store, limited=limited)
    measoft, dellin = Measoft(store, limited=limited), Dellin(store, limited=limited)
    upstreams: dict[str, Upstream] = {one.name: one for one in (wildberries, yandex, measoft, dellin)}
    for name, upstream in upstreams.items():
        app.extensions[name] = upstream
        mount(app, store, upstream)
    app.register_blueprint(control_blueprint(store, upstreams))
    app.register_blueprint(wildberries_blueprint(store, wildberries))
    app.register_blueprint(yandex_blueprint(store, yandex))
    app.register_blueprint(parcel_blueprint(store, measoft.world))
    app.register_blueprint(parcel_blueprint(store, dellin.world))
    desks: list[Desk] = [WildberriesDesk(wildberries), YandexDesk(yandex), MeasoftDesk(measoft), DellinDesk(dellin)]
    app.register_blueprint(page_blueprint(store, desks))
    app.before_request(_same_origin)
    return app


def _same_origin() -> None:
    """Pages of other sites that are open in the same browser cannot post here."""
    origin = request.headers.get("Origin")
    if origin is not None and request.method != "GET" and urlsplit(origin).netloc != request.host:
        abort(403)
