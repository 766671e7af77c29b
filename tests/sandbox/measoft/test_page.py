"""The carriers' tabs of the page, by their forms alone; and the demo's life at both."""

from __future__ import annotations

import random
from typing import Any

import pytest
import requests

from sandbox.faults import KINDS
from sandbox.page.texts import EN, FAULTS, RU
from sandbox.parcels import stream
from sandbox.parcels.acts import ACTS
from sandbox.parcels.helper import ParcelHelper
from sandbox.parcels.parcel import FLAGS
from sandbox.parcels.stream import ParcelStream
from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop

SELLER = "sandbox-demo"
CARRIERS = ("measoft", "dellin")


@pytest.fixture(params=CARRIERS)
def carrier(request: pytest.FixtureRequest, box: RunningSandbox) -> ParcelHelper:
    found: ParcelHelper = getattr(box, request.param)
    return found


def page(box: RunningSandbox, upstream: str, **params: Any) -> str:
    answer = requests.get(box.url + "/", params={"upstream": upstream, **params}, timeout=10)
    assert answer.status_code == 200
    return answer.text


def posted(box: RunningSandbox, upstream: str, form: str, **fields: Any) -> str:
    answer = requests.post(f"{box.url}/page/{form}", data=fields, params={"upstream": upstream}, timeout=10)
    assert answer.status_code == 200
    assert answer.history[0].status_code == 303
    return answer.text


def test_words_of_both_languages(carrier: ParcelHelper) -> None:
    assert RU.keys() == EN.keys()
    world = carrier.world
    assert {f"way_{name}" for name in world.paths} <= RU.keys()
    acts = {f"act_{name}" for name in (*ACTS, *world.acts) if name != "advance"}
    assert acts | {f"flag_{name}" for name in FLAGS} <= RU.keys()
    assert set(FAULTS) == set(KINDS)


def test_four_tabs(box: RunningSandbox) -> None:
    for name, address in (("measoft", "/measoft/api/</dd>"), ("dellin", "/dellin</dd>")):
        html = page(box, name, lang="en")
        assert f'href="/?upstream={name}" aria-current="page"' in html
        for other in ("wildberries", "yandex_market", *CARRIERS):
            assert f'href="/?upstream={other}"' in html
        assert address in html
        assert "No parcels here" in html
    assert "/wildberries</dd>" in page(box, "wildberries")


def test_make_and_see(box: RunningSandbox, carrier: ParcelHelper) -> None:
    name = carrier.world.name
    html = posted(box, name, "make", seller=SELLER, way="refused", pace="60", what="one")
    (parcel,) = carrier.world.shops[SELLER].values()
    assert (parcel.path, parcel.pace, len(parcel.rows)) == ("refused", 60.0, 1)
    for shown in (
        parcel.number,
        "Отказ, возврат",
        carrier.world.title(parcel.code),
        "дальше через",
        " → ".join(parcel.rest),
    ):
        assert shown in html
    posted(box, name, "make", seller=SELLER, way="happy", pace="0", what="five")
    assert len(carrier.world.shops[SELLER]) == 6
    assert "Не получилось" in posted(box, name, "make", seller=SELLER, way="sideways", what="one")
    assert len(carrier.world.shops[SELLER]) == 6


def test_every_act_and_flag(box: RunningSandbox, carrier: ParcelHelper) -> None:
    name, world = carrier.world.name, carrier.world
    (number,) = carrier.make(SELLER, steps=3)
    identity = carrier.parcel(number)["id"]
    html = page(box, name)
    offered = {act for act in (*ACTS, *world.acts, *world.flags) if f'value="{act}"' in html}
    assert offered == {*ACTS, *world.acts, *world.flags} - {"advance"}
    for act in ("step", "again", "unknown", "correct", "drop_last", *world.acts, "finish"):
        assert "Не получилось" not in posted(box, name, "play", order=identity, play=act)
    rows = carrier.codes(number)
    assert "Не получилось" in posted(box, name, "play", order=identity, play="step")
    assert "Не получилось" in posted(box, name, "play", order=identity, play="dance")
    assert "Не получилось" in posted(box, name, "play", order=5, play="step")
    assert carrier.codes(number) == rows
    html = posted(box, name, "play", order=identity, play="shuffled")
    assert '<span class="chip bad">вперемешку</span>' in html
    assert carrier.parcel(number)["flags"] == ["shuffled"]


