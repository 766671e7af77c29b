"""Accounts and their options: what a provider is made from, and what it says it allows."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import Invalid
from backoffice.http import Http
from backoffice.registry import UnknownKind
from orders.enums import ActionKind, CodeKind, MarketplaceKind, Stage
from orders.marketplaces import registry
from orders.marketplaces.base import Connection, Effect, Local, Marketplace
from orders.marketplaces.wildberries import V3, Batch
from orders.marketplaces.wildberries.client import transport
from orders.marketplaces.wildberries.options import read

from .support import TOKEN, Notes, connection


def build(where: Connection) -> Marketplace:
    return registry.build("wildberries", where, gate=Notes(), drift=Notes())


def test_what_is_known_without_an_account() -> None:
    assert MarketplaceKind.WILDBERRIES.value in registry.kinds()
    assert registry.dialects("wildberries") == ("batch", "v3")
    assert registry.default_url("wildberries") == "https://marketplace-api.wildberries.ru"
    assert registry.credentials("wildberries")["token"] == "CONNECT_TOKEN"


@pytest.mark.parametrize("ask", [registry.dialects, registry.default_url, registry.credentials])
def test_an_unknown_kind(ask: Any) -> None:
    with pytest.raises(UnknownKind):
        ask("bazaar")


def test_dialects() -> None:
    assert type(build(connection("batch"))) is Batch
    assert type(build(connection("v3"))) is V3
    assert type(build(connection(""))) is Batch
    with pytest.raises(Invalid, match="dialect"):
        build(connection("v4"))


@pytest.mark.parametrize("base_url", ["", "ftp://marketplace", "http://marketplace-api.wildberries.ru"])
def test_an_address_that_may_not_be_called(base_url: str) -> None:
    with pytest.raises(Invalid):
        build(connection(base_url=base_url))


def test_how_many_travel_in_one_call() -> None:
    batch, v3 = build(connection("batch")), build(connection("v3"))

    assert {batch.per_call(kind) for kind in ActionKind} == {1000}
    assert {v3.per_call(kind) for kind in ActionKind} == {1}
    assert (batch.status_batch, v3.status_batch, batch.window_days) == (1000, 1000, 30)


def test_the_offer() -> None:
    offer = build(connection("batch")).offer

    assert offer.step_word == "supplierStatus"
    assert offer.steps == {
        ActionKind.CONFIRM: {"new"},
        ActionKind.DELIVER: {"confirm"},
        ActionKind.RECEIVE: {"deliver"},
        ActionKind.REJECT: {"deliver"},
        ActionKind.CANCEL: {"new", "confirm"},
    }
    assert offer.local == {ActionKind.READY: Local(frozenset({Stage.ASSEMBLING}), Stage.READY)}
    assert offer.coded == {ActionKind.RECEIVE, ActionKind.REJECT}
    assert offer.code_kinds == {
        CodeKind.SGTIN: 24,
        CodeKind.UIN: 1,
        CodeKind.IMEI: 1,
        CodeKind.GTIN: 1,
        CodeKind.GTD: 1,
    }
    assert offer.code_words == {"confirm"}
    assert offer.late_code_words == {CodeKind.GTD: {"deliver"}}
    assert offer.covers == {Stage.ASSEMBLING: {Stage.READY}}
    assert offer.effects == {
        ActionKind.CONFIRM: Effect(Stage.ASSEMBLING, {"supplierStatus": "confirm"}),
        ActionKind.DELIVER: Effect(Stage.DELIVERING, {"supplierStatus": "deliver"}),
        ActionKind.RECEIVE: Effect(Stage.RECEIVED, {"supplierStatus": "receive"}),
        ActionKind.REJECT: Effect(Stage.REJECTED, {"supplierStatus": "reject"}),
        ActionKind.CANCEL: Effect(Stage.CANCELLED, {"supplierStatus": "cancel"}),
    }


def test_the_offer_of_v3_has_no_customs_declarations() -> None:
    offer = registry.offer("wildberries", connection("v3"))

    assert set(offer.code_kinds) == {CodeKind.SGTIN, CodeKind.UIN, CodeKind.IMEI, CodeKind.GTIN}
    assert offer.late_code_words == {}


def test_what_is_allowed_is_a_setting() -> None:
    allow = '{"cancel": ["new", "confirm", "deliver"]}'

    offer = registry.offer("wildberries", connection(allow=allow))

    assert offer.steps[ActionKind.CANCEL] == {"new", "confirm", "deliver"}
    assert offer.steps[ActionKind.CONFIRM] == {"new"}
    assert build(connection(allow=allow)).offer == offer


@pytest.mark.parametrize(
    "options",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "../../etc/passwd"},
        {"timezone": ""},
        {"deadline_hours": "soon"},
        {"deadline_hours": 0},
        {"express_deadline_hours": -1},
        {"deadline_hours": "nan"},
        {"require_available": "perhaps"},
        {"allow": "cancel"},
        {"allow": {"fly": ["new"]}},
        {"allow": {"cancel": "new"}},
        {"limits": {"fly": {"interval": 1}}},
        {"limits": {"read": {"interval": 0}}},
        {"limits": {"read": {"colour": 1}}},
        {"limits": [1]},
    ],
)
def test_an_option_that_makes_no_sense_is_named(options: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        build(connection(**options))

    assert caught.value.code == "option"
    assert caught.value.facts["option"] in options


def test_options_as_a_command_line_gives_them() -> None:
    found = read({"require_available": "no", "deadline_hours": "12.5", "allow": "", "of_another": "1"})

    assert (found.require_available, found.deadline_hours, found.allow) == (False, 12.5, {})
    assert found.zone.key == "Europe/Moscow"


def headers_of(where: Connection) -> dict[str, str]:
    http: Http = transport(where, read(where.options))
    assert TOKEN not in repr(http)
    return {name: value for name, value in http._headers.items() if name in {"Authorization", "X-Client-Secret"}}


def test_the_token_travels_bare_unless_told_otherwise() -> None:
    both = {"token": TOKEN, "client_secret": "s"}

    assert headers_of(connection()) == {"Authorization": TOKEN}
    assert headers_of(connection(auth_prefix="Bearer")) == {"Authorization": f"Bearer {TOKEN}"}
    assert headers_of(connection(credentials=both)) == {"Authorization": TOKEN, "X-Client-Secret": "s"}
