"""Raw texts hold buyers' data, whichever page opens them: one right, one record, one answer when the keys are gone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission

from backoffice.models import RawPayload, User
from backoffice.people import Role, create_user
from orders.enums import AttentionKind, EntryKind, Severity
from orders.models import AssemblyTask, Attention, TimelineEntry
from orders.services import attention

from .conftest import Order, ParcelOf, browser


@pytest.fixture(params=["task", "parcel", "question", "admin"])
def address(request: pytest.FixtureRequest, order_at: Order, parcel_of: ParcelOf) -> str:
    """A page that opens a raw text about the order of a task."""
    task = order_at()
    if request.param == "parcel":
        return f"/parcels/{parcel_of(task).pk}/raw/"
    if request.param == "question":
        asked = attention.Question(AttentionKind.BAD_ORDER, "bad", Severity.WARNING, payload_id=task.raw_id)
        attention.open_many([asked])
        return f"/attention/{Attention.objects.get(key='bad').pk}/raw/"
    return f"/admin/backoffice/rawpayload/{task.raw_id}/open/" if request.param == "admin" else f"/tasks/{task.pk}/raw/"


def shown() -> list[TimelineEntry]:
    return list(TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN))


@pytest.mark.parametrize("right", ["view_rawpayload", "see_buyers"])
def test_both_rights_are_needed(address: str, right: str) -> None:
    group = Group.objects.create(name="auditors")
    group.permissions.set(Permission.objects.filter(codename__in=[right, "view_attention", "view_assemblytask"]))
    auditor = User.objects.create_user("auditor", password="auditor", is_staff=True)
    auditor.groups.set([group])

    answer = browser(auditor).get(address)

    assert answer.status_code == 403
    assert "deliveryType" not in answer.content.decode()
    assert shown() == []


def test_who_looked_is_recorded_once_at_the_order_it_is_about(address: str) -> None:
    boss = create_user("boss", role=Role.MANAGER, password="boss", weak=True)
    for _twice in range(2):
        answer = browser(boss).get(address)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]

    (entry,) = shown()
    assert (entry.order_id, entry.actor) == (AssemblyTask.objects.get().order_id, boss)


def test_a_text_that_no_key_opens_says_so(address: str) -> None:
    RawPayload.objects.update(body=b"rubbish")
    boss = create_user("boss", role=Role.MANAGER, password="boss", weak=True)

    answer = browser(boss).get(address)

    assert answer.status_code == 200
    assert "The keys that could open it are not set any more." in answer.content.decode()
