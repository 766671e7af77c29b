"""Status methods of the batch dialect (contract 1.3.1, 1.4; checklist 5, 7)."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import BATCH, FULL_CODE, Caller, errors_of

PLAIN = {"requiredMeta": [], "deliveryType": "dbs"}
TO = {
    "new": (), "confirm": ("confirm",), "deliver": ("confirm", "deliver"),
    "receive": ("confirm", "deliver", "receive"), "reject": ("confirm", "deliver", "reject"), "cancel": ("cancel",),
}  # fmt: skip
ALLOWED = {
    ("confirm", "new"): "confirm/waiting", ("deliver", "confirm"): "deliver/waiting",
    ("receive", "deliver"): "receive/sold", ("reject", "deliver"): "reject/canceled_by_client",
    ("cancel", "new"): "cancel/canceled", ("cancel", "confirm"): "cancel/canceled",
}  # fmt: skip


def act(box: RunningSandbox, wb: Caller, action: str, number: int) -> dict[str, Any]:
    if action in ("receive", "reject"):
        return wb.close(action, number, box.order(number)["code"])
    return wb.move(action, number)[0]


@pytest.mark.parametrize("source", list(TO))
def test_every_action_from_every_status(box: RunningSandbox, wb: Caller, source: str) -> None:
    for action in ("confirm", "deliver", "receive", "reject", "cancel"):
        (number,) = box.make(fields=PLAIN)
        for step in TO[source]:
            assert act(box, wb, step, number) == {"orderId": number, "isError": False}
        before, effects = wb.status(number), len(box.effects(number))
        result = act(box, wb, action, number)
        target = ALLOWED.get((action, source))
        assert errors_of(result) == ([] if target else [(409, "StatusMismatch")])
        assert wb.status(number) == (target or before)
        assert len(box.effects(number)) == effects + (1 if target else 0)


def test_each_order_of_a_call_has_its_own_result(box: RunningSandbox, wb: Caller) -> None:
    first, second = box.make(count=2, fields=PLAIN)
    wb.move("confirm", first)
    answer = wb.post(f"{BATCH}/status/confirm", {"ordersIds": [first, 4299281547, second]})
    assert answer.status_code == 200
    assert set(answer.json()) == {"requestId", "results"}
    assert answer.json()["results"] == [
        {"orderId": first, "isError": True, "errors": [{"code": 409, "detail": "StatusMismatch"}]},
        {"orderId": 4299281547, "isError": True, "errors": [{"code": 404, "detail": "NotFound"}]},
        {"orderId": second, "isError": False},
    ]
    assert (wb.status(first), wb.status(second)) == ("confirm/waiting", "confirm/waiting")


def test_request_id_has_cyrillic_letters(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    request_id = wb.post(f"{BATCH}/status/confirm", {"ordersIds": [number]}).json()["requestId"]
    assert len(request_id) == 32
    assert {"с", "у"} <= set(request_id)


def test_unknown_orders_have_empty_statuses(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    answer = wb.post(f"{BATCH}/status/info", {"ordersIds": [number, 5]}).json()
    assert answer["orders"] == [
        {"orderId": number, "supplierStatus": "new", "wbStatus": "waiting", "errors": []},
        {"orderId": 5, "supplierStatus": "", "wbStatus": "", "errors": [{"code": 404, "detail": "NotFound"}]},
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/status/confirm", {"orderIds": [1]}), ("/status/confirm", {"orders": [1]}), ("/status/confirm", []),
        ("/status/confirm", {"ordersIds": "1"}), ("/status/confirm", {"ordersIds": ["1"]}),
        ("/status/confirm", {"ordersIds": [True]}), ("/status/info", {"ordersIds": list(range(1001))}),
        ("/status/receive", {"ordersIds": [1]}), ("/status/receive", {"orders": [{"id": 1, "code": "1"}]}),
        ("/status/receive", {"orders": [{"orderId": 1, "code": 123456}]}), ("/status/reject", {"orders": [1]}),
        ("/status/cancel", {"ordersIds": list(range(1001))}), ("/meta/delete", {"key": "imei", "ordersIds": [1]}),
        ("/meta/delete", {"key": "rnpt", "orderIds": [1]}), ("/meta/details", {"orders": [1]}),
        ("/b2b/info", {"orders": [1]}), ("/final-price", {"ordersIds": [1]}),
    ],
)  # fmt: skip
def test_wrong_bodies_refuse_the_whole_call(box: RunningSandbox, wb: Caller, path: str, body: Any) -> None:
    box.make(fields={"id": 1})
    answer = wb.post(BATCH + path, body)
    assert answer.status_code == 400
    found = answer.json()
    assert (found["title"], found["detail"], found["origin"]) == ("IncorrectRequest", {}, "dbs-public-api")
    assert set(found) == {"detail", "origin", "requestId", "title"}
    assert [effect["kind"] for effect in box.effects(1)] == ["made"]


def test_body_that_is_no_json(box: RunningSandbox, wb: Caller) -> None:
    answer = wb.call("POST", f"{BATCH}/status/confirm", data=b"{")
    assert (answer.status_code, answer.json()["title"]) == (400, "IncorrectRequest")


def delivered(box: RunningSandbox, wb: Caller, **wish: Any) -> int:
    (number,) = box.make(fields=PLAIN, **wish)
    wb.move("confirm", number)
    wb.move("deliver", number)
    return number


@pytest.mark.parametrize("action", ["receive", "reject"])
def test_wrong_code_is_refused(box: RunningSandbox, wb: Caller, action: str) -> None:
    number = delivered(box, wb, code="041852")
    for wrong in ("41852", "", "0418520", "999999"):
        assert errors_of(wb.close(action, number, wrong)) == [(409, "InvalidWBCode")]
    assert wb.status(number) == "deliver/waiting"
    assert wb.close(action, number, "041852") == {"orderId": number, "isError": False}


def test_words_of_a_wrong_code_can_be_set(box: RunningSandbox, wb: Caller) -> None:
    number = delivered(box, wb)
    box.tune(wrong_code_status=400, wrong_code_detail="CodeMismatch")
    assert errors_of(wb.close("receive", number, "1")) == [(400, "CodeMismatch")]


def test_right_code_is_refused_for_a_while(box: RunningSandbox, wb: Caller) -> None:
    number = delivered(box, wb, code="741852")
    box.tune(code_delay=6 * 3600.0)
    assert errors_of(wb.close("receive", number, "741852")) == [(409, "InvalidWBCode")]
    box.advance(3 * 3600)
    assert errors_of(wb.close("receive", number, "741852")) == [(409, "InvalidWBCode")]
    assert wb.status(number) == "deliver/waiting"
    box.advance(3 * 3600)
    assert wb.close("receive", number, "741852") == {"orderId": number, "isError": False}
    assert wb.status(number) == "receive/sold"


def test_imei_has_to_be_filled(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": ["imei"]})
    wb.move("confirm", number)
    assert errors_of(wb.move("deliver", number)[0]) == [(409, "ImeiIsNotFilled")]
    wb.post(f"{BATCH}/meta/imei", {"orders": [{"orderId": number, "imei": "490154203237518"}]})
    assert wb.move("deliver", number) == [{"orderId": number, "isError": False}]


def test_missing_marking_code_stops_deliver(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": ["sgtin"]})
    wb.move("confirm", number)
    (result,) = wb.move("deliver", number)
    assert result["errors"] == [
        {
            "code": 409,
            "detail": "MetaValidationFail",
            "metaDetails": [{"key": "sgtin", "value": "", "decision": "required"}],
        }
    ]
    assert wb.status(number) == "confirm/waiting"


def test_bad_marking_code_stops_deliver_once_it_is_decided(box: RunningSandbox, wb: Caller) -> None:
    bad = "0102900304495480215KE"
    hurried, patient = box.make(count=2, fields={"requiredMeta": ["sgtin"]})
    wb.move("confirm", hurried, patient)
    sgtins = [{"orderId": number, "sgtins": [FULL_CODE, bad]} for number in (hurried, patient)]
    wb.post(f"{BATCH}/meta/sgtin", {"orders": sgtins})
    assert wb.move("deliver", hurried) == [{"orderId": hurried, "isError": False}]
    box.advance(10)
    (result,) = wb.move("deliver", patient)
    assert result["errors"][0]["metaDetails"] == [{"key": "sgtin", "value": bad, "decision": "sgtinInvalidFormat"}]
    assert wb.status(patient) == "confirm/waiting"


def test_missing_marking_code_stops_receive(box: RunningSandbox, wb: Caller) -> None:
    box.tune(deliver_validates=False)
    (number,) = box.make(fields={"requiredMeta": ["sgtin"]}, code="741852")
    wb.move("confirm", number)
    wb.move("deliver", number)
    assert errors_of(wb.close("receive", number, "741852")) == [(409, "SGTINIsNotFilled")]
    assert wb.status(number) == "deliver/waiting"
    assert wb.close("reject", number, "741852")["isError"] is False


def test_what_happens_by_itself(box: RunningSandbox, wb: Caller) -> None:
    sold = delivered(box, wb)
    wb.close("receive", sold, box.order(sold)["code"])
    box.play(sold, "return")
    assert wb.status(sold) == "receive/canceled"
    broken, lost = box.make(count=2)
    box.play(broken, "defect")
    box.play(lost, "lose")
    assert (wb.status(broken), wb.status(lost)) == ("new/defect", "new/canceled")
    assert errors_of(wb.move("confirm", broken)[0]) == [(409, "StatusMismatch")]


def test_pick_up_point_order_arrives_by_itself(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": [], "deliveryType": "dbsPickupPoint"})
    wb.move("confirm", number)
    wb.move("deliver", number)
    assert wb.status(number) == "deliver/waiting"
    box.advance(61)
    assert wb.status(number) == "deliver/ready_for_pickup"
    last = box.effects(number)[-1]
    assert (last["cause"], last["call"]) == ("wildberries", None)
    assert wb.close("receive", number, box.order(number)["code"])["isError"] is False


def test_declined_order_cannot_be_taken(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make()
    box.play(number, "decline")
    assert errors_of(wb.move("confirm", number)[0]) == [(409, "StatusMismatch")]
    assert wb.status(number) == "new/declined_by_client"
