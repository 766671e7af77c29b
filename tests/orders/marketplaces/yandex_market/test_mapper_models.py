"""The same order in both order models is the same task, as far as both tell it (contract 2.4.1)."""

from __future__ import annotations

from dataclasses import fields as fields_of
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from orders.enums import CodeKind, Stage
from orders.marketplaces.base import IncomingTask, Money
from orders.marketplaces.facts import ItemFacts
from tests.orders.marketplaces.support import Notes

from .pair import BUSINESS, V2, rub
from .shapes import MOSCOW, business, v2


def flat(task: IncomingTask) -> dict[str, Any]:
    """Field by field, facts and items opened."""
    found = {field.name: getattr(task, field.name) for field in fields_of(task)}
    facts, (item,) = found.pop("facts"), found.pop("items")
    found |= {f"item.{field.name}": getattr(item, field.name) for field in fields_of(item) if field.name != "facts"}
    found |= {f"item.facts.{name}": value for name, value in msgspec.structs.asdict(item.facts).items()}
    opened = msgspec.structs.asdict(facts)
    for part in ("delivery", "totals"):
        found |= {f"{part}.{name}": value for name, value in msgspec.structs.asdict(opened.pop(part)).items()}
    return found | {f"facts.{name}": value for name, value in opened.items()}


def test_both_models_give_the_same_task() -> None:
    """What differs is what one of them does not tell."""
    notes = Notes()

    old, new = flat(v2(V2, notes)), flat(business(BUSINESS, notes))

    assert sorted(name for name in old if old[name] != new[name]) == [
        "facts.campaign",
        "facts.platform",
        "facts.program",
        "facts.subsidies",
        "item.facts.subsidies",
    ]
    assert (new["facts.campaign"], new["facts.program"], new["facts.platform"]) == ("7100001", "DBS", "MARKET")
    assert (old["facts.campaign"], old["facts.program"], old["facts.platform"]) == ("", "", "")
    assert (new["facts.subsidies"], new["item.facts.subsidies"]) == ((), ())
    assert notes.drift == []


def test_what_the_task_is() -> None:
    task = business(BUSINESS)

    assert (task.external_id, task.order_external_id, task.stage, task.known) == ("4711", "4711", Stage.NEW, True)
    assert (task.created_at, task.updated_at) == (
        datetime(2026, 11, 20, 7, tzinfo=UTC),
        datetime(2026, 11, 20, 7, 5, 30, tzinfo=UTC),
    )
    assert (task.code_kinds, task.required_kinds) == ((CodeKind.SGTIN, CodeKind.GTD), (CodeKind.GTD,))
    assert task.deadline_at == datetime(2026, 11, 21, 16, tzinfo=MOSCOW)
    assert task.address is not None
    assert task.address.full == "Россия, Москва, Тверская улица, д. 7, подъезд 2, этаж 3, кв. 14"
    assert (task.buyer, task.is_business, task.is_test, task.cancel_requested) == (None, False, False, True)
    assert task.data == {}


def test_prices_of_a_unit() -> None:
    (item,) = business(BUSINESS).items

    assert (item.price, item.final_price) == (Money(Decimal("1000.00"), "RUB"), Money(Decimal("900.00"), "RUB"))
    assert item.facts == ItemFacts(
        vat="VAT_22",
        subsidy="150",
        cashback="50",
        instances=item.facts.instances if item.facts else (),
        needs=("CIS_OPTIONAL", "GTD"),
        tags=("ULTIMA",),
    )


@pytest.mark.parametrize(
    ("prices", "count", "price", "final"),
    [
        ({"payment": rub(100)}, 3, "33.33", "33.33"),
        ({"payment": rub(200)}, 3, "66.67", "66.67"),
        ({"payment": rub(0.03)}, 2, "0.02", "0.02"),  # half a kopeck goes up
        ({"payment": rub(100), "subsidy": rub(20)}, 2, "60.00", "50.00"),
        ({"payment": rub(80), "cashback": rub(20)}, 2, "50.00", "50.00"),  # points without a reward for them
        ({"cashback": rub(10)}, 1, "10.00", "10.00"),
        ({"payment": rub(120)}, 0, "120.00", "120.00"),  # all taken out: there is no share to take
    ],
)
def test_shares_of_totals(prices: dict[str, Any], count: int, price: str, final: str) -> None:
    (item,) = business({**BUSINESS, "items": [{**BUSINESS["items"][0], "prices": prices, "count": count}]}).items

    assert (item.quantity, str(item.price.amount)) == (count, price)
    assert item.final_price is not None
    assert str(item.final_price.amount) == final


def test_an_item_without_prices_costs_nothing_and_that_is_noted() -> None:
    notes = Notes()
    item = {name: value for name, value in BUSINESS["items"][0].items() if name != "prices"}

    (found,) = business({**BUSINESS, "items": [item], "prices": None}, notes).items

    assert (found.price, found.final_price) == (Money(Decimal(0), "RUB"), None)
    assert notes.drift == [("order", "value", "items.prices=")]


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({"price": 0.1, "subsidy": 0.2}, "0.30"),
        ({"price": "499.00", "subsidy": None, "subsidies": None}, "499.00"),
        ({"price": 499, "subsidy": None, "subsidies": [{"type": "SUBSIDY", "amount": "1.01"}]}, "500.01"),
        ({"price": 1e3, "subsidy": 0}, "1000.00"),
        ({"price": 0, "subsidy": 0}, "0.00"),
    ],
)
def test_prices_are_exact_and_may_be_texts(changes: dict[str, Any], amount: str) -> None:
    (item,) = v2({**V2, "items": [{**V2["items"][0], **changes}]}).items

    assert str(item.price.amount) == amount
