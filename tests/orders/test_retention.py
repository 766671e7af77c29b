"""What is forgotten every night, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from backoffice.models import RawPayload, User
from orders import tasks
from orders.enums import ActionKind
from orders.models import ArticleBarcode, AssemblyTask, MarketplaceAccount, RequestKey, TaskItem
from orders.services import actors, retention
from orders.services.sending import outbox
from orders.services.sending.outbox import Idempotency, Wish
from sandbox.server import RunningSandbox

from .conftest import made, pulled


def a_session(key: str, *, hours: int) -> None:
    Session.objects.create(session_key=key, session_data="x", expire_date=timezone.now() + timedelta(hours=hours))


def test_sessions_that_ended_are_deleted(db: None) -> None:
    a_session("over", hours=-1)
    a_session("under-way", hours=1)

    for _twice in range(2):
        tasks.purge()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["under-way"]


@pytest.fixture
def task(shop: MarketplaceAccount, upstream: RunningSandbox) -> AssemblyTask:
    made(upstream, requiredMeta=[], skus=["4006381333931"])
    (found,) = pulled(shop)
    return found


def test_a_raw_text_of_an_open_task_stays_and_one_of_a_closed_one_goes(task: AssemblyTask) -> None:
    now = timezone.now()
    RawPayload.objects.update(expires_at=now)
    assert tasks.purge() == 0

    AssemblyTask.objects.update(closed_at=now)
    RawPayload.objects.update(expires_at=now)
    assert tasks.purge() == 1
    task.refresh_from_db()
    assert task.raw is None


def test_keys_of_requests_are_forgotten_after_their_days(task: AssemblyTask, picker: User) -> None:
    outbox.request(task.pk, Wish(ActionKind.CONFIRM), actor=actors.staff(picker), idempotency=Idempotency("k", "d"))
    RequestKey.objects.update(created_at=timezone.now() - timedelta(days=retention.KEY_DAYS - 1))
    tasks.purge()
    assert RequestKey.objects.count() == 1

    RequestKey.objects.update(created_at=timezone.now() - timedelta(days=retention.KEY_DAYS + 1))
    tasks.purge()
    assert RequestKey.objects.count() == 0


def test_barcodes_of_open_tasks_are_learnt_with_it(task: AssemblyTask) -> None:
    assert TaskItem.objects.filter(task=task).exists()
    ArticleBarcode.objects.all().delete()
    tasks.purge()
    assert ArticleBarcode.objects.exists()
