"""The one-order dialect of seed 004 (contract 1.2)."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.conftest import FULL_CODE, ORDERS, Caller

MISMATCH = {"code": "StatusMismatch", "message": "Несоответствие статусов, проверьте их правильность"}
BAD_BODY = {"code": "IncorrectRequestBody", "message": "Некорректное тело запроса"}
PLAIN = {"requiredMeta": [], "deliveryType": "dbs"}
ALL = {"requiredMeta": ["imei", "uin", "gtin", "sgtin"]}


def patch(wb: Caller, number: int | str, action: str, json: Any = None) -> tuple[int, Any]:
    answer = wb.call("PATCH", f"{ORDERS}/{number}/{action}", json)
    return answer.status_code, answer.json() if answer.content else None


def put(wb: Caller, number: int | str, kind: str, json: Any) -> tuple[int, Any]:
    answer = wb.call("PUT", f"{ORDERS}/{number}/meta/{kind}", json)
    return answer.status_code, answer.json() if answer.content else None


def statuses(wb: Caller, *numbers: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = wb.post(f"{ORDERS}/status", {"orders": list(numbers)}).json()["orders"]
    return found


def test_from_new_to_received(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields=PLAIN, code="012345")
    assert patch(wb, number, "confirm") == (204, None)
    assert patch(wb, number, "deliver") == (204, None)
    assert patch(wb, number, "receive", {"code": "12345"}) == (409, {"code": "InvalidWBCode", "message": ""})
    assert statuses(wb, number) == [{"id": number, "supplierStatus": "deliver", "wbStatus": "waiting"}]
    assert patch(wb, number, "receive", {"code": "012345"}) == (204, None)
    assert statuses(wb, number) == [{"id": number, "supplierStatus": "receive", "wbStatus": "sold"}]
    assert patch(wb, number, "cancel") == (409, MISMATCH)


def test_rejected_and_cancelled(box: RunningSandbox, wb: Caller) -> None:
    refused, dropped = box.make(count=2, fields=PLAIN, code="123456")
    for action in ("confirm", "deliver"):
        patch(wb, refused, action)
    assert patch(wb, refused, "reject", {"code": "123456"}) == (204, None)
    assert patch(wb, dropped, "cancel") == (204, None)
    assert statuses(wb, refused, dropped) == [
        {"id": refused, "supplierStatus": "reject", "wbStatus": "canceled_by_client"},
        {"id": dropped, "supplierStatus": "cancel", "wbStatus": "canceled"},
    ]


def test_errors_of_the_path_and_the_body(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields=PLAIN)
    assert patch(wb, "abc", "confirm") == (
        400,
        {"code": "IncorrectParameter", "message": "Передан некорректный параметр"},
    )
    assert patch(wb, 5, "confirm") == (404, {"code": "NotFound", "message": ""})
    assert patch(wb, number, "receive", {"code": "1"}) == (409, MISMATCH)
    assert patch(wb, number, "receive") == (400, BAD_BODY)
    assert patch(wb, number, "receive", {"code": 123456}) == (400, BAD_BODY)
    assert wb.post(f"{ORDERS}/status", {"orders": []}).json() == BAD_BODY
    assert wb.post(f"{ORDERS}/status", {"orders": list(range(1001))}).status_code == 400
    assert statuses(wb, number, 5) == [{"id": number, "supplierStatus": "new", "wbStatus": "waiting"}]
    assert len(box.effects(number)) == 1


def test_codes_are_set_read_and_deleted(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields=ALL)
    patch(wb, number, "confirm")
    assert wb.get(f"{ORDERS}/{number}/meta").json() == {
        "meta": {"imei": {"value": None}, "uin": {"value": None}, "gtin": {"value": None}, "sgtin": {"value": []}}
    }
    assert put(wb, number, "sgtin", {"sgtins": [FULL_CODE, "1234567890123456"]}) == (204, None)
    assert put(wb, number, "uin", {"uin": "0234567890123456"}) == (204, None)
    assert put(wb, number, "imei", {"imei": "123456789012345"}) == (204, None)
    assert put(wb, number, "gtin", {"gtin": "1234567890123"}) == (204, None)
    assert wb.call("DELETE", f"{ORDERS}/{number}/meta", params={"key": "gtin"}).status_code == 204
    assert wb.get(f"{ORDERS}/{number}/meta").json() == {
        "meta": {
            "imei": {"value": "123456789012345"},
            "uin": {"value": "0234567890123456"},
            "gtin": {"value": None},
            "sgtin": {"value": [FULL_CODE, "1234567890123456"]},
        }
    }


def test_seed_profile_shows_digits_as_numbers(box: RunningSandbox, wb: Caller) -> None:
    box.tune(profile="seed")
    (number,) = box.make(fields=ALL)
    patch(wb, number, "confirm")
    put(wb, number, "imei", {"imei": "123456789012345"})
    put(wb, number, "sgtin", {"sgtins": ["1234567890123456"]})
    assert wb.get(f"{ORDERS}/{number}/meta").json()["meta"] == {
        "imei": {"value": 123456789012345},
        "uin": {"value": None},
        "gtin": {"value": None},
        "sgtin": {"value": [1234567890123456]},
    }


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("uin", {"uin": "123"}), ("imei", {"imei": "1" * 16}), ("gtin", {"gtin": 1234567890123}), ("sgtin", {"sgtins": []}),
        ("sgtin", {"sgtins": ["1" * 15]}), ("sgtin", {"sgtins": ["1" * 136]}), ("sgtin", {"sgtins": ["1" * 16] * 25}),
        ("sgtin", {"sgtin": "1" * 16}), ("uin", None),
    ],
)  # fmt: skip
def test_values_of_a_wrong_length(box: RunningSandbox, wb: Caller, kind: str, body: Any) -> None:
    (number,) = box.make(fields=ALL)
    patch(wb, number, "confirm")
    assert put(wb, number, kind, body) == (400, BAD_BODY)
    assert box.order(number)["meta"] == {}


def test_codes_only_while_assembling_and_only_available_ones(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": ["uin"]})
    uin = {"uin": "1234567890123456"}
    status, error = put(wb, number, "uin", uin)
    assert (status, error["code"]) == (409, "FailedToUpdateMeta")
    assert error["message"].startswith(
        "Не удалось обновить метаданные сборочного задания. Убедитесь, что сборочное задание"
    )
    patch(wb, number, "confirm")
    assert put(wb, number, "gtin", {"gtin": "1234567890123"})[0] == 409
    assert put(wb, number, "uin", uin) == (204, None)
    assert put(wb, 5, "uin", uin) == (404, {"code": "NotFound", "message": ""})
    patch(wb, number, "deliver")
    assert wb.call("DELETE", f"{ORDERS}/{number}/meta", params={"key": "uin"}).status_code == 409
    assert box.order(number)["meta"]["uin"]["value"] == "1234567890123456"


@pytest.mark.parametrize("params", [{}, {"key": "rnpt"}, {"key": "customsDeclaration"}])
def test_delete_takes_one_known_key(box: RunningSandbox, wb: Caller, params: dict[str, str]) -> None:
    (number,) = box.make(fields=ALL)
    answer = wb.call("DELETE", f"{ORDERS}/{number}/meta", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "IncorrectRequest")


def test_orders_without_codes_have_an_empty_meta(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields=PLAIN)
    assert wb.get(f"{ORDERS}/{number}/meta").json() == {"meta": {}}
    assert wb.get(f"{ORDERS}/5/meta").status_code == 404


def test_deliver_does_not_judge_marking_codes_here(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields={"requiredMeta": ["sgtin"]}, code="123456")
    patch(wb, number, "confirm")
    assert patch(wb, number, "deliver") == (204, None)
    assert patch(wb, number, "receive", {"code": "123456"}) == (409, {"code": "SGTINIsNotFilled", "message": ""})


def test_both_dialects_see_one_order(box: RunningSandbox, wb: Caller) -> None:
    (number,) = box.make(fields=PLAIN)
    patch(wb, number, "confirm")
    assert wb.status(number) == "confirm/waiting"
    assert wb.move("deliver", number) == [{"orderId": number, "isError": False}]
    assert statuses(wb, number)[0]["supplierStatus"] == "deliver"
