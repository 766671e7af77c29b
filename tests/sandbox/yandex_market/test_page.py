"""The Yandex Market tab of the page, by its forms alone."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.page.texts import EN, RU
from sandbox.server import RunningSandbox
from sandbox.yandex_market.machine import PLAYS
from tests.sandbox.yandex_market.conftest import GS, Shop, effects

SELLER = "sandbox-demo"
TAB = {"upstream": "yandex_market"}


def page(box: RunningSandbox, **params: Any) -> str:
    answer = requests.get(box.url + "/", params=TAB | params, timeout=10)
    assert answer.status_code == 200
    return answer.text


def posted(box: RunningSandbox, form: str, **fields: Any) -> requests.Response:
    answer = requests.post(f"{box.url}/page/{form}", data=fields, params=TAB, timeout=10)
    assert answer.status_code == 200
    assert answer.history[0].status_code == 303
    return answer


def test_words_of_both_languages() -> None:
    assert RU.keys() == EN.keys()


def test_two_tabs(box: RunningSandbox) -> None:
    first = requests.get(box.url + "/", timeout=10).text
    assert 'href="/?upstream=wildberries" aria-current="page"' in first
    assert 'href="/?upstream=yandex_market" aria-current="page"' in page(box)
    assert "/wildberries</dd>" in first
    html = page(box, lang="en")
    for shown in ("/yandex</dd>", "7000001", "7100001", "No orders here", "Yandex Market"):
        assert shown in html


def test_make_and_see(box: RunningSandbox) -> None:
    posted(box, "make", seller=SELLER, codes="cis", type="PICKUP", kind="business", what="one")
    (order,) = box.yandex.world.shops[SELLER].values()
    assert (order.kind, order.company is not None, order.items[0]["count"]) == ("PICKUP", True, 2)
    html = page(box)
    sample = order.items[0]["samples"][1]["cis"].split(GS)[0].replace("&", "&amp;").replace("<", "&lt;")
    for shown in (str(order.id), "BOOTS-42-BLK × 2", "Пункт выдачи", "компания", "CIS 0/2", order.receive_code, sample):
        assert shown in html


@pytest.mark.parametrize(
    ("kind", "place", "fake"),
    [
        ("any", "PROCESSING/STARTED", False), ("fake", "PROCESSING/STARTED", True),
        ("unpaid", "UNPAID/WAITING_USER_INPUT", False), ("delivery", "DELIVERY/DELIVERY_SERVICE_RECEIVED", False),
    ],
)  # fmt: skip
def test_kinds_of_orders(box: RunningSandbox, kind: str, place: str, fake: bool) -> None:
    posted(box, "make", seller=SELLER, codes="any", type="any", kind=kind, what="five")
    made = list(box.yandex.world.shops[SELLER].values())
    assert [(order.place, order.fake) for order in made] == [(place, fake)] * 5


def test_broken_order(box: RunningSandbox) -> None:
    assert "Не похоже на заказ" in posted(box, "make", seller=SELLER, what="broken").text
    assert Shop(box, SELLER).business().json()["orders"][0]["orderId"] == "сорок два"


def test_plays_and_tabs(box: RunningSandbox) -> None:
    first, second = box.ym.make(SELLER, count=2, status="DELIVERY")
    posted(box, "play", order=first, play="request_cancel")
    html = page(box, stage="asked")
    assert "Просит отменить" in html
    assert f'id="order-{first}"' in html
    assert f'id="order-{second}"' not in html
    assert "Не получилось" in posted(box, "play", order=second, play="pay").text
    assert effects(box, second) == []


def test_every_play_has_words(box: RunningSandbox) -> None:
    for status in ("UNPAID", "PROCESSING", "DELIVERY", "PICKUP", "DELIVERED"):
        box.ym.make(SELLER, status=status, items=[{"count": 2}])
    box.ym.make(SELLER, status="DELIVERY", substatus="USER_RECEIVED")
    box.ym.make(SELLER, status="DELIVERED", substatus="DELIVERED_USER_NOT_RECEIVED")
    html = page(box)
    assert {name for name in PLAYS if f'value="{name}"' in html} == set(PLAYS)


def test_faults_and_rules(box: RunningSandbox) -> None:
    html = page(box)
    assert ('value="423"' in html, 'value="429"' in html) == (True, False)
    posted(box, "fault", kind="423", match="/status", times="2", seconds="3")
    (fault,) = box.store.faults.list()
    assert (fault["kind"], fault["upstream"]) == ("423", "yandex_market")
    posted(box, "fault", off="")
    posted(box, "rules", v1_orders="on", late_identifiers="on", seed="on", cancel_after="60", limits="on")
    tuning = box.yandex.world.tuning
    assert (tuning.v1_orders, tuning.v2_orders, tuning.late_identifiers, tuning.profile) == (True, False, True, "seed")
    assert (tuning.cancel_after, box.yandex.limits.enabled, box.wildberries.limits.enabled) == (60.0, True, False)


def test_calls_of_this_tab(box: RunningSandbox) -> None:
    (number,) = box.ym.make(SELLER, notes="<script>alert(1)</script>")
    shop = Shop(box, SELLER)
    shop.move(number, "DELIVERY")
    shop.of("POST", number, "/delivery/track", {"trackCode": "T", "deliveryServiceId": 1})
    html = page(box)
    assert f"…/orders/{number}/status" in html
    assert "PROCESSING/STARTED → DELIVERY/DELIVERY_SERVICE_RECEIVED" in html
    assert "трек-номер" in html
    assert "<script>alert(1)</script>" not in html
    assert f"…/orders/{number}/status" not in requests.get(box.url + "/", timeout=10).text


def test_page_of_strange_orders(box: RunningSandbox) -> None:
    for raw in ({"v1": None}, {"v1": [1], "v2": "x"}, {"v2": {"id": 7}}):
        box.ym.make_raw(raw, SELLER)
    box.ym.make(SELLER, status="FROM_THE_FUTURE", substatus="X", digital=True)
    assert page(box).count(">Не похоже на заказ<") == 3
