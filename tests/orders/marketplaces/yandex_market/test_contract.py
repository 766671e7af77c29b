"""Yandex Market, both dialects, against the sandbox over real HTTP: the suite of every marketplace, lists, limits, the door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.errors import CredentialsError, RateLimited
from orders.enums import ActionKind, Stage
from orders.marketplaces.base import Outgoing
from tests.contract.marketplace_suite import MarketplaceSuite
from tests.contract.world import act, advance

from .sandbox_world import SELLER, InSandbox, YandexWorld, now


class Yandex(InSandbox, MarketplaceSuite):
    # Lists.

    def test_pages_of_changes(self, world: YandexWorld) -> None:
        ids, tests = world.make(120), world.make_some(count=3, fake=True)
        end = now(world)
        cursor, seen, calls = None, [], 0
        while calls == 0 or cursor:
            page = world.provider.changed_orders(end - timedelta(days=1), end + timedelta(days=1), cursor)
            seen += [raw.external_id for raw in page.tasks]
            cursor, calls = page.next_cursor, calls + 1

        assert sorted(seen) == sorted(ids + tests)
        assert calls == 5
        assert world.drift == []

    def test_a_change_is_seen_once_it_is_made(self, world: YandexWorld) -> None:
        """An order that did not change is not told again; periods are rounded outwards to whole seconds."""
        first, second = world.make(2)
        world.sandbox.advance(600)
        since = now(world)
        world.sandbox.advance(5)
        advance(world, second, ActionKind.DELIVER)
        world.sandbox.advance(60)

        page = world.provider.changed_orders(since, now(world), None)
        before = world.provider.changed_orders(since - timedelta(days=1), since, None)

        assert [raw.external_id for raw in page.tasks] == [second]
        assert [raw.external_id for raw in before.tasks] == [first]

    def test_test_orders_are_told_only_when_they_are_wanted(self, world: YandexWorld) -> None:
        (number,) = world.make_some(fake=True)
        plain = world.with_options(test_orders=False)
        end = now(world) + timedelta(days=1)

        real = world.provider.changed_orders(end - timedelta(days=2), end, None)
        tests = world.provider.changed_orders(end - timedelta(days=2), end, real.next_cursor)
        found = world.provider.parse(tests.tasks[0])

        assert (real.tasks, real.next_cursor, tests.next_cursor) == ((), "test:", "waiting:")
        assert (found.external_id, found.is_test) == (number, True)
        assert [raw.external_id for raw in world.provider.lookup([number]).tasks] == [number]
        assert plain.changed_orders(end - timedelta(days=2), end, None).next_cursor == "waiting:"

    def test_a_look_up_of_fifty(self, world: YandexWorld) -> None:
        ids = [*world.make(48), *world.make_some(fake=True), "999999999"]
        before = world.calls()

        found = world.provider.lookup(ids)

        assert sorted(raw.external_id for raw in found.tasks) == sorted(ids[:-1])
        assert world.calls() - before == 2

    def test_a_month_of_orders(self, world: YandexWorld) -> None:
        """The longest period that is asked for is one that is accepted."""
        world.make(1)
        end = now(world) + timedelta(hours=1)
        start = end - timedelta(days=world.provider.window_days)

        assert len(world.provider.finished_orders(start, end, None).tasks) == 1
        assert len(world.provider.changed_orders(start, end, None).tasks) == 1
        assert world.provider.finished_orders(start, start, None).tasks == ()

    # Buyers and papers.

    def test_a_business_order(self, world: YandexWorld) -> None:
        business, private = world.make_some(business=True), world.make_some()
        advance(world, business[0], ActionKind.DELIVER)

        (organisation,) = world.provider.organisations([*business, *private, "999999999"])
        (document,) = world.provider.documents([*business, *private])

        assert organisation.external_id == document.external_id == business[0]
        assert {"inn", "name"} <= set(organisation.facts)
        assert (document.kind, document.status) == ("upd", "READY")

    def test_a_buyer_is_told_until_the_end(self, world: YandexWorld) -> None:
        (task,) = world.make_some(type="DELIVERY", courier=False, trusted=True)
        (early,) = world.provider.buyers([task])
        advance(world, task, ActionKind.DELIVER, ActionKind.RECEIVE)

        assert (early.complete, early.do_not_call) == (True, True)
        assert world.provider.buyers([task]) == []

    def test_labels_and_services(self, world: YandexWorld) -> None:
        (task,) = world.make()

        (sticker,) = world.provider.stickers([task, "999999999"])
        services = world.provider.services()

        assert sticker.external_id == task
        assert sticker.pdf.startswith(b"%PDF")
        assert all(service.external_id.isdigit() and service.name for service in services)

    # The door.

    @pytest.mark.parametrize(
        ("key", "status", "words"),
        [("inactive", 403, "disabled due to inactivity"), ("migrating", 423, "migration"), ("wrong", 401, "")],
    )
    def test_an_account_that_is_shut(self, world: YandexWorld, key: str, status: int, words: str) -> None:
        with pytest.raises(CredentialsError) as caught:
            world.connect(key).new_orders()

        assert caught.value.status == status
        assert words in caught.value.detail
        assert SELLER not in f"{caught.value!r} {caught.value.detail}"

    def test_a_key_for_reading_may_not_write(self, world: YandexWorld) -> None:
        """It reads well: only ``check`` tells, or the first change."""
        reader = world.connect("readonly")

        assert reader.new_orders().tasks == ()
        with pytest.raises(CredentialsError):
            reader.send(ActionKind.DELIVER, [Outgoing("1", ActionKind.DELIVER)])

    def test_a_shop_of_somebody_else(self, world: YandexWorld) -> None:
        with pytest.raises(CredentialsError, match="foreign_campaign"):
            world.with_options(campaign_id="123").check()
        with pytest.raises(CredentialsError, match="foreign_business"):
            world.with_options(business_id="123").check()

    # Limits.

    def test_the_limit_of_the_hour(self, world: YandexWorld) -> None:
        """The last call that goes through says that nothing remains; a further one is told until when."""
        world.ym.limit(updateOrderStatuses=2)
        first, second, third = world.make(3)

        assert all(result.ok for result in act(world, ActionKind.DELIVER, first, second))
        ((group, until),) = world.notes.blocks
        with pytest.raises(RateLimited) as caught:
            act(world, ActionKind.DELIVER, third)

        assert group == f"status-update:{world.ym.campaign}"
        assert until > datetime.now(UTC)
        assert caught.value.code == "RATE_LIMIT"
        assert caught.value.until is not None
        assert abs(caught.value.until - until) < timedelta(seconds=2)
        assert (world.stage(third), world.moves(third)) == (Stage.NEW, 0)


class TestBusiness(Yandex):
    dialect = "business"


class TestV2(Yandex):
    dialect = "v2"
