"""A browser of each role, and tasks that came from the sandbox over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from backoffice.people import Role, create_user
from carriers import services as carriers
from carriers.models import CarrierAccount
from orders.enums import ActionKind, Stage
from orders.models import AssemblyTask, MarketplaceAccount, Shipment
from orders.services import accounts, actors
from orders.services.shipping import shipments, tracking
from orders.services.syncing import sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import SELLER, Ask, made, pulled
from tests.orders.exercises import gym_of, practised

Task = Callable[..., AssemblyTask]
Exercise = Callable[..., AssemblyTask]
Order = Callable[..., AssemblyTask]
ParcelOf = Callable[..., Shipment]
MUG = {"offerId": "MUG-1", "offerName": "Кружка", "count": 3, "price": 499, "requiredInstanceTypes": ["CIS"]}
MONITOR = {"offerId": "MONITOR-27", "offerName": "Монитор", "count": 2, "price": 1000, "requiredInstanceTypes": ["GTD"]}
TRAIN = {"offerId": "TOY-TRAIN", "offerName": "Железная дорога", "count": 1, "price": 3490, "requiredInstanceTypes": []}


@pytest.fixture
def web(picker: User) -> Client:
    """The picker at his browser."""
    return browser(picker)


@pytest.fixture
def boss(db: None) -> User:
    return create_user("boss", role=Role.MANAGER, password="boss", weak=True)


def browser(user: User, **options: object) -> Client:
    client = Client(headers={"Accept-Language": "en"}, **options)  # type: ignore[arg-type]
    client.force_login(user)
    return client


@pytest.fixture
def task_at(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> Task:
    """A task of the shop at a stage on its way; ``fields`` are wire fields of the order."""

    def make(stage: Stage = Stage.NEW, **fields: Any) -> AssemblyTask:
        wanted: dict[str, Any] = {"requiredMeta": [], "deliveryType": "dbs", **fields}
        (number,) = made(upstream, **wanted)
        task = next(task for task in pulled(shop) if task.external_id == str(number))
        way = (ActionKind.CONFIRM, ActionKind.READY, ActionKind.DELIVER)
        for kind, reached in zip(way, (Stage.ASSEMBLING, Stage.READY, Stage.DELIVERING), strict=True):
            if task.stage == stage:
                break
            ask(task, kind)
            assert task.stage == reached
        assert task.stage == stage
        return task

    return make


@pytest.fixture
def gym(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    """A shop for training."""
    return gym_of(upstream)


@pytest.fixture
def exercise(gym: MarketplaceAccount, upstream: RunningSandbox) -> Exercise:
    """An exercise that came from the sandbox, new."""

    def make(**fields: Any) -> AssemblyTask:
        (number,) = practised(upstream, **fields)
        return next(task for task in pulled(gym) if task.external_id == str(number))

    return make


@pytest.fixture
def market(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    """A shop at Yandex Market."""
    return accounts.connect(
        "yandex_market",
        title="Market shop",
        base_url=upstream.yandex_market_url,
        credentials={"api_key": SELLER},
        options={
            "dialect": "business", "campaign_id": str(upstream.ym.campaign), "business_id": str(upstream.ym.business),
        },
        actor=actors.SYSTEM,
    )  # fmt: skip


@pytest.fixture
def order_at(market: MarketplaceAccount, upstream: RunningSandbox) -> Order:
    """A task of the market's shop; what is asked for is a wish of the sandbox. A plain one by courier unless it says else."""

    def make(**wish: Any) -> AssemblyTask:
        usual = {"items": [TRAIN], "type": "DELIVERY", "courier": False, "payment": "YANDEX", "region": "Екатеринбург"}
        (number,) = upstream.ym.make(SELLER, **{**usual, **wish})
        sync.pull_new(market)
        return AssemblyTask.objects.select_related("order", "account").get(external_id=str(number))

    return make


@pytest.fixture
def courier(db: None, upstream: RunningSandbox) -> CarrierAccount:
    """A contract with a carrier that speaks MeaSoft."""
    return carriers.connect(
        "measoft",
        carriers.Settings(
            title="Swift couriers",
            base_url=upstream.measoft.url,
            options={"extra": upstream.measoft.extra},
            credentials={"login": upstream.measoft.login, "password": upstream.measoft.password},
        ),
    )


@pytest.fixture
def parcel_of(courier: CarrierAccount, upstream: RunningSandbox, staff: actors.Actor) -> ParcelOf:
    """A parcel of the stand-in, attached to the order of a task and asked about. The wish is the stand-in's: ``steps=3``."""

    def make(task: AssemblyTask, **wish: Any) -> Shipment:
        (number,) = upstream.measoft.make(**{"steps": 2, **wish})
        row = shipments.attach(task.order_id, courier.pk, number, actor=staff)
        told(courier)
        row.refresh_from_db()
        return row

    return make


def told(courier: CarrierAccount) -> None:
    """The carrier is asked about all of its parcels."""
    Shipment.objects.filter(carrier_account=courier, detached_at=None).update(next_poll_at=timezone.now())
    tracking.poll(courier)


@pytest.fixture
def onlooker(db: None) -> Client:
    """Somebody who may look at everything and do nothing."""
    group = Group.objects.create(name="onlookers")
    group.permissions.add(*Permission.objects.filter(content_type__app_label="orders", codename__startswith="view_"))
    user = User.objects.create_user("onlooker")
    user.groups.add(group)
    return browser(user)


HTMX = {"HX-Request": "true"}


def text_of(response: Any) -> str:
    """The words of a page, without markup."""
    html = re.sub(r"<(script|style|noscript).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).replace("&#x27;", "'").strip()


def hidden(response: Any, name: str) -> str:
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', response.content.decode())
    assert found, name
    return found.group(1)
