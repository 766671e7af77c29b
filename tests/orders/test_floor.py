"""Scan anywhere: what was scanned decides; each scan is stored, answered once and can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from backoffice.people import Role, create_user
from orders import signs
from orders.enums import CodeState, EntryKind, ScanOutcome, Stage
from orders.models import (
    AssemblyTask,
    Badge,
    MarketplaceAccount,
    MarkingCode,
    Pick,
    Scan,
    Shipment,
    TimelineEntry,
)
from orders.services import actors
from orders.services.warehouse import floor, marking, picking
from orders.services.warehouse.lookups import There
from sandbox.server import RunningSandbox
from tests.orders.tracking.parcels import carrier_account

from .conftest import Ask
from .floorbench import CUP, FOREIGN, MUG, Floor, scan_of, tasks_of
from .scans import typed_in_russian
from .test_scanning import SGTIN


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def bench(staff: actors.Actor) -> Floor:
    return Floor(staff)


@pytest.fixture
def mug(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> AssemblyTask:
    return tasks_of(shop, upstream, ask, {"skus": [MUG], "requiredMeta": []})[0]


def test_the_barcode_of_an_item_marks_it_picked_and_its_picker(bench: Floor, mug: AssemblyTask) -> None:
    found = bench.scan(MUG, task=mug)

    assert (found.verdict.outcome, found.verdict.reason, found.changed) == (ScanOutcome.ACCEPTED, "picked", True)
    assert found.verdict.facts["complete"] is True
    assert Pick.objects.values_list("item__task", "unit", "user", "undone_at").get() == (
        mug.pk,
        1,
        bench.actor.user_id,
        None,
    )
    mug.refresh_from_db()
    assert mug.assignee_id == bench.actor.user_id
    assert TimelineEntry.objects.filter(task=mug, kind=EntryKind.PICKED).count() == 1


def test_one_too_many_is_red_and_changes_nothing(bench: Floor, mug: AssemblyTask) -> None:
    bench.scan(MUG, task=mug, at=1_000)
    found = bench.scan(MUG, task=mug, at=9_000)

    assert (found.verdict.outcome, found.verdict.reason) == (ScanOutcome.REFUSED, "picked_all")
    assert found.verdict.text == "Only 1 pc is needed, and it is there."
    assert Pick.objects.count() == 1


def test_a_label_of_goods_read_twice_within_a_second_counts_once(bench: Floor, mug: AssemblyTask) -> None:
    mug.items.update(quantity=2)
    bench.scan(MUG, task=mug, at=1_000)
    found = bench.scan(MUG, task=mug, at=1_999)

    assert (found.verdict.outcome, found.verdict.reason, found.changed) == (ScanOutcome.REPEAT, "double", False)
    assert Pick.objects.count() == 1
    assert bench.scan(MUG, task=mug, at=3_000).verdict.outcome == ScanOutcome.ACCEPTED
    assert sorted(Pick.objects.values_list("unit", flat=True)) == [1, 2]


def test_the_same_scan_sent_again_has_its_first_answer(bench: Floor, mug: AssemblyTask) -> None:
    mug.items.update(quantity=2)
    first = bench.scan(MUG, task=mug, nonce="one")
    again = bench.scan(MUG, task=mug, nonce="one")

    assert again.verdict.scan == first.verdict.scan
    assert (again.verdict.title, again.verdict.effect) == (first.verdict.title, first.verdict.effect)
    assert (Pick.objects.count(), Scan.objects.count()) == (1, 1)


def test_a_foreign_barcode_is_red(bench: Floor, mug: AssemblyTask) -> None:
    found = bench.scan(FOREIGN, task=mug)

    assert (found.verdict.outcome, found.verdict.reason, found.verdict.title) == (
        ScanOutcome.REFUSED, "foreign_item", "Wrong item",
    )  # fmt: skip
    assert Pick.objects.count() == 0
    mug.refresh_from_db()
    assert mug.assignee_id is None


def test_a_marking_code_verifies_its_unit_too(
    bench: Floor, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    (task,) = tasks_of(shop, upstream, ask, {"skus": [MUG], "requiredMeta": ["sgtin"]})
    bench.scan(MUG, task=task)
    found = bench.scan(SGTIN, task=task)

    assert (found.verdict.outcome, found.verdict.facts["complete"]) == (ScanOutcome.ACCEPTED, True)
    assert bench.scan(MUG, task=task, at=90_000).verdict.reason == "picked_all"
    assert picking.left(list(task.items.all())) == 0


def test_who_has_the_task_scans_it_and_nobody_else(bench: Floor, mug: AssemblyTask) -> None:
    bench.scan(MUG, task=mug)
    boris = Floor(actors.staff(create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)))
    found = boris.scan(MUG, task=mug)

    assert (found.verdict.outcome, found.verdict.reason) == (ScanOutcome.REFUSED, "taken")
    assert found.verdict.text == "picker has taken this task. Take it over?"
    assert Pick.objects.count() == 1


@pytest.mark.parametrize("name", ["task", "order"])
def test_a_number_opens_what_has_it(bench: Floor, mug: AssemblyTask, name: str) -> None:
    number = mug.external_id if name == "task" else mug.order.external_id
    found = bench.scan(number)

    assert found.opens == (
        There("task", mug.pk) if name == "task" or number == mug.external_id else There("order", mug.order_id)
    )
    assert (found.verdict.outcome, found.changed) == (ScanOutcome.OPENED, False)


def test_a_number_opens_another_task_from_the_bench_of_one(
    bench: Floor, mug: AssemblyTask, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    (other,) = tasks_of(shop, upstream, ask, {"skus": [CUP], "requiredMeta": []})
    found = bench.scan(other.external_id, task=mug)

    assert found.opens == There("task", other.pk)
    assert (found.verdict.outcome, Pick.objects.count()) == (ScanOutcome.OPENED, 0)


@pytest.mark.parametrize("typed", [str, typed_in_russian, str.lower])
def test_our_label_opens_its_task_in_any_layout(bench: Floor, mug: AssemblyTask, typed: Any) -> None:
    found = bench.scan(typed(signs.of_task(mug.pk)))

    assert (found.opens, found.verdict.outcome) == (There("task", mug.pk), ScanOutcome.OPENED)
    assert found.verdict.title == f"Task opened: {mug.external_id}"


def test_a_label_of_a_task_that_is_not_here(bench: Floor, db: None) -> None:
    found = bench.scan(signs.of_task(987654))

    assert (found.verdict.outcome, found.verdict.reason, found.opens) == (ScanOutcome.REFUSED, "unknown", None)


@pytest.mark.parametrize("raw", [FOREIGN, SGTIN, "no such thing", "", "\x00", "🙂", "x" * 5000])
def test_what_nobody_knows_is_said_so_and_kept(bench: Floor, db: None, raw: str) -> None:
    found = bench.scan(raw)

    assert (found.verdict.outcome, found.opens, found.changed) == (ScanOutcome.REFUSED, None, False)
    assert list(Scan.objects.filter(task=None).values_list("outcome", flat=True)) == ["refused"]


def test_a_barcode_opens_my_task_that_waits_for_it(bench: Floor, mug: AssemblyTask) -> None:
    assert bench.scan(MUG).opens is None
    AssemblyTask.objects.filter(pk=mug.pk).update(assignee=bench.actor.user)

    assert bench.scan(MUG).opens == There("task", mug.pk)
    assert Pick.objects.count() == 0


def test_undo_takes_back_the_last_pick_once(bench: Floor, mug: AssemblyTask) -> None:
    done = scan_of(bench.scan(MUG, task=mug))
    verdict = bench.undo()

    assert (verdict.outcome, verdict.reason, verdict.facts["undid"]) == (ScanOutcome.OPENED, "undone", done)
    assert Pick.objects.filter(undone_at=None).count() == 0
    again = bench.undo(done)
    assert (again.outcome, again.reason) == (ScanOutcome.REFUSED, "nothing")
    assert bench.scan(MUG, task=mug).verdict.outcome == ScanOutcome.ACCEPTED


def test_undo_takes_the_code_off_with_its_pick(
    bench: Floor, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    (task,) = tasks_of(shop, upstream, ask, {"skus": [MUG], "requiredMeta": ["sgtin"]})
    bench.scan(SGTIN, task=task)
    bench.scan(signs.of_command(signs.Command.UNDO), task=task)

    assert MarkingCode.objects.get().state == CodeState.REMOVED
    assert picking.left(list(task.items.all())) == 1
    assert TimelineEntry.objects.filter(task=task, kind=EntryKind.CODE_REMOVED).count() == 1


def test_nobody_takes_back_the_scan_of_another(bench: Floor, mug: AssemblyTask) -> None:
    done = scan_of(bench.scan(MUG, task=mug))
    boris = Floor(actors.staff(create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)))

    assert [boris.undo().reason, boris.undo(done).reason] == ["nothing", "nothing"]
    assert Pick.objects.filter(undone_at=None).count() == 1


def test_ready_by_command_waits_until_every_unit_was_seen(bench: Floor, mug: AssemblyTask) -> None:
    ready = signs.of_command(signs.Command.READY)
    refused = bench.scan(ready, task=mug)

    assert (refused.verdict.reason, refused.verdict.title) == ("not_picked", "1 unit is not scanned")
    mug.refresh_from_db()
    assert mug.stage == Stage.ASSEMBLING
    bench.scan(MUG, task=mug)
    assert bench.scan(ready, task=mug, nonce="r").verdict.outcome == ScanOutcome.OPENED
    mug.refresh_from_db()
    assert mug.stage == Stage.READY
    assert bench.scan(ready, task=mug, nonce="r").verdict.outcome == ScanOutcome.OPENED
    Scan.objects.update(scanned_at=timezone.now() - timedelta(seconds=9))
    assert bench.scan(ready, task=mug).verdict.outcome == ScanOutcome.REFUSED


def test_a_command_without_a_task_says_what_to_do(bench: Floor, db: None) -> None:
    found = bench.scan(signs.of_command(signs.Command.PRINT))

    assert (found.verdict.reason, found.verdict.text) == ("no_task", "Open a task first: scan its sheet or its number.")


def test_print_opens_the_sheet(bench: Floor, mug: AssemblyTask) -> None:
    assert bench.scan(signs.of_command(signs.Command.PRINT), task=mug).opens == There(floor.PRINT, mug.pk)


def test_a_badge_names_the_picker_and_an_old_one_nobody(bench: Floor) -> None:
    boris = create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)
    Badge.objects.create(user=boris, serial=2)

    assert bench.scan(signs.of_badge(boris.pk, 2)).opens == There(floor.PICKER, boris.pk)
    assert bench.scan(signs.of_badge(boris.pk, 1)).verdict.reason == "badge"
    forged = signs.of_badge(boris.pk, 2)[:-1] + "2"
    assert bench.scan(forged).opens is None
    boris.groups.clear()
    assert bench.scan(signs.of_badge(boris.pk, 2)).verdict.reason == "person"
    assert set(Scan.objects.exclude(raw=forged).values_list("raw", flat=True)) == {"BO-U"}


def test_a_parcel_number_is_attached_once_the_task_is_packed(bench: Floor, mug: AssemblyTask) -> None:
    carrier_account("dellin")
    assert bench.scan("25-00031005270", task=mug).verdict.outcome == ScanOutcome.REFUSED
    assert Shipment.objects.count() == 0
    AssemblyTask.objects.filter(pk=mug.pk).update(stage=Stage.READY)
    found = bench.scan("25-00031005270", task=mug)

    assert (found.verdict.outcome, found.verdict.reason) == (ScanOutcome.ACCEPTED, "parcel")
    assert Shipment.objects.get().order_id == mug.order_id
    assert bench.scan("25-00031005270", task=mug).verdict.outcome in (ScanOutcome.REPEAT, ScanOutcome.OPENED)
    bench.undo()
    assert Shipment.objects.get().detached_at is not None


@pytest.mark.parametrize(
    ("number", "forms", "title"),
    [
        ("MW-0012345", "", "Couriers"),
        ("24-00361001", "", ""),
        ("24-00361001", "24-########", "Freight"),
        ("400267443", "24-########", "Couriers"),
    ],
)
def test_with_several_carriers_a_parcel_goes_to_the_only_one_that_writes_such_numbers(
    bench: Floor, mug: AssemblyTask, number: str, forms: str, title: str
) -> None:
    carrier_account()
    carrier_account("dellin", "Freight", numbers=forms)
    AssemblyTask.objects.filter(pk=mug.pk).update(stage=Stage.READY)

    found = bench.scan(number, task=mug)

    assert (found.verdict.reason == "parcel") is bool(title)
    assert list(Shipment.objects.values_list("number", "carrier_account__title")) == (
        [(number, title)] if title else []
    )


def test_the_barcode_of_goods_is_never_a_parcel(bench: Floor, mug: AssemblyTask) -> None:
    carrier_account("measoft")
    AssemblyTask.objects.filter(pk=mug.pk).update(stage=Stage.READY)

    assert bench.scan(FOREIGN, task=mug).verdict.outcome == ScanOutcome.REFUSED
    assert Shipment.objects.count() == 0


def test_what_somebody_else_has_by_now_is_neither_taken_back_nor_packed(bench: Floor, mug: AssemblyTask) -> None:
    done = scan_of(bench.scan(MUG, task=mug))
    boris = create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)
    AssemblyTask.objects.filter(pk=mug.pk).update(assignee=boris)

    assert bench.undo(done).reason == "taken"
    assert bench.scan(signs.of_command(signs.Command.READY), task=mug).verdict.reason == "taken"
    mug.refresh_from_db()
    assert (mug.stage, Pick.objects.filter(undone_at=None).count()) == (Stage.ASSEMBLING, 1)


def test_what_has_left_is_not_taken_back(bench: Floor, mug: AssemblyTask) -> None:
    bench.scan(MUG, task=mug)
    AssemblyTask.objects.filter(pk=mug.pk).update(stage=Stage.DELIVERING)

    assert bench.undo().reason == "stage"
    assert Pick.objects.filter(undone_at=None).count() == 1


def test_a_code_that_was_taken_off_is_not_taken_back_once_more(
    bench: Floor, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    (task,) = tasks_of(shop, upstream, ask, {"skus": [MUG], "requiredMeta": ["sgtin"]})
    done = scan_of(bench.scan(SGTIN, task=task))
    marking.remove_code(MarkingCode.objects.get().pk, actor=bench.actor)

    assert bench.undo(done).reason == "nothing"
    assert Scan.objects.get(pk=done).undone_at is None


def test_a_badge_that_is_sent_again_signs_nobody_in(bench: Floor) -> None:
    boris = create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)
    Badge.objects.create(user=boris)
    badge = signs.of_badge(boris.pk, 1)

    assert bench.scan(badge, nonce="b").opens == There(floor.PICKER, boris.pk)
    assert bench.scan(badge, nonce="b").opens is None
