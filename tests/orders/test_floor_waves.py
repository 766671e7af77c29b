"""Scans in a wave: which of its tasks a barcode or a code is for, and what the commands mean there."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from orders import signs
from orders.enums import CodeState, ScanOutcome, Stage
from orders.models import (
    AssemblyTask,
    MarketplaceAccount,
    MarkingCode,
    Pick,
    Wave,
)
from orders.services import actors
from orders.services.warehouse.lookups import There
from sandbox.server import RunningSandbox

from .conftest import Ask
from .floorbench import CUP, FOREIGN, MUG, Floor, tasks_of
from .statements import counted
from .test_scanning import OTHER, SGTIN


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def bench(staff: actors.Actor) -> Floor:
    return Floor(staff)


@pytest.fixture
def wave(bench: Floor) -> Wave:
    return Wave.objects.create(picker=bench.actor.user)


def in_wave(wave: Wave, tasks: list[AssemblyTask]) -> None:
    ids = [task.pk for task in tasks]
    AssemblyTask.objects.filter(pk__in=ids).update(wave=wave, assignee=wave.picker)
    Wave.objects.filter(pk=wave.pk).update(slots=[*Wave.objects.get(pk=wave.pk).slots, *ids])


def test_in_a_wave_a_barcode_goes_to_the_task_that_waits(
    bench: Floor, wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    plain = {"skus": [MUG], "requiredMeta": []}
    tasks = tasks_of(shop, upstream, ask, plain, plain, {"skus": [CUP], "requiredMeta": []})
    in_wave(wave, tasks)

    for at in (1, 2):
        assert bench.scan(MUG, wave=wave, at=at * 10_000).verdict.outcome == ScanOutcome.ACCEPTED
    assert sorted(Pick.objects.values_list("item__task", flat=True)) == sorted(task.pk for task in tasks[:2])
    assert bench.scan(MUG, wave=wave, at=90_000).verdict.reason == "picked_all"
    assert bench.scan(FOREIGN, wave=wave).verdict.title == "Not in this wave"
    assert bench.scan(CUP, wave=wave).verdict.scan.task_id == tasks[2].pk  # type: ignore[union-attr]


def test_in_a_wave_a_code_follows_the_goods_in_the_hand(
    bench: Floor, wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    coded = {"skus": [MUG], "requiredMeta": ["sgtin"]}
    tasks = tasks_of(shop, upstream, ask, coded, coded)
    in_wave(wave, tasks)
    AssemblyTask.objects.filter(pk=tasks[0].pk).update(deadline_at="2020-01-01T00:00Z")
    last = tasks[1]
    bench.scan(MUG, task=last)
    found = bench.scan(SGTIN, wave=wave)

    assert MarkingCode.objects.values_list("task", "state").get() == (last.pk, CodeState.PENDING)
    assert found.verdict.outcome == ScanOutcome.ACCEPTED
    assert bench.scan(OTHER, wave=wave).verdict.outcome == ScanOutcome.REFUSED
    assert MarkingCode.objects.count() == 1


def test_statements_do_not_grow_with_the_wave(
    bench: Floor, wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    plain = {"skus": [MUG], "requiredMeta": []}
    tasks = tasks_of(shop, upstream, ask, plain, plain, plain, plain)
    counts = []
    for some in (tasks[:1], tasks[1:]):
        in_wave(wave, some)
        with counted() as statements:
            assert bench.scan(MUG, wave=wave, at=len(some) * 10_000).verdict.outcome == ScanOutcome.ACCEPTED
        counts.append(len(statements))
    assert counts == [16, 16]


def test_in_a_wave_a_label_read_twice_touches_no_other_task(
    bench: Floor, wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    plain = {"skus": [MUG], "requiredMeta": []}
    tasks = tasks_of(shop, upstream, ask, plain, plain)
    in_wave(wave, tasks)
    first = bench.scan(MUG, wave=wave, at=1_000)
    again = bench.scan(MUG, wave=wave, at=1_400)

    assert [first.verdict.outcome, again.verdict.outcome] == [ScanOutcome.ACCEPTED, ScanOutcome.REPEAT]
    assert Pick.objects.count() == 1
    assert bench.scan(MUG, wave=wave, at=9_000).verdict.outcome == ScanOutcome.ACCEPTED
    assert sorted(Pick.objects.values_list("item__task", flat=True)) == sorted(task.pk for task in tasks)


def test_in_a_wave_what_is_packed_takes_nothing_from_what_waits(
    bench: Floor, wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    plain = {"skus": [MUG], "requiredMeta": []}
    packed, waiting = tasks_of(shop, upstream, ask, plain, plain)
    in_wave(wave, [packed, waiting])
    AssemblyTask.objects.filter(pk=packed.pk).update(stage=Stage.READY, deadline_at="2020-01-01T00:00Z")
    bench.scan(MUG, wave=wave)

    assert list(Pick.objects.values_list("item__task", flat=True)) == [waiting.pk]


def test_in_a_wave_commands_are_for_the_task_in_the_hand(
    bench: Floor, wave: Wave, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    plain = {"skus": [MUG], "requiredMeta": []}
    tasks = tasks_of(shop, upstream, ask, plain, {"skus": [CUP], "requiredMeta": []})
    in_wave(wave, tasks)
    ready = signs.of_command(signs.Command.READY)
    assert bench.scan(ready, wave=wave).verdict.reason == "no_task"
    bench.scan(CUP, wave=wave)

    assert bench.scan(ready, wave=wave).verdict.reason == "ready"
    assert dict(AssemblyTask.objects.values_list("pk", "stage")) == {tasks[0].pk: "assembling", tasks[1].pk: "ready"}


def test_next_by_one_scan_gives_one_task(
    bench: Floor, shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    plain = {"skus": [MUG], "requiredMeta": []}
    tasks_of(shop, upstream, ask, plain, plain)
    command = signs.of_command(signs.Command.NEXT)
    first, again = bench.scan(command, nonce="next"), bench.scan(command, nonce="next")

    assert (first.opens, first.opens == again.opens) == (There("task", first.opens.pk if first.opens else 0), True)
    assert AssemblyTask.objects.filter(assignee=bench.actor.user).count() == 1
