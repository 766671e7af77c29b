"""Commands by barcode: read twice they are done once, START begins, UNDO takes back what the person means."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from orders import signs, wording
from orders.enums import ActionKind, ActionState, EntryKind, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, Pick, Scan, TimelineEntry, Wave
from orders.services.warehouse import assembly, floor, waves
from orders.services.warehouse.floor import Answer
from orders.services.warehouse.lookups import There
from orders.services.warehouse.scanning import Shot
from orders.signs import Command

from .floorbench import Floor, scan_of
from .floors import MUG, ONE, hand, made, told, wildberries
from .test_scanning import SGTIN

TWO = ("MUG-1", 2, [MUG])


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def bench(db: None) -> Floor:
    return Floor(hand("anna"))


def command(bench: Floor, which: Command, **more: Any) -> Answer:
    return bench.scan(signs.of_command(which), **more)


def ended(answer: Answer) -> tuple[str, str]:
    return answer.verdict.outcome.value, answer.verdict.reason


def stage(task: AssemblyTask) -> str:
    return str(AssemblyTask.objects.values_list("stage", flat=True).get(pk=task.pk))


def live() -> int:
    return Pick.objects.filter(undone_at=None).count()


def aged(seconds: int = 10) -> None:
    Scan.objects.update(scanned_at=timezone.now() - timedelta(seconds=seconds))


# Read twice ------------------------------------------------------------------------------------------------------------------


def test_next_read_twice_gives_one_task(bench: Floor, shop: MarketplaceAccount) -> None:
    made(shop, minutes=1)
    made(shop, minutes=2)
    first, again = (command(bench, Command.NEXT, at=at) for at in (1_000, 1_150))

    assert (ended(first), ended(again)) == (("opened", "next"), ("repeat", "double"))
    assert (again.opens, again.changed, again.verdict.title) == (None, False, "Read twice: NEXT")
    assert AssemblyTask.objects.filter(assignee=bench.actor.user).count() == 1
    assert ended(command(bench, Command.NEXT, at=3_200)) == ("opened", "next")
    assert AssemblyTask.objects.filter(assignee=bench.actor.user).count() == 2


def test_undo_read_twice_takes_back_one_scan(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop, TWO)
    for at in (1_000, 9_000):
        bench.scan(MUG, task=task, at=at)
    ends = [ended(command(bench, Command.UNDO, task=task, at=at)) for at in (20_000, 20_150, 20_300)]

    assert ends == [("opened", "undone"), ("repeat", "double"), ("repeat", "double")]
    assert live() == 1


def test_ready_read_twice_stays_good(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop)
    bench.scan(MUG, task=task, at=1_000)
    first, again = (command(bench, Command.READY, task=task, at=at) for at in (5_000, 5_150))

    assert (ended(first), ended(again)) == (("opened", "ready"), ("repeat", "double"))
    assert first.verdict.title == f"{task.external_id} · Packed: ready"
    assert MarketplaceAction.objects.filter(kind=ActionKind.READY).count() == 1
    assert Scan.objects.get(pk=scan_of(again)).task_id == task.pk


def test_a_command_that_was_refused_is_refused_again(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop, TWO)
    for at in (1_000, 1_150):
        found = command(bench, Command.READY, task=task, at=at)
        assert ended(found) == ("refused", "not_picked")
        assert found.verdict.title == "2 units are not scanned"
    assert (stage(task), MarketplaceAction.objects.count()) == (Stage.ASSEMBLING, 0)


def test_two_people_with_one_command_are_no_double(bench: Floor, shop: MarketplaceAccount) -> None:
    made(shop, minutes=1)
    made(shop, minutes=2)
    ends = [ended(command(each, Command.NEXT, at=1_000)) for each in (bench, Floor(hand("boris")))]

    assert ends == [("opened", "next")] * 2


# Undo ------------------------------------------------------------------------------------------------------------------------


def test_what_is_packed_is_not_unpicked(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop)
    done = scan_of(bench.scan(MUG, task=task, at=1_000))
    command(bench, Command.READY, task=task, at=5_000)
    found = command(bench, Command.UNDO, task=task, at=9_000)

    assert ended(found) == ("refused", "told")
    assert found.verdict.title == "Packed already: not taken back"
    assert found.verdict.text == f"Order {task.external_id} is packed, and READY is not taken back by a scan."
    assert (bench.undo(done).reason, bench.undo().reason) == ("told", "told")
    assert (live(), Scan.objects.exclude(undone_at=None).count()) == (1, 0)


def test_ready_that_the_marketplace_refused_stands_in_no_way(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop)
    bench.scan(MUG, task=task, at=1_000)
    command(bench, Command.READY, task=task, at=5_000)
    MarketplaceAction.objects.update(state=ActionState.FAILED)
    AssemblyTask.objects.update(stage=Stage.ASSEMBLING)

    assert ended(command(bench, Command.UNDO, task=task, at=9_000)) == ("opened", "undone")
    assert live() == 0


def test_ready_of_another_task_is_not_what_undo_goes_behind(bench: Floor, shop: MarketplaceAccount) -> None:
    task, other = made(shop, TWO), made(shop, ("BOX", 1, []))
    bench.scan(MUG, task=task, at=1_000)
    command(bench, Command.READY, task=other, at=5_000)

    assert ended(command(bench, Command.UNDO, task=other, at=9_000)) == ("refused", "told")
    assert live() == 1


def test_the_scan_of_a_task_that_was_left_is_named_first(bench: Floor, shop: MarketplaceAccount) -> None:
    task, other = made(shop), made(shop)
    done = scan_of(bench.scan(MUG, task=task, at=1_000))
    bench.scan(signs.of_task(other.pk), task=task, at=5_000)
    found = command(bench, Command.UNDO, task=other, at=9_000)

    assert ended(found) == ("ask", "undo")
    assert found.verdict.title == f"Take it back at order {task.external_id}?"
    assert found.verdict.text == (
        f"The last thing you did was “Right: MUG-1, 1 of 1” at order {task.external_id}. Scan UNDO once more to take it back."
    )
    assert found.verdict.facts == {"undo": done, "task": task.pk, "number": task.external_id}
    assert live() == 1
    assert ended(command(bench, Command.UNDO, task=other, at=9_150)) == ("ask", "undo")  # read twice is no yes
    assert live() == 1
    aged()
    yes = command(bench, Command.UNDO, task=other, at=15_000)
    assert ended(yes) == ("opened", "undone")
    assert yes.verdict.title == f"{task.external_id} · Taken back: Right: MUG-1, 1 of 1"
    assert live() == 0


def test_the_button_says_yes_too(bench: Floor, shop: MarketplaceAccount) -> None:
    task, other = made(shop), made(shop)
    bench.scan(MUG, task=task, at=1_000)
    bench.scan(signs.of_task(other.pk), at=5_000)
    assert bench.undo().reason == "undo"
    yes = command(bench, Command.UNDO, override=True)

    assert (ended(yes), live()) == (("opened", "undone"), 0)


def test_a_yes_comes_at_once_or_not_at_all(bench: Floor, shop: MarketplaceAccount) -> None:
    task, other = made(shop), made(shop)
    bench.scan(MUG, task=task)
    bench.scan(signs.of_task(other.pk))
    assert bench.undo().reason == "undo"
    aged(40)

    assert (bench.undo().reason, live()) == ("undo", 1)


def test_opening_its_own_task_again_is_no_other_task(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop)
    bench.scan(MUG, task=task, at=1_000)
    bench.scan(signs.of_task(task.pk), at=5_000)

    assert ended(command(bench, Command.UNDO, task=task, at=9_000)) == ("opened", "undone")
    assert live() == 0


def test_the_timeline_tells_that_all_was_there_and_that_it_was_taken_back(
    bench: Floor, shop: MarketplaceAccount
) -> None:
    task = made(shop, TWO)
    for at in (1_000, 9_000):
        bench.scan(MUG, task=task, at=at)
    bench.undo()
    titles = [wording.entry_title(row) for row in TimelineEntry.objects.filter(task=task).order_by("pk")]

    assert titles == [
        "Taken into work",
        "All goods are there, each one scanned or checked",
        "Taken back: MUG-1, 2 of 2",
    ]
    bench.scan(MUG, task=task, at=30_000)
    bench.undo()
    assert (told(task, EntryKind.PICKED), told(task, EntryKind.PICK_UNDONE)) == (2, 2)


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", EntryKind.values)
def test_every_kind_of_entry_has_words(kind: str, language: str) -> None:
    with translation.override(language):
        entry = TimelineEntry(
            kind=kind,
            data={"article": "MUG-1", "kind": "ready"},
            happened_at=timezone.now(),
            recorded_at=timezone.now(),
        )
        if kind != EntryKind.NOTE:  # what a person wrote is all there is
            assert wording.entry_title(entry, "wildberries").strip()


# Its own number --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", ["number", "sheet"])
def test_the_number_of_the_task_on_the_bench_is_no_wrong_item(bench: Floor, shop: MarketplaceAccount, own: str) -> None:
    task = made(shop)
    found = bench.scan(task.external_id if own == "number" else signs.of_task(task.pk), task=task)

    assert ended(found) == ("opened", "here")
    assert found.verdict.title == f"This task is open already: {task.external_id}"
    assert (found.opens, live()) == (There("task", task.pk), 0)


# Start -----------------------------------------------------------------------------------------------------------------------


def asked() -> list[tuple[int, str]]:
    return sorted(MarketplaceAction.objects.values_list("task_id", "kind"))


def test_start_begins_the_task_on_the_bench(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop, stage=Stage.NEW)
    found = command(bench, Command.START, task=task, at=1_000)

    assert (ended(found), found.changed) == (("opened", "start"), True)
    assert found.verdict.title == f"{task.external_id} · Begun"
    assert asked() == [(task.pk, ActionKind.CONFIRM)]
    task.refresh_from_db()
    assert task.assignee_id == bench.actor.user_id
    again = command(bench, Command.START, task=task, at=1_200)
    assert (ended(again), len(asked())) == (("repeat", "double"), 1)


def test_start_is_for_who_may_act_and_has_the_task(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop, stage=Stage.NEW)
    start = Shot(signs.of_command(Command.START), "s")
    place = floor.Place(task.pk, None, may_act=False)
    assert floor.answer(start, place, actor=bench.actor).verdict.reason == "forbidden"
    assembly.take(task.pk, actor=hand("boris"))
    assert ended(command(bench, Command.START, task=task)) == ("refused", "taken")
    assert ended(command(bench, Command.START)) == ("refused", "no_task")
    assert asked() == []
    assert stage(task) == Stage.NEW


def test_start_of_what_is_begun_is_refused(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop)
    found = command(bench, Command.START, task=task)

    assert (found.verdict.outcome, asked()) == (ScanOutcome.REFUSED, [])
    task.refresh_from_db()
    assert (task.assignee_id, found.verdict.title) == (None, "Done already")


def test_start_begins_all_new_tasks_of_the_wave(bench: Floor, shop: MarketplaceAccount) -> None:
    new = [made(shop, stage=Stage.NEW, minutes=n) for n in (1, 2)]
    made(shop, minutes=3)
    stranger = made(shop, stage=Stage.NEW, minutes=99)
    wave = waves.start(3, actor=bench.actor)
    found = command(bench, Command.START, wave=wave, at=1_000)

    assert (ended(found), found.verdict.title) == (("opened", "start"), "Begun: 2 tasks")
    assert asked() == [(task.pk, ActionKind.CONFIRM) for task in new]
    assert stage(stranger) == Stage.NEW
    boris = Floor(hand("boris"))
    assert command(boris, Command.START, wave=wave).verdict.text == "This is the wave of anna."


def test_start_in_a_wave_where_all_is_begun(bench: Floor, shop: MarketplaceAccount) -> None:
    made(shop)
    found = command(bench, Command.START, wave=waves.start(1, actor=bench.actor))

    assert (ended(found), asked()) == (("refused", "nothing_new"), [])


def test_a_new_task_says_that_it_has_to_be_begun(bench: Floor, shop: MarketplaceAccount) -> None:
    coded: dict[str, Any] = {"code_kinds": ["sgtin"], "required_kinds": ["sgtin"]}
    task = made(shop, ONE, stage=Stage.NEW, **coded)
    item = bench.scan(MUG, task=task, at=1_000)
    code, ready = bench.scan(SGTIN, task=task, at=5_000), command(bench, Command.READY, task=task, at=9_000)

    assert item.verdict.text == "Scan START before its marking code: the task is not begun yet."
    assert (ended(code), code.verdict.title) == (("refused", "not_begun"), "Not begun yet: scan START")
    assert (ended(ready), ready.verdict.title) == (("refused", "not_begun"), "Not begun yet: scan START")
    assert (task.codes.count(), asked()) == (0, [])


# A wave ----------------------------------------------------------------------------------------------------------------------


def test_in_a_wave_every_answer_names_its_task_first(bench: Floor, shop: MarketplaceAccount) -> None:
    first, second = made(shop, minutes=1), made(shop, minutes=2)
    wave = waves.start(2, actor=bench.actor)
    heads = [f"#{n} · {task.external_id} · " for n, task in ((1, first), (2, second))]
    titles = [bench.scan(MUG, wave=wave, at=at).verdict.title for at in (1_000, 9_000, 20_000)]

    assert titles == [
        f"{heads[0]}Right: MUG-1, 1 of 1", f"{heads[1]}Right: MUG-1, 1 of 1", f"{heads[1]}One too many: MUG-1",
    ]  # fmt: skip
    assert command(bench, Command.READY, wave=wave, at=30_000).verdict.title == f"{heads[1]}Packed: ready"
    row = Scan.objects.filter(task=first).get()
    assert (row.facts["title"], row.facts["head"]) == (titles[0], heads[0].removesuffix(" · "))


def test_undo_in_a_wave_names_the_task_once(bench: Floor, shop: MarketplaceAccount) -> None:
    task = made(shop)
    wave = waves.start(1, actor=bench.actor)
    bench.scan(MUG, wave=wave, at=1_000)

    assert command(bench, Command.UNDO, wave=wave, at=9_000).verdict.title == (
        f"#1 · {task.external_id} · Taken back: Right: MUG-1, 1 of 1"
    )


def test_a_task_keeps_its_number_in_the_wave(bench: Floor, shop: MarketplaceAccount) -> None:
    tasks = [made(shop, minutes=n) for n in (1, 2, 3)]
    wave = waves.start(3, actor=bench.actor)
    waves.remove(wave.pk, tasks[0].pk, actor=bench.actor)
    late = made(shop, minutes=-60)
    waves.add(wave.pk, late.pk, actor=bench.actor)
    wave.refresh_from_db()

    assert waves.slots(wave, ()) == {tasks[0].pk: 1, tasks[1].pk: 2, tasks[2].pk: 3, late.pk: 4}
    assert bench.scan(MUG, wave=wave, at=1_000).verdict.title.startswith(f"#4 · {late.external_id} · ")
    waves.remove(wave.pk, late.pk, actor=bench.actor)
    waves.add(wave.pk, late.pk, actor=bench.actor)
    wave.refresh_from_db()
    assert waves.slots(wave, ())[late.pk] == 4


def test_a_wave_from_before_there_were_numbers_has_some(bench: Floor, shop: MarketplaceAccount) -> None:
    tasks = [made(shop, minutes=n) for n in (5, 1)]
    wave = Wave.objects.create(picker=bench.actor.user)
    AssemblyTask.objects.update(wave=wave, assignee=bench.actor.user)

    title = bench.scan(MUG, wave=wave, at=1_000).verdict.title
    assert title.startswith(f"#1 · {tasks[1].external_id} · ")
    bench.scan(MUG, task=tasks[0], at=9_000)
    assert bench.scan(MUG, wave=wave, at=20_000).verdict.title.startswith(f"#2 · {tasks[0].external_id} · ")
