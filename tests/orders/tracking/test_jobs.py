"""Jobs of parcels: one an active carrier account, each under its lease, quiet about what the account notes itself."""

from __future__ import annotations

from typing import Any

import pytest
from django_q.models import OrmQ

from backoffice import payloads
from backoffice.lease import lease
from backoffice.models import JobState, RawPayload
from carriers.models import CarrierAccount
from orders import schedules, tasks
from orders.models import Shipment
from orders.services import actors
from orders.services.shipping import shipments, tracking
from sandbox.server import RunningSandbox
from tests.orders.tracking.parcels import carrier_account, event, measoft, order_of, shop_account, snapshot

pytestmark = pytest.mark.django_db


def test_a_job_is_queued_for_each_active_account() -> None:
    active, paused, off = (carrier_account(title=title) for title in ("a", "b", "c"))
    CarrierAccount.objects.filter(pk=paused.pk).update(paused_reason="holiday")
    CarrierAccount.objects.filter(pk=off.pk).update(enabled=False)

    assert tasks.for_each_carrier("track_parcels") == 1

    queued = OrmQ.objects.get().task
    assert (queued["func"], queued["args"]) == ("orders.tasks.track_parcels", (active.pk,))


def test_a_carrier_that_does_not_answer_fails_the_run_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    account = carrier_account()
    parcel = shipments.attach(order_of(shop_account(), "1").pk, account.pk, "A1", actor=actors.SYSTEM)

    assert tasks.track_parcels(account.pk) == 0
    assert tasks.pull_parcel_changes(account.pk) == 0

    state = JobState.objects.get(name=f"track_parcels:{account.ref}")
    assert state.error.startswith("Temporary")
    parcel.refresh_from_db()
    assert (parcel.status, parcel.checked_at) == ("unknown", None)


def test_a_run_that_goes_on_is_not_joined_and_a_paused_account_is_left_alone(upstream: RunningSandbox) -> None:
    account = measoft(upstream)
    shipments.attach(order_of(shop_account(), "1").pk, account.pk, "A1", actor=actors.SYSTEM)
    with lease(f"track_parcels:{account.ref}", 60):
        assert tasks.track_parcels(account.pk) == 0
    CarrierAccount.objects.update(paused_reason="holiday")
    for job in (tasks.track_parcels, tasks.pull_parcel_changes, tasks.sweep_parcels):
        assert job(account.pk) == 0

    assert upstream.calls() == []


def test_track_numbers_of_many_are_told_by_a_job(django_capture_on_commit_callbacks: Any) -> None:
    account = carrier_account(track_service="1006360")
    order = order_of(shop_account(), "1")
    wanted = [shipments.Wanted(order.pk, account.pk, f"A{number}") for number in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        shipments.attach_many(wanted, actor=actors.SYSTEM)

    jobs = {task.task["func"]: task.task["args"] for task in OrmQ.objects.all()}
    ids = list(Shipment.objects.order_by("pk").values_list("pk", flat=True))
    assert jobs == {"orders.tasks.track_parcels": (account.pk,), "orders.tasks.tell_tracks": (ids,)}
    assert tasks.tell_tracks(ids) == 0  # this marketplace takes none


def test_every_periodic_job_can_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    for job in schedules.JOBS:
        module, _dot, name = job.func.rpartition(".")
        if module == "orders.tasks":
            assert callable(getattr(tasks, name))
            assert not job.args or callable(getattr(tasks, job.args.strip("'")))
    for run in (tasks.act_due, tasks.sweep_divergence, tasks.check_silence):
        assert run() == 0


def test_the_raw_answer_about_a_parcel_under_way_is_kept_longer() -> None:
    account, order = carrier_account(changes="no"), order_of(shop_account(), "1")
    under_way, over = (shipments.attach(order.pk, account.pk, name, actor=actors.SYSTEM) for name in ("A1", "A2"))
    for parcel in (under_way, over):
        tracking.apply(account, [snapshot(parcel.number, event("NEW"))], parcel.created_at)
        parcel.refresh_from_db()
    Shipment.objects.filter(pk=over.pk).update(next_poll_at=None)
    RawPayload.objects.update(expires_at=parcel.created_at)
    payloads.keep("measoft", 1, "track", b"another")

    assert tasks.purge() == 1

    over.refresh_from_db()
    under_way.refresh_from_db()
    assert (over.raw, under_way.raw is not None) == (None, True)
