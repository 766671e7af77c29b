"""The sandbox as one WSGI program: stand-ins, control API, page."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, request

from sandbox.control import control_blueprint
from sandbox.exchange import mount
from sandbox.page.views import page_blueprint
from sandbox.store import Store
from sandbox.wildberries.control import wildberries_blueprint
from sandbox.wildberries.upstream import Wildberries

MOST_BYTES = 32 * 1024 * 1024


def create_app(store: Store, *, limited: bool = False) -> Flask:
    """`limited`: rate limits are on from the start. The app's `extensions["wildberries"]` is the stand-in."""
    app = Flask("sandbox", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    wildberries = Wildberries(store, limited=limited)
    app.extensions["wildberries"] = wildberries
    mount(app, store, wildberries)
    app.register_blueprint(control_blueprint(store, {wildberries.name: wildberries}))
    app.register_blueprint(wildberries_blueprint(store, wildberries))
    app.register_blueprint(page_blueprint(store, wildberries))
    app.before_request(_same_origin)
    return app


def _same_origin() -> None:
    """Pages of other sites that are open in the same browser cannot post here."""
    origin = request.headers.get("Origin")
    if origin is not None and request.method != "GET" and urlsplit(origin).netloc != request.host:
        abort(403)
