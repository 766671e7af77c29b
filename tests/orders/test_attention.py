"""Questions are given to people, put off and brought back: by their time, or when they become more severe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from backoffice.errors import Conflict, Invalid
from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import AttentionKind, Severity
from orders.models import Attention
from orders.queries import board
from orders.services import actors, attention

from .statements import counted

pytestmark = pytest.mark.django_db


def raised(key: str = "k", severity: Severity = Severity.WARNING, **more: Any) -> Attention:
    attention.open_one(attention.Question(AttentionKind.CORRECTION, key, severity, **more))
    return Attention.objects.get(key=key, resolved_at=None)


def test_a_question_is_given_to_somebody_and_to_nobody(picker: User) -> None:
    row = raised()
    for _twice in range(2):
        attention.assign(row.pk, picker)
        row.refresh_from_db()
        assert row.assignee == picker
    for _twice in range(2):
        attention.assign(row.pk, None)
        row.refresh_from_db()
        assert row.assignee is None


@pytest.mark.parametrize("why", ["no role", "gone"])
def test_who_may_not_see_to_questions_gets_none(picker: User, why: str) -> None:
    row, other = raised(), User.objects.create_user("other", is_active=True)
    if why == "gone":
        other = create_user("left", role=Role.WAREHOUSE, password="x", weak=True)
        other.is_active = False
        other.save()
    with pytest.raises(Invalid, match="assignee"):
        attention.assign(row.pk, other)
    row.refresh_from_db()
    assert row.assignee is None


def test_what_is_put_off_is_not_counted_until_its_time(picker: User, shop: Any) -> None:
    row, _other = raised(), raised("l")
    now = timezone.now()
    for _twice in range(2):
        attention.snooze(row.pk, now + timedelta(hours=1))
    assert board.load(picker.pk).counts["attention"] == 1
    assert board.load(picker.pk, now=now + timedelta(hours=2)).counts["attention"] == 2
    attention.snooze(row.pk, None)
    assert board.load(picker.pk).counts["attention"] == 2


@pytest.mark.parametrize("hours", [-1, 0, 24 * 30 + 1])
def test_a_time_that_makes_no_sense(hours: int) -> None:
    row = raised()
    with pytest.raises(Invalid, match="until"):
        attention.snooze(row.pk, timezone.now() + timedelta(hours=hours))
    row.refresh_from_db()
    assert row.snoozed_until is None


def test_a_closed_question_is_left_alone(staff: actors.Actor, picker: User) -> None:
    row = raised()
    attention.resolve(row.pk, actor=staff)
    with pytest.raises(Conflict, match="closed"):
        attention.assign(row.pk, picker)
    for pk, until in ((row.pk, timezone.now() + timedelta(hours=1)), (987654, None)):
        with pytest.raises(Conflict, match="closed"):
            attention.snooze(pk, until)
    row.refresh_from_db()
    assert (row.assignee, row.snoozed_until) == (None, None)


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [
        (Severity.WARNING, Severity.URGENT, True),
        (Severity.INFO, Severity.WARNING, True),
        (Severity.WARNING, Severity.WARNING, False),
        (Severity.URGENT, Severity.INFO, False),
    ],
)
def test_what_becomes_more_severe_comes_back(before: Severity, after: Severity, back: bool) -> None:
    row = raised(severity=before)
    until = timezone.now() + timedelta(hours=5)
    attention.snooze(row.pk, until)
    row = raised(severity=after)
    assert (row.count, row.severity, row.snoozed_until) == (
        2,
        max(before, after, key=attention.weight),
        None if back else until,
    )


def test_asking_again_costs_what_it_did() -> None:
    keys = [str(number) for number in range(20)]
    questions = [attention.Question(AttentionKind.CORRECTION, key) for key in keys]
    for expected in (2, 2):  # what there is, then what is new or what is counted
        with counted() as statements:
            attention.open_many(questions)
        assert len(statements) == expected
    urgent = [attention.Question(AttentionKind.CORRECTION, key, Severity.URGENT) for key in keys[:5]]
    with counted() as statements:
        attention.open_many(urgent)
    assert len(statements) == 3
    assert Attention.objects.filter(severity=Severity.URGENT).count() == 5


def test_a_renewed_question_that_is_worse_comes_back_and_no_other() -> None:
    worse, same = raised("a"), raised("b")
    until = timezone.now() + timedelta(hours=5)
    for row in (worse, same):
        attention.snooze(row.pk, until)
    attention.renew_many(  # the rows as they were read before anybody put them off
        [
            (worse, attention.Question(AttentionKind.CORRECTION, "a", Severity.URGENT, facts={"n": 2})),
            (same, attention.Question(AttentionKind.CORRECTION, "b", Severity.WARNING, facts={"n": 2})),
        ],
        now=timezone.now(),
    )
    assert list(Attention.objects.order_by("key").values_list("severity", "snoozed_until")) == [
        ("urgent", None),
        ("warning", until),
    ]


def test_what_was_ever_asked_is_found_by_an_index(db: None) -> None:
    """Solved questions too: there are as many of them as there were days."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # a small table is read as a whole
    asked = Attention.objects.filter(key__in=["tracking_unknown:measoft:X", "tracking_unknown:measoft:Y"])

    assert "attention_key" in asked.values_list("key", flat=True).explain()
