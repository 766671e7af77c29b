"""History of a Yandex Market shop: any range, split as the market wants it; and a full pass by the command."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from orders.enums import ActionKind, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction
from orders.services import actors
from orders.services.sending import outbox
from orders.services.syncing import history, reread
from sandbox.server import RunningSandbox

from .conftest import connected, made, pulled

MUGS: list[dict[str, Any]] = [{"offerId": "MUG", "count": 1, "price": 599, "requiredInstanceTypes": []}]


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def test_a_range_is_split_and_every_order_comes_once(db: None, upstream: RunningSandbox) -> None:
    shop = connected(upstream)
    for days in (5, 40, 75, 120):
        moment = ago(days).isoformat()
        made(upstream, status="DELIVERED", created=moment, updated=moment, items=MUGS)

    created = history.import_range(shop, ago(100), timezone.now())
    again = history.import_range(MarketplaceAccount.objects.get(pk=shop.pk), ago(100), timezone.now())

    assert (created, again) == (3, 0)
    assert set(AssemblyTask.objects.values_list("stage", flat=True)) == {Stage.RECEIVED}
    bodies = [call["request"]["dates"] for call in upstream.calls("/v1/businesses")]
    spans = [
        datetime.fromisoformat(dates["creationDateTo"]) - datetime.fromisoformat(dates["creationDateFrom"])
        for dates in bodies
    ]
    assert max(spans) <= timedelta(days=30)
    assert len(upstream.calls("/v1/businesses")) == 8  # 4 windows of 29 days, twice; no call for statuses


def test_finished_orders_of_the_older_model_end_after_thirty_days(db: None, upstream: RunningSandbox) -> None:
    """Contract 2.4.2: the v2 list leaves out what was finished more than thirty days ago."""
    shop = connected(upstream, dialect="v2")
    for days in (5, 40):
        moment = ago(days).isoformat()
        made(upstream, status="DELIVERED", created=moment, updated=moment, items=MUGS)

    assert history.import_range(shop, ago(100), timezone.now()) == 1


def test_a_full_pass_by_the_command(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    known, named = made(upstream, count=2, items=MUGS, type="DELIVERY")
    first, _second = pulled(shop)
    outbox.request(first.pk, outbox.Wish(ActionKind.SET_NUMBER, data={"number": "WEB-1"}), actor=staff)
    reread.mark(shop.pk, [named])
    out = StringIO()

    call_command("sync", account=[shop.ref], json=True, stdout=out)

    (report,) = json.loads(out.getvalue())["accounts"]
    # The older model tells the buyer with the order.
    told = {"business": 2, "v2": 0}[shop.dialect]
    assert (report["account"], report["ok"], report["actions_sent"], report["buyers"]) == (shop.ref, True, 1, told)
    assert upstream.ym.order(int(known))["external"] == "WEB-1"
    assert not shop.to_read.exists()
    assert MarketplaceAction.objects.get().state == "succeeded"


@pytest.mark.parametrize("key", ["wrong", "inactive-x"])
def test_a_pass_that_fails_says_why(db: None, upstream: RunningSandbox, key: str) -> None:
    shop = connected(upstream)
    shop.credentials = {"api_key": key}
    shop.save()
    out = StringIO()

    with pytest.raises(CommandError, match="yandex_market"):
        call_command("sync", account=[shop.ref], json=True, stdout=out)

    (report,) = json.loads(out.getvalue())["accounts"]
    assert report["ok"] is False
    assert report["error"]
