"""The journal of orders (contract 2.6)."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.dellin.days import moscow
from sandbox.server import RunningSandbox
from tests.sandbox.dellin.conftest import Sender, error

JOURNAL = "/v3/orders.json"


def test_an_order_in_full(box: RunningSandbox, dl: Sender) -> None:
    rows = [{"code": "received", "at": "2026-11-20T23:30:00+00:00"}]
    fields = {"web": "W-1", "others": ["19-1"], "to_address": False, "town": "Казань", "receiver": "Иванов Иван"}
    (number,) = box.dellin.make(rows=rows, fields=fields)
    (order,) = dl.journal()
    assert order == {
        "orderId": number, "orderNumber": "W-1", "orderedAt": "2026-11-21 02:30:00", "state": "received",
        "stateName": "Груз принят к перевозке", "stateDate": "2026-11-21", "detailedStatus": "received",
        "detailedStatusRus": None, "progressPercent": 36, "returnState": False, "returnReason": None, "returnDate": None,
        "declineReason": None, "isAir": False, "orderedDeliveryToAddress": False, "arrival": {"city": "Казань"},
        "receiver": {"name": "Иванов Иван"}, "orderDates": {"finish": None},
        "documents": [{"id": "19-1", "type": "shipping", "state": "in_way", "createDate": "2026-11-21 02:30:00"}],
    }  # fmt: skip


def test_a_return_is_a_flag(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(path="pickup_point", until="arrived")
    box.dellin.give_back(number, "Истёк срок хранения")
    (order,) = dl.journal()
    assert (order["state"], order["returnState"], order["returnReason"]) == ("arrived", True, "Истёк срок хранения")
    assert order["returnDate"] == moscow(box.dellin.parcel(number)["fields"]["returned_at"])
    box.dellin.finish(number)
    assert [(one["state"], one["returnState"]) for one in dl.journal()] == [("finished", True)]
    assert dl.told(number)[-1] == "finished"
    box.dellin.give_back(number, on=False)
    assert [(one["returnState"], one["returnReason"], one["returnDate"]) for one in dl.journal()] == [
        (False, None, None)
    ]
    kinds = [(one["kind"], one["after"]) for one in box.dellin.effects(number)[1:]]
    assert kinds == [("return", True), ("status", "finished"), ("return", False)]


def test_the_path_of_a_refusal_sets_the_flag(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(path="refused", until="delivery/delivery_arrived")
    assert dl.journal()[0]["returnState"] is False
    box.dellin.step(number)
    assert (dl.journal()[0]["state"], dl.journal()[0]["returnState"]) == ("arrived", True)


def test_declined_and_undated(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(path="cancelled", fields={"declineReason": "Нет машины"})
    assert (dl.journal()[0]["stateDate"], dl.journal()[0]["declineReason"]) == (None, None)
    box.dellin.step(number)
    assert dl.journal()[0]["stateDate"] is not None
    assert dl.journal()[0]["declineReason"] == "Нет машины"


def test_without_a_session(box: RunningSandbox, dl: Sender) -> None:
    """Short, and only by a number."""
    (number,) = box.dellin.make(fields={"web": "W-1"})
    (order,) = dl.call(JOURNAL, docIds=[number])["orders"]
    assert set(order) == {
        "orderId", "orderNumber", "state", "stateName", "stateDate", "detailedStatus", "detailedStatusRus", "progressPercent",
    }  # fmt: skip
    assert [one["orderId"] for one in dl.call(JOURNAL, orderNumber="W-1")["orders"]] == [number]
    assert dl.call(JOURNAL, docIds=["1"])["orders"] == []
    for wrong in ({}, {"states": ["inway"]}, {"cargoPlaces": ["1"]}):
        assert error(dl.post(JOURNAL, wrong))[0] == 281016
    assert error(dl.post(JOURNAL, {"docIds": [number], "orderNumber": "W-1"}))[2] == ["docIds", "orderNumber"]
    assert error(dl.post(JOURNAL, {"docIds": ["1", "2", "3", "4", "5", "6"]}))[2] == ["docIds"]
    assert error(dl.post(JOURNAL, {"sessionID": "nobody's"}), 401)[2] == ["sessionID"]


def test_pages(box: RunningSandbox, dl: Sender) -> None:
    numbers = box.dellin.make(count=5)
    box.dellin.tune(page_size=2, journal_order="oldest")
    session = dl.session()
    answers = [dl.call(JOURNAL, sessionID=session, page=page) for page in (1, 2, 3)]
    seen = [[order["orderId"] for order in answer["orders"]] for answer in answers]
    assert seen == [numbers[:2], numbers[2:4], numbers[4:]]
    assert [answer["metadata"]["nextPage"] for answer in answers] == [2, 3, None]
    metadata = answers[2]["metadata"]
    assert (metadata["currentPage"], metadata["prevPage"], metadata["totalPages"]) == (3, 2, 3)
    beyond = dl.call(JOURNAL, sessionID=session, page=9)
    assert (beyond["orders"], beyond["metadata"]["nextPage"]) == ([], None)
    box.dellin.tune(journal_order="newest")
    assert dl.journal_numbers() == numbers[::-1][:2]
    for wrong in (0, -1, "1", True):
        assert error(dl.post(JOURNAL, {"sessionID": session, "page": wrong}))[2] == ["page"]


def test_changed_since(box: RunningSandbox, dl: Sender) -> None:
    first, second = box.dellin.make(count=2, path="pickup_point", pace=0)
    box.advance(3600)
    since = moscow(box.dellin.world.now)
    assert dl.journal_numbers(lastUpdate=since) == []
    box.advance(60)
    box.dellin.step(second)
    assert dl.journal_numbers(lastUpdate=since) == dl.journal_numbers(lastUpdate=since[:16]) == [second]
    box.dellin.give_back(first)
    assert dl.journal_numbers(lastUpdate=since, orderBy="updated_at") == [first, second]
    assert dl.journal_numbers(lastUpdate=since[:10])[::-1] == [first, second]


def test_orders_on_the_way_are_always_there(box: RunningSandbox, dl: Sender) -> None:
    """The quirk of contract 2.6."""
    (moving,) = box.dellin.make(path="pickup_point", until="inway")
    box.dellin.make(path="pickup_point", until="arrived")
    box.advance(3600)
    since = moscow(box.dellin.world.now)
    assert dl.journal_numbers(lastUpdate=since, states=["arrived"]) == []
    assert dl.journal_numbers(lastUpdate=since, states=["inway", "arrived"]) == [moving]
    assert dl.journal_numbers(lastUpdate=since, states="inway") == [moving]
    assert dl.journal_numbers(lastUpdate=since) == []


def test_filters_by_creation(box: RunningSandbox, dl: Sender) -> None:
    (old,) = box.dellin.make(created="2026-11-10T10:10:00+03:00")
    (new,) = box.dellin.make(created="2026-11-12T10:10:00+03:00")
    assert dl.journal_numbers(dateStart="2026-11-11 10:10") == [new]
    assert dl.journal_numbers(dateStart="2026-11-10 10:10:00", dateEnd="2026-11-10 10:10:00") == [old]
    assert dl.journal_numbers(dateEnd="2026-11-09") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lastUpdate", "yesterday"),
        ("dateStart", "2026-13-01"),
        ("states", ["lost"]),
        ("states", 5),
        ("orderBy", "name"),
    ],
)
def test_wrong_filters(box: RunningSandbox, dl: Sender, field: str, value: Any) -> None:
    assert error(dl.post(JOURNAL, {"sessionID": dl.session(), field: value}))[::2] == (281017, [field])


def test_orders_of_this_key_that_are_not_missing(box: RunningSandbox, dl: Sender) -> None:
    here, gone = box.dellin.make(count=2)
    box.dellin.make("sandbox-2")
    box.dellin.flag(gone, "missing")
    assert dl.journal_numbers() == [here]