def test_tabs(box: RunningSandbox, carrier: ParcelHelper) -> None:
    name = carrier.world.name
    moving, over = (carrier.parcel(number)["id"] for number in carrier.make(SELLER, path="cancelled", count=2))
    carrier.finish(over)
    carrier.flag(moving, "missing")
    for tab, shown in (("moving", {moving}), ("over", {over}), ("troubled", {moving}), ("all", {moving, over})):
        html = page(box, name, stage=tab)
        assert {one for one in (moving, over) if f'id="order-{one}"' in html} == shown


def test_broken_parcel(box: RunningSandbox, carrier: ParcelHelper) -> None:
    html = posted(box, carrier.world.name, "make", seller=SELLER, what="broken")
    (parcel,) = carrier.world.shops[SELLER].values()
    assert (parcel.code, parcel.rows[0]["wire"] != {}) == ("сорок два", True)
    assert "сорок два" in html


def test_faults_and_rules(box: RunningSandbox) -> None:
    html = page(box, "measoft")
    assert ('value="error_root"' in html, 'value="bomb"' in html, 'value="wrong_types"' in html) == (True, True, False)
    html = page(box, "dellin")
    assert ('value="error_root"' in html, 'value="wrong_types"' in html) == (False, True)
    assert 'value="bomb"' not in page(box, "wildberries")
    posted(box, "measoft", "fault", kind="malformed", match="/statusreq", times="2", seconds="3")
    (fault,) = box.store.faults.list()
    assert (fault["kind"], fault["upstream"]) == ("malformed", "measoft")
    posted(box, "measoft", "rules", attributes="on", limits="on")
    tuning = box.measoft.world.tuning.state()
    assert (tuning["plan"], tuning["attributes"], tuning["commit_all"]) == ("standard", True, False)
    assert box.measoft.upstream.limits.enabled
    posted(box, "measoft", "rules", history="on")
    assert box.measoft.world.tuning.state()["plan"] == "maximum"
    posted(box, "dellin", "rules", both_keys="on")
    tuning = box.dellin.world.tuning.state()
    assert (tuning["both_keys"], tuning["int_numbers"], tuning["password_login"]) == (True, False, False)
    assert not box.dellin.upstream.limits.enabled


def test_calls_are_shown(box: RunningSandbox) -> None:
    box.measoft.make(SELLER, fields={"receiver": "<script>alert(1)</script>"})
    shop = Shop(box, SELLER)
    shop.news()
    shop.commit()
    html = page(box, "measoft")
    for shown in ("/commitlaststatus", "подтверждено: 1", "&lt;statusreq"):
        assert shown in html
    assert "<script>alert(1)</script>" not in html


# the demo's life


def begun(carrier: ParcelHelper, **more: Any) -> ParcelStream:
    found = ParcelStream(carrier.world, seller=SELLER, seconds=3600, **more)
    found.begin()
    return found


def test_the_starting_set_has_every_path_and_travels(box: RunningSandbox, carrier: ParcelHelper) -> None:
    begun(carrier)
    begun(carrier)
    shop = carrier.world.shops[SELLER]
    assert [parcel.path for parcel in shop.values()] == list(carrier.world.paths)
    assert all(parcel.pace for parcel in shop.values())
    box.advance(86_400)
    carrier.world.settle()
    assert [parcel.rest for parcel in shop.values()] == [[]] * len(shop)


def test_it_stops_at_its_cap(carrier: ParcelHelper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WHIMS", ())
    found = ParcelStream(carrier.world, seller=SELLER, seconds=3600, most=3)
    for _ in range(10):
        found.tick()
    assert len(carrier.world.shops[SELLER]) == 3


def test_parcels_of_the_shops_orders(carrier: ParcelHelper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of them carry an order's number, each order's once."""
    monkeypatch.setattr(stream, "WHIMS", ())
    monkeypatch.setattr(random, "random", lambda: 0.0)
    found = ParcelStream(carrier.world, seller=SELLER, seconds=3600, numbers=lambda: ["13833711", "52000000001"])
    for _ in range(3):
        found.tick()
    shop = carrier.world.shops[SELLER].values()
    shown = [parcel.fields["web"] if carrier.world.name == "dellin" else parcel.number for parcel in shop]
    assert sorted(shown[:2]) == ["13833711", "52000000001"]
    assert shown[2] not in shown[:2]


def test_mistakes(carrier: ParcelHelper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "WHIMS", (("again", 1.1),))
    (number,) = carrier.make(SELLER)
    begun(carrier, most=0).tick()
    assert len(carrier.codes(number)) == 2
    assert carrier.effects(number)[-1]["call"] is None
