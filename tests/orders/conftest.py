"""A sandbox over real HTTP and an account that talks to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import ActionKind
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction
from orders.services import accounts, actors
from orders.services.sending import dispatch, outbox
from orders.services.syncing import sync
from sandbox.server import RunningSandbox, start

SELLER = "sandbox-tests"
#: Barcodes of the goods that the published sample codes (``tests.orders.scans``) are of, by the kind that tests scan.
SAMPLE_SKUS = {"sgtin": ["4600439931256", "3041094787443"], "gtin": ["4006381333931"]}


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    running = start(port=0)
    yield running
    running.stop()


@pytest.fixture(params=["batch", "v3"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(db: None, upstream: RunningSandbox) -> MarketplaceAccount:
    return connected(upstream)


def connected(upstream: RunningSandbox, *, dialect: str = "batch", **options: Any) -> MarketplaceAccount:
    return accounts.connect(
        "wildberries",
        title="Shop",
        base_url=upstream.wildberries_url,
        credentials={"token": SELLER},
        options={"dialect": dialect, **options},
        actor=actors.SYSTEM,
    )


@pytest.fixture
def picker(db: None) -> User:
    return create_user("picker", role=Role.WAREHOUSE, password="picker", weak=True)


@pytest.fixture
def staff(picker: User) -> actors.Actor:
    return actors.staff(picker)


Ask = Callable[..., MarketplaceAction]


@pytest.fixture
def ask(staff: actors.Actor) -> Ask:
    """Ask for an action and send what is due, as the worker would; gives the action as it is then."""

    def do(task: AssemblyTask, kind: ActionKind, **wish: Any) -> MarketplaceAction:
        action = outbox.request(task.pk, outbox.Wish(kind, **wish), actor=staff)
        work(task.account)
        action.refresh_from_db()
        task.refresh_from_db()
        return action

    return do


def work(account: MarketplaceAccount) -> None:
    """What the worker does for an account after a click."""
    dispatch.resolve_uncertain(account)
    outbox.queue_codes(dispatch.tasks_with_waiting_codes())
    dispatch.send_due(account)


def made(upstream: RunningSandbox, *, count: int = 1, status: str = "new/waiting", **fields: Any) -> list[int]:
    """Orders at the marketplace; ``fields`` are wire fields. Goods that take marking codes are those of the sample codes."""
    skus = [sku for kind in fields.get("requiredMeta") or () for sku in SAMPLE_SKUS.get(kind, ())]
    fields = {"skus": skus, **fields} if skus else fields
    supplier, wb = status.split("/")
    return upstream.make(SELLER, count=count, fields=fields, status=(supplier, wb))


def pulled(account: MarketplaceAccount) -> list[AssemblyTask]:
    sync.pull_new(account)
    return list(AssemblyTask.objects.filter(account=account).order_by("external_id"))
