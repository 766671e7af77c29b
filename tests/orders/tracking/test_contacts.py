"""What people write into a carrier's texts is in no row of ours but the encrypted raw answer, and in no log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from backoffice.errors import UpstreamError
from carriers.models import CarrierAccount
from orders.models import Attention, Shipment, TimelineEntry
from orders.services import actors
from orders.services.shipping import shipments, tracking
from tests.carriers.dellin import support as dellin
from tests.carriers.measoft import support as measoft
from tests.carriers.support import Script
from tests.carriers.test_contacts import MASKED, PHONE, PLANTED, SPOTS, quoted
from tests.orders.tracking.parcels import carrier_account, order_of, shop_account

pytestmark = pytest.mark.django_db


def everything() -> str:
    """Every value of every row."""
    return "\n".join(repr(row) for model in apps.get_models() for row in model._default_manager.values())


@pytest.fixture(params=["measoft", "dellin"])
def account(request: pytest.FixtureRequest) -> CarrierAccount:
    found = carrier_account(request.param, **({"changes": "no"} if request.param == "measoft" else {}))
    CarrierAccount.objects.update(created_at=timezone.now() - timedelta(days=1))
    order = order_of(shop_account(), "1001")
    shipments.attach(order.pk, found.pk, "400267443", actor=actors.SYSTEM)
    Shipment.objects.update(created_at=timezone.now() - timedelta(days=1))
    found.refresh_from_db()
    return found


def answers(monkeypatch: pytest.MonkeyPatch, account: CarrierAccount, *bodies: Any) -> None:
    """What the carrier answers to the next calls."""
    place = f"carriers.providers.{account.kind}.provider.transport"
    script = Script(list(bodies))
    monkeypatch.setattr(place, lambda _connection: script)


def assert_clean(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    logged = f"{caplog.text} {''.join(capfd.readouterr())}"
    found = {spot for spot in SPOTS if spot in everything() or spot in logged}
    assert found == set()


def told(kind: str) -> Any:
    """A parcel with something in every text, an unknown word among them."""
    if kind == "dellin":
        more = {"stateName": PLANTED, "detailedStatusRus": PLANTED, "hint": PLANTED}
        return dellin.history(
            dellin.row("inway", "2026-11-14T10:00:00+03:00", **more), dellin.row(PLANTED, "2026-11-15T10:00:00+03:00")
        )
    more = {"title": PLANTED, "message": PLANTED, "eventstore": PLANTED}
    rows = [
        measoft.status("DELIVERY", "2026-11-20 09:40:12", **more),
        measoft.status(PLANTED, "2026-11-21 09:40:12", **more),
    ]
    inside = f"<deliveredto>{PLANTED}</deliveredto><arrival>{PLANTED}</arrival>"
    return measoft.answer(measoft.order("400267443", rows[-1], *rows, inside=inside, more=f' hint="{quoted(PLANTED)}"'))


def test_a_parcel(
    account: CarrierAccount,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    answers(monkeypatch, account, told(account.kind))

    assert tracking.poll(account).news == 1

    row = Shipment.objects.get()
    assert row.raw_status == MASKED
    assert TimelineEntry.objects.filter(kind="tracking").count() == 2
    assert Attention.objects.get().kind == "tracking_unknown"
    assert row.raw is not None
    assert_clean(caplog, capfd)


def test_a_parcel_that_cannot_be_told_of(
    account: CarrierAccount,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    refused = f'<order orderno="400267443" error="13" errormsg="{quoted(PLANTED)}"/>'
    body: Any = measoft.answer(refused) if account.kind == "measoft" else dellin.refusal(130002, f"не найден {PHONE}")
    for _twice in range(2):
        answers(monkeypatch, account, body)
        Shipment.objects.update(next_poll_at=timezone.now() - timedelta(seconds=1))
        tracking.poll(account)

    assert "•••" in Shipment.objects.get().problem_detail
    assert "•••" in Attention.objects.get(kind="tracking_problem").facts["detail"]
    assert_clean(caplog, capfd)


@pytest.mark.parametrize("kind", ["refused", "credentials", "unreadable"])
def test_a_carrier_that_says_no(
    account: CarrierAccount,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    measoft_number = {"refused": "14", "credentials": "25"}.get(kind)
    root = f'<statusreq error="{measoft_number}" errormsg="{quoted(PLANTED)}"/>'
    body: Any = (
        root if account.kind == "measoft" else dellin.refusal(117004, PLANTED, 401 if kind == "credentials" else 400)
    )
    if kind == "unreadable":
        body = f"<statusreq>{PLANTED}"
    numbers = [f"40026744{number}" for number in range(4, 9)]
    order = Shipment.objects.get().order_id
    shipments.attach_many([shipments.Wanted(order, account.pk, number) for number in numbers], actor=actors.SYSTEM)
    answers(monkeypatch, account, *[body] * 30)

    with pytest.raises(UpstreamError):
        tracking.poll(account)

    account.refresh_from_db()
    assert account.last_error
    assert Attention.objects.filter(kind__in=("sync_failing", "credentials")).count() == 1
    assert_clean(caplog, capfd)
