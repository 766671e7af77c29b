"""Exercises and real orders share the people, the codes' table and the waves' table, and never meet there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from backoffice.errors import Conflict, DomainError, Invalid
from orders import codes, fakecodes
from orders.enums import ActionKind, ActionState, CodeKind, CodeState, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, MarkingCode, Pick, Scan, Shift, Wave
from orders.queries import handover, refused
from orders.services import actors
from orders.services.warehouse import marking, practice, scanning, shifts, swaps, waves

from .floors import MUG, ONE, hand, made, somebody, wildberries
from .scans import FULL, IMEI
from .statements import counted

UNIT = [CodeKind.SGTIN, CodeKind.IMEI, CodeKind.UIN]
#: Codes of real goods; a device of the year when numbers began with "0044".
REAL = {CodeKind.SGTIN: [FULL], CodeKind.IMEI: [IMEI, "004401234567899"], CodeKind.UIN: ["6430123456789012"]}


@pytest.fixture
def shop(db: None) -> MarketplaceAccount:
    return wildberries()


@pytest.fixture
def school(db: None) -> MarketplaceAccount:
    return wildberries(title="School", training=True)


@pytest.fixture
def anna(db: None) -> actors.Actor:
    return replace(hand("anna"), training=False)


@pytest.fixture
def learner(anna: actors.Actor) -> actors.Actor:
    """Anna again, in training."""
    return replace(anna, training=True)


def order(account: MarketplaceAccount, kind: str = "sgtin", **fields: Any) -> AssemblyTask:
    exercise = account.training
    return made(account, ("MUG-1", 1, [MUG]), code_kinds=[kind], required_kinds=[kind], is_test=exercise, **fields)


def fake(task: AssemblyTask, kind: str = "sgtin") -> str:
    return fakecodes.of_unit(task.items.get(), 1, kind).value


def add(task: AssemblyTask, raw: str, actor: actors.Actor, **more: object) -> MarkingCode:
    with translation.override("en"):
        return marking.add_or_explain(task.pk, marking.Entry(raw, **more), actor=actor)  # type: ignore[arg-type]


def refusal(task: AssemblyTask, raw: str, actor: actors.Actor, **more: object) -> DomainError:
    """It is refused, and no code has changed."""
    before = list(MarkingCode.objects.order_by("pk").values())
    with pytest.raises(DomainError) as caught:
        add(task, raw, actor, **more)
    assert list(MarkingCode.objects.order_by("pk").values()) == before
    return caught.value


# Codes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(CodeKind))
def test_a_fake_code_is_known_by_its_mark(school: MarketplaceAccount, kind: CodeKind) -> None:
    understood = codes.read(fake(order(school), kind))
    assert fakecodes.is_fake(understood, kind) == (kind in UNIT)
    assert not any(fakecodes.is_fake(codes.read(raw), kind) for raw in REAL.get(kind, []))


@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("kind", UNIT)
def test_an_exercise_takes_only_codes_of_the_sheet(
    school: MarketplaceAccount, anna: actors.Actor, learner: actors.Actor, kind: CodeKind, override: bool
) -> None:
    task = order(school, kind)
    error = refusal(task, REAL[kind][0], learner, override=override)
    assert (type(error), error.code) == (Invalid, "real_code")
    assert "This code is of real goods" in str(error.message)
    assert refusal(task, REAL[kind][0], replace(anna, training=None), override=override).code == "real_code"

    assert add(task, fake(task, kind), learner, override=override).task == task


@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("kind", UNIT)
def test_a_real_order_takes_no_code_of_the_sheet(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor, kind: CodeKind, override: bool
) -> None:
    task = order(shop, kind)
    for one in (task, order(school, kind)):
        error = refusal(task, fake(one, kind), anna, override=override)
        assert (type(error), error.code) == (Invalid, "training_code")
        assert "a code of the training sheet" in str(error.message)

    assert add(task, REAL[kind][0], anna, override=True).task == task


def test_a_scan_of_the_other_side_is_stored_and_says_why(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    task = order(shop)
    with translation.override("en"):
        verdict = scanning.scan(task.pk, scanning.Shot(fake(task)), actor=anna)
    assert (verdict.outcome, verdict.reason, verdict.effect) == (ScanOutcome.REFUSED, "training_code", "")
    assert Scan.objects.get().reason == "training_code"
    assert MarkingCode.objects.count() == 0


@pytest.mark.parametrize("kind", [CodeKind.GTIN, CodeKind.GTD])
def test_codes_that_name_no_unit_are_shared(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor, learner: actors.Actor, kind: CodeKind
) -> None:
    exercise, task = order(school, kind), order(shop, kind)
    shared = fake(exercise, kind)
    for one, actor in ((exercise, learner), (task, anna)):
        assert add(one, shared, actor, override=True, country="643").value == shared


@pytest.mark.parametrize("there_is_exercise", [False, True])
def test_nothing_comes_back_from_the_other_side(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor, learner: actors.Actor,
    there_is_exercise: bool,
) -> None:  # fmt: skip
    """A code that got onto the wrong side before it was refused there stays where it is."""
    there, here = (school, shop) if there_is_exercise else (shop, school)
    gone, task = order(there, stage=Stage.DELIVERING), order(here)
    raw = FULL if there_is_exercise else fake(task)
    MarkingCode.objects.create(
        task=gone, item=gone.items.get(), unit=1, kind="sgtin", value=raw, identity=codes.identity(raw, "sgtin")
    )
    AssemblyTask.objects.filter(pk=gone.pk).update(stage=Stage.RECEIVED)

    error = refusal(task, raw, anna if there_is_exercise else learner, override=True)

    assert error.code == "training"
    assert f"the code stays with order {gone.external_id}" in str(error.message)
    assert MarkingCode.objects.get().state == CodeState.PENDING


def test_no_code_is_swapped_with_an_exercise(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor
) -> None:
    """Not even with a test order of a marketplace, which is one as well."""
    task, exercise = order(shop), order(school)
    AssemblyTask.objects.filter(pk=task.pk).update(is_test=True)
    row = add(task, FULL, anna)
    with pytest.raises(Conflict) as caught:
        swaps.swap(row.pk, exercise.pk, actor=anna)
    assert caught.value.code == "other_goods"
    assert list(MarkingCode.objects.values_list("task", "state")) == [(task.pk, "pending")]


# Waves ---------------------------------------------------------------------------------------------------------------


def left_open(school: MarketplaceAccount, learner: actors.Actor) -> tuple[Wave, AssemblyTask]:
    exercise = made(school, ONE, is_test=True)
    return waves.start(1, actor=learner), exercise


def test_a_wave_is_open_on_its_side_only(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor, learner: actors.Actor
) -> None:
    wave, exercise = left_open(school, learner)
    real = made(shop, ONE)
    with counted() as statements:
        assert waves.open_of(learner) == wave
    assert len(statements) == 1
    assert waves.open_of(anna) is None
    assert waves.open_of(replace(anna, training=None)) == wave
    assert waves.next_task(actor=anna) == real
    assert waves.next_task(actor=learner) == exercise


def test_a_forgotten_wave_of_exercises_ends_when_real_work_begins(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor, learner: actors.Actor
) -> None:
    forgotten, exercise = left_open(school, learner)
    real = made(shop, ONE)

    wave = waves.start(5, actor=anna)

    assert list(wave.tasks.values_list("pk", flat=True)) == [real.pk]
    forgotten.refresh_from_db()
    exercise.refresh_from_db()
    assert forgotten.closed_at is not None
    assert (exercise.assignee, exercise.wave) == (None, None)
    assert waves.start(5, actor=anna) == wave


def test_a_wave_of_real_tasks_is_not_given_back_for_exercises(
    shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor, learner: actors.Actor
) -> None:
    real, exercise = made(shop, ONE), made(school, ONE, is_test=True)
    wave = waves.start(1, actor=anna)
    with pytest.raises(Conflict) as caught:
        waves.start(1, actor=learner)
    assert caught.value.code == "wave_open"
    for task, expected in ((real, (anna.user_id, wave.pk)), (exercise, (None, None))):
        task.refresh_from_db()
        assert (task.assignee_id, task.wave_id) == expected
    assert list(Wave.objects.values_list("pk", "closed_at")) == [(wave.pk, None)]
    with pytest.raises(Conflict) as refused_:
        practice.begin(actor=anna)
    assert refused_.value.code == "wave_open"


def test_the_end_of_the_training_ends_waves_of_both_people(
    shop: MarketplaceAccount, school: MarketplaceAccount, learner: actors.Actor
) -> None:
    boris = replace(hand("boris"), training=True)
    mine, his = left_open(school, learner)[0], left_open(school, boris)[0]
    clara = actors.staff(somebody("clara"), training=False)
    made(shop, ONE)
    hers = waves.start(1, actor=clara)

    for _twice in range(2):
        practice.end(people=(learner, boris, clara))
        closed = Wave.objects.exclude(closed_at=None).values_list("pk", flat=True)
        assert sorted(closed) == sorted([mine.pk, his.pk])
    assert Wave.objects.get(pk=hers.pk).closed_at is None


# Somebody else's wave --------------------------------------------------------------------------------------------------


def test_only_its_picker_or_a_lead_ends_a_wave(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    boris = hand("boris")
    first, second = made(shop, ONE, minutes=1), made(shop, ONE, minutes=2)
    wave = waves.start(2, actor=anna)
    for nobody in (False, True):
        if nobody:
            Wave.objects.filter(pk=wave.pk).update(picker=None)
        for work in (
            lambda: waves.close(wave.pk, actor=boris),
            lambda: waves.remove(wave.pk, first.pk, actor=boris),
        ):
            with translation.override("en"), pytest.raises(Conflict) as caught:
                work()
            assert caught.value.code == "taken"
            assert ("anna" in str(caught.value.message)) != nobody
        assert sorted(wave.tasks.values_list("pk", "assignee")) == [(t.pk, anna.user_id) for t in (first, second)]
        assert Wave.objects.get().closed_at is None

    waves.remove(wave.pk, first.pk, actor=boris, lead=True)
    assert list(wave.tasks.values_list("pk", flat=True)) == [second.pk]
    assert waves.close(wave.pk, actor=boris, lead=True) == 1
    assert Wave.objects.get().closed_at is not None
    assert waves.close(wave.pk, actor=boris) == 0  # it is closed


# Figures --------------------------------------------------------------------------------------------------------------


def test_exercises_are_in_no_figure(shop: MarketplaceAccount, school: MarketplaceAccount, anna: actors.Actor) -> None:
    now = timezone.now()
    user = anna.user
    assert user is not None
    shifts.start(station="", actor=anna)
    real, exercise = made(shop, ONE, assignee=user), made(school, ONE, is_test=True, assignee=user)
    for task in (real, exercise, None):
        row = Scan.objects.create(
            user=user, task=task, raw=MUG, outcome=ScanOutcome.REFUSED, reason="in_use" if task != exercise else "kind"
        )
        if task is not None:
            Pick.objects.create(item=task.items.get(), unit=1, scan=row, user=user)
            MarketplaceAction.objects.create(
                task=task, account=task.account, kind=ActionKind.READY, state=ActionState.FAILED, not_before=now,
                finished_at=now,
            )  # fmt: skip

    assert refused.reasons_today(now) == [("in_use", 2)]
    assert [scan.task_id for scan in refused.page(refused.Sift(), {}).rows] == [None, real.pk]
    assert handover.changes(user.pk, now - timedelta(hours=1), now=timezone.now()).failed == 1
    (person,) = handover.people(now)
    assert (person.unfinished, person.picked, person.refused) == (1, 1, 2)


def test_who_works_with_a_badge_is_counted_since_midnight(shop: MarketplaceAccount, anna: actors.Actor) -> None:
    now = timezone.localtime().replace(hour=15, minute=0, second=0, microsecond=0)
    midnight = now.replace(hour=0)
    user, went = anna.user, hand("boris")
    assert user is not None
    assert went.user is not None
    Shift.objects.create(user=went.user, station="", started_at=midnight, ended_at=now)
    task = made(shop, ("MUG-1", 9, [MUG]))
    for unit, (person, at) in enumerate(
        [(user, now), (user, midnight), (user, midnight - timedelta(minutes=1)), (went.user, now)], start=1
    ):
        for outcome in (ScanOutcome.REFUSED, ScanOutcome.ACCEPTED):
            row = Scan.objects.create(user=person, task=task, raw=MUG, outcome=outcome)
            Scan.objects.filter(pk=row.pk).update(scanned_at=at)
        Pick.objects.create(item=task.items.get(), unit=unit, scan=row, user=person)
    with counted() as statements:
        found = handover.people(now)

    assert len(statements) == 1
    assert [(one.user, one.since, one.picked, one.refused) for one in found] == [(user, None, 2, 2)]
