"""Who may enter, and that every list opens, counts nothing and takes the same statements however many rows it has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backoffice import drift, payloads
from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import ActionKind, AttentionKind, CallOutcome, ShortageReason, Stage
from orders.models import (
    ArticleBarcode,
    AssemblyTask,
    Badge,
    DeliveryServiceName,
    MarketplaceAccount,
    MarketplaceAction,
    Pick,
    Reaction,
    ReactionRule,
    Shift,
    Shortage,
    Wave,
)
from orders.services import actors, attention
from orders.services.sending import bulk, calls, outbox
from orders.services.shipping import shipments
from orders.services.syncing import reread
from orders.services.warehouse import marking, scanning
from sandbox.server import RunningSandbox
from tests.orders.admin.conftest import browser
from tests.orders.conftest import made, pulled, work
from tests.orders.statements import counted
from tests.orders.tracking.parcels import carrier_account

pytestmark = pytest.mark.slow

OURS = ("orders", "carriers", "backoffice")
MODELS = sorted(model._meta.label_lower for model in django_admin.site._registry if model._meta.app_label in OURS)


def test_everything_is_there() -> None:
    assert MODELS == [
        "backoffice.apitoken", "backoffice.counter", "backoffice.jobstate", "backoffice.lease",
        "backoffice.ratebudget", "backoffice.rawpayload", "backoffice.upstreamdrift", "backoffice.user",
        "carriers.carrieraccount",
        "orders.actionattempt", "orders.articlebarcode", "orders.assemblytask", "orders.attention", "orders.badge",
        "orders.bulkrun", "orders.buyercall",
        "orders.deliveryservicename", "orders.marketplaceaccount", "orders.marketplaceaction", "orders.markingcode",
        "orders.order", "orders.ordertoread", "orders.pick", "orders.reaction", "orders.reactionrule", "orders.scan",
        "orders.shift", "orders.shipment", "orders.shortage", "orders.timelineentry", "orders.wave",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/admin/", "/admin/orders/order/", "/admin/login/", "/admin/nowhere/"])
@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.INTEGRATION])
def test_who_is_not_staff_is_told_so(db: None, path: str, role: Role) -> None:
    answer = browser(create_user("someone", role=role, password="x", weak=True)).get(path)

    assert answer.status_code == 403


def test_strangers_sign_in_at_the_one_page_for_all(db: None) -> None:
    answer = Client().get("/admin/orders/order/")
    there = Client().get(answer["Location"])

    assert (answer.status_code, there.status_code) == (302, 302)
    assert there["Location"] == f"{reverse('login')}?next=/admin/orders/order/"


def path_of(model: str) -> str:
    """The list of a model in the admin."""
    return f"/admin/{model.replace('.', '/')}/"


def world(shop: MarketplaceAccount, upstream: RunningSandbox, user: User, count: int) -> None:
    """``count`` rows more in every list."""
    actor = actors.staff(user)
    made(upstream, count=count, requiredMeta=["uin"])
    tasks = [task for task in pulled(shop) if task.stage == Stage.NEW]
    for task in tasks:
        outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=actor)
    work(shop)
    for task in tasks:
        number = task.pk % 10
        marking.add_code(task.pk, marking.Entry(f"123456789012345{number}"), actor=actor)
        scanning.scan(task.pk, scanning.Shot("?"), actor=actor)
        question = attention.Question(
            AttentionKind.CORRECTION, f"q{number}", account_id=shop.pk, order_id=task.order_id, task_id=task.pk
        )
        attention.open_one(question)
        bulk.freeze([task.pk], ActionKind.READY, actor=actor)
        calls.add(task.pk, CallOutcome.NO_ANSWER, actor=actor)
        reread.mark(shop.pk, [task.external_id])
        DeliveryServiceName.objects.get_or_create(account=shop, external_id=str(number), name="Post")
        drift.note(upstream="wildberries", place="orders", kind="field", name=f"new{number}", sample={"a": 1})
        couriers = carrier_account(title=f"Couriers {number}")
        parcel = shipments.attach(task.order_id, couriers.pk, f"A{task.pk}", actor=actor)
        ReactionRule.objects.get_or_create(carrier_account=couriers)
        Reaction.objects.create(
            shipment=parcel, task=task, status="delivered", kind=ActionKind.RECEIVE, state="suggested", mode="suggest",
            rule_version=1,
        )  # fmt: skip
        on_the_floor(task, couriers.title)


def on_the_floor(task: AssemblyTask, name: str) -> None:
    """What a picker leaves behind; ``name`` is a new one."""
    somebody = create_user(name, role=Role.WAREHOUSE, password="x", weak=True)
    item = task.items.get()
    Wave.objects.create(picker=somebody)
    Pick.objects.create(item=item, unit=1, user=somebody)
    Shortage.objects.create(item=item, reason=ShortageReason.DAMAGED, reported_by=somebody)
    Shift.objects.create(user=somebody, station="Table 1")
    Badge.objects.create(user=somebody)
    ArticleBarcode.objects.get_or_create(value=name, article=item.article)


def test_a_list_takes_the_same_statements_however_many_rows(
    shop: MarketplaceAccount, upstream: RunningSandbox, boss: User, manager: Client
) -> None:
    """All lists in one world: a world takes longer to make than its lists to read."""
    paths = [path_of(name) for name in MODELS if name not in ("backoffice.user", "backoffice.apitoken")]

    def statements() -> dict[str, list[str]]:
        found = {}
        for path in paths:
            manager.get(path)
            with counted() as taken:
                assert manager.get(path).status_code == 200, path
            found[path] = list(taken)
        return found

    world(shop, upstream, boss, 1)
    few = statements()
    world(shop, upstream, boss, 2)
    many = statements()

    assert {path: len(taken) for path, taken in many.items()} == {path: len(taken) for path, taken in few.items()}
    assert [path for path, taken in many.items() if "COUNT(*)" in " ".join(taken).upper()] == []


@pytest.mark.parametrize(("model", "statements"), [("orders.order", 7), ("orders.assemblytask", 9)])
def test_the_big_lists_take_few_statements(
    shop: MarketplaceAccount, upstream: RunningSandbox, boss: User, manager: Client, model: str, statements: int
) -> None:
    path = path_of(model)
    world(shop, upstream, boss, 3)
    manager.get(path)

    with counted() as found:
        answer = manager.get(path)

    assert len(answer.context["cl"].result_list) == 3
    assert len(found) <= statements, found


def test_every_row_opens(shop: MarketplaceAccount, upstream: RunningSandbox, chief: User, admin: Client) -> None:
    world(shop, upstream, chief, 1)
    registered = {each._meta.label_lower: each for each in django_admin.site._registry}

    for model in MODELS:
        rows = list(registered[model]._default_manager.all()[:3])
        opened = [admin.get(f"{path_of(model)}{row.pk}/change/").status_code for row in rows]
        assert (model, opened) == (model, [200] * len(rows))
        missing = admin.get(f"{path_of(model)}987654321/change/")
        assert missing.status_code == 302  # Django says that it does not exist and goes back


def test_nothing_is_changed_or_deleted_by_hand(
    shop: MarketplaceAccount, upstream: RunningSandbox, chief: User, admin: Client
) -> None:
    world(shop, upstream, chief, 1)
    task, action = AssemblyTask.objects.get(), MarketplaceAction.objects.filter(kind=ActionKind.CONFIRM).get()

    for path in (
        f"/admin/orders/order/{task.order_id}/change/",
        f"/admin/orders/marketplaceaction/{action.pk}/change/",
        f"/admin/orders/marketplaceaction/{action.pk}/delete/",
        f"/admin/orders/assemblytask/{task.pk}/delete/",
        f"/admin/orders/marketplaceaccount/{shop.pk}/delete/",
        "/admin/orders/order/add/",
        "/admin/orders/timelineentry/add/",
    ):
        assert admin.post(path, {"stage": "received", "state": "queued", "post": "yes"}).status_code == 403
    stage, state = task.stage, action.state
    task.refresh_from_db()
    action.refresh_from_db()
    assert (task.stage, action.state) == (stage, state)


def test_lists_offer_no_counts_and_roles_are_not_for_editing(db: None, admin: Client) -> None:
    page = admin.get("/admin/orders/assemblytask/?_facets=True")

    assert page.context["cl"].add_facets is False
    assert admin.get("/admin/auth/group/").status_code == 404


def test_raw_text_is_opened_on_its_own_page_and_who_looked_is_recorded(
    shop: MarketplaceAccount, upstream: RunningSandbox, boss: User, manager: Client
) -> None:
    made(upstream, comment="ring twice")
    (task,) = pulled(shop)
    assert task.raw is not None
    path = f"/admin/backoffice/rawpayload/{task.raw.pk}"

    closed = manager.get(f"{path}/change/")
    opened = manager.get(f"{path}/open/")

    assert "ring twice" not in closed.content.decode()
    assert "ring twice" in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    shown = task.order.timeline.get(kind="buyer_shown")
    assert shown.actor == boss
    assert manager.get("/admin/backoffice/rawpayload/99999/open/").status_code == 404


def test_raw_text_needs_its_permission(db: None, boss: User) -> None:
    row = payloads.keep("wildberries", 1, "order", b"secret")
    boss.groups.clear()
    picker = browser(boss)

    assert picker.get(f"/admin/backoffice/rawpayload/{row.pk}/open/").status_code == 403
    assert picker.get("/admin/backoffice/rawpayload/").status_code == 403


def test_lists_reach_back_two_thousand_rows_and_search_finds_the_rest(
    db: None, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.adminkit.REACH", 3)
    for number in range(5):
        drift.note(upstream="wildberries", place=f"place{number}", kind="field", name="x")

    page = manager.get("/admin/backoffice/upstreamdrift/")
    found = manager.get("/admin/backoffice/upstreamdrift/", {"q": "place0"})

    assert page.context["cl"].result_count == 3
    assert [row.place for row in found.context["cl"].result_list] == ["place0"]


def test_old_times_are_shown_in_the_zone_of_the_shop(db: None, manager: Client) -> None:
    row = payloads.keep("wildberries", 1, "order", b"{}")
    assert row.received_at > timezone.now() - timedelta(minutes=1)

    text = manager.get("/admin/backoffice/rawpayload/").content.decode()

    assert timezone.localtime(row.received_at).strftime("%Y") in text
