"""What every marketplace must survive: broken answers, lost answers, limits, and an upstream that changes its shapes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backoffice.errors import (
    Gone,
    RateLimited,
    Temporary,
    Uncertain,
    Unreadable,
    UpstreamError,
)
from orders.marketplaces.base import Outgoing

from .world import World, act


class BadDays:
    """Part of :class:`tests.contract.marketplace_suite.MarketplaceSuite`."""

    @pytest.mark.parametrize("kind", ["html", "truncated", "huge", "list_instead", "500"])
    def test_reads_on_a_bad_day(self, world: World, kind: str) -> None:
        world.make(2)
        world.fault(kind)

        with pytest.raises((Unreadable, Temporary)):
            world.provider.new_orders()

        assert len(world.provider.new_orders().tasks) == 2

    @pytest.mark.parametrize("kind", ["html", "500", "lost_answer"])
    def test_writes_on_a_bad_day_are_uncertain(self, world: World, kind: str) -> None:
        (task,) = world.make()
        world.fault(kind)

        with pytest.raises(Uncertain):
            act(world, world.first, task)

    def test_a_lost_answer_is_found_by_asking_for_the_status(self, world: World) -> None:
        (task,) = world.make()
        world.fault("lost_answer")

        with pytest.raises(Uncertain):
            act(world, world.first, task)
        (status,) = world.provider.statuses([task])

        assert world.provider.offer.effects[world.first].there(status.words)
        assert world.moves(task) == 1

    def test_too_many_calls(self, world: World) -> None:
        world.fault("429")
        before = datetime.now(UTC)

        with pytest.raises(RateLimited) as caught:
            world.provider.new_orders()

        assert caught.value.until is not None
        assert before < caught.value.until < before + world.patience

    def test_a_method_that_is_gone(self, world: World) -> None:
        (task,) = world.make()
        world.fault("gone")

        with pytest.raises(Gone):
            act(world, world.first, task)

        assert [kind for _, kind, _ in world.drift] == ["route"]

    def test_lists_that_are_null(self, world: World) -> None:
        world.make(2)
        world.fault("null_lists")

        assert world.provider.new_orders().tasks == ()

    def test_numbers_as_texts_and_texts_as_numbers(self, world: World) -> None:
        ids = world.make(2)
        world.fault("wrong_types")
        tasks = [world.provider.parse(raw) for raw in world.provider.new_orders().tasks]
        world.fault("wrong_types")
        results = act(world, world.first, ids[0])
        world.fault("wrong_types")
        (status,) = world.provider.statuses(ids[:1])

        assert sorted(task.external_id for task in tasks) == sorted(ids)
        assert [(result.external_id, result.ok) for result in results] == [(ids[0], True)]
        assert (status.external_id, status.stage) == (ids[0], world.provider.offer.effects[world.first].stage)

    def test_unknown_fields_are_counted_and_harmless(self, world: World) -> None:
        ids = world.make(2)
        world.fault("unknown_field")

        tasks = [world.provider.parse(raw).external_id for raw in world.provider.new_orders().tasks]

        assert sorted(tasks) == sorted(ids)
        assert {kind for _, kind, _ in world.drift} == {"field"}

    def test_nobody_listens(self, world: World) -> None:
        """Nothing was sent, so nothing is uncertain."""
        with pytest.raises(UpstreamError) as caught:
            world.connect("unreachable").send(world.first, [Outgoing("1", world.first)])

        assert type(caught.value) is Temporary
