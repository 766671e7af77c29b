"""Codes that two orders of one article have swapped are put back with one scan, and both marketplaces are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from backoffice.errors import Conflict
from orders import wording
from orders.enums import ActionKind, CodeState, EntryKind, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarkingCode, Scan, TimelineEntry
from orders.services import actors
from orders.services.warehouse import marking, scanning, swaps, undoing
from sandbox.server import RunningSandbox
from tests.backoffice.threads import together

from .conftest import Ask, made, work
from .test_articles import MUG, PLATE, assembling, code_of, scan

FIRST, SECOND, THIRD = code_of(MUG, "first71"), code_of(MUG, "second7"), code_of(MUG, "third71")


@pytest.fixture
def pair(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> tuple[AssemblyTask, AssemblyTask]:
    return assembling(shop, upstream, ask), assembling(shop, upstream, ask)


def live() -> set[tuple[int, str]]:
    rows = MarkingCode.objects.filter(state__in=["pending", "sent", "verified", "refused"])
    return {(task_id, value) for task_id, value in rows.values_list("task_id", "value")}


def asked(task: AssemblyTask, raw: str, staff: actors.Actor) -> scanning.Verdict:
    """The question, asked ten seconds ago."""
    verdict = scan(task, raw, staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "swap")
    age(10)
    return verdict


def age(seconds: int) -> None:
    Scan.objects.update(scanned_at=timezone.now() - timedelta(seconds=seconds))


def test_a_swap_is_offered_and_nothing_has_changed(
    pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor
) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    scan(other, SECOND, staff)
    before = live()
    verdict = scan(other, FIRST, staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "swap")
    code = MarkingCode.objects.get(value=FIRST)
    assert verdict.facts == {
        "warning": "swap", "swap": code.pk, "kind": "sgtin", "task": one.pk, "order": one.order_id,
        "number": one.external_id,
    }  # fmt: skip
    assert verdict.text == (
        f"This code is on order {one.external_id}, which is of the same article. Swap the codes of the two orders?"
        " Scan it once more to say yes."
    )
    assert live() == before == {(one.pk, FIRST), (other.pk, SECOND)}


def test_the_same_scan_once_more_swaps_them_back(pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    scan(other, SECOND, staff)
    asked(other, FIRST, staff)
    verdict = scan(other, FIRST, staff)
    assert (verdict.outcome, verdict.reason, verdict.effect) == (ScanOutcome.ACCEPTED, "swapped", "swap")
    assert verdict.title == "Swapped back: MUG-1, 1 of 1"
    assert verdict.text == f"Order {one.external_id} has its own code again."
    assert live() == {(one.pk, SECOND), (other.pk, FIRST)}
    # What was, stays written down.
    assert list(MarkingCode.objects.order_by("pk").values_list("task_id", "value", "state"))[:2] == [
        (one.pk, FIRST, "removed"),
        (other.pk, SECOND, "removed"),
    ]


def test_both_orders_tell_of_it(pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    swaps.swap(MarkingCode.objects.get().pk, other.pk, actor=staff)
    scan(one, SECOND, staff)
    swaps.swap(MarkingCode.objects.get(value=SECOND, state="pending").pk, other.pk, actor=staff)
    with translation.override("en"):
        told = [
            (entry.task_id, wording.entry_title(entry))
            for entry in TimelineEntry.objects.filter(kind=EntryKind.CODE_SWAPPED).order_by("pk")
        ]
    a, b = one.external_id, other.external_id
    assert told == [
        (other.pk, f"Chestny ZNAK taken over from order {a}: MUG-1"),
        (one.pk, f"Chestny ZNAK given to order {b}: MUG-1 waits for its own code"),
        (other.pk, f"Chestny ZNAK swapped back with order {a}: MUG-1"),
        (one.pk, f"Chestny ZNAK swapped back with order {b}: MUG-1"),
    ]


def test_the_button_says_yes_too(pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    verdict = scan(other, FIRST, staff)
    assert f"Order {one.external_id} then waits for its own code." in verdict.text
    age(600)  # a button is no double read, whenever it is pressed
    verdict = scan(other, FIRST, staff, kind="sgtin", override=True)
    assert (verdict.reason, verdict.text) == ("swapped", f"Order {one.external_id} waits for its own code now.")
    assert verdict.title == "Taken over: MUG-1, 1 of 1"  # nothing has gone back
    assert live() == {(other.pk, FIRST)}
    assert scan(one, SECOND, staff).outcome == ScanOutcome.ACCEPTED


def test_a_double_read_is_no_yes(pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    for _ in range(3):
        assert scan(other, FIRST, staff).reason == "swap"
    age(31)
    assert scan(other, FIRST, staff).reason == "swap"
    assert live() == {(one.pk, FIRST)}


def test_a_yes_to_another_question_is_no_yes(pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    scan(one, SECOND, staff, override=True)  # a set of two
    asked(other, FIRST, staff)
    assert scan(other, SECOND, staff).reason == "swap"
    age(10)
    assert scan(other, FIRST, staff, override=True).reason == "swap"
    assert live() == {(one.pk, FIRST), (one.pk, SECOND)}


def test_undoing_a_swap_brings_back_what_was(pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    scan(other, SECOND, staff)
    asked(other, FIRST, staff)
    scan(other, FIRST, staff)
    assert undoing.undo(None, scanning.Shot("BO-C-UNDO", "n1"), actor=staff).reason == "undone"
    assert live() == {(one.pk, FIRST), (other.pk, SECOND)}


def test_codes_the_marketplace_knows_are_sent_anew_for_both(
    shop: MarketplaceAccount, upstream: RunningSandbox, pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor
) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    scan(other, SECOND, staff)
    work(shop)
    assert set(MarkingCode.objects.values_list("state", flat=True)) == {CodeState.SENT}
    swaps.swap(MarkingCode.objects.get(value=FIRST).pk, other.pk, actor=staff)
    work(shop)
    said = {task.pk: upstream.order(int(task.external_id))["meta"]["sgtin"]["value"] for task in pair}
    assert said == {one.pk: [SECOND], other.pk: [FIRST]}
    assert sorted(MarkingCode.objects.values_list("state", flat=True)) == ["removed", "removed", "sent", "sent"]


def test_a_code_that_only_moves_is_forgotten_where_it_was(
    shop: MarketplaceAccount, upstream: RunningSandbox, pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor
) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    work(shop)
    swaps.swap(MarkingCode.objects.get(value=FIRST).pk, other.pk, actor=staff)
    work(shop)
    assert len(upstream.calls("/meta/delete")) == 1
    assert list(MarkingCode.objects.order_by("pk").values_list("task_id", "state")) == [
        (one.pk, "removed"),
        (other.pk, "sent"),
    ]


# Refused ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.READY, Stage.DELIVERING])
def test_an_order_that_takes_no_codes_any_more_keeps_its_own(
    pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor, stage: Stage
) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    AssemblyTask.objects.filter(pk=one.pk).update(stage=stage)
    assert scan(other, FIRST, staff).reason == "in_use"
    code = MarkingCode.objects.get()
    with pytest.raises(Conflict) as refused:
        swaps.swap(code.pk, other.pk, actor=staff)
    assert (refused.value.code, live()) == ("stage", {(one.pk, FIRST)})


def test_other_goods_are_not_swapped(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    one, other = assembling(shop, upstream, ask), assembling(shop, upstream, ask, article="PLATE", skus=[PLATE])
    scan(one, FIRST, staff)
    with pytest.raises(Conflict) as refused:
        swaps.swap(MarkingCode.objects.get().pk, other.pk, actor=staff)
    assert (refused.value.code, live()) == ("other_goods", {(one.pk, FIRST)})


def test_nobody_guesses_which_of_several_codes_goes_back(
    pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor
) -> None:
    one, other = pair
    other.items.update(quantity=2)
    scan(one, FIRST, staff)
    scan(other, SECOND, staff)
    scan(other, THIRD, staff)
    assert scan(other, FIRST, staff).reason == "in_use"
    code = MarkingCode.objects.get(value=FIRST)
    with pytest.raises(Conflict) as refused:
        swaps.swap(code.pk, other.pk, actor=staff)
    assert refused.value.code == "which"
    marking.remove_code(MarkingCode.objects.get(value=THIRD).pk, actor=staff)
    asked(other, FIRST, staff)
    assert scan(other, FIRST, staff).reason == "swapped"
    assert live() == {(other.pk, SECOND), (other.pk, FIRST)}


def test_exercises_and_real_orders_are_not_swapped(
    pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor
) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    AssemblyTask.objects.filter(pk=one.pk).update(is_test=True)
    assert scan(other, FIRST, staff).reason == "in_use"
    assert live() == {(one.pk, FIRST)}


@pytest.mark.parametrize("gone", ["removed", "here", "never"])
def test_a_code_that_has_gone_meanwhile(
    pair: tuple[AssemblyTask, AssemblyTask], staff: actors.Actor, gone: str
) -> None:
    one, other = pair
    scan(one, FIRST, staff)
    code = MarkingCode.objects.get()
    if gone == "removed":
        marking.remove_code(code.pk, actor=staff)
    before = live()
    with pytest.raises(Conflict) as refused:
        swaps.swap(987654 if gone == "never" else code.pk, one.pk if gone == "here" else other.pk, actor=staff)
    assert (refused.value.code, live()) == ("gone", before)


# Races -----------------------------------------------------------------------------------------------------------------


def race(works: list[Any]) -> list[str]:
    """What became of each: "done", or the code of the refusal."""
    waiting = iter(works)

    def one() -> str:
        try:
            next(waiting)()
        except Conflict as error:
            return error.code
        return "done"

    return sorted(together(one, len(works)))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_people_swap_the_same_pair_at_once(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    for number in range(6):
        one, other = assembling(shop, upstream, ask), assembling(shop, upstream, ask)
        a, b = code_of(MUG, f"a{number}cdefg"), code_of(MUG, f"b{number}cdefg")
        scan(one, a, staff)
        scan(other, b, staff)
        codes = {row.value: row.pk for row in MarkingCode.objects.filter(task__in=[one, other])}
        # Each of them scans what lies before him: both want the same thing, and it is done once.
        both = race(
            [
                lambda pk=codes[a], to=other.pk: swaps.swap(pk, to, actor=staff),
                lambda pk=codes[b], to=one.pk: swaps.swap(pk, to, actor=staff),
            ]
        )
        assert both == ["done", "gone"]
        mine = {pair for pair in live() if pair[0] in (one.pk, other.pk)}
        assert mine == {(one.pk, b), (other.pk, a)}
        assert TimelineEntry.objects.filter(kind=EntryKind.CODE_SWAPPED, task=one).count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_swap_against_taking_the_code_off(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    for number in range(6):
        one, other = assembling(shop, upstream, ask), assembling(shop, upstream, ask)
        raw = code_of(MUG, f"a{number}cdefg")
        scan(one, raw, staff)
        pk = MarkingCode.objects.get(task=one).pk
        results = race(
            [
                lambda pk=pk, to=other.pk: swaps.swap(pk, to, actor=staff),
                lambda pk=pk: marking.remove_code(pk, actor=staff),
            ]
        )
        mine = {pair for pair in live() if pair[0] in (one.pk, other.pk)}
        assert (results, mine) in [(["done", "done"], {(other.pk, raw)}), (["done", "gone"], set())]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_code_wanted_by_two_orders(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    numbers = made(upstream, requiredMeta=["sgtin"], article="MUG-1", skus=[MUG], count=2)
    assert len(numbers) == 2
    one = assembling(shop, upstream, ask)
    others = list(AssemblyTask.objects.exclude(pk=one.pk))
    for task in others:
        ask(task, ActionKind.CONFIRM)
    scan(one, FIRST, staff)
    pk = MarkingCode.objects.get().pk
    results = race([lambda to=task.pk: swaps.swap(pk, to, actor=staff) for task in others])
    assert results == ["done", "gone"]
    assert len(live()) == 1
    assert live() & {(task.pk, FIRST) for task in others}
