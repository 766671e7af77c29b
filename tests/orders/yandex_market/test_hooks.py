"""Notifications: answered in the form the market wants, and nothing is believed but the API."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from orders.enums import Stage
from orders.models import AssemblyTask, MarketplaceAccount, OrderToRead
from orders.services import actors
from orders.services.syncing import notices, reread
from sandbox.server import RunningSandbox

from .conftest import connected, made, pulled

NOW = datetime(2026, 11, 27, 10, 9, 49, 759084, tzinfo=UTC)


@pytest.fixture
def shop(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


@pytest.fixture
def address(shop: MarketplaceAccount) -> str:
    return f"/hooks/yandex_market/{notices.renew_secret(shop, actor=actors.SYSTEM)}/"


def post(client: Client, address: str, body: Any, **headers: str) -> Any:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(address, data=data, content_type="application/json", headers=headers)


def test_a_ping_is_answered_in_the_required_form(client: Client, address: str) -> None:
    with time_machine.travel(NOW, tick=False):
        answer = post(client, address, {"notificationType": "PING", "time": "2025-01-01T00:00:00Z"})

    assert answer.status_code == 200
    said = answer.json()
    assert (set(said), said["version"], said["name"]) == ({"version", "name", "time"}, "1.0.0", "Yandex shop")
    assert re.fullmatch(r"2026-11-27T10:09:49\.759084\d{0,3}Z", said["time"])
    assert OrderToRead.objects.count() == 0


@pytest.mark.parametrize("event", ["ORDER_CREATED", "ORDER_STATUS_UPDATED", "ORDER_CANCELLATION_REQUEST"])
def test_an_event_only_marks_the_order(
    client: Client, address: str, shop: MarketplaceAccount, upstream: RunningSandbox, event: str
) -> None:
    (number,) = made(upstream)
    body = {"notificationType": event, "campaignId": 7100001, "orderId": int(number), "status": "DELIVERED"}

    answers = [post(client, address, body).status_code for _twice in range(2)]

    assert answers == [200, 200]
    assert list(OrderToRead.objects.values_list("account", "external_id")) == [(shop.pk, number)]
    assert AssemblyTask.objects.count() == 0
    reread.run(shop)
    assert (AssemblyTask.objects.get().stage, OrderToRead.objects.count()) == (Stage.NEW, 0)


def test_the_sandbox_sends_what_is_taken(
    live_server: Any, shop: MarketplaceAccount, upstream: RunningSandbox, client: Client
) -> None:
    (number,) = made(upstream)
    pulled(shop)
    secret = notices.renew_secret(shop, actor=actors.SYSTEM)
    url = f"{live_server.url}/hooks/yandex_market/{secret}/"
    post(
        client, f"/hooks/yandex_market/{secret}/", {"notificationType": "PING"}
    )  # addresses are read: the market waits a second

    ping = upstream.ym.notify(None, url)
    told = upstream.ym.notify(int(number), url)

    assert (ping["status"], told["status"]) == (200, 200)
    assert OrderToRead.objects.get().external_id == number


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        "[]",
        "{}",
        b"\xff\xfe",
        json.dumps({"notificationType": "PING", "pad": "x" * 70_000}),
    ],
)
def test_nonsense_is_400_and_marks_nothing(client: Client, address: str, body: str | bytes) -> None:
    answer = post(client, address, body)

    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert OrderToRead.objects.count() == 0


@pytest.mark.parametrize("event", [{"orderId": "x"}, {"orderId": None}, {}, {"orderId": [1]}, {"orderId": -5}])
def test_an_event_without_a_usable_number_marks_nothing(client: Client, address: str, event: dict[str, Any]) -> None:
    answer = post(client, address, {"notificationType": "ORDER_CREATED", **event})

    assert answer.status_code in (200, 400)
    assert OrderToRead.objects.count() == 0


def test_a_wrong_address_is_nobodys(client: Client, address: str) -> None:
    ping = {"notificationType": "PING"}
    assert post(client, "/hooks/yandex_market/guess/", ping).status_code == 404
    assert post(client, address.replace("yandex_market", "wildberries"), ping).status_code == 404
    assert post(client, address.replace("yandex_market", "bazaar"), ping).status_code == 404
    assert client.get(address).status_code == 405


def test_a_new_secret_ends_the_old_one(client: Client, address: str, shop: MarketplaceAccount) -> None:
    again = f"/hooks/yandex_market/{notices.renew_secret(shop, actor=actors.SYSTEM)}/"

    assert post(client, address, {"notificationType": "PING"}).status_code == 404
    assert post(client, again, {"notificationType": "PING"}).status_code == 200


def test_only_from_the_markets_networks_where_that_is_set(client: Client, address: str, settings: Any) -> None:
    settings.HOOK_NETWORKS = ["5.45.207.0/25"]
    ping = {"notificationType": "PING"}
    assert post(client, address, ping).status_code == 404
    assert post(client, address, ping, **{"X-Forwarded-For": "5.45.207.7"}).status_code == 404  # anybody can write that

    settings.TRUST_PROXY = True
    assert post(client, address, ping, **{"X-Forwarded-For": "5.45.207.7"}).status_code == 200
    assert post(client, address, ping, **{"X-Forwarded-For": "5.45.207.7, 10.0.0.1"}).status_code == 404
    assert post(client, address, ping, **{"X-Forwarded-For": "nonsense"}).status_code == 404


def test_the_secret_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture, capsys: Any, address: str) -> None:
    secret = address.split("/")[3]
    with caplog.at_level(logging.DEBUG):
        post(client, address, "nonsense")
        client.get(address)

    assert secret not in capsys.readouterr().err
