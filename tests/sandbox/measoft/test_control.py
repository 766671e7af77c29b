"""The control API of a carrier over HTTP, as docs/sandbox.md has it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.measoft.statuses import PATHS
from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop, history

PARCELS = "/measoft/parcels"


def control(box: RunningSandbox, method: str, path: str, json: Any = None, **more: Any) -> requests.Response:
    return requests.request(method, f"{box.url}/control{path}", json=json, timeout=10, **more)


def test_make(box: RunningSandbox) -> None:
    asked = {
        "seller": "sandbox-x", "count": 2, "number": "W-1", "path": "refused", "steps": 3, "pace": 60, "flags": ["repeated"],
        "created": "2026-11-20T10:00:00+03:00", "fields": {"price": 5, "store": "Калининград"},
    }  # fmt: skip
    answer = control(box, "POST", PARCELS, asked)
    assert answer.status_code == 201
    made = answer.json()["parcels"]
    assert [(one["number"], one["code"], one["title"]) for one in made] == [
        ("W-1-1", "DELIVERY", "Выдан курьеру на доставку"),
        ("W-1-2", "DELIVERY", "Выдан курьеру на доставку"),
    ]
    first = Shop(box, "sandbox-x").orders(ordercode=str(made[0]["id"]))[0]
    assert first.findtext("price") == "5.00"
    assert first.find("statushistory/status").get("eventtime") == "2026-11-20 09:00:00"  # type: ignore[union-attr]  # there


def test_a_path_of_ones_own(box: RunningSandbox) -> None:
    (parcel,) = control(box, "POST", PARCELS, {"path": ["NEW", "LOST"], "seller": "sandbox"}).json()["parcels"]
    assert (parcel["path"], parcel["rest"], parcel["acts"]) == ("", ["LOST"], ["step", "finish", "again", "unknown"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0}, {"count": "2"}, {"colour": 1}, {"path": "sideways"}, {"path": [5]}, {"steps": 99}, {"steps": True},
        {"until": "NOWHERE"}, {"pace": "x"}, {"created": "yesterday"}, {"rows": [{}]}, {"rows": [5]}, {"flags": ["sad"]},
        {"flags": [5]}, {"fields": {"mood": 1}}, {"seller": 5}, {"number": 5}, [1],
    ],
)  # fmt: skip
def test_wrong_wishes_make_nothing(box: RunningSandbox, wrong: Any) -> None:
    answer = control(box, "POST", PARCELS, wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert control(box, "GET", PARCELS).json() == {"parcels": []}


def test_an_identity_that_is_taken(box: RunningSandbox) -> None:
    control(box, "POST", PARCELS, {"id": 77})
    answer = control(box, "POST", PARCELS, {"id": 77})
    assert (answer.status_code, answer.json()["error"]) == (400, "parcel 77 is already there")


def test_list(box: RunningSandbox) -> None:
    first, second = box.measoft.make(count=2)
    box.measoft.step(second)
    listed = control(box, "GET", PARCELS, params={"seller": "sandbox"}).json()["parcels"]
    assert [one["number"] for one in listed] == [second, first]
    for params, numbers in (({"status": "ACCEPTED"}, [second]), ({"limit": 1}, [second]), ({"status": "LOST"}, [])):
        found = control(box, "GET", PARCELS, params={"seller": "sandbox", **params}).json()["parcels"]
        assert [one["number"] for one in found] == numbers
    assert control(box, "GET", "/measoft/paths").json()["refused"] == list(PATHS["refused"])


def test_acts(box: RunningSandbox) -> None:
    (number,) = box.measoft.make(number="MW-1")
    path = f"{PARCELS}/{number}"
    assert control(box, "POST", f"{path}/step").json()["code"] == "ACCEPTED"
    assert (
        control(box, "POST", f"{path}/advance", {"to": "DELIVERY", "store": "Калининград"}).json()["code"] == "DELIVERY"
    )
    assert control(box, "POST", f"{path}/finish").json()["code"] == "COMPLETE"
    assert control(box, "POST", f"{path}/step").json() == {"error": "step: parcel MW-1 is COMPLETE"}
    assert control(box, "POST", f"{path}/correct").json()["code"] == "NEW"
    assert control(box, "POST", f"{path}/unknown").json()["code"] == "TELEPORTED"
    assert control(box, "POST", f"{path}/again").json()["code"] == "TELEPORTED"
    assert control(box, "POST", f"{path}/drop_last").json()["code"] == "TELEPORTED"
    assert control(box, "POST", f"{path}/price", {"price": 7.5}).json()["fields"]["price"] == 7.5
    assert control(box, "POST", f"{path}/shuffled").json()["flags"] == ["shuffled"]
    assert control(box, "POST", f"{path}/shuffled").json()["flags"] == []
    assert control(box, "POST", f"{path}/missing", {"on": False}).json()["flags"] == []
    rows = box.measoft.codes(number)
    wrongs: list[dict[str, Any]] = [
        {"to": 5}, {}, {"to": "NEW", "mood": 1}, {"to": "NEW", "at": "x"}, {"to": "NEW", "wire": 5},
    ]  # fmt: skip
    for wrong in wrongs:
        assert control(box, "POST", f"{path}/advance", wrong).status_code == 400
    assert control(box, "POST", f"{path}/price", {"price": "x"}).status_code == 400
    assert control(box, "POST", f"{path}/dance").status_code == 404
    assert control(box, "POST", f"{PARCELS}/nobody/step").json() == {"error": "no parcel nobody"}
    assert box.measoft.codes(number) == rows


def test_by_number_or_by_identity(box: RunningSandbox) -> None:
    box.measoft.make(number="MW-1")
    box.measoft.make(number="MW-1", until="DELIVERY")
    newest = control(box, "GET", f"{PARCELS}/MW-1").json()
    assert newest["code"] == "DELIVERY"
    older = min(box.measoft.world.parcels)
    assert control(box, "GET", f"{PARCELS}/{older}").json()["code"] == "NEW"
    assert box.measoft.code(older) == "NEW"


def test_patch(box: RunningSandbox) -> None:
    ms = Shop(box)
    (number,) = box.measoft.make()
    path = f"{PARCELS}/{number}"
    rows = [{"code": "CONFIRM", "at": "2026-11-20T10:00:00Z"}]
    patched = control(
        box, "PATCH", path, {"rest": ["LOST"], "rows": rows, "pace": 60, "number": "N-1", "fields": {"price": 1}}
    )
    assert (patched.json()["number"], patched.json()["rest"]) == ("N-1", ["LOST"])
    assert (history(ms.one("N-1")), ms.numbers(orderno=number)) == (["CONFIRM"], [])
    assert ms.one("N-1").findtext("price") == "1.00"
    kinds = [one["kind"] for one in box.measoft.effects("N-1")]
    assert kinds == ["made", "fields", "number", "rows"]
    wrongs: list[dict[str, Any]] = [
        {"mood": 1}, {"rows": []}, {"rows": [{"code": 5}]}, {"rest": [5]}, {"fields": {"mood": 1}}, {"pace": True},
    ]  # fmt: skip
    for wrong in wrongs:
        assert control(box, "PATCH", f"{PARCELS}/N-1", wrong).status_code == 400
    box.advance(61)
    assert history(ms.one("N-1")) == ["CONFIRM", "LOST"]


def test_settings_and_limits(box: RunningSandbox) -> None:
    tuned = control(box, "PATCH", "/measoft/settings", {"plan": "basic", "auth_code": 25, "pace": 5}).json()
    assert (tuned["plan"], tuned["auth_code"], tuned["pace"]) == ("basic", 25, 5)
    for wrong in (
        {"plan": "free"},
        {"auth_code": 2},
        {"mood": 1},
        {"fault_code": 100},
        {"pace": -1},
        {"feed_limit": -1},
    ):
        assert control(box, "PATCH", "/measoft/settings", wrong).status_code == 400
    assert control(box, "GET", "/measoft/settings").json()["plan"] == "basic"
    limits = control(box, "PATCH", "/limits/measoft", {"enabled": True, "groups": {"minute": {"amount": 2}}}).json()
    assert limits == {"enabled": True, "groups": {"minute": {"amount": 2}, "hour": {"amount": 3600}}}
    unfit: list[dict[str, Any]] = [
        {"groups": {"day": {"amount": 1}}},
        {"groups": {"minute": {"burst": 1}}},
        {"mood": 1},
    ]
    for one in unfit:
        assert control(box, "PATCH", "/limits/measoft", one).status_code == 400
    assert control(box, "GET", "/limits").json()["measoft"] == limits


def test_ledger_of_one_upstream(box: RunningSandbox) -> None:
    (number,) = box.measoft.make()
    Shop(box).one(number)
    (call,) = control(box, "GET", "/ledger", params={"upstream": "measoft", "path": "/statusreq"}).json()["calls"]
    assert (call["method"], call["path"], call["seller"], call["status"]) == ("POST", "/statusreq", "sandbox", 200)
    assert call["answer"].startswith("<?xml")
    assert control(box, "GET", "/ledger", params={"upstream": "dellin"}).json()["calls"] == []
    identity = box.measoft.parcel(number)["id"]
    (effect,) = control(box, "GET", "/effects", params={"order": identity}).json()["effects"]
    assert (effect["upstream"], effect["kind"], effect["after"]) == ("", "made", "NEW")
