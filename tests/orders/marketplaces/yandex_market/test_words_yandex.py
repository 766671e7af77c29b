"""Every word of an enumeration has a name in both languages (seed 003, contract appendices B, C, D, E)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.utils.translation import override

from orders.enums import Stage
from orders.marketplaces.yandex_market.status_map import STAGES, stage
from orders.marketplaces.yandex_market.words import NAMES, is_known, word_name

DATA = Path(__file__).resolve().parents[3] / "data" / "yandex_market"
#: Name of an enumeration in the sample of seed 003 → ours.
SEED = {
    "deliveryPartnerType": "deliveryPartnerType",
    "dispatchType": "dispatchType",
    "eacType": "eacType",
    "liftType": "liftType",
    "vat": "vat",
    "itemStatus": "itemStatus",
    "paymentMethod": "paymentMethod",
    "paymentType": "paymentType",
    "status": "status",
    "substatus": "substatus",
    "taxSystem": "taxSystem",
    "delivery.type": "deliveryType",
    "region.type": "regionType",
    "promo.type": "promoType",
    "item.subsidy.type": "subsidyType",
    "order.subsidy.type": "subsidyType",
}
#: What the contract has besides (2.4.2 and appendices B, C).
CONTRACT = {
    "substatus": (
        "AWAIT_PAYMENT_AFTER_DELIVERY AWAIT_USER_STEAM_FAST_URL USER_IDENTIFICATION_MISMATCH "
        "PURCHASE_GROUP_THRESHOLD_NOT_REACHED_CANCELLED"
    ),
    "taxSystem": "AUSN AUSN_MINUS_COST",
    "itemStatus": "CREATED SHIPPED CANCELLED DELIVERED_TO_BUYER LOST REJECTED RETURNED",
    "buyerType": "PERSON BUSINESS",
    "requiredInstanceTypes": "CIS CIS_OPTIONAL UIN RNPT GTD",
    "tags": "ULTIMA SAFE_TAG",
    "programType": "FBY FBS DBS EXPRESS LAAS",
    "sourcePlatform": "MARKET OZON WILDBERRIES OTHER",
    "digitalType": "EMAIL ACTIVATION_CODE STEAM_GIFT CHAT",
    "reason": (
        "USER_MOVED_DELIVERY_DATES PARTNER_MOVED_DELIVERY_DATES ORDER_DELIVERED ORDER_IN_DELIVERY PARTNER_REQUESTED_REMOVE "
        "SHOP_FAILED USER_CHANGED_MIND USER_UNREACHABLE INCORRECT_PERSONAL_DATA PICKUP_EXPIRED"
    ),
}


def seed() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((DATA / "v2_enums.json").read_text())
    return found


def told() -> set[tuple[str, str]]:
    """All words of both sources, currencies aside."""
    words = {(SEED[name], word) for name, group in seed().items() if name != "currency" for word in group}
    return words | {(name, word) for name, group in CONTRACT.items() for word in group.split()}


def test_every_enumeration_of_the_seed_is_looked_at() -> None:
    assert set(seed()) == {*SEED, "currency"}
    assert len(told()) > 200


def test_every_word_has_a_name_of_its_own_in_english() -> None:
    with override("en"):
        assert sorted((name, word) for name, word in told() if word_name(name, word) in ("", word)) == []


def test_every_word_has_a_russian_name() -> None:
    with override("en"):
        english = {(name, word): word_name(name, word) for name, group in NAMES.items() for word in group}
    brands = {"Ozon", "Wildberries"}
    with override("ru"):
        same = {each for each, said in english.items() if word_name(*each) == said and said not in brands}

    assert same == set()


def test_no_word_is_there_that_no_source_has() -> None:
    """Errors, kinds of documents and currencies have sources of their own."""
    others = {"error", "documentKind", "documentStatus", "currency", "reason"}

    assert {(name, word) for name, group in NAMES.items() if name not in others for word in group} == {
        each for each in told() if each[0] != "reason"
    }


@pytest.mark.parametrize(
    ("name", "word", "english"),
    [
        ("status", "PICKUP", "At the pick-up point"),
        ("substatus", "READY_TO_SHIP", "Assembled and ready to ship"),
        ("vat", "VAT_22", "VAT 22%"),
        ("deliveryType", "PICKUP", "Pick-up"),
        ("currency", "UZS", "Uzbek sum"),
        ("currency", "USD", "USD"),
        ("documentKind", "torgTwelve", "Delivery note (TORG-12)"),
        ("reason", "ORDER_DELIVERED", "The order is delivered already"),
        ("error", "NOT_FOUND", "Yandex Market does not know this order"),
        ("status", "TELEPORTED", "TELEPORTED"),
        ("decision", "", ""),
        ("mood", "BLUE", "BLUE"),
    ],
)
def test_names(name: str, word: str, english: str) -> None:
    with override("en"):
        assert word_name(name, word) == english


def test_statuses_and_stages() -> None:
    """Appendix E: all but UNKNOWN lead to a stage."""
    assert {*STAGES, "UNKNOWN"} == set(seed()["status"])
    assert set(STAGES.values()) | {Stage.READY, Stage.REJECTED} == set(Stage) - {Stage.ASSEMBLING}
    assert (stage("UNKNOWN", "UNKNOWN"), stage("", ""), stage("TELEPORTED", "STARTED")) == (None, None, None)
    assert (is_known("status", "UNKNOWN"), is_known("status", "TELEPORTED")) == (True, False)
