"""Shifts and what is handed over between them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.errors import Invalid
from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import ActionKind, ActionState, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, Order, Pick, Scan, Shift, TaskItem
from orders.queries import handover
from orders.services import actors
from orders.services.warehouse import shifts

from .statements import counted

HOUR = timedelta(hours=1)


@pytest.fixture
def account(db: None) -> MarketplaceAccount:
    return MarketplaceAccount.objects.create(
        kind="wildberries", title="Shop", base_url="http://127.0.0.1:9", dialect="batch", credentials={"token": "t"}
    )


def task(account: MarketplaceAccount, stage: Stage = Stage.NEW, **fields: object) -> AssemblyTask:
    now = timezone.now()
    number = str(AssemblyTask.objects.count() + 1)
    usual = {"deadline_at": now + HOUR, "created_at": now, "stage": stage}
    order = Order.objects.create(account=account, external_id=number, **{**usual, "stage": stage, "deadline_at": now})
    made = AssemblyTask.objects.create(account=account, order=order, external_id=number, **{**usual, **fields})
    TaskItem.objects.create(task=made, article=f"mug-{number}", quantity=2, price=1, currency="RUB")
    return made


# The shift ----------------------------------------------------------------------------------------------------------
def test_a_shift_begins_once(staff: actors.Actor) -> None:
    first = shifts.start(station=" Table  3 ", actor=staff)
    again = shifts.start(station="", actor=staff)
    moved = shifts.start(station="Table 4", actor=staff)

    assert (first.station, again.station, moved.station) == ("Table 3", "Table 3", "Table 4")
    assert first.pk == again.pk == moved.pk
    assert Shift.objects.count() == 1


def test_the_database_keeps_one_open_shift_a_person(picker: User, staff: actors.Actor) -> None:
    shifts.start(station="", actor=staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(user=picker)
    assert Shift.objects.count() == 1


def test_a_shift_ends_once_and_keeps_its_first_note(staff: actors.Actor) -> None:
    shifts.start(station="", actor=staff)
    ended = shifts.end(note=" The printer is out of paper. ", actor=staff)

    assert ended is not None
    assert shifts.end(note="again", actor=staff) is None
    row = Shift.objects.get()
    assert (row.note, row.ended_at) == ("The printer is out of paper.", ended.ended_at)
    assert shifts.start(station="", actor=staff).pk != row.pk


def test_what_is_too_long_is_refused_and_nothing_changes(staff: actors.Actor) -> None:
    with pytest.raises(Invalid):
        shifts.start(station="x" * 41, actor=staff)
    assert Shift.objects.count() == 0
    shifts.start(station="x" * 40, actor=staff)
    with pytest.raises(Invalid):
        shifts.end(note="x" * 501, actor=staff)
    row = Shift.objects.get()
    assert (row.ended_at, row.note) == (None, "")
    assert shifts.end(note="x" * 500, actor=staff) is not None


# What is handed over --------------------------------------------------------------------------------------------------
def test_what_changed_since_a_moment(account: MarketplaceAccount, picker: User) -> None:
    now = timezone.now()
    since = now - 8 * HOUR
    task(account)
    task(account, created_at=since - HOUR)
    task(account, Stage.WAITING)
    task(account, is_test=True)
    task(account, Stage.CANCELLED, closed_at=now, created_at=since - HOUR)
    task(account, Stage.CANCELLED, closed_at=since - HOUR, created_at=since - HOUR)
    late = task(account, Stage.READY, deadline_at=now - HOUR, created_at=since - HOUR)
    task(account, Stage.READY, deadline_at=since - HOUR, created_at=since - HOUR)
    for state, finished in (
        (ActionState.FAILED, now),
        (ActionState.FAILED, since - HOUR),
        (ActionState.SUCCEEDED, now),
    ):
        MarketplaceAction.objects.create(
            task=late, account=account, kind=ActionKind.DELIVER, state=state, not_before=now, finished_at=finished
        )
    with counted() as statements:
        found = handover.changes(picker.pk, since, now=now)

    assert found == handover.Changes(since, new=1, cancelled=1, late=1, failed=1, overdue=2)
    assert len(statements) == 1


def test_what_burns(account: MarketplaceAccount) -> None:
    now = timezone.now()
    second = task(account, Stage.DELIVERING, deadline_at=now + HOUR)
    first = task(account, deadline_at=now + HOUR / 2)
    for other in (now - HOUR, now + 3 * HOUR):
        task(account, deadline_at=other)
    task(account, Stage.RECEIVED, deadline_at=now + HOUR)
    task(account, Stage.WAITING, deadline_at=now + HOUR)
    task(account, is_test=True, deadline_at=now + HOUR)

    assert handover.burning(now) == [first, second]
    for n in range(25):
        task(account, deadline_at=now + HOUR / 2 + timedelta(seconds=n))
    assert len(handover.burning(now)) == 20


@pytest.mark.parametrize("count", [1, 3])
def test_who_is_at_work_is_one_statement(account: MarketplaceAccount, picker: User, count: int) -> None:
    now = timezone.now()
    people = [picker, *(create_user(f"p{n}", role=Role.WAREHOUSE, password="p", weak=True) for n in range(count))]
    for person in people[:-1]:
        shifts.start(station="Table", actor=actors.staff(person))
        mine = task(account, Stage.ASSEMBLING, assignee=person)
        task(account, Stage.RECEIVED, assignee=person)
        scans = [
            Scan.objects.create(user=person, task=mine, raw="4600", outcome=o)
            for o in (ScanOutcome.ACCEPTED, ScanOutcome.REFUSED)
        ]
        item = mine.items.get()
        Pick.objects.create(item=item, unit=1, scan=scans[0], user=person)
        Pick.objects.create(item=item, unit=2, scan=scans[0], user=person, undone_at=now)
        old = Scan.objects.create(user=person, task=mine, raw="4600", outcome=ScanOutcome.REFUSED)
        Scan.objects.filter(pk=old.pk).update(scanned_at=now - 24 * HOUR)
    task(account, Stage.ASSEMBLING, assignee=people[-1])
    with counted() as statements:
        found = handover.people(now)

    assert len(statements) == 1
    told = {each.user: (each.station, each.unfinished, each.picked, each.refused) for each in found}
    assert told == {**dict.fromkeys(people[:-1], ("Table", 1, 1, 1)), people[-1]: ("", 1, 0, 0)}
    assert [each.since is None for each in found if each.user == people[-1]] == [True]


def test_notes_of_others_of_the_last_day(picker: User) -> None:
    other = actors.staff(create_user("other", role=Role.WAREHOUSE, password="p", weak=True))
    now = timezone.now()
    for actor, note, ended in (
        (other, "yesterday", now - 23 * HOUR), (other, "older", now - 25 * HOUR), (other, "", now),
        (other, "just now", now), (actors.staff(picker), "mine", now),
    ):  # fmt: skip
        shifts.start(station="", actor=actor, now=ended - HOUR)
        shifts.end(note=note, actor=actor, now=ended)

    assert [row.note for row in handover.notes(picker.pk, now=now)] == ["just now", "yesterday"]


def test_how_many_were_packed_in_a_shift(account: MarketplaceAccount, picker: User, staff: actors.Actor) -> None:
    now = timezone.now()
    shift = shifts.start(station="", actor=staff, now=now - HOUR)
    other = create_user("other", role=Role.WAREHOUSE, password="p", weak=True)
    for kind, state, actor, ago in (
        (ActionKind.READY, ActionState.SUCCEEDED, picker, 0), (ActionKind.READY, ActionState.QUEUED, picker, 0),
        (ActionKind.READY, ActionState.FAILED, picker, 0), (ActionKind.DELIVER, ActionState.SUCCEEDED, picker, 0),
        (ActionKind.READY, ActionState.SUCCEEDED, other, 0), (ActionKind.READY, ActionState.SUCCEEDED, picker, 2),
    ):  # fmt: skip
        row = MarketplaceAction.objects.create(
            task=task(account), account=account, kind=kind, state=state, actor=actor, not_before=now
        )
        MarketplaceAction.objects.filter(pk=row.pk).update(created_at=now - ago * HOUR)
    with counted() as statements:
        assert handover.assembled(shift.pk, picker.pk) == 2

    assert len(statements) == 1
    assert handover.assembled(shift.pk, other.pk) is None
    shifts.end(note="", actor=staff)
    assert handover.assembled(shift.pk, picker.pk) is None


def test_the_open_shift_and_the_one_before(picker: User, staff: actors.Actor) -> None:
    assert handover.shifts_of(picker.pk) == (None, None)
    shifts.start(station="", actor=staff)
    shifts.end(note="", actor=staff)
    last = Shift.objects.get()
    assert handover.shifts_of(picker.pk) == (None, last)
    current = shifts.start(station="", actor=staff)
    assert handover.shifts_of(picker.pk) == (current, last)
