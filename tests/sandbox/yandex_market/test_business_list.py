"""`POST /v1/businesses/{b}/orders`: pages, filters, ranges (contract 2.4.1, 2.7; checklist 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sandbox.server import RunningSandbox
from tests.sandbox.yandex_market.conftest import BUSINESS, Shop, message

MOSCOW = timezone(timedelta(hours=3))


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def day(days: int) -> str:
    """The date so many days ago in Moscow."""
    return (datetime.now(MOSCOW) - timedelta(days=days)).date().isoformat()


def test_pages_by_opaque_tokens(box: RunningSandbox, ym: Shop) -> None:
    numbers = box.ym.make(count=5)
    seen, token = [], ""
    sizes = []
    while True:
        body = ym.business({}, limit=2, **({"pageToken": token} if token else {})).json()
        seen += [order["orderId"] for order in body["orders"]]
        sizes.append(len(body["orders"]))
        token = body["paging"].get("nextPageToken", "")
        if not token:
            break
        box.ym.make()  # what comes while one pages does not shift the pages
    assert seen == sorted(numbers, reverse=True)
    assert sizes == [2, 2, 1]
    assert body["paging"] == {}


def test_limit_is_cut_to_50(box: RunningSandbox, ym: Shop) -> None:
    box.ym.make(count=60)
    assert [len(ym.business({}, **params).json()["orders"]) for params in ({}, {"limit": 500}, {"limit": 7})] == [
        50,
        50,
        7,
    ]
    assert message(ym.business({}, limit=0)) == "'limit' must be greater than or equal to '1' (rejected value: '0')"
    assert message(ym.business({}, limit="x")) == "Type mismatch: 'x'"
    token = ym.business({}).json()["paging"]["nextPageToken"]
    assert len(ym.business({}, page_token=token).json()["orders"]) == 10
    for wrong in ("abc", "eyJuZXh0IjogMX0=", "%"):
        assert message(ym.business({}, pageToken=wrong)) == "Bad page token"


def test_filters(box: RunningSandbox, ym: Shop) -> None:
    new, sent, gone, other = (
        box.ym.make(status=status, **more)[0]
        for status, more in (
            ("PROCESSING", {"external": "WEB-1"}), ("DELIVERY", {"cancel_requested": True}), ("CANCELLED", {}),
            ("PROCESSING", {"substatus": "READY_TO_SHIP"}),
        )
    )  # fmt: skip
    assert ym.business_ids() == [other, gone, sent, new]
    for body, wanted in (
        ({"orderIds": [gone, new]}, [gone, new]),
        ({"externalOrderIds": ["WEB-1", "WEB-2"]}, [new]),
        ({"statuses": ["DELIVERY", "CANCELLED"]}, [gone, sent]),
        ({"substatuses": ["READY_TO_SHIP"]}, [other]),
        ({"statuses": ["PROCESSING"], "orderIds": [gone]}, []),
        ({"waitingForCancellationApprove": True}, [sent]),
        ({"waitingForCancellationApprove": False}, [other, gone, sent, new]),
        ({"programTypes": ["DBS", "FBS"]}, [other, gone, sent, new]),
        ({"programTypes": ["FBS"]}, []),
        ({"sourcePlatforms": ["OZON"]}, []),
        ({"statuses": None, "dates": None}, [other, gone, sent, new]),
    ):
        assert ym.business_ids(**body) == wanted, body


def test_campaigns_of_one_business(box: RunningSandbox, ym: Shop) -> None:
    box.ym.tune(shops=2)
    (first,), (second,) = box.ym.make(), box.ym.make(campaign=7100002)
    assert ym.business_ids() == [second, first]
    assert ym.business_ids(campaignIds=[7100002]) == [second]
    assert ym.legacy_ids() == [first]
    assert ym.of("GET", second).status_code == 404


def test_test_orders_only_when_asked_for(box: RunningSandbox, ym: Shop) -> None:
    (real,), (fake,) = box.ym.make(), box.ym.make(fake=True)
    assert (ym.business_ids(), ym.business_ids(fake=False), ym.business_ids(fake=True)) == ([real], [real], [fake])
    box.advance(10 * 86400 + 1)
    assert ym.business_ids(fake=True) == []
    assert message(ym.of("GET", fake), 404) == f"Order not found: '{fake}'"


def test_the_last_30_days(box: RunningSandbox, ym: Shop) -> None:
    (old,), (late,) = box.ym.make(created=days_ago(45)), box.ym.make(created=days_ago(29))
    assert ym.business_ids() == [late]
    assert ym.business_ids(orderIds=[old, late]) == [late, old]
    assert ym.business_ids(dates={"creationDateFrom": day(46), "creationDateTo": day(44)}) == [old]
    box.ym.tune(creation_default="always")
    assert ym.business_ids(orderIds=[old, late]) == [late]


def test_the_end_of_a_range_is_not_in_it(box: RunningSandbox, ym: Shop) -> None:
    midnight = datetime.fromisoformat(day(3)).replace(tzinfo=MOSCOW)
    (before,) = box.ym.make(created=(midnight - timedelta(seconds=1)).isoformat())
    (after,) = box.ym.make(created=midnight.isoformat())
    assert ym.business_ids(dates={"creationDateFrom": day(5), "creationDateTo": day(3)}) == [before]
    assert ym.business_ids(dates={"creationDateFrom": day(3), "creationDateTo": day(2)}) == [after]
    assert ym.business_ids(dates={"creationDateFrom": day(3)}) == [after]


def test_updates(box: RunningSandbox, ym: Shop) -> None:
    (quiet,), (touched,) = box.ym.make(created=days_ago(40)), box.ym.make(created=days_ago(40))
    since = datetime.now(MOSCOW).replace(microsecond=0).isoformat()
    box.advance(60)
    ym.move(touched, "DELIVERY")
    until = (datetime.now(MOSCOW) + timedelta(hours=1)).isoformat(timespec="seconds")
    assert ym.business_ids(dates={"updateDateFrom": since, "updateDateTo": until}) == [touched]
    moment = ym.one(touched)[0]["updateDate"]
    assert ym.business_ids(dates={"updateDateFrom": since, "updateDateTo": moment}) == []
    assert quiet not in ym.business_ids(dates={"updateDateFrom": since})


def test_shipments(box: RunningSandbox, ym: Shop) -> None:
    (number,) = box.ym.make()
    box.ym.patch(number, delivery={"shipment": "2026-11-10"})
    ranges = (("2026-11-10", "2026-11-11"), ("2026-11-09", "2026-11-10"))
    found = [ym.business_ids(dates={"shipmentDateFrom": since, "shipmentDateTo": until}) for since, until in ranges]
    assert found == [[number], []]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"dates": {"creationDateFrom": "2026-10-01", "creationDateTo": "2026-11-01"}},
            "Invalid filters: interval between '2026-10-01' and '2026-11-01' is more than '30' days.",
        ),
        (
            {"dates": {"shipmentDateFrom": "2026-10-01", "shipmentDateTo": "2026-11-01"}},
            "Invalid filters: interval between '2026-10-01' and '2026-11-01' is more than '30' days.",
        ),
        (
            {"dates": {"updateDateFrom": "2026-10-01T00:00:00+03:00", "updateDateTo": "2026-11-01T00:00:00+03:00"}},
            (
                "Invalid filters: interval between '2026-10-01T00:00:00+03:00' and '2026-11-01T00:00:00+03:00' "
                "is more than '30' days."
            ),
        ),
        (
            {"dates": {"creationDateFrom": "2026-11-02", "creationDateTo": "2026-11-02"}},
            "Order creation start date is required to be less than end date",
        ),
        (
            {"dates": {"shipmentDateFrom": "2026-11-03", "shipmentDateTo": "2026-11-02"}},
            "Order shipment start date is required to be less than end date",
        ),
        (
            {"dates": {"updateDateFrom": "2026-11-02T01:00:00+03:00", "updateDateTo": "2026-11-02T00:00:00+03:00"}},
            "Order update start date is required to be less than end date",
        ),
        ({"orderIds": list(range(1, 52))}, "'orderIds' size must be between '1' and '50' (rejected size: '51')"),
        ({"orderIds": []}, "'orderIds' size must be between '1' and '50' (rejected size: '0')"),
        ({"orderIds": ["5"]}, "Type mismatch: '5'"),
        ({"orderIds": [5, 5]}, "Illegal input at 'orderIds'"),
        ({"statuses": ["SOLD"]}, "Illegal input at 'statuses'"),
        ({"fake": "true"}, "Type mismatch: 'true'"),
        ({"dates": {"creationDateFrom": "01-11-2026"}}, "Type mismatch: '01-11-2026'"),
        ({"dates": {"updateDateFrom": "2026-11-02T01:00:00"}}, "Type mismatch: '2026-11-02T01:00:00'"),
    ],
)
def test_what_is_refused(box: RunningSandbox, ym: Shop, body: dict[str, Any], words: str) -> None:
    assert message(ym.business(body)) == words


def test_bodies_that_are_none(ym: Shop) -> None:
    path = f"/v1/businesses/{BUSINESS}/orders"
    json = {"Content-Type": "application/json"}
    assert message(ym.call("POST", path)) == "Required request body is missing"
    assert (
        message(ym.call("POST", path, data="{5}", headers=json))
        == "JSON: Expecting property name enclosed in double quotes"
    )
    assert message(ym.call("POST", path, data='{"orderIds":', headers=json)) == "Unexpected end of content"
    assert message(ym.call("POST", path, [1])) == "Illegal input at '$'"
    text = ym.call("POST", path, data="{}", headers={"Content-Type": "text/plain"})
    assert message(text) == "Content type 'text/plain' not supported"
    big = ym.call("POST", path, {"externalOrderIds": ["x" * 600_000]})
    assert message(big).startswith("The request is too big: 600")


def test_1000_orders_are_no_matter(box: RunningSandbox, ym: Shop) -> None:
    answer = box.app.test_client().post("/control/yandex_market/orders", json={"seller": "sandbox", "count": 1000})
    assert answer.status_code == 201
    token: dict[str, str] = {}
    seen, seconds = 0, 0.0
    while True:
        page = ym.business({}, **token)
        seconds += page.elapsed.total_seconds()
        seen += len(page.json()["orders"])
        following = page.json()["paging"].get("nextPageToken")
        if following is None:
            break
        token = {"pageToken": following}
    assert seen == 1000
    assert seconds < 3
