"""Most minutes bring the page of the minute before: it is known as a whole, and forgotten as soon as anything differs."""

from __future__ import annotations

from orders.models import AssemblyTask, MarketplaceAccount
from orders.services import accounts
from orders.services.syncing import sync
from sandbox.server import RunningSandbox

from .conftest import made
from .statements import counted


def test_the_page_of_the_minute_before_is_not_even_read(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=3)
    provider = accounts.provider(shop)
    sync.receive_new(shop, provider)
    known = MarketplaceAccount.objects.get(pk=shop.pk)
    page = provider.new_orders(known.cursors[sync.NEW_PAGE]["digest"])
    with counted() as statements:
        taken = sync.receive_new(known, accounts.provider(known))
    assert page.tasks == ()
    assert (taken.created, taken.changed, taken.unchanged, taken.broken) == ([], 0, 3, 0)
    assert {sql.split('"')[1] for sql in statements} == {"backoffice_ratebudget"}


def test_a_page_with_one_more_order_is_read(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2)
    sync.pull_new(shop)
    (new,) = made(upstream)
    taken = sync.pull_new(shop)
    assert (len(taken.created), taken.unchanged) == (1, 2)
    assert AssemblyTask.objects.filter(external_id=str(new)).count() == 1


def test_a_page_with_a_broken_order_is_tried_again(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream)
    upstream.make_raw({"id": "not a number"}, "sandbox-tests")
    taken = [sync.pull_new(shop) for _minute in range(2)]
    assert [(len(each.created), each.unchanged, each.broken) for each in taken] == [(1, 0, 1), (0, 1, 1)]
    assert sync.NEW_PAGE not in MarketplaceAccount.objects.get(pk=shop.pk).cursors


def test_the_places_of_other_jobs_are_kept(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    MarketplaceAccount.objects.filter(pk=shop.pk).update(cursors={"finished": "2026-11-22T00:00:00+00:00"})
    made(upstream)
    sync.pull_new(shop)
    kept = MarketplaceAccount.objects.get(pk=shop.pk).cursors
    assert kept["finished"] == "2026-11-22T00:00:00+00:00"
    assert kept[sync.NEW_PAGE]["tasks"] == 1
