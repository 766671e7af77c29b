"""What follows from every status of a carrier, for both marketplaces: the whole table, and by hand what each cell says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from itertools import product

import pytest

from carriers.statuses import Finality, Meaning, TrackingStatus
from orders.enums import ActionKind, Stage
from orders.marketplaces import registry
from orders.marketplaces.base import Connection, Offer
from orders.reactions import IRREVERSIBLE, Follow, Hand, Place, after, follow, may_follow, packed

S, F, A = TrackingStatus, Finality, ActionKind
DAY = date(2026, 11, 26)
#: Words of contract 2.6 and 1.4 with our stage. "point": an order to a pick-up point.
YANDEX = {
    "pending": Place(Stage.WAITING, {"status": "PENDING"}, "DELIVERY"),
    "processing": Place(Stage.READY, {"status": "PROCESSING"}, "DELIVERY"),
    "processing point": Place(Stage.READY, {"status": "PROCESSING"}, "PICKUP"),
    "delivery": Place(Stage.DELIVERING, {"status": "DELIVERY"}, "DELIVERY"),
    "delivery point": Place(Stage.DELIVERING, {"status": "DELIVERY"}, "PICKUP"),
    "pickup": Place(Stage.AT_PICKUP_POINT, {"status": "PICKUP"}, "PICKUP"),
    "delivered": Place(Stage.RECEIVED, {"status": "DELIVERED"}, "DELIVERY"),
    "cancelled": Place(Stage.CANCELLED, {"status": "CANCELLED"}, "DELIVERY"),
    "returned": Place(Stage.RETURNED, {"status": "RETURNED"}, "DELIVERY"),
}
WILDBERRIES = {
    "new": Place(Stage.NEW, {"supplierStatus": "new", "wbStatus": "waiting"}, "dbs"),
    "confirm": Place(Stage.READY, {"supplierStatus": "confirm", "wbStatus": "waiting"}, "dbs"),
    "deliver": Place(Stage.DELIVERING, {"supplierStatus": "deliver", "wbStatus": "waiting"}, "dbs"),
    "deliver point": Place(
        Stage.AT_PICKUP_POINT, {"supplierStatus": "deliver", "wbStatus": "ready_for_pickup"}, "dbsPickupPoint"
    ),
    "receive": Place(Stage.RECEIVED, {"supplierStatus": "receive", "wbStatus": "sold"}, "dbs"),
    "reject": Place(Stage.REJECTED, {"supplierStatus": "reject", "wbStatus": "canceled_by_client"}, "dbs"),
    "cancel": Place(Stage.CANCELLED, {"supplierStatus": "cancel", "wbStatus": "canceled"}, "dbs"),
}
DELIVER, ARRIVE = Follow(A.DELIVER), Follow(A.ARRIVE)
RECEIVED = Follow(A.RECEIVE, date=DAY)
ASK_CODE = Follow(A.RECEIVE, hand=Hand.CODE)
REFUSED = Follow(A.REJECT, hand=Hand.CODE)
CHANGED = Follow(A.CANCEL, reason="USER_CHANGED_MIND", hand=Hand.DECISION)
EXPIRED = Follow(A.CANCEL, reason="PICKUP_EXPIRED", hand=Hand.DECISION)
CANCEL = Follow(A.CANCEL, hand=Hand.DECISION)
#: Everything else is None.
EXPECTED: dict[tuple[str, str, TrackingStatus, Finality], Follow] = {
    ("ym", "processing", S.OUT_FOR_DELIVERY, F.OPEN): DELIVER,
    ("ym", "processing", S.OUT_FOR_DELIVERY, F.FINAL): DELIVER,
    ("ym", "processing point", S.OUT_FOR_DELIVERY, F.OPEN): DELIVER,
    ("ym", "processing point", S.OUT_FOR_DELIVERY, F.FINAL): DELIVER,
    ("ym", "processing", S.READY_FOR_PICKUP, F.OPEN): DELIVER,  # a carrier's terminal, and the order goes to a door
    ("ym", "processing", S.READY_FOR_PICKUP, F.FINAL): DELIVER,
    ("ym", "processing point", S.READY_FOR_PICKUP, F.OPEN): ARRIVE,  # "hand over" goes before it
    ("ym", "processing point", S.READY_FOR_PICKUP, F.FINAL): ARRIVE,
    ("ym", "delivery point", S.READY_FOR_PICKUP, F.OPEN): ARRIVE,
    ("ym", "delivery point", S.READY_FOR_PICKUP, F.FINAL): ARRIVE,
    ("ym", "processing", S.DELIVERED, F.FINAL): RECEIVED,
    ("ym", "processing point", S.DELIVERED, F.FINAL): RECEIVED,
    ("ym", "delivery", S.DELIVERED, F.FINAL): RECEIVED,
    ("ym", "delivery point", S.DELIVERED, F.FINAL): RECEIVED,
    ("ym", "pickup", S.DELIVERED, F.FINAL): RECEIVED,
    ("ym", "processing", S.UNDELIVERED, F.FINAL): CHANGED,
    ("ym", "processing point", S.UNDELIVERED, F.FINAL): CHANGED,
    ("ym", "delivery", S.UNDELIVERED, F.FINAL): CHANGED,
    ("ym", "delivery point", S.UNDELIVERED, F.FINAL): CHANGED,
    ("ym", "pickup", S.UNDELIVERED, F.FINAL): EXPIRED,
    ("ym", "processing", S.RETURNED, F.FINAL): CHANGED,
    ("ym", "processing point", S.RETURNED, F.FINAL): CHANGED,
    ("ym", "delivery", S.RETURNED, F.FINAL): CHANGED,
    ("ym", "delivery point", S.RETURNED, F.FINAL): CHANGED,
    ("ym", "pickup", S.RETURNED, F.FINAL): EXPIRED,
    ("wb", "confirm", S.OUT_FOR_DELIVERY, F.OPEN): DELIVER,
    ("wb", "confirm", S.OUT_FOR_DELIVERY, F.FINAL): DELIVER,
    ("wb", "confirm", S.READY_FOR_PICKUP, F.OPEN): DELIVER,  # there is no "arrived"
    ("wb", "confirm", S.READY_FOR_PICKUP, F.FINAL): DELIVER,
    ("wb", "confirm", S.DELIVERED, F.FINAL): DELIVER,  # "received" is not taken of what was never handed over
    ("wb", "deliver", S.DELIVERED, F.FINAL): ASK_CODE,
    ("wb", "deliver point", S.DELIVERED, F.FINAL): ASK_CODE,
    ("wb", "deliver", S.UNDELIVERED, F.FINAL): REFUSED,
    ("wb", "deliver point", S.UNDELIVERED, F.FINAL): REFUSED,
    ("wb", "deliver", S.RETURNED, F.FINAL): REFUSED,
    ("wb", "deliver point", S.RETURNED, F.FINAL): REFUSED,
    ("wb", "new", S.UNDELIVERED, F.FINAL): CANCEL,
    ("wb", "confirm", S.UNDELIVERED, F.FINAL): CANCEL,
    ("wb", "new", S.RETURNED, F.FINAL): CANCEL,
    ("wb", "confirm", S.RETURNED, F.FINAL): CANCEL,
}


def offer_of(kind: str) -> Offer:
    options = {"campaign_id": "1", "business_id": "2"} if kind == "yandex_market" else {}
    credentials = {"api_key": "k"} if kind == "yandex_market" else {"token": "t"}
    return registry.offer(kind, Connection("http://127.0.0.1:1", registry.dialects(kind)[0], options, credentials))


OFFERS = {"ym": (offer_of("yandex_market"), YANDEX), "wb": (offer_of("wildberries"), WILDBERRIES)}


def test_every_cell_of_the_table() -> None:
    found = {
        (shop, name, status, finality): cell
        for shop, (offer, places) in OFFERS.items()
        for name, status, finality in product(places, S, F)
        if (cell := follow(Meaning(status, finality), offer, places[name], delivered_on=DAY)) is not None
    }

    assert found == EXPECTED
    assert sum(len(places) for _offer, places in OFFERS.values()) * len(S) * len(F) == 16 * 18 * 3
    assert Counter(cell.kind for cell in found.values()) == {
        A.DELIVER: 11, A.ARRIVE: 4, A.RECEIVE: 7, A.CANCEL: 14, A.REJECT: 4,
    }  # fmt: skip


def test_a_provisional_word_makes_nothing_happen() -> None:
    assert [status for status in S if may_follow(Meaning(status, F.PROVISIONAL))] == []


def test_only_a_received_order_of_yandex_market_is_irreversible_and_done_by_itself() -> None:
    by_itself = {(key[0], cell.kind) for key, cell in EXPECTED.items() if cell.hand is None}

    assert by_itself == {("ym", A.DELIVER), ("ym", A.ARRIVE), ("ym", A.RECEIVE), ("wb", A.DELIVER)}
    assert [kind for kind in (A.DELIVER, A.ARRIVE) if kind in IRREVERSIBLE] == []
    assert {cell.kind for cell in EXPECTED.values() if cell.irreversible} == {A.RECEIVE, A.CANCEL, A.REJECT}


def test_the_shop_is_never_blamed_and_no_call_is_invented() -> None:
    reasons = {cell.reason for cell in EXPECTED.values()}

    assert reasons == {"", "USER_CHANGED_MIND", "PICKUP_EXPIRED"}


WISH = Place(Stage.DELIVERING, {"status": "DELIVERY"}, "DELIVERY", datetime(2026, 11, 26, tzinfo=UTC))


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (S.DELIVERED, Follow(A.RECEIVE, date=DAY, hand=Hand.WISH)),
        (S.RETURNED, Follow(A.ACCEPT_CANCEL, hand=Hand.DECISION)),
    ],
)
def test_a_buyer_who_wants_to_cancel_is_answered_by_a_person(status: TrackingStatus, wanted: Follow) -> None:
    assert follow(Meaning(status, F.FINAL), OFFERS["ym"][0], WISH, delivered_on=DAY) == wanted


@pytest.mark.parametrize(
    ("status", "others", "wanted"),
    [
        (S.DELIVERED, [S.DELIVERED], RECEIVED),
        (S.DELIVERED, [S.IN_TRANSIT], None),
        (S.DELIVERED, [S.UNDELIVERED], None),
        (S.DELIVERED, [S.CANCELLED], RECEIVED),  # another one went in its place
        (S.RETURNED, [S.RETURNING], CHANGED),
        (S.RETURNED, [S.DELIVERED], None),
    ],
)
def test_one_parcel_of_several_speaks_for_all_only_when_they_agree(
    status: TrackingStatus, others: list[TrackingStatus], wanted: Follow | None
) -> None:
    place = YANDEX["delivery"]

    assert follow(Meaning(status, F.FINAL), OFFERS["ym"][0], place, others=others, delivered_on=DAY) == wanted


@pytest.mark.parametrize(
    ("others", "wanted"),
    [([S.IN_TRANSIT], DELIVER), ([S.PENDING], Follow(A.DELIVER, hand=Hand.PARCELS))],
)
def test_a_parcel_that_is_still_here_leaves_the_hand_over_to_a_person(
    others: list[TrackingStatus], wanted: Follow
) -> None:
    assert follow(Meaning(S.OUT_FOR_DELIVERY), OFFERS["ym"][0], YANDEX["processing"], others=others) == wanted


def test_days_the_marketplace_would_not_take() -> None:
    offer, place = OFFERS["ym"][0], Place(Stage.DELIVERING, {"status": "DELIVERY"}, "DELIVERY", None, DAY)
    told = Meaning(S.DELIVERED, F.FINAL)

    # In the far east it is tomorrow already.
    assert follow(told, offer, place, delivered_on=date(2026, 11, 28), today=date(2026, 11, 27)) == Follow(
        A.RECEIVE, date=date(2026, 11, 27)
    )
    assert follow(told, offer, place, delivered_on=date(2026, 11, 20)) == Follow(A.RECEIVE, hand=Hand.DAY)


def test_where_a_rehearsal_begins_and_how_it_goes_on() -> None:
    offer = OFFERS["ym"][0]
    place = packed(offer, "DELIVERY")

    assert place == Place(Stage.READY, {"status": "PROCESSING"}, "DELIVERY")
    assert after(place, A.DELIVER, offer) == Place(Stage.DELIVERING, {"status": "DELIVERY"}, "DELIVERY")
