"""The page, by its forms alone: no script runs here."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import Caller

SELLER = "sandbox-demo"


def page(box: RunningSandbox, **params: Any) -> str:
    answer = requests.get(box.url + "/", params=params, timeout=10)
    assert answer.status_code == 200
    return answer.text


def posted(box: RunningSandbox, form: str, **fields: Any) -> requests.Response:
    answer = requests.post(f"{box.url}/page/{form}", data=fields, timeout=10)
    assert answer.status_code == 200
    assert answer.history[0].status_code == 303
    return answer


def made(box: RunningSandbox) -> list[Any]:
    return list(box.world.shops[SELLER].values())


def test_empty_page_in_both_languages(box: RunningSandbox) -> None:
    assert "Заказов здесь нет" in page(box)
    english = page(box, lang="en")
    assert "No orders here" in english
    assert '<html lang="en">' in english


def test_make_and_see(box: RunningSandbox) -> None:
    posted(box, "make", seller=SELLER, codes="sgtin", type="edbs", what="one")
    (task,) = made(box)
    assert (task.item["requiredMeta"], task.item["deliveryType"]) == (["sgtin"], "edbs")
    html = page(box)
    for shown in (str(task.id), task.code, task.item["article"], task.samples["sgtin"], "Экспресс"):
        assert shown in html


def test_five_of_one_basket(box: RunningSandbox) -> None:
    posted(box, "make", seller=SELLER, codes="none", type="any", what="five", basket="on")
    assert len(made(box)) == 5
    assert len({task.item["orderUid"] for task in made(box)}) == 1
    assert {tuple(task.item["requiredMeta"]) for task in made(box)} == {()}


def test_broken_order(box: RunningSandbox) -> None:
    assert "Не похоже на заказ" in posted(box, "make", seller=SELLER, what="broken").text
    (order,) = Caller(box, SELLER).get("/api/v3/dbs/orders/new").json()["orders"]
    assert order["id"] == "сорок два"


@pytest.mark.parametrize(
    ("play", "status"),
    [("decline", "new/declined_by_client"), ("miss_call", "cancel_missed_call/canceled_by_missed_call")],
)
def test_plays(box: RunningSandbox, play: str, status: str) -> None:
    (number,) = box.make(SELLER)
    posted(box, "play", order=number, play=play)
    assert box.world.tasks[number].status == status


def test_impossible_play_is_said(box: RunningSandbox) -> None:
    (number,) = box.make(SELLER)
    assert f"return: order {number} is new/waiting" in posted(box, "play", order=number, play="return").text
    assert "Не получилось" in posted(box, "play", order=1, play="decline").text
    assert box.world.tasks[number].status == "new/waiting"


def test_tabs(box: RunningSandbox) -> None:
    first, second = box.make(SELLER, count=2)
    Caller(box, SELLER).move("confirm", second)
    html = page(box, stage="confirm")
    assert f'id="order-{second}"' in html
    assert f'id="order-{first}"' not in html


def test_faults_and_rules(box: RunningSandbox) -> None:
    assert "осталось 2" in posted(box, "fault", kind="429", match="/new", times="2", seconds="3").text
    posted(box, "fault", off="")
    assert box.store.faults.list() == []
    posted(box, "rules", batch="on", seed="on", code_delay="3600", limits="on")
    tuning = box.world.tuning
    assert (tuning.batch, tuning.v3, tuning.profile, tuning.code_delay) == (True, False, "seed", 3600.0)
    assert box.wildberries.limits.enabled


def test_calls_are_shown_escaped(box: RunningSandbox) -> None:
    box.make(SELLER, fields={"comment": "<script>alert(1)</script>"})
    Caller(box, SELLER).get("/api/v3/dbs/orders/new")
    html = page(box)
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "…/v3/new" in html


def test_page_of_every_raw_kind(box: RunningSandbox) -> None:
    for raw in ("text", None, 5, [1], {"id": 7, "address": None, "price": "x", "requiredMeta": "uin"}):
        box.make_raw(raw, SELLER)
    assert page(box).count(">Не похоже на заказ<") == 5


def test_assets(box: RunningSandbox) -> None:
    for name in ("page.css", "rows.css", "page.js"):
        assert requests.get(f"{box.url}/assets/{name}", timeout=10).status_code == 200
