"""Track, dates, storage, the shop's number, the buyer, documents, labels (contract 2.3, 2.5, 2.7)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market.conftest import CAMPAIGN, Shop, effects, message

TODAY = datetime.now(timezone(timedelta(hours=3))).date()
TRACK = {"trackCode": "80123456789012", "deliveryServiceId": 139}


def refused(number: int, status: str, substatus: str) -> str:
    return f"Action is not allowed for order '{number}' with status '{status}' and substatus '{substatus}'"


def test_track(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="DELIVERY")
    assert ym.of("POST", number, "/delivery/track", TRACK).json() == {"status": "OK"}
    ym.of("POST", number, "/delivery/track", TRACK)
    ym.of("POST", number, "/delivery/track", {**TRACK, "trackCode": "B"})
    assert effects(box, number) == [
        ("track", [], [TRACK]),
        ("track", [TRACK], [TRACK, {**TRACK, "trackCode": "B"}]),
    ]
    business, legacy = ym.one(number)
    tracks = [TRACK, {**TRACK, "trackCode": "B"}]
    assert business["delivery"]["tracks"] == tracks
    assert legacy["delivery"]["tracks"] == legacy["delivery"]["shipments"][0]["tracks"] == tracks


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"deliveryServiceId": 1}, "'trackCode' must not be null (rejected value: null)"),
        ({"trackCode": "", "deliveryServiceId": 1}, "'trackCode' must not be empty (rejected value: '')"),
        ({"trackCode": "A"}, "'deliveryServiceId' must not be null (rejected value: null)"),
        ({"trackCode": "A", "deliveryServiceId": "139"}, "Type mismatch: '139'"),
    ],
)
def test_wrong_tracks(box: RunningSandbox, ym: Shop, body: dict[str, Any], words: str) -> None:
    (number,) = box.ym.make()
    assert message(ym.of("POST", number, "/delivery/track", body)) == words
    assert effects(box, number) == []


def test_track_is_for_open_orders_of_the_shop(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="CANCELLED", substatus="SHOP_FAILED")
    assert message(ym.of("POST", number, "/delivery/track", TRACK)) == refused(number, "CANCELLED", "SHOP_FAILED")
    assert message(ym.of("POST", 5, "/delivery/track", TRACK), 404) == f"Campaign '{CAMPAIGN}' has no order id '5'"
    assert effects(box, number) == []


def moved(day: date, reason: str = "USER_MOVED_DELIVERY_DATES") -> dict[str, Any]:
    return {"dates": {"toDate": day.isoformat()}, "reason": reason}


def test_delivery_date(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    old = date.fromisoformat(box.ym.order(number)["delivery"]["to"])
    first, second, third, fourth = (old + timedelta(days=days) for days in (1, 2, 3, 4))
    answer = ym.of("PUT", number, "/delivery/date", moved(first, "PARTNER_MOVED_DELIVERY_DATES"))
    assert answer.json() == {"status": "OK"}
    assert (
        message(ym.of("PUT", number, "/delivery/date", moved(first)))
        == "New delivery dates are the same as the current!"
    )
    assert effects(box, number) == [("date", old.isoformat(), first.isoformat())]
    assert ym.one(number)[0]["delivery"]["dates"]["toDate"] == first.isoformat()
    for day in (second, third):
        assert ym.of("PUT", number, "/delivery/date", moved(day)).status_code == 200
    assert message(ym.of("PUT", number, "/delivery/date", moved(fourth))) == (
        "Exceeded the number of edits of delivery dates! limit is: '3'"
    )
    assert len(effects(box, number)) == 3


def test_delivery_date_is_not_moved_too_far(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="DELIVERY")
    old = date.fromisoformat(box.ym.order(number)["delivery"]["to"])
    assert message(ym.of("PUT", number, "/delivery/date", moved(old + timedelta(days=31)))) == (
        "Exceeded the number of days to edit delivery dates! limit is: '30' days"
    )
    past = (TODAY - timedelta(days=1)).isoformat()
    assert message(ym.of("PUT", number, "/delivery/date", moved(date.fromisoformat(past)))).endswith(
        f"(rejected value: '{past}')"
    )
    assert message(ym.of("PUT", number, "/delivery/date", moved(old, "BECAUSE"))) == "Illegal input at 'reason'"
    assert message(ym.of("PUT", number, "/delivery/date", {"reason": "USER_MOVED_DELIVERY_DATES"})) == (
        "'dates' must not be null (rejected value: null)"
    )
    assert effects(box, number) == []
    (other,) = box.ym.make(status="PICKUP", type="PICKUP")
    assert message(ym.of("PUT", other, "/delivery/date", moved(old))) == refused(
        other, "PICKUP", "PICKUP_SERVICE_RECEIVED"
    )


def test_storage_limit(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(status="DELIVERY", type="PICKUP")
    limit = TODAY + timedelta(days=7)
    body = {"newDate": (limit + timedelta(days=30)).isoformat()}
    assert message(ym.of("PUT", number, "/delivery/storage-limit", body)) == refused(
        number, "DELIVERY", "DELIVERY_SERVICE_RECEIVED"
    )
    ym.move(number, "PICKUP")
    assert ym.one(number)[0]["delivery"]["pickup"]["outletStorageLimitDate"] == limit.isoformat()
    far = {"newDate": (limit + timedelta(days=31)).isoformat()}
    assert "more than 30 days" in message(ym.of("PUT", number, "/delivery/storage-limit", far))
    message(ym.of("PUT", number, "/delivery/storage-limit", {"newDate": limit.isoformat()}))
    assert len(effects(box, number)) == 1
    assert ym.of("PUT", number, "/delivery/storage-limit", body).json() == {"status": "OK"}
    assert effects(box, number)[-1] == ("storage", limit.isoformat(), body["newDate"])
    assert ym.one(number)[1]["delivery"]["outletStorageLimitDate"] == (limit + timedelta(days=30)).strftime("%d-%m-%Y")
    later = {"newDate": (limit + timedelta(days=31)).isoformat()}
    assert message(ym.of("PUT", number, "/delivery/storage-limit", later)) == refused(
        number, "PICKUP", "PICKUP_SERVICE_RECEIVED"
    )


def test_external_number_once(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    assert message(ym.of("POST", number, "/external-id", {"externalOrderId": ""})) == (
        "'externalOrderId' must not be empty (rejected value: '')"
    )
    assert ym.of("POST", number, "/external-id", {"externalOrderId": "WEB-10023"}).json() == {"status": "OK"}
    assert message(ym.of("POST", number, "/external-id", {"externalOrderId": "WEB-2"})) == (
        f"Cannot do operation, external ID already set for order (partnerId = {CAMPAIGN}, orderId = {number}, "
        "externalId = WEB-10023)"
    )
    assert effects(box, number) == [("external", "", "WEB-10023")]
    business, legacy = ym.one(number)
    assert business["externalOrderId"] == legacy["externalOrderId"] == "WEB-10023"
    assert ym.business_ids(externalOrderIds=["WEB-10023"]) == [number]


def test_external_number_before_ready_to_ship(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(substatus="READY_TO_SHIP")
    assert message(ym.of("POST", number, "/external-id", {"externalOrderId": "A"})) == (
        "Cannot do operation for order with status 'PROCESSING', and substatus 'READY_TO_SHIP' "
        f"(partnerId = {CAMPAIGN}, orderId = {number})"
    )
    assert effects(box, number) == []
    assert message(ym.of("POST", 5, "/external-id", {"externalOrderId": "A"}), 404) == (
        f"Order not found: partnerId = {CAMPAIGN}, orderId = 5"
    )


def test_buyer(box: RunningSandbox, ym: Shop) -> None:
    for status in ("PROCESSING", "DELIVERY", "PICKUP"):
        (number,) = box.ym.make(status=status, trusted=True)
        body = ym.of("GET", number, "/buyer").json()
        assert body["status"] == "OK"
        assert set(body["result"]) == {"id", "lastName", "firstName", "middleName", "type", "phone", "trusted"}
        assert (body["result"]["type"], body["result"]["trusted"]) == ("PERSON", True)
        assert body["result"]["phone"].startswith("+7")
    for status in ("DELIVERED", "CANCELLED", "UNPAID"):
        (number,) = box.ym.make(status=status)
        assert (
            message(ym.of("GET", number, "/buyer")) == f"Order is not in shop-processing status (actual: '{status}')."
        )


def test_business_buyer_and_documents(box: RunningSandbox, ym: Shop) -> None:
    (person,), (company,) = box.ym.make(), box.ym.make(business=True)
    (unpaid,) = box.ym.make(business=True, status="UNPAID")
    for what in ("/business-buyer", "/documents"):
        assert message(ym.of("POST", person, what)) == "Not a business buyer."
    assert message(ym.of("POST", unpaid, "/business-buyer")) == (
        "Order is in the wrong status, it's only possible starting from the status PROCESSING."
    )
    result = ym.of("POST", company, "/business-buyer").json()["result"]
    assert set(result) == {"inn", "kpp", "organizationName", "organizationJurAddress"}
    assert ym.of("POST", company, "/documents").json()["result"] == {"upd": {"status": "NOT_READY"}}
    ym.move(company, "DELIVERY")
    upd = ym.of("POST", company, "/documents").json()["result"]["upd"]
    assert (upd["status"], upd["date"]) == ("READY", TODAY.isoformat())
    assert ym.one(company)[0]["buyerType"] == ym.one(company)[1]["buyer"]["type"] == "BUSINESS"


def test_delivery_services(ym: Shop) -> None:
    services = ym.call("GET", "/v2/delivery/services").json()["result"]["deliveryService"]
    assert {"id": 139, "name": "DPD"} in services
    assert all(set(one) == {"id", "name"} for one in services)


def test_labels(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make(items=[{"count": 2, "requiredInstanceTypes": []}])
    item = box.ym.order(number)["items"][0]["id"]
    whole = ym.of("GET", number, "/delivery/labels")
    assert (whole.headers["Content-Type"], whole.content[:8]) == ("application/pdf", b"%PDF-1.4")
    assert whole.content.count(b"/Type /Page ") == 1
    layout = {"boxes": [{"items": [{"id": item, "fullCount": 1}]}] * 2}
    boxes = ym.of("PUT", number, "/boxes", layout).json()["result"]["boxes"]
    assert ym.of("GET", number, "/delivery/labels").content.count(b"/Type /Page ") == 2
    data = ym.of("GET", number, "/delivery/labels/data").json()["result"]
    assert (data["orderId"], data["placesNumber"]) == (number, 2)
    first, second = data["parcelBoxLabels"]
    assert (first["place"], second["fulfilmentId"], second["boxId"]) == ("1/2", f"{number}-2", boxes[1]["boxId"])
    one = ym.call("GET", second["url"])
    assert f"{number}-2".encode() in one.content
    assert ym.call("GET", second["url"].replace(str(boxes[1]["boxId"]), "5")).status_code == 404
