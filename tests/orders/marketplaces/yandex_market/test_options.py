"""Accounts and their options: what a provider is made from, and what it says it allows (contract 2.3, 2.5, 2.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backoffice.errors import Invalid
from backoffice.http import Http
from backoffice.rates import Rule
from orders.enums import DETAIL_ACTIONS, ActionKind, CodeKind, Stage
from orders.marketplaces import registry
from orders.marketplaces.base import Connection, Effect, Local, Marketplace, RawField
from orders.marketplaces.yandex_market import V2, Business
from orders.marketplaces.yandex_market.client import transport
from orders.marketplaces.yandex_market.options import read
from orders.marketplaces.yandex_market.rules import limits
from tests.orders.marketplaces.support import Notes

from .support import KEY, bench, connection


def build(where: Connection) -> Marketplace:
    return registry.build("yandex_market", where, gate=Notes(), drift=Notes())


def test_what_is_known_without_an_account() -> None:
    assert registry.kinds() == ("wildberries", "yandex_market")
    assert registry.dialects("yandex_market") == ("business", "v2")
    assert registry.default_url("yandex_market") == "https://api.partner.market.yandex.ru"
    assert registry.credentials("yandex_market") == {"api_key": "CONNECT_API_KEY"}
    assert registry.notices("wildberries") is None
    assert registry.notices("yandex_market") is not None
    assert registry.word_name("yandex_market", "error", "BAD_CIS") != "BAD_CIS"


def test_dialects() -> None:
    assert type(build(connection("business"))) is Business
    assert type(build(connection("v2"))) is V2
    assert type(build(connection(""))) is Business
    with pytest.raises(Invalid, match="dialect"):
        build(connection("v3"))


def test_the_older_model_needs_no_cabinet() -> None:
    assert build(connection("v2", business_id=None)).kind == "yandex_market"
    with pytest.raises(Invalid) as caught:
        build(connection("business", business_id=None))

    assert caught.value.facts["option"] == "business_id"
    assert "business_id" in str(caught.value.message)


@pytest.mark.parametrize("base_url", ["", "ftp://market", "http://api.partner.market.yandex.ru"])
def test_an_address_that_may_not_be_called(base_url: str) -> None:
    with pytest.raises(Invalid):
        build(connection(base_url=base_url))


@pytest.mark.parametrize(
    "options",
    [
        {"campaign_id": None},
        {"campaign_id": ""},
        {"campaign_id": 0},
        {"campaign_id": "-1"},
        {"campaign_id": "9223372036854775808"},
        {"campaign_id": "shop"},
        {"business_id": "0"},
        {"business_id": "1.5"},
        {"timezone": "Mars/Olympus"},
        {"deadline_hours": 0},
        {"test_orders": "perhaps"},
        {"code_statuses": {"PROCESSING": 1}},
        {"require_scopes": "[1"},
        {"limits": {"fly": {"interval": 1}}},
        {"limits": {"orders": {"interval": 0}}},
        {"parallel": 0},
        {"parallel": "many"},
        {"parallel": 1000},
    ],
)
def test_an_option_that_makes_no_sense_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        build(connection(**options))

    assert caught.value.code == "option"
    assert caught.value.facts["option"] in options


def test_options_as_a_command_line_gives_them() -> None:
    given = {
        "campaign_id": " 007100001 ",
        "business_id": "7000001",
        "test_orders": "no",
        "parallel": "2",
        "code_statuses": "PROCESSING, DELIVERY",
        "require_scopes": "",
        "of_another": "1",
    }

    found = read(given, dialect="business")

    assert (found.campaign_id, found.business_id, found.zone.key) == ("7100001", "7000001", "Europe/Moscow")
    assert (found.test_orders, found.parallel, found.require_scopes) == (False, 2, ())
    assert found.code_statuses == ("PROCESSING", "DELIVERY")


def test_options_that_nobody_set() -> None:
    found = read({"campaign_id": 9223372036854775807}, dialect="v2")

    assert (found.campaign_id, found.business_id) == ("9223372036854775807", "")
    assert (found.deadline_hours, found.test_orders, found.parallel) == (24, True, 4)
    assert found.code_statuses == ("PROCESSING",)
    assert found.require_scopes == ("all-methods", "inventory-and-order-processing")


def test_the_key_travels_in_its_own_header() -> None:
    http: Http = transport(connection())

    assert http._headers["Api-Key"] == KEY
    assert "Authorization" not in http._headers
    assert KEY not in repr(http)
    assert KEY not in repr(connection())


@pytest.mark.parametrize("dialect", ["business", "v2"])
def test_how_many_travel_in_one_call(dialect: str) -> None:
    provider = bench(dialect=dialect).provider
    steps = {ActionKind.READY, ActionKind.DELIVER, ActionKind.ARRIVE, ActionKind.RECEIVE, ActionKind.CANCEL}

    assert {provider.per_call(kind) for kind in steps} == {30}
    assert {provider.per_call(kind) for kind in set(ActionKind) - steps} == {1}
    assert (provider.status_batch, provider.buyer_batch, provider.window_days) == (50, 1, 29)
    assert provider.incremental


@pytest.mark.parametrize(
    ("group", "amount"),
    [
        ("business/orders", 10_000),
        ("orders", 10_000),
        ("order", 10_000),
        ("status", 10_000),
        ("status-update", 10_000),
        ("delivery/track", 10_000),
        ("delivery/date", 10_000),
        ("delivery/storage-limit", 10_000),
        ("identifiers", 10_000),
        ("boxes", 10_000),
        ("items", 10_000),
        ("cancellation/accept", 500),
        ("buyer", 3_000),
        ("business-buyer", 3_000),
        ("documents", 3_000),
        ("external-id", 1_000),
        ("deliverDigitalGoods", 10_000),
        ("delivery/labels", 10_000),
        ("delivery/services", 5_000),
        ("auth/token", 100),
        ("campaigns", 1_000),
    ],
)
def test_documented_limits(group: str, amount: int) -> None:
    name, rule = limits(read({"campaign_id": "5"}, dialect="v2")).of(group)

    assert (name, rule) == (f"{group}:5", Rule(capacity=amount, interval=3600 / amount, costly=1))


def test_limits_of_the_account() -> None:
    own = limits(read({"campaign_id": "5", "limits": {"orders": {"capacity": 10}}}, dialect="v2"))
    one = limits(read({"campaign_id": "5", "limits": '{"all": {"capacity": 2, "interval": 3}}'}, dialect="v2"))

    assert own.of("orders") == ("orders:5", Rule(10, 0.36))
    assert own.of("order") == ("order:5", Rule(10_000, 0.36))
    assert one.of("orders") == one.of("status") == ("all:5", Rule(2, 3))


@pytest.mark.parametrize("dialect", ["business", "v2"])
def test_the_offer(dialect: str) -> None:
    offer = registry.offer("yandex_market", connection(dialect))

    assert build(connection(dialect)).offer == offer
    assert offer.step_word == "status"
    assert offer.steps == {
        ActionKind.READY: {"PROCESSING"},
        ActionKind.DELIVER: {"PROCESSING"},
        ActionKind.ARRIVE: {"DELIVERY"},
        ActionKind.RECEIVE: {"DELIVERY", "PICKUP"},
        ActionKind.CANCEL: {"PROCESSING", "DELIVERY", "PICKUP"},
    }
    assert offer.ways == {
        ActionKind.ARRIVE: {"PROCESSING": (ActionKind.DELIVER,)},
        ActionKind.RECEIVE: {"PROCESSING": (ActionKind.DELIVER,)},
    }
    assert offer.local == {ActionKind.CONFIRM: Local(frozenset({Stage.NEW}), Stage.ASSEMBLING)}
    assert offer.effects == {
        ActionKind.READY: Effect(Stage.READY, {"status": "PROCESSING", "substatus": "READY_TO_SHIP"}),
        ActionKind.DELIVER: Effect(Stage.DELIVERING, {"status": "DELIVERY"}),
        ActionKind.ARRIVE: Effect(Stage.AT_PICKUP_POINT, {"status": "PICKUP"}),
        ActionKind.RECEIVE: Effect(Stage.RECEIVED, {"status": "DELIVERED"}),
        ActionKind.CANCEL: Effect(Stage.CANCELLED, {"status": "CANCELLED"}),
    }
    assert offer.coded == frozenset()
    assert offer.dated == {ActionKind.RECEIVE}
    assert offer.covers == {Stage.NEW: {Stage.ASSEMBLING, Stage.READY}}
    assert (offer.sweep, offer.approval) == (timedelta(minutes=30), timedelta(hours=48))
    assert offer.buyers_early
    assert offer.delivery_types == ("DELIVERY", "PICKUP", "POST", "DIGITAL", "UNKNOWN")
    assert offer.labelled == {"DELIVERY", "PICKUP", "POST"}


def test_codes_in_the_offer() -> None:
    offer = registry.offer("yandex_market", connection(code_statuses=["PROCESSING", "DELIVERY"]))

    assert offer.code_kinds == {CodeKind.SGTIN: 1, CodeKind.UIN: 1, CodeKind.RNPT: 1, CodeKind.GTD: 1}
    assert offer.code_words == {"PROCESSING", "DELIVERY"}
    assert (offer.codes_together, offer.deletes_codes, offer.late_code_words) == (True, False, {})
    assert offer.origin_kinds == {CodeKind.RNPT, CodeKind.GTD}


def test_reasons_in_the_offer() -> None:
    """Contract 2.6: what a shop may give as the reason of a cancellation, by status."""
    offer = registry.offer("yandex_market", connection())

    assert offer.reasons[ActionKind.CANCEL] == {
        "PROCESSING": ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "INCORRECT_PERSONAL_DATA"),
        "DELIVERY": ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE"),
        "PICKUP": ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE", "PICKUP_EXPIRED"),
    }
    assert offer.call_reasons == {"USER_UNREACHABLE"}
    assert offer.reasons[ActionKind.REFUSE_CANCEL]["PICKUP"] == ("ORDER_IN_DELIVERY", "ORDER_DELIVERED")
    assert offer.reasons[ActionKind.MOVE_DATE]["PROCESSING"] == (
        "USER_MOVED_DELIVERY_DATES",
        "PARTNER_MOVED_DELIVERY_DATES",
    )
    assert offer.reasons[ActionKind.CHANGE_ITEMS] == {
        "PROCESSING": ("PARTNER_REQUESTED_REMOVE", "USER_REQUESTED_REMOVE")
    }


def test_details_in_the_offer() -> None:
    """Contract 2.3: in which status each method works."""
    offer = registry.offer("yandex_market", connection())

    assert offer.details == {
        ActionKind.ACCEPT_CANCEL: {"DELIVERY", "PICKUP"},
        ActionKind.REFUSE_CANCEL: {"DELIVERY", "PICKUP"},
        ActionKind.MOVE_DATE: {"PROCESSING", "DELIVERY"},
        ActionKind.EXTEND_STORAGE: {"PICKUP"},
        ActionKind.SEND_TRACK: {"PROCESSING", "DELIVERY", "PICKUP"},
        ActionKind.SET_NUMBER: {"PROCESSING"},
        ActionKind.SET_BOXES: {"PROCESSING"},
        ActionKind.CHANGE_ITEMS: {"PROCESSING"},
        ActionKind.GIVE_DIGITAL: {"PROCESSING"},
    }
    assert set(offer.details) == set(DETAIL_ACTIONS)
    assert offer.once == {ActionKind.EXTEND_STORAGE, ActionKind.SET_NUMBER}


def test_all_fields_of_a_raw_order() -> None:
    body = b'{"id": 1, "price": 1.10, "deliveryType": "dbs", "address": {"fullAddress": "Main st. 1"}, "skus": [], "x": [{"y": null}]}'

    found = registry.fields("wildberries", body, "batch")

    assert found == [
        RawField("id", "1"),
        RawField("price", "1.10"),
        RawField("deliveryType", "dbs", registry.word_name("wildberries", "deliveryType", "dbs")),
        RawField("address.fullAddress", "Main st. 1", personal=True),
        RawField("skus", ""),
        RawField("x[0].y", ""),
    ]
    assert registry.fields("wildberries", b"no json", "batch") == []
