"""The demo's life at Yandex Market, and that the command serves it."""

from __future__ import annotations

import pytest

from sandbox.people import ean_check
from sandbox.server import RunningSandbox
from sandbox.yandex_market import catalog, stream
from sandbox.yandex_market.stream import STARTING, YandexStream
from tests.sandbox.yandex_market.conftest import Shop

SELLER = "sandbox-demo"


def begun(box: RunningSandbox, **more: int) -> YandexStream:
    found = YandexStream(box.yandex.world, seller=SELLER, seconds=3600, **more)
    found.begin()
    return found


def test_starting_set_has_every_case(box: RunningSandbox) -> None:
    begun(box)
    begun(box)
    orders = list(box.yandex.world.shops[SELLER].values())
    assert len(orders) == len(STARTING)
    kinds = {kind for order in orders for item in order.items for kind in item["required"]}
    assert {"CIS", "CIS_OPTIONAL", "UIN", "GTD", "RNPT"} <= kinds
    assert any(len(item["samples"]) > 1 for order in orders for item in order.items)
    assert {order.kind for order in orders} >= {"DELIVERY", "PICKUP", "DIGITAL"}
    assert sum(order.fake for order in orders) == 1
    assert sum(order.company is not None for order in orders) == 1
    assert sum(order.waits_for_cancel for order in orders) == 1
    assert len(Shop(box, SELLER).business_ids()) == len(STARTING) - 1


def test_stream_stops_at_its_cap(box: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WHIMS", ())
    monkeypatch.setattr(stream, "STARTING", ())
    found = begun(box, most=5)
    for _ in range(10):
        found.tick()
    assert len(box.yandex.world.shops[SELLER]) == 5


def test_whims(box: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WHIMS", (("request_cancel", 1.1),))
    (number,) = box.ym.make(SELLER, status="DELIVERY")
    begun(box, most=0).tick()
    assert box.yandex.world.orders[number].waits_for_cancel


def test_catalogue_is_plausible() -> None:
    products = (*catalog.PRODUCTS, catalog.DIGITAL)
    assert len({product.offer for product in products}) == len(products)
    assert {len(product.ean) for product in products} == {13}
    codes = [catalog.sample_code(kind, catalog.PRODUCTS[0].ean) for kind in ("CIS", "UIN", "RNPT", "GTD")]
    assert codes[0]["cis"].startswith(f"010{catalog.PRODUCTS[0].body}{ean_check(catalog.PRODUCTS[0].body)}215")
    assert [sorted(code) for code in codes] == [["cis"], ["uin"], ["countryCode", "rnpt"], ["countryCode", "gtd"]]
