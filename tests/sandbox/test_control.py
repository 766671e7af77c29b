"""The control API over HTTP, as docs/sandbox.md has it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import BATCH, ORDERS, Caller


def control(box: RunningSandbox, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
    return requests.request(method, f"{box.url}/control{path}", json=json, timeout=10, **more)


def test_make_orders(box: RunningSandbox) -> None:
    answer = control(
        box,
        "POST",
        "/wildberries/orders",
        {
            "seller": "sandbox-x", "count": 2, "basket": True, "requiredMeta": ["uin"], "deliveryType": "edbs", "price": 1014,
            "currencyCode": 933, "isB2b": True, "code": "000001", "fields": {"colorCode": "RAL 3017"},
        },
    )  # fmt: skip
    assert answer.status_code == 201
    made = answer.json()["orders"]
    shown = Caller(box, "sandbox-x").get(f"{ORDERS}/new").json()["orders"]
    assert [order["id"] for order in shown] == [order["id"] for order in made]
    for order in shown:
        assert (order["requiredMeta"], order["deliveryType"], order["colorCode"]) == (["uin"], "edbs", "RAL 3017")
        assert (order["price"], order["currencyCode"], order["options"]) == (1014, 933, {"isB2b": True})
    assert {order["code"] for order in made} == {"000001"}
    assert len({order["orderUid"] for order in shown}) == 1


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"count": "2"}, {"colour": 1}, {"fields": []}, {"status": "sold"}, {"createdAt": "x"}, [1]]
)
def test_wrong_wishes_make_nothing(box: RunningSandbox, wrong: Any) -> None:
    answer = control(box, "POST", "/wildberries/orders", wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert control(box, "GET", "/wildberries/orders").json() == {"orders": []}


def test_make_with_a_number_that_is_taken(box: RunningSandbox) -> None:
    box.make(fields={"id": 13833711})
    answer = control(box, "POST", "/wildberries/orders", {"id": 13833711})
    assert (answer.status_code, answer.json()["error"]) == (400, "order 13833711 is already there")


def test_raw_order(box: RunningSandbox) -> None:
    raw = {"id": "сорок два", "skus": None}
    answer = control(box, "POST", "/wildberries/orders", {"seller": "sandbox", "raw": raw})
    assert answer.status_code == 201
    assert Caller(box).get(f"{ORDERS}/new").json() == {"orders": [raw]}


def test_state_plays_and_patches(box: RunningSandbox) -> None:
    (number,) = box.make(fields={"requiredMeta": []})
    path = f"/wildberries/orders/{number}"
    state = control(box, "GET", path).json()
    assert (state["supplierStatus"], state["wbStatus"], len(state["code"])) == ("new", "waiting", 6)
    assert control(box, "POST", f"{path}/return").json() == {"error": f"return: order {number} is new/waiting"}
    assert control(box, "POST", f"{path}/dance").status_code == 404
    assert control(box, "POST", f"{path}/miss_call").json()["supplierStatus"] == "cancel_missed_call"
    assert control(box, "POST", f"{path}/miss_call").status_code == 400
    forced = control(box, "PATCH", path, {"wbStatus": "from_the_future", "code": "777"}).json()
    assert (forced["wbStatus"], forced["code"]) == ("from_the_future", "777")
    assert Caller(box).status(number) == "cancel_missed_call/from_the_future"
    assert control(box, "PATCH", path, {"mood": "good"}).status_code == 400
    assert control(box, "GET", "/wildberries/orders/5").json() == {"error": "no order 5"}


def test_phones_and_code_delay_of_one_order(box: RunningSandbox) -> None:
    wb = Caller(box)
    (number,) = box.make(fields={"requiredMeta": []}, code="741852")
    wb.move("confirm", number)
    control(box, "PATCH", f"/wildberries/orders/{number}", {"phones": True, "codeDelay": 60})
    (buyer,) = wb.post(f"{ORDERS}/client", {"orders": [number]}).json()["orders"]
    assert buyer["replacementPhone"] == box.order(number)["buyer"]["replacementPhone"]
    wb.move("deliver", number)
    assert wb.close("receive", number, "741852")["isError"] is True
    control(box, "PATCH", "/clock", {"advance": 60})
    assert wb.close("receive", number, "741852")["isError"] is False


def test_orders_by_status(box: RunningSandbox) -> None:
    first, second, third = box.make(count=3)
    Caller(box).move("confirm", second)
    listed = control(box, "GET", "/wildberries/orders", params={"seller": "sandbox"}).json()["orders"]
    assert [order["id"] for order in listed] == [third, second, first]
    asked = {"seller": "sandbox", "status": "confirm/waiting"}
    found = control(box, "GET", "/wildberries/orders", params=asked).json()["orders"]
    assert [order["id"] for order in found] == [second]


def test_ledger_and_effects(box: RunningSandbox) -> None:
    wb = Caller(box)
    (number,) = box.make()
    wb.move("confirm", number)
    last = control(box, "GET", "/ledger").json()["last"]
    wb.get("/ping")
    found = control(box, "GET", "/ledger", params={"since": last}).json()
    assert [call["path"] for call in found["calls"]] == ["/ping"]
    assert found["last"] == last + 1
    effects = control(box, "GET", "/effects", params={"order": number}).json()["effects"]
    assert [effect["after"] for effect in effects] == ["new/waiting", "confirm/waiting"]
    assert control(box, "GET", "/ledger", params={"since": "x"}).json() == {"error": "since is a number"}


def test_faults(box: RunningSandbox) -> None:
    made = control(box, "POST", "/faults", {"kind": "502", "match": "/ping", "times": 2})
    assert made.status_code == 201
    assert [fault["kind"] for fault in control(box, "GET", "/faults").json()["faults"]] == ["502"]
    assert Caller(box).get("/ping").status_code == 502
    assert control(box, "DELETE", f"/faults/{made.json()['id']}").json() == {"cleared": 1}
    assert control(box, "DELETE", f"/faults/{made.json()['id']}").status_code == 404
    assert Caller(box).get("/ping").status_code == 200
    assert control(box, "DELETE", "/faults").json() == {"cleared": 0}


def test_clock_limits_settings_reset(box: RunningSandbox) -> None:
    assert control(box, "PATCH", "/clock", {"advance": 7200, "speed": 60}).json()["speed"] == 60
    assert control(box, "PATCH", "/clock", {"advance": -1}).status_code == 400
    assert control(box, "PATCH", "/clock", {"backwards": 1}).status_code == 400
    tuned = control(box, "PATCH", "/limits/wildberries", {"enabled": True, "groups": {"ping": {"burst": 1}}})
    assert tuned.json()["groups"]["ping"]["burst"] == 1
    assert [Caller(box).get("/ping").status_code for _ in range(2)] == [200, 429]
    assert control(box, "PATCH", "/limits/wildberries", {"groups": {"pong": {}}}).status_code == 400
    assert control(box, "PATCH", "/limits/nobody", {}).status_code == 404
    assert control(box, "GET", "/limits").json()["wildberries"]["enabled"] is True
    assert control(box, "PATCH", "/wildberries/settings", {"phone_delay": 1, "batch": False}).json()["batch"] is False
    for wrong in ({"batch": 1}, {"pace": 1}, {"phone_delay": -1}, {"profile": "old"}, {"off_status": 500}):
        assert control(box, "PATCH", "/wildberries/settings", wrong).status_code == 400
    settings = control(box, "GET", "/wildberries/settings").json()
    assert (settings["phone_delay"], settings["batch"], settings["profile"]) == (1, False, "batch")
    assert control(box, "POST", "/reset").json() == {"ok": True}
    assert control(box, "GET", "/wildberries/settings").json()["batch"] is True


def test_other_sites_cannot_post(box: RunningSandbox) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert control(box, "POST", "/wildberries/orders", {"count": 1}, headers=foreign).status_code == 403
    own = {"Origin": box.url}
    assert control(box, "POST", "/wildberries/orders", {"count": 1}, headers=own).status_code == 201


def test_a_thousand_orders_are_no_matter(box: RunningSandbox) -> None:
    """A page of a thousand, and a thousand confirmed in one call: well below a second each."""
    wb = Caller(box)
    control(box, "POST", "/wildberries/orders", {"seller": "sandbox", "count": 1000})
    page = wb.get(f"{ORDERS}/new")
    ids = [order["id"] for order in page.json()["orders"]]
    confirmed = wb.post(f"{BATCH}/status/confirm", {"ordersIds": ids})
    assert len(ids) == 1000
    assert [result["isError"] for result in confirmed.json()["results"]] == [False] * 1000
    assert max(page.elapsed.total_seconds(), confirmed.elapsed.total_seconds()) < 1
