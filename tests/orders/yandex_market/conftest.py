"""A Yandex Market shop: the sandbox over real HTTP and accounts that talk to it, one a dialect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from orders.models import AssemblyTask, MarketplaceAccount
from orders.services import accounts, actors
from orders.services.syncing import changes, sync
from sandbox.server import RunningSandbox

KEY = "sandbox-yandex-tests"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def connected(upstream: RunningSandbox, *, dialect: str = "business", **options: Any) -> MarketplaceAccount:
    """An account past its first look at open orders (``test_first_look`` is about that one)."""
    account = fresh(upstream, dialect=dialect, **options)
    accounts.remember(account, changes.OPEN, {"since": None, "page": None})
    return account


def fresh(upstream: RunningSandbox, *, dialect: str = "business", **options: Any) -> MarketplaceAccount:
    box = upstream.ym
    return accounts.connect(
        "yandex_market",
        title="Yandex shop",
        base_url=box.url,
        credentials={"api_key": KEY},
        options={"dialect": dialect, "campaign_id": str(box.campaign), "business_id": str(box.business), **options},
        actor=actors.SYSTEM,
    )


@pytest.fixture(params=["business", "v2"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(db: None, upstream: RunningSandbox, dialect: str) -> MarketplaceAccount:
    return connected(upstream, dialect=dialect)


def made(upstream: RunningSandbox, **wish: Any) -> list[str]:
    return [str(number) for number in upstream.ym.make(KEY, **wish)]


def pulled(shop: MarketplaceAccount) -> list[AssemblyTask]:
    """All tasks after a pass, in the order of their numbers."""
    sync.pull_new(shop)
    return list(AssemblyTask.objects.filter(account=shop).select_related("order", "account").order_by("external_id"))
