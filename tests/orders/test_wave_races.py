"""Several people reach for the same tasks at the same moment: each task has one of them, and nothing is half-done."""

from __future__ import annotations

from functools import partial

import pytest

from orders.enums import EntryKind, Stage
from orders.models import AssemblyTask, Wave
from orders.services import actors, stages
from orders.services.warehouse import waves

from .floors import hand, made, told, wildberries
from .test_races import outcome, race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def owners() -> dict[int, int | None]:
    return dict(AssemblyTask.objects.values_list("pk", "assignee_id"))


def test_two_waves_started_at_once_share_no_task() -> None:
    shop = wildberries()
    tasks = [made(shop, minutes=n) for n in range(10)]
    people = [hand("anna"), hand("boris")]

    found = race(*(partial(waves.start, 5, actor=person) for person in people))

    assert sorted(wave.picker_id or 0 for wave in found) == sorted(person.user_id or 0 for person in people)
    by_wave = [set(AssemblyTask.objects.filter(wave=wave).values_list("pk", flat=True)) for wave in found]
    assert by_wave[0].isdisjoint(by_wave[1])
    # On PostgreSQL a person passes over what another is being given, and may get fewer.
    assert all(1 <= len(each) <= 5 for each in by_wave)
    assert [told(task, EntryKind.ASSIGNED) for task in tasks] == [int(who is not None) for who in owners().values()]
    assert set(AssemblyTask.objects.exclude(wave=None).values_list("assignee_id", "wave_id")) == {
        (wave.picker_id, wave.pk) for wave in found
    }


def test_three_people_reach_for_two_tasks() -> None:
    shop = wildberries()
    made(shop, minutes=1)
    made(shop, minutes=2)
    people = [hand(name) for name in ("anna", "boris", "vera")]

    found = race(*(partial(waves.next_task, actor=person) for person in people))

    got = [task.pk for task in found if task is not None]
    assert len(got) == len(set(got))
    assert set(got) == {pk for pk, who in owners().items() if who is not None}
    while (task := waves.next_task(actor=people[0])) is not None:  # what was passed over is still there
        got.append(task.pk)
    assert sorted(got) == sorted(owners())


def test_one_person_starts_in_two_windows() -> None:
    shop = wildberries()
    for n in range(6):
        made(shop, minutes=n)
    anna = hand("anna")

    found = race(*(outcome(partial(waves.start, 3, actor=anna)) for _window in range(3)))

    assert len({wave.pk for wave in found if isinstance(wave, Wave)}) == 1
    assert all(isinstance(wave, Wave) for wave in found)
    assert Wave.objects.count() == 1
    assert AssemblyTask.objects.filter(assignee=anna.user).count() == AssemblyTask.objects.exclude(wave=None).count()


def test_the_last_two_tasks_packed_at_once_close_the_wave() -> None:
    shop = wildberries()
    anna = hand("anna")
    for _round in range(5):
        tasks = [made(shop), made(shop)]
        wave = waves.start(2, actor=anna)

        def pack(task: AssemblyTask) -> None:
            stages.move(AssemblyTask.objects.get(pk=task.pk), Stage.READY, actor=actors.MARKETPLACE)

        race(*(partial(pack, task) for task in tasks))

        assert Wave.objects.get(pk=wave.pk).closed_at is not None


def test_a_task_added_while_the_wave_ends_is_not_left_in_a_closed_one() -> None:
    shop = wildberries()
    anna = hand("anna")
    for _round in range(5):
        last = made(shop, minutes=1)
        wave = waves.start(1, actor=anna)
        more = made(shop, minutes=2)

        def pack(task: AssemblyTask = last) -> str:
            stages.move(AssemblyTask.objects.get(pk=task.pk), Stage.READY, actor=actors.MARKETPLACE)
            return "packed"

        def add(task: AssemblyTask = more, wave_id: int = wave.pk) -> str:
            waves.add(wave_id, task.pk, actor=anna)
            return "added"

        results = set(race(outcome(pack), outcome(add)))

        closed = Wave.objects.get(pk=wave.pk).closed_at is not None
        assert results == ({"packed", "closed"} if closed else {"packed", "added"})
        waves.close(wave.pk, actor=anna)
        AssemblyTask.objects.filter(pk=more.pk).update(stage=Stage.CANCELLED)
