"""Words of an order: stages, what is unknown, codes that are needed, whose order it is."""

from __future__ import annotations

from typing import Any

import pytest

from orders.enums import CodeKind, Stage
from orders.marketplaces.yandex_market.facts import status_of
from tests.orders.marketplaces.support import Notes

from .pair import BOTH, BUSINESS, DIALECTS, V2, changed, reason
from .shapes import business, v2


@pytest.mark.parametrize(
    ("status", "substatus", "stage"),
    [
        ("PLACING", "", Stage.WAITING),
        ("RESERVED", "", Stage.WAITING),
        ("UNPAID", "WAITING_USER_INPUT", Stage.WAITING),
        ("PENDING", "AWAIT_CONFIRMATION", Stage.WAITING),
        ("PROCESSING", "STARTED", Stage.NEW),
        ("PROCESSING", "READY_TO_SHIP", Stage.READY),
        ("PROCESSING", "PACKAGING", Stage.NEW),
        ("DELIVERY", "DELIVERY_SERVICE_RECEIVED", Stage.DELIVERING),
        ("DELIVERY", "DELIVERY_USER_NOT_RECEIVED", Stage.DELIVERING),
        ("PICKUP", "PICKUP_SERVICE_RECEIVED", Stage.AT_PICKUP_POINT),
        ("DELIVERED", "DELIVERY_SERVICE_DELIVERED", Stage.RECEIVED),
        ("DELIVERED", "DELIVERED_USER_NOT_RECEIVED", Stage.RECEIVED),
        ("CANCELLED", "SHOP_FAILED", Stage.CANCELLED),
        ("CANCELLED", "USER_REFUSED_DELIVERY", Stage.REJECTED),
        ("CANCELLED", "USER_REFUSED_PRODUCT", Stage.REJECTED),
        ("CANCELLED", "USER_REFUSED_QUALITY", Stage.REJECTED),
        ("CANCELLED", "FULL_NOT_RANSOM", Stage.REJECTED),
        ("PARTIALLY_RETURNED", "", Stage.PARTIALLY_RETURNED),
        ("RETURNED", "", Stage.RETURNED),
    ],
)
def test_stages(status: str, substatus: str, stage: Stage) -> None:
    for read, order in BOTH:
        notes = Notes()
        task = read({**order, "status": status, "substatus": substatus}, notes)

        assert (task.stage, task.known, task.words) == (stage, True, {"status": status, "substatus": substatus})
        assert status_of(task).stage == stage
        assert notes.drift == []


@pytest.mark.parametrize("status", ["UNKNOWN", "TELEPORTED"])
def test_an_unknown_status_moves_nothing(status: str) -> None:
    for read, order in BOTH:
        notes = Notes()
        task = read({**order, "status": status, "substatus": "BEAMED"}, notes)
        told = status_of(task)

        assert (task.stage, task.known, task.words["status"]) == (Stage.WAITING, False, status)
        assert (told.stage, told.words, told.found) == (None, {"status": status, "substatus": "BEAMED"}, True)
        assert (told.cancel_requested, told.updated_at) == (True, task.updated_at)
        assert ("order", "value", "substatus=BEAMED") in notes.drift
        assert (("order", "value", f"status={status}") in notes.drift) == (status == "TELEPORTED")


def test_an_unknown_substatus_does_not_hide_the_stage() -> None:
    for read, order in BOTH:
        notes = Notes()
        task = read({**order, "status": "DELIVERY", "substatus": "BEAMED"}, notes)

        assert (task.stage, task.known, task.words["substatus"]) == (Stage.DELIVERING, True, "BEAMED")
        assert notes.drift == [("order", "value", "substatus=BEAMED")]


def test_unknown_words_are_kept_and_counted() -> None:
    notes = Notes()
    order = changed(changed(V2, "paymentMethod", "SHELLS"), "items[0].requiredInstanceTypes", ["CIS", "SOUL", None])

    task = v2(changed(order, "delivery.type", "DRONE"), notes)

    assert task.facts is not None
    assert (task.facts.payment_method, task.delivery_type) == ("SHELLS", "DRONE")
    assert task.items[0].facts is not None
    assert task.items[0].facts.needs == ("CIS", "SOUL")
    assert (task.code_kinds, task.required_kinds) == ((CodeKind.SGTIN,), (CodeKind.SGTIN,))
    assert sorted(name for _place, _kind, name in notes.drift) == [
        "delivery.type=DRONE",
        "paymentMethod=SHELLS",
        "requiredInstanceTypes=SOUL",
    ]


