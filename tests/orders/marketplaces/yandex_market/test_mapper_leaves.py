"""Not one field of an order is lost: each has a place in the task, or at least in the panel of all fields."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.utils.translation import override

from backoffice.errors import Unreadable
from orders.marketplaces.yandex_market.fields import fields
from tests.orders.marketplaces.support import Notes

from .business_leaves import COURIER_LEAVES, PICKUP_LEAVES
from .shapes import Leaf, at, business, leaves_of, made, raw, v2
from .v2_leaves import V2_LEAVES

DATA = Path(__file__).resolve().parents[3] / "data" / "yandex_market"
PERSONAL = re.compile(
    r"(address\.(street|house|estate|block|building|entrance|entryphone|floor|apartment|phone|recipient|gps)"
    r"|courier\.(fullName|phone|phoneExtension)$|buyer\.(id|lastName|firstName|middleName)"
    r"|eacCode|receiveCode|receiveBarcode|steamLink|^notes)"
)


def seed() -> dict[str, Any]:
    order: dict[str, Any] = json.loads((DATA / "v2_order.json").read_text())["order"]
    return order


def ids(leaves: tuple[Leaf, ...]) -> list[str]:
    return [leaf.path for leaf in leaves]


@pytest.mark.parametrize("leaf", V2_LEAVES, ids=ids(V2_LEAVES))
def test_every_leaf_of_a_v2_order_has_its_place(leaf: Leaf) -> None:
    if leaf.where:
        assert at(v2(made(V2_LEAVES)), leaf.where) == leaf.found


@pytest.mark.parametrize("leaf", COURIER_LEAVES, ids=ids(COURIER_LEAVES))
def test_every_leaf_of_a_business_order_by_courier_has_its_place(leaf: Leaf) -> None:
    assert at(business(made(COURIER_LEAVES)), leaf.where) == leaf.found


@pytest.mark.parametrize("leaf", PICKUP_LEAVES, ids=ids(PICKUP_LEAVES))
def test_every_leaf_of_a_business_order_to_a_pickup_point_has_its_place(leaf: Leaf) -> None:
    assert at(business(made(PICKUP_LEAVES)), leaf.where) == leaf.found


def test_the_table_holds_every_field_of_the_seed() -> None:
    """Its example has no parent of the region, and its tracks and boxes of a parcel are empty there."""
    told = {path for path, _value in leaves_of(seed())}

    assert told - set(ids(V2_LEAVES)) == {"delivery.region.parent"}
    assert {path for path in ids(V2_LEAVES) if path not in told and "[0]" in path and "[1]" not in path} == {
        "delivery.shipments[0].tracks[0].trackCode",
        "delivery.shipments[0].tracks[0].deliveryServiceId",
        "delivery.shipments[0].boxes[0].id",
        "delivery.shipments[0].boxes[0].fulfilmentId",
    }


@pytest.mark.parametrize("leaves", [V2_LEAVES, COURIER_LEAVES, PICKUP_LEAVES], ids=["v2", "courier", "pickup"])
def test_nothing_of_the_documents_counts_as_new(leaves: tuple[Leaf, ...]) -> None:
    notes = Notes()

    (v2 if leaves is V2_LEAVES else business)(made(leaves), notes)

    assert notes.drift == []


@pytest.mark.parametrize("leaves", [V2_LEAVES, COURIER_LEAVES, PICKUP_LEAVES], ids=["v2", "courier", "pickup"])
def test_the_panel_of_all_fields_shows_every_leaf(leaves: tuple[Leaf, ...]) -> None:
    found = fields(raw(made(leaves)).body, "v2" if leaves is V2_LEAVES else "business")

    assert {(each.path, each.value) for each in found} == {(leaf.path, shown(leaf.value)) for leaf in leaves}
    assert [each.path for each in found if each.personal] == [each.path for each in found if PERSONAL.search(each.path)]


def shown(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def test_the_panel_says_what_words_mean() -> None:
    with override("en"):
        meanings = {each.path: each.meaning for each in fields(raw(made(V2_LEAVES)).body, "v2")}

    assert (meanings["status"], meanings["delivery.region.parent.type"]) == (
        "In processing",
        "Subject of the federation",
    )
    assert (meanings["delivery.type"], meanings["buyer.type"]) == ("By mail", "Organisation")
    assert (meanings["items[0].promos[0].type"], meanings["notes"]) == ("Flash promotion", "")


def test_a_field_that_is_new_to_us_is_masked() -> None:
    body = b'{"id": 5, "delivery": {"address": {"city": "X", "neighbour": "Y"}}, "buyerMail": "a@b"}'

    assert [(each.path, each.personal) for each in fields(body, "v2")] == [
        ("id", False),
        ("delivery.address.city", False),
        ("delivery.address.neighbour", True),
        ("buyerMail", True),
    ]
    assert fields(b"{", "v2") == []
    assert [each.path for each in fields(b'{"orderId": 5}', "")] == ["orderId"]


def test_nothing_personal_in_what_is_kept_in_the_open() -> None:
    for task in (v2(made(V2_LEAVES)), business(made(COURIER_LEAVES))):
        kept = msgspec.json.encode([task.facts, [item.facts for item in task.items], dict(task.data)]).decode()
        for secret in (
            "Петров",
            "Иванова",
            "+7999",
            "Кузнецов",
            "9281",
            "9282",
            "9283",
            "s.team",
            "Зубовский",
            "apartment",
        ):
            assert secret not in kept


ODD: tuple[Any, ...] = (
    None,
    "",
    "x" * 600,
    -1,
    2**70,
    1e308,
    True,
    [],
    {},
    [None],
    "\x00",
    "25:61",
    "99-99-9999",
    "9999-99-99",
)


@pytest.mark.parametrize("leaves", [V2_LEAVES, COURIER_LEAVES, PICKUP_LEAVES], ids=["v2", "courier", "pickup"])
def test_no_value_of_any_leaf_is_more_than_unreadable(leaves: tuple[Leaf, ...]) -> None:
    read = v2 if leaves is V2_LEAVES else business
    for position, leaf in enumerate(leaves):
        for odd in ODD:
            spoiled = (*leaves[:position], leaf._replace(value=odd), *leaves[position + 1 :])
            with suppress(Unreadable):
                assert read(made(spoiled)).items
