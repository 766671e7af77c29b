"""The first look at a shop, tokens of pages that are not taken any more, and orders the database refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from orders.enums import AttentionKind
from orders.models import AssemblyTask, Attention, MarketplaceAccount
from orders.services import accounts, actors
from orders.services.syncing import changes, history, intake, renewal, sync
from sandbox.server import RunningSandbox

from .conftest import fresh, made, pulled

MUGS: list[dict[str, Any]] = [{"offerId": "MUG", "offerName": "Кружка", "count": 1, "price": 599}]


def ago(days: int) -> str:
    return (timezone.now() - timedelta(days=days)).isoformat()


def test_an_open_order_nobody_touched_for_months_is_found(db: None, upstream: RunningSandbox, dialect: str) -> None:
    shop = fresh(upstream, dialect=dialect)
    (waiting,) = made(upstream, items=MUGS, created=ago(100), updated=ago(90))
    made(upstream, items=MUGS, status="DELIVERED", created=ago(100), updated=ago(90))
    (new,) = made(upstream, items=MUGS)

    numbers = {task.external_id for task in pulled(shop)}

    assert numbers == {waiting, new}
    assert MarketplaceAccount.objects.get().cursors[changes.OPEN]["since"] is None


def test_the_first_look_goes_on_where_it_was_cut_short(db: None, upstream: RunningSandbox, dialect: str) -> None:
    shop = fresh(upstream, dialect=dialect)
    made(upstream, items=MUGS, count=60, created=ago(100), updated=ago(90))
    provider = accounts.provider(shop)

    counts = [len(changes.pull(shop, provider, seconds=0).created) for _run in range(12)]

    assert sum(counts) == 60
    assert max(counts) == 50  # a page a run
    assert MarketplaceAccount.objects.get().cursors[changes.OPEN]["since"] is None


def test_a_page_token_nobody_knows_any_more_begins_the_window_anew(
    db: None, upstream: RunningSandbox, dialect: str
) -> None:
    shop = fresh(upstream, dialect=dialect)
    (number,) = made(upstream, items=MUGS)
    now = timezone.now()
    accounts.remember(shop, changes.OPEN, {"since": ago(20), "page": "of another list"})
    accounts.remember(
        shop, changes.CURSOR, {"since": ago(20), "until": now.isoformat(), "page": "real:of another list"}
    )

    taken = sync.pull_new(shop)

    assert AssemblyTask.objects.get().external_id == number
    assert len(taken.created) == 1
    assert MarketplaceAccount.objects.get().cursors[changes.CURSOR]["page"] is None


def test_an_import_with_a_token_nobody_knows_any_more(db: None, upstream: RunningSandbox, dialect: str) -> None:
    shop = fresh(upstream, dialect=dialect)
    made(upstream, items=MUGS, status="DELIVERED", created=ago(5))
    start, end = timezone.now() - timedelta(days=20), timezone.now()
    place = {"start": start.isoformat(), "end": end.isoformat(), "left": start.isoformat(), "cursor": "of another list"}
    accounts.remember(shop, history.IMPORT, place)

    assert history.import_range(shop, start, end) == 1


def test_another_order_model_begins_its_windows_anew(db: None, upstream: RunningSandbox) -> None:
    shop = fresh(upstream)
    since = ago(20)
    accounts.remember(shop, changes.CURSOR, {"since": since, "until": since, "page": "real:abc"})
    wanted = accounts.Settings(
        title="Renamed", base_url=shop.base_url, dialect="business", options=shop.options, credentials={}
    )

    accounts.change(shop, wanted, enabled=True, actor=actors.SYSTEM)
    kept = MarketplaceAccount.objects.get().cursors[changes.CURSOR]["page"]
    accounts.change(
        shop,
        accounts.Settings("Renamed", shop.base_url, "v2", shop.options, {}),
        enabled=True,
        actor=actors.SYSTEM,
    )

    assert kept == "real:abc"
    assert MarketplaceAccount.objects.get().cursors[changes.CURSOR] == {"since": since, "until": since, "page": None}


def test_a_known_order_the_database_refuses_is_a_question_and_holds_up_nobody(
    db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = fresh(upstream)
    bad, good = made(upstream, items=MUGS, count=2)
    pulled(shop)
    whole = renewal._items

    def refuse(pairs: Any, now: Any) -> set[int]:
        if any(task.external_id == bad for task, _each in pairs):
            raise IntegrityError("check")
        return whole(pairs, now)

    monkeypatch.setattr(renewal, "_items", refuse)
    provider = accounts.provider(shop)
    AssemblyTask.objects.update(raw_digest="0" * 32)
    page = provider.lookup([bad, good])

    taken = intake.receive_page(shop, provider, page.tasks)

    assert (taken.changed, taken.broken) == (1, 1)
    question = Attention.objects.get(kind=AttentionKind.BAD_ORDER)
    assert question.facts["external_id"] == bad
    assert AssemblyTask.objects.get(external_id=bad).raw_digest == "0" * 32
    assert AssemblyTask.objects.get(external_id=good).raw_digest != "0" * 32