def test_unknown_fields_are_counted_with_a_sample_that_shows_only_their_form() -> None:
    notes = Notes()
    region = {"id": 1, "name": "X", "type": "CITY", "parent": {"id": 2, "name": "Y", "type": "COUNTRY", "mood": "blue"}}
    order = changed(changed(V2, "buyer.email", "anna@example.org"), "delivery.region", region)

    v2(order, notes)

    assert sorted(zip(notes.drift, notes.samples, strict=True)) == [
        (("order.buyer", "field", "email"), "xxxx@xxxxxxx.xxx"),
        (("order.region", "field", "mood"), "xxxx"),
    ]


@DIALECTS
def test_nulls_are_nothing(read: Any, order: dict[str, Any]) -> None:
    notes = Notes()
    lists = ("items[0].instances", "items[0].requiredInstanceTypes", "items[0].tags", "delivery.tracks")
    for path in (*lists, "notes", "externalOrderId", "cancelRequested", "fake"):
        order = changed(order, path, None)

    task = read(order, notes)

    assert (task.code_kinds, task.required_kinds, task.comment) == ((), (), "")
    assert (task.items[0].code_kinds, task.items[0].required_kinds) == ((), ())
    assert (task.cancel_requested, task.is_test) == (False, False)
    assert notes.drift == []


@pytest.mark.parametrize(
    ("words", "kind", "taken", "needed"),
    [
        (["CIS"], "PERSON", ["sgtin"], ["sgtin"]),
        (["CIS_OPTIONAL"], "PERSON", ["sgtin"], []),
        (["CIS_OPTIONAL"], "BUSINESS", ["sgtin"], ["sgtin"]),
        (["UIN"], "PERSON", ["uin"], ["uin"]),
        (["RNPT"], "PERSON", ["rnpt"], ["rnpt"]),
        (["GTD", "CIS"], "PERSON", ["gtd", "sgtin"], ["gtd", "sgtin"]),
    ],
)
def test_which_codes_an_item_needs(words: list[str], kind: str, taken: list[str], needed: list[str]) -> None:
    plain = {"id": 12, "offerId": "B-2", "offerName": "Кружка", "count": 1, "price": 5}
    order = changed(changed(V2, "items[0].requiredInstanceTypes", words), "buyer.type", kind)
    order["items"].append(plain)

    task = v2(order)
    first, second = task.items

    assert (first.code_kinds, first.required_kinds) == (tuple(taken), tuple(needed))
    assert (second.code_kinds, second.required_kinds) == ((), ())
    assert (task.code_kinds, task.required_kinds) == (tuple(taken), tuple(needed))


def test_the_kinds_of_all_items_in_their_order() -> None:
    order = changed(V2, "items[0].requiredInstanceTypes", ["UIN"])
    order["items"].append({**order["items"][0], "id": 12, "requiredInstanceTypes": ["CIS_OPTIONAL", "UIN"]})

    task = v2(order)

    assert (task.code_kinds, task.required_kinds) == ((CodeKind.UIN, CodeKind.SGTIN), (CodeKind.UIN,))


@pytest.mark.parametrize("model", ["FBS", "FBY", "EXPRESS", "LAAS", "TELEPORT"])
def test_an_order_of_another_model_is_not_ours(model: str) -> None:
    said = reason(business, changed(BUSINESS, "programType", model))

    assert said == f"This order is of the model {model}; only DBS orders are handled here."


def test_an_order_of_another_shop_is_not_ours() -> None:
    said = reason(business, changed(BUSINESS, "campaignId", 7100002))

    assert said == "This order belongs to the shop 7100002; this account is for the shop 7100001."
    assert business(changed(changed(BUSINESS, "campaignId", None), "programType", None)).external_id == "4711"


def test_who_pays_tells_an_organisation_where_the_buyer_is_not_told() -> None:
    order = changed(changed(BUSINESS, "buyerType", None), "paymentMethod", "B2B_ACCOUNT_POSTPAYMENT")

    assert business(order).is_business
    assert not business(changed(order, "buyerType", "PERSON")).is_business
