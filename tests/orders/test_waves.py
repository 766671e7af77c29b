"""Waves: who gets which tasks, what leaves a wave and how it ends, and the next task of somebody who works one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, DomainError, Invalid
from orders.enums import ActionKind, EntryKind, ShortageReason, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, TimelineEntry, Wave
from orders.services import actors, stages
from orders.services.sending import outbox
from orders.services.warehouse import assembly, shortages, waves
from orders.services.warehouse.waves import Choice

from .floors import MUG, ONE, TRAIN, hand, made, told, wildberries
from .statements import counted

CONFIRM, READY = outbox.Wish(ActionKind.CONFIRM), outbox.Wish(ActionKind.READY)
Snapshot = tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def anna(db: None) -> actors.Actor:
    return hand("anna")


@pytest.fixture
def boris(db: None) -> actors.Actor:
    return hand("boris")


def state() -> Snapshot:
    """Everything a wave may change."""
    tasks = AssemblyTask.objects.order_by("pk").values_list("pk", "assignee", "wave", "taken_at")
    return list(tasks), list(Wave.objects.order_by("pk").values_list("pk", "closed_at")), TimelineEntry.objects.count()


def refused(work: Callable[[], object], error: type[DomainError], code: str) -> None:
    """It raises this, and nothing has changed."""
    before = state()
    with pytest.raises(error) as caught:
        work()
    assert caught.value.code == code
    assert state() == before


def of(wave: Wave) -> list[int]:
    return list(AssemblyTask.objects.filter(wave=wave).order_by("deadline_at").values_list("pk", flat=True))


def is_open(wave: Wave) -> bool:
    return Wave.objects.get(pk=wave.pk).closed_at is None


def owner(task: AssemblyTask) -> tuple[int | None, int | None]:
    """Who has a task, and in which wave."""
    return AssemblyTask.objects.values_list("assignee_id", "wave_id").get(pk=task.pk)


def being_packed(task: AssemblyTask) -> None:
    """The marketplace has been asked and has not answered."""
    MarketplaceAction.objects.create(
        task=task,
        account=task.account,
        kind=ActionKind.READY,
        state="queued",
        source="staff",
        not_before=timezone.now(),
    )


def move(task: AssemblyTask, to: Stage) -> None:
    (row,) = stages.lock([task.pk])
    stages.move(row, to, actor=actors.MARKETPLACE)


def missing(task: AssemblyTask, actor: actors.Actor) -> None:
    shortages.report(
        task.pk, task.items.get().pk, shortages.Report(1, ShortageReason.OUT_OF_STOCK), actor=actor
    )  # fmt: skip


def test_a_wave_is_made_of_the_most_urgent_free_tasks(
    shop: MarketplaceAccount, anna: actors.Actor, boris: actors.Actor
) -> None:
    late, soon = made(shop, minutes=90), made(shop, minutes=10)
    new = made(shop, minutes=20, stage=Stage.NEW)
    made(shop, minutes=95)
    made(shop, minutes=0, is_test=True)
    made(shop, minutes=1, cancel_requested_at=timezone.now())
    made(shop, minutes=2, assignee=boris.user)
    packed, away = made(shop, minutes=3, stage=Stage.READY), made(shop, minutes=4, stage=Stage.DELIVERING)
    without = made(shop, minutes=5)
    missing(without, boris)
    asked = made(shop, minutes=6)
    being_packed(asked)

    wave = waves.start(3, actor=anna)

    assert of(wave) == [soon.pk, new.pk, late.pk]
    assert [owner(task) for task in (soon, new, late)] == [(anna.user_id, wave.pk)] * 3
    assert [owner(task)[1] for task in (packed, away, without, asked)] == [None] * 4
    assert [told(task, EntryKind.ASSIGNED) for task in (soon, new, late, asked)] == [1, 1, 1, 0]
    assert wave.picker == anna.user


@pytest.mark.parametrize("count", [1, 3])
def test_a_wave_costs_six_statements_however_many_tasks(
    shop: MarketplaceAccount, anna: actors.Actor, count: int
) -> None:
    for n in range(4):
        made(shop, minutes=n)
    with counted() as statements:
        wave = waves.start(count, actor=anna)

    assert len(of(wave)) == count
    assert len(statements) == 6, statements  # the last: the numbers of its tasks


def test_starting_twice_gives_the_wave_that_is_open(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    for n in range(4):
        made(shop, minutes=n)
    wave = waves.start(2, actor=anna)
    before = state()

    assert waves.start(4, actor=anna) == wave
    assert state() == before


def test_a_wave_can_be_of_one_shop_one_delivery_and_begin_with_orders_of_one_article(
    shop: MarketplaceAccount, anna: actors.Actor
) -> None:
    other = wildberries(title="Other")
    two = made(shop, ONE, ("TRAIN", 1, [TRAIN]), minutes=1, delivery_type="dbs")
    twice = made(shop, ("MUG-1", 3, [MUG]), ("MUG-1", 1, [MUG]), minutes=3, delivery_type="dbs")
    gone = made(shop, ONE, ("TRAIN", 0, [TRAIN]), minutes=2, delivery_type="dbs")
    made(other, minutes=0, delivery_type="dbs")
    made(shop, minutes=0, delivery_type="edbs")

    wave = waves.start(3, Choice(shop.pk, "dbs", single_first=True), actor=anna)

    assert set(of(wave)) == {two.pk, twice.pk, gone.pk}
    chosen = waves.free(Choice(shop.pk, "dbs", single_first=True))
    AssemblyTask.objects.update(assignee=None, wave=None)
    assert [task.pk for task in chosen] == [gone.pk, twice.pk, two.pk]


def test_exercises_stand_apart(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    school = wildberries(title="School", training=True)
    exercise, real = made(school, minutes=1, is_test=True), made(shop, minutes=2)
    pupil = actors.staff(hand("pupil").user, training=True)  # type: ignore[arg-type]

    assert of(waves.start(5, actor=pupil)) == [exercise.pk]
    assert of(waves.start(5, actor=anna)) == [real.pk]


def test_nothing_is_begun_where_nothing_waits(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    made(shop, stage=Stage.READY)

    refused(lambda: waves.start(5, actor=anna), Conflict, "nothing")
    assert waves.next_task(actor=anna) is None


@pytest.mark.parametrize("count", [0, -1, 51])
def test_a_wave_has_a_size_that_makes_sense(shop: MarketplaceAccount, anna: actors.Actor, count: int) -> None:
    made(shop)
    refused(lambda: waves.start(count, actor=anna), Invalid, "count")


def test_only_a_person_has_a_wave(shop: MarketplaceAccount) -> None:
    made(shop)
    refused(lambda: waves.start(1, actor=actors.SYSTEM), Invalid, "actor")


def test_one_more_task_and_one_less(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    first, second = made(shop, minutes=1), made(shop, minutes=2)
    wave = waves.start(1, actor=anna)

    waves.add(wave.pk, second.pk, actor=anna)
    waves.add(wave.pk, second.pk, actor=anna)
    assert of(wave) == [first.pk, second.pk]
    assert told(second, EntryKind.ASSIGNED) == 1

    waves.remove(wave.pk, first.pk, actor=anna)
    waves.remove(wave.pk, first.pk, actor=anna)
    assert (of(wave), is_open(wave)) == ([second.pk], True)
    assert owner(first) == (None, None)
    assert told(first, EntryKind.RELEASED) == 1

    waves.remove(wave.pk, second.pk, actor=anna)
    assert not is_open(wave)  # nothing is left in it


def test_a_task_of_mine_joins_without_being_taken_again(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    mine, _other = made(shop, minutes=5), made(shop, minutes=1)
    assembly.take(mine.pk, actor=anna)
    wave = waves.start(1, actor=anna)

    waves.add(wave.pk, mine.pk, actor=anna)

    assert mine.pk in of(wave)
    assert told(mine, EntryKind.ASSIGNED) == 1


def test_what_cannot_join(shop: MarketplaceAccount, anna: actors.Actor, boris: actors.Actor) -> None:
    made(shop, minutes=1)
    wave = waves.start(1, actor=anna)
    taken, packed, free = made(shop, assignee=boris.user), made(shop, stage=Stage.READY), made(shop)
    exercise = made(wildberries(title="School", training=True), is_test=True)
    real = actors.staff(anna.user, training=False)  # type: ignore[arg-type]

    refused(lambda: waves.add(wave.pk, taken.pk, actor=anna), Conflict, "taken")
    refused(lambda: waves.add(wave.pk, packed.pk, actor=anna), Conflict, "stage")
    refused(lambda: waves.add(wave.pk, free.pk, actor=boris), Conflict, "taken")
    refused(lambda: waves.add(wave.pk, exercise.pk, actor=real), Conflict, "training")
    refused(lambda: waves.add(wave.pk, 10**9, actor=anna), Conflict, "not_found")
    refused(lambda: waves.add(99, free.pk, actor=anna), Conflict, "not_found")
    waves.close(wave.pk, actor=anna)
    refused(lambda: waves.add(wave.pk, free.pk, actor=anna), Conflict, "closed")


def test_closing_gives_back_what_is_not_packed(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    packed, left, sent = (made(shop, minutes=n) for n in (1, 2, 3))
    wave = waves.start(3, actor=anna)
    outbox.request(packed.pk, READY, actor=anna)
    being_packed(sent)
    assert is_open(wave)

    assert waves.close(wave.pk, actor=anna) == 1

    assert not is_open(wave)
    assert [owner(task) for task in (packed, left, sent)] == [
        (anna.user_id, wave.pk), (None, None), (anna.user_id, wave.pk),
    ]  # fmt: skip
    assert told(left, EntryKind.RELEASED) == 1
    before = state()
    assert waves.close(wave.pk, actor=anna) == 0
    assert state() == before
    refused(lambda: waves.close(99, actor=anna), Conflict, "not_found")


def test_a_packed_task_stays_in_its_wave(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    packed = made(shop, minutes=1)
    made(shop, minutes=2)
    wave = waves.start(2, actor=anna)
    outbox.request(packed.pk, READY, actor=anna)

    refused(lambda: waves.remove(wave.pk, packed.pk, actor=anna), Conflict, "stage")


@pytest.mark.parametrize("last", [Stage.READY, Stage.DELIVERING, Stage.CANCELLED])
def test_a_wave_closes_when_nothing_is_left_to_be_packed(
    shop: MarketplaceAccount, anna: actors.Actor, last: Stage
) -> None:
    first, second = made(shop, minutes=1), made(shop, minutes=2)
    wave = waves.start(2, actor=anna)

    outbox.request(first.pk, READY, actor=anna)
    assert is_open(wave)
    move(second, last)

    assert not is_open(wave)
    assert of(wave) == [first.pk, second.pk]


def test_beginning_a_task_leaves_its_wave_open(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task = made(shop, stage=Stage.NEW)
    wave = waves.start(1, actor=anna)
    move(task, Stage.ASSEMBLING)

    assert is_open(wave)


def test_a_task_taken_over_leaves_the_wave(shop: MarketplaceAccount, anna: actors.Actor, boris: actors.Actor) -> None:
    first, second = made(shop, minutes=1), made(shop, minutes=2)
    wave = waves.start(2, actor=anna)
    refused(lambda: assembly.take(first.pk, actor=boris), Conflict, "taken")

    assembly.take(first.pk, actor=boris, take_over=True)
    assert (owner(first), of(wave), is_open(wave)) == ((boris.user_id, None), [second.pk], True)

    assembly.release(second.pk, actor=anna)
    assert (owner(second), of(wave), is_open(wave)) == ((None, None), [], False)


def test_the_next_task_of_a_wave(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    tasks = [made(shop, minutes=n) for n in range(4)]
    wave = waves.start(4, actor=anna)

    def following(after: int | None) -> int | None:
        task = waves.next_in_wave(wave.pk, after=after)
        return tasks.index(task) if task else None

    assert [following(None), following(tasks[0].pk), following(tasks[3].pk)] == [0, 1, 0]
    outbox.request(tasks[1].pk, READY, actor=anna)
    assert [following(tasks[0].pk), following(tasks[1].pk)] == [2, 2]
    missing(tasks[2], anna)
    assert [following(tasks[0].pk), following(tasks[3].pk)] == [3, 0]
    for n in (0, 3):
        outbox.request(tasks[n].pk, READY, actor=anna)
    assert [following(None), following(tasks[2].pk)] == [2, None]
    with counted() as statements:
        waves.next_in_wave(wave.pk, after=tasks[2].pk)
    assert len(statements) == 1


def test_the_next_task_without_a_wave(shop: MarketplaceAccount, anna: actors.Actor, boris: actors.Actor) -> None:
    first, second, third = (made(shop, minutes=n) for n in (1, 2, 3))

    assert waves.next_task(actor=anna) == first
    assert waves.next_task(actor=boris, after=second.pk) == second
    assert owner(first) == (anna.user_id, None)
    assert owner(second) == (boris.user_id, None)
    assert told(first, EntryKind.ASSIGNED) == 1

    wave = waves.start(1, actor=anna)
    assert waves.next_task(actor=anna) == third
    assert waves.next_task(wave.pk, actor=boris) is None  # it is not his
    assert waves.next_task(actor=anna, after=third.pk) is None
