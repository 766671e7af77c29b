"""What every marketplace must do, whatever it speaks: run over real HTTP against its stand-in.

A test class of a marketplace (or of one dialect) inherits :class:`MarketplaceSuite` and gives it a ``world`` fixture.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backoffice.errors import CredentialsError, Refused, Unreadable
from orders.enums import ActionKind, CodeKind, CodeState, Stage
from orders.marketplaces.base import Outgoing

from .marketplace_bad_days import BadDays
from .world import World, act, advance, put, put_all


class MarketplaceSuite(BadDays):
    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    # Who we are.

    def test_check(self, world: World) -> None:
        world.provider.check()

        assert world.calls() == world.check_calls

    @pytest.mark.parametrize("token", ["wrong", "readonly"])
    def test_credentials_that_are_not_accepted(self, world: World, token: str) -> None:
        with pytest.raises(CredentialsError) as caught:
            world.connect(token).check()

        assert world.secret not in f"{caught.value!r} {caught.value.detail} {vars(caught.value)}"

    # What comes in.

    def test_new_orders(self, world: World) -> None:
        ids = world.make(3)

        page = world.provider.new_orders()
        tasks = [world.provider.parse(raw) for raw in page.tasks]

        assert sorted(task.external_id for task in tasks) == sorted(ids)
        assert [raw.external_id for raw in page.tasks] == [task.external_id for task in tasks]
        assert {task.stage for task in tasks} == {Stage.NEW}
        assert world.drift == []

    def test_an_order_is_complete(self, world: World) -> None:
        kinds = list(world.good_codes)
        world.make(1, code_kinds=kinds)

        task = world.provider.parse(world.provider.new_orders().tasks[0])

        assert task.order_external_id
        assert task.address is not None
        assert task.address.full
        assert set(task.code_kinds) == set(kinds)
        assert task.items
        for item in task.items:
            assert item.article
            assert bool(item.barcodes) == world.barcodes
            assert isinstance(item.price.amount, Decimal)
            assert item.price.amount > 0
            assert len(item.price.currency) == 3
            assert item.price.currency.isupper()
        assert task.created_at.tzinfo is not None
        assert task.deadline_at is not None
        assert task.deadline_at > task.created_at

    def test_the_same_page_again_is_the_same(self, world: World) -> None:
        world.make(5)

        first, second = world.provider.new_orders(), world.provider.new_orders()

        assert first == second
        assert len({raw.digest for raw in first.tasks}) == 5
        assert {len(raw.digest) for raw in first.tasks} == {32}

    def test_one_broken_order_among_good_ones(self, world: World) -> None:
        before = world.make(2)
        world.make_broken()
        after = world.make(2)

        read, broken = [], []
        for raw in world.provider.new_orders().tasks:
            try:
                read.append(world.provider.parse(raw).external_id)
            except Unreadable as error:
                broken.append(error)

        assert sorted(read) == sorted(before + after)
        assert len(broken) == 1
        assert broken[0].detail

    def test_finished_orders_page_by_page(self, world: World) -> None:
        ids = world.make_finished(5)
        end = datetime.now(UTC) + timedelta(days=1)

        page = world.provider.finished_orders(end - timedelta(days=10), end, None)
        early = world.provider.finished_orders(end - timedelta(days=30), end - timedelta(days=20), None)

        assert sorted(world.provider.parse(raw).external_id for raw in page.tasks) == sorted(ids)
        assert (page.next_cursor, early.tasks) == (None, ())

    # Statuses.

    def test_statuses(self, world: World) -> None:
        """A task at each step of the way to the buyer, and a new one."""
        way = [*world.before[ActionKind.RECEIVE], ActionKind.RECEIVE]
        ids = world.make(len(way) + 1)
        for position, external_id in enumerate(ids):
            advance(world, external_id, *way[:position])

        found = {status.external_id: status for status in world.provider.statuses(ids)}

        stages = [Stage.NEW, *(world.provider.offer.effects[kind].stage for kind in way)]
        assert [found[external_id].stage for external_id in ids] == stages
        assert all(status.found and all(status.words.values()) for status in found.values())
        assert world.drift == []

    def test_the_status_of_a_task_that_does_not_exist(self, world: World) -> None:
        (known,) = world.make()

        found = {status.external_id: status for status in world.provider.statuses([known, "999999999"])}

        assert found[known].stage == Stage.NEW
        assert "999999999" not in found or not found["999999999"].found

    def test_a_buyer_who_declines(self, world: World) -> None:
        (task,) = world.make()
        world.decline(task)

        (status,) = world.provider.statuses([task])

        assert status.stage == Stage.CANCELLED
        assert world.provider.new_orders().tasks == ()

    def test_an_unknown_status_moves_nothing_and_is_counted(self, world: World) -> None:
        (task,) = world.make()
        world.fault("unknown_status")

        (status,) = world.provider.statuses([task])

        assert (status.stage, status.found) == (None, True)
        assert status.words
        assert {kind for _, kind, _ in world.drift} == {"value"}

    # Buyers.

    def test_buyers_are_told_and_their_phones(self, world: World) -> None:
        (task,) = world.make()
        if not world.provider.offer.buyers_early:
            assert world.provider.buyers([task]) == []
            advance(world, task, world.first)

        (early,) = world.provider.buyers([task])
        world.pass_time()
        (late,) = world.provider.buyers([task])

        assert (early.external_id, early.complete) == (task, world.phones_at_once)
        assert early.full_name
        assert late.complete
        assert [phone.primary for phone in late.phones].count(True) == 1
        assert all(phone.number for phone in late.phones)

    # Actions.

    def test_from_new_to_received(self, world: World) -> None:
        (task,) = world.make()
        advance(world, task, *world.before[ActionKind.RECEIVE])

        advance(world, task, ActionKind.RECEIVE)

        assert world.stage(task) == Stage.RECEIVED

    def test_each_action_does_what_the_offer_says(self, world: World) -> None:
        offer = world.provider.offer
        for kind, effect in offer.effects.items():
            (task,) = world.make()
            advance(world, task, *world.before[kind])

            (result,) = act(world, kind, task, code=world.code(task) if kind in offer.coded else "")
            (status,) = world.provider.statuses([task])

            assert (result.external_id, result.ok) == (task, True), (kind, result)
            assert status.stage == effect.stage
            assert effect.there(status.words)

    def test_many_at_once(self, world: World) -> None:
        ids = world.make(30)
        before = world.calls()

        results = act(world, world.first, *ids)

        assert [result.external_id for result in results if result.ok] == ids
        assert {world.stage(external_id) for external_id in ids} == {world.provider.offer.effects[world.first].stage}
        assert world.calls() - before == -(-30 // world.provider.per_call(world.first))

    def test_what_is_done_already_is_a_conflict_and_changes_nothing(self, world: World) -> None:
        (task,) = world.make()
        act(world, world.first, task)

        (result,) = act(world, world.first, task)

        assert (result.ok, result.stage_conflict, result.wrong_code) == (False, True, False)
        assert result.detail
        assert (world.stage(task), world.moves(task)) == (world.provider.offer.effects[world.first].stage, 1)

    def test_a_step_too_far_is_a_conflict_and_changes_nothing(self, world: World) -> None:
        (task,) = world.make()

        (result,) = act(world, world.too_far, task)

        assert (result.ok, result.stage_conflict) == (False, True)
        assert (world.stage(task), world.moves(task)) == (Stage.NEW, 0)

    def test_a_task_that_does_not_exist(self, world: World) -> None:
        (result,) = act(world, world.first, "999999999")

        assert (result.external_id, result.ok, result.stage_conflict) == ("999999999", False, False)
        assert result.code

    def test_every_stage_that_is_reached_has_its_word_in_the_offer(self, world: World) -> None:
        offer = world.provider.offer

        assert set(offer.effects) == set(offer.steps)
        assert all(offer.step_word in effect.words for effect in offer.effects.values())
        assert offer.coded <= set(offer.steps)
        assert offer.dated <= set(offer.steps)
        assert not set(offer.local) & set(offer.steps)
        assert not set(offer.details) & set(offer.steps)
        assert set(world.before) == set(offer.steps)
        for kind, ways in offer.ways.items():
            assert not set(ways) & offer.steps[kind]
            assert {step for way in ways.values() for step in way} <= set(offer.steps)

    # Marking codes.

    def test_codes_are_stored_judged_and_deleted(self, world: World) -> None:
        kinds = [kind for kind in world.good_codes if kind != CodeKind.GTD or world.provider.offer.codes_together]
        (task,) = world.make(1, code_kinds=kinds)
        prepare(world, task)

        assert all(result.ok for result in put_all(world, task, {kind: [world.good_codes[kind]] for kind in kinds}))
        sent = world.provider.codes([task])
        world.pass_time()
        judged = world.provider.codes([task])

        stored = {(verdict.kind, verdict.value) for verdict in sent}
        assert stored == {(kind, world.good_codes[kind]) for kind in kinds}
        assert {verdict.external_id for verdict in sent + judged} == {task}
        assert {verdict.state for verdict in judged} <= {CodeState.SENT, CodeState.VERIFIED}
        self.delete_codes(world, task, kinds)

    def delete_codes(self, world: World, task: str, kinds: list[CodeKind]) -> None:
        """All of them are gone; where there is no such call, it says so and they are still there."""
        actions = [Outgoing(task, ActionKind.DELETE_CODES, code_kind=kind) for kind in kinds]
        if world.provider.offer.deletes_codes:
            for action in actions:
                (result,) = world.provider.send(ActionKind.DELETE_CODES, [action])
                assert result.ok
            assert world.provider.codes([task]) == []
            return
        for action in actions:
            with pytest.raises(Refused, match="not_offered"):
                world.provider.send(ActionKind.DELETE_CODES, [action])
        assert len(world.provider.codes([task])) == len(kinds)

    def test_several_marking_codes_with_separators_survive(self, world: World) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.SGTIN], units=24)
        prepare(world, task)
        codes = tuple(f"0104600439931256215RJZx80hl{number:04}\x1d93Md/+" for number in range(24))

        assert put(world, task, CodeKind.SGTIN, *codes).ok

        assert [verdict.value for verdict in world.provider.codes([task])] == list(codes)

    def test_a_kind_that_the_task_does_not_take(self, world: World) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.UIN])
        prepare(world, task)

        result = put(world, task, CodeKind.IMEI, "004321741987258")

        assert (result.ok, result.wrong_code) == (False, False)
        assert result.code
        assert world.provider.codes([task]) == []


class BuyersCodes:
    """Of a marketplace whose last steps need the code that the buyer was told."""

    @pytest.mark.parametrize("kind", [ActionKind.RECEIVE, ActionKind.REJECT])
    def test_a_wrong_code_of_the_buyer_changes_nothing(self, world: World, kind: ActionKind) -> None:
        (task,) = world.make()
        advance(world, task, *world.before[kind])
        wrong = "".join(str(9 - int(digit)) for digit in world.code(task))

        (result,) = act(world, kind, task, code=wrong)

        assert (result.ok, result.wrong_code, result.stage_conflict) == (False, True, False)
        assert wrong not in repr(result)
        assert world.stage(task) == Stage.DELIVERING
        assert world.moves(task) == 2

    def test_a_buyer_who_rejects_it(self, world: World) -> None:
        (task,) = world.make()
        advance(world, task, *world.before[ActionKind.REJECT], ActionKind.REJECT)

        (status,) = world.provider.statuses([task])

        assert (status.stage, world.stage(task)) == (Stage.REJECTED, Stage.REJECTED)


def prepare(world: World, task: str) -> None:
    """Bring a new task to where codes may be set."""
    offer = world.provider.offer
    (status,) = world.provider.statuses([task])
    if status.words[offer.step_word] not in offer.code_words:
        advance(world, task, world.first)
