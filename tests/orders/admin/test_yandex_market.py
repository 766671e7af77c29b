"""Yandex Market in the admin: its account, its notification address, and the steps of one task."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.models import User
from orders.enums import ActionKind, ActionState
from orders.models import MarketplaceAccount, MarketplaceAction
from orders.services.syncing import notices
from sandbox.server import RunningSandbox
from tests.orders.admin.pages import errors_of, press
from tests.orders.conftest import work
from tests.orders.yandex_market.conftest import connected, made, pulled

ACCOUNT, TASK = "orders.marketplaceaccount", "orders.assemblytask"
ADD = "/admin/orders/marketplaceaccount/add/"
MUGS: list[dict[str, Any]] = [{"offerId": "MUG", "count": 1, "requiredInstanceTypes": []}]


@pytest.fixture
def shop(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


def form(**more: Any) -> dict[str, Any]:
    options = '{"campaign_id": "7100001", "business_id": "7000001"}'
    return {"title": "Shop", "kind": "yandex_market", "base_url": "", "dialect": "", "options": options, **more}


def test_an_account_with_the_usual_address(manager: Client, boss: User) -> None:
    answer = manager.post(ADD, form(secret_api_key="ACMA:secret"))

    account = MarketplaceAccount.objects.get()
    assert answer.status_code == 302
    assert (account.kind, account.dialect, account.base_url) == (
        "yandex_market", "business", "https://api.partner.market.yandex.ru",
    )  # fmt: skip
    assert account.credentials == {"api_key": "ACMA:secret"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "secret_api_key"),
        ({"secret_token": "of another marketplace"}, "secret_api_key"),
        ({"secret_api_key": "k", "options": "{}"}, "options"),
        ({"secret_api_key": "k", "options": '{"campaign_id": "seven"}'}, "options"),
        ({"secret_api_key": "k", "dialect": "batch"}, "dialect"),
    ],
)
def test_nonsense_stands_beside_its_field(manager: Client, more: dict[str, str], field: str) -> None:
    answer = manager.post(ADD, form(**more))

    assert list(errors_of(answer)) == [field]
    assert MarketplaceAccount.objects.count() == 0


def test_the_connection_is_checked(shop: MarketplaceAccount, manager: Client, upstream: RunningSandbox) -> None:
    said = press(manager, ACCOUNT, shop.pk, "check")

    assert said == ["The marketplace answered: address and credentials are right."]
    assert [call["path"] for call in upstream.calls()] == ["/v2/auth/token", "/v2/campaigns"]


def test_a_new_address_for_notifications(shop: MarketplaceAccount, manager: Client) -> None:
    (text,) = press(manager, ACCOUNT, shop.pk, "hook")

    found = re.search(r"http://testserver/hooks/yandex_market/([\w-]+)/", text)
    assert found is not None
    assert notices.find("yandex_market", found[1]) == shop
    page = f"/admin/orders/marketplaceaccount/{shop.pk}/change/"
    assert found[1] in manager.get(page).content.decode()  # shown once
    assert found[1] not in manager.get(page).content.decode()


def test_steps_of_a_task(shop: MarketplaceAccount, manager: Client, upstream: RunningSandbox) -> None:
    (number,) = made(upstream, items=MUGS, status="DELIVERY", type="PICKUP")
    (task,) = pulled(shop)

    press(manager, TASK, task.pk, "arrive")
    work(shop)
    press(manager, TASK, task.pk, "receive")
    work(shop)

    assert upstream.ym.place(int(number)) == "DELIVERED/DELIVERY_SERVICE_DELIVERED"
    assert set(MarketplaceAction.objects.values_list("kind", "state")) == {
        (ActionKind.ARRIVE, ActionState.SUCCEEDED),
        (ActionKind.RECEIVE, ActionState.SUCCEEDED),
    }


def test_a_cancellation_without_its_reason_changes_nothing(
    shop: MarketplaceAccount, manager: Client, upstream: RunningSandbox
) -> None:
    made(upstream, items=MUGS)
    (task,) = pulled(shop)

    assert press(manager, TASK, task.pk, "cancel") == ["Choose a reason."]
    assert not MarketplaceAction.objects.exists()

    press(manager, TASK, task.pk, "cancel", reason="SHOP_FAILED")
    assert MarketplaceAction.objects.get().payload == {"reason": "SHOP_FAILED"}
