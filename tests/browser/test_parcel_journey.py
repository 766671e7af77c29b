"""The closed loop as people see it: a number is attached, the parcel reports, and Yandex Market learns of the delivery by itself."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from carriers import services as carriers
from carriers.models import CarrierAccount
from carriers.statuses import TrackingStatus
from orders.enums import ActionKind, ActionState, AttentionKind, ReactionMode, ReactionState, Source, Stage
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, Reaction, Shipment
from orders.services import actors
from orders.services.reacting import reactions
from sandbox.server import RunningSandbox
from tests.live.conftest import StartWorker
from tests.live.processes import until
from tests.live.test_worker import schedules_now
from tests.orders.yandex_market.conftest import connected, made

from .conftest import Album

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("all_schedules")]

SOON = 30_000
LINES = [
    {"offerId": "TOY-TRAIN", "offerName": "Железная дорога", "count": 1, "price": 3490, "requiredInstanceTypes": []}
]
HANDED_OVER, RECEIVED = "DELIVERY/DELIVERY_SERVICE_RECEIVED", "DELIVERED/DELIVERY_SERVICE_DELIVERED"


@pytest.fixture
def shop(transactional_db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


@pytest.fixture
def courier(transactional_db: None, upstream: RunningSandbox) -> CarrierAccount:
    """Tried on history, then automatic and without a wait, through the services that a manager's page calls."""
    stand_in = upstream.measoft
    account = carriers.connect(
        "measoft",
        carriers.Settings(
            title="Swift couriers", base_url=stand_in.url, options={"extra": stand_in.extra},
            credentials={"login": stand_in.login, "password": stand_in.password},
        ),
    )  # fmt: skip
    reactions.change_rule(account, actor=actors.SYSTEM, grace_minutes=0)
    reactions.rehearse(account)
    reactions.change_rule(account, actor=actors.SYSTEM, mode=ReactionMode.AUTOMATIC)
    return account


def news() -> None:
    """The carrier is asked now, as the worker does by itself every minute."""
    Shipment.objects.update(next_poll_at=timezone.now())
    schedules_now()


def moves(upstream: RunningSandbox, task: AssemblyTask) -> list[str]:
    return [each["after"] for each in upstream.ym.effects(int(task.external_id)) if each["kind"] == "status"]


def told_to_the_market(upstream: RunningSandbox) -> list[int]:
    """Calls that change the status of an order there."""
    return [call["id"] for call in upstream.calls("/status") if call["upstream"] != "measoft"]


def stage() -> Stage:
    return Stage(AssemblyTask.objects.get().stage)


def status() -> str:
    return Shipment.objects.get().status


def test_from_a_number_to_an_automatic_delivery_and_a_correction_that_sends_nothing(
    page: Page,
    album: Album,
    shop: MarketplaceAccount,
    courier: CarrierAccount,
    upstream: RunningSandbox,
    start_worker: StartWorker,
) -> None:
    (order,) = made(upstream, items=LINES, type="DELIVERY")
    (number,) = upstream.measoft.make(steps=2)
    start_worker()
    schedules_now()
    task = until(AssemblyTask.objects.filter(external_id=order).first, "the order arrives by itself")
    assert task is not None

    page.goto(f"{page.url.partition('/tasks/')[0]}/tasks/{task.pk}/")
    page.locator("#parcel-number").fill(number)
    page.locator(".parcel-add button").click()
    expect(page.locator(".parcel-row .code")).to_have_text(number, timeout=SOON)
    until(lambda: status() == TrackingStatus.IN_TRANSIT, "its carrier is asked at once")
    expect(page.locator(".parcel-row .chip.delivering")).to_be_visible(timeout=SOON)
    album.take("attached")

    _deliver(page, album, task, number, upstream)
    _correct(page, album, task, number, upstream)


def _deliver(page: Page, album: Album, task: AssemblyTask, number: str, upstream: RunningSandbox) -> None:
    """The courier takes it, the courier brings it: nobody presses anything."""
    upstream.measoft.step(number)
    news()
    until(lambda: stage() == Stage.DELIVERING, "the marketplace knows that it is on its way")
    assert moves(upstream, task) == [HANDED_OVER]

    upstream.measoft.step(number)
    news()
    until(lambda: status() == TrackingStatus.DELIVERED_UNCONFIRMED, "the courier says so")
    assert moves(upstream, task) == [HANDED_OVER]  # a provisional word makes nobody act

    upstream.measoft.step(number)
    news()
    until(lambda: stage() == Stage.RECEIVED, "the marketplace knows that the buyer has it")
    assert moves(upstream, task) == [HANDED_OVER, RECEIVED]
    asked = MarketplaceAction.objects.order_by("pk").values_list("kind", "source", "state")
    assert list(asked) == [
        (ActionKind.DELIVER, Source.SYSTEM, ActionState.SUCCEEDED),
        (ActionKind.RECEIVE, Source.SYSTEM, ActionState.SUCCEEDED),
    ]
    page.goto(page.url)
    expect(page.locator(".parcel-row .chip.ok")).to_be_visible()
    album.take("received")

    receipt = Reaction.objects.get(kind=ActionKind.RECEIVE)
    assert receipt.state == ReactionState.ACTED
    page.locator(f".tl a[href='/reactions/{receipt.pk}/']").first.click()
    expect(page.get_by_text("COMPLETE").first).to_be_visible()
    album.take("receipt")
    page.go_back()


def _correct(page: Page, album: Album, task: AssemblyTask, number: str, upstream: RunningSandbox) -> None:
    """The operator takes the delivery back: people are told, the marketplace is not called."""
    sent = told_to_the_market(upstream)
    assert len(sent) == 2
    upstream.measoft.correct(number)
    news()
    raised = Attention.objects.filter(kind=AttentionKind.TRACKING_CORRECTION, resolved_at=None)
    until(raised.exists, "the correction is raised")
    until(lambda: status() == TrackingStatus.PENDING, "and shown")

    assert told_to_the_market(upstream) == sent
    assert moves(upstream, task) == [HANDED_OVER, RECEIVED]
    assert MarketplaceAction.objects.count() == 2
    assert stage() == Stage.RECEIVED
    page.goto(page.url)
    expect(page.locator(".tl li.fix").first).to_be_visible()
    album.take("corrected")
    page.goto(page.url.replace(f"/tasks/{task.pk}/", "/attention/"))
    expect(page.get_by_text(number).first).to_be_visible()
    album.take("attention")
