"""Details of a Yandex Market order: date, storage, track, our number, boxes, items taken out, digital keys."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.errors import Conflict, Invalid
from orders.enums import ActionKind, ActionState, CodeState, EntryKind, Stage
from orders.marketplaces import facts
from orders.models import (
    AssemblyTask,
    Buyer,
    DeliveryServiceName,
    MarketplaceAccount,
    MarketplaceAction,
    MarkingCode,
    Order,
    TimelineEntry,
)
from orders.services import actors, buyers
from orders.services.sending import outbox
from orders.services.shipping import tracks
from orders.services.syncing import extras, reread, sync
from orders.services.warehouse import marking
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask, work

from .conftest import connected, made, pulled

LINES: list[dict[str, Any]] = [
    {"offerId": "MUG", "count": 3, "price": 599, "requiredInstanceTypes": []},
    {"offerId": "LAMP", "count": 1, "price": 1890, "requiredInstanceTypes": []},
]
DAY = timedelta(days=1)


def known(task: AssemblyTask) -> facts.OrderFacts:
    return facts.of_order(Order.objects.get(pk=task.order_id).data)


def by_article(task: AssemblyTask) -> dict[str, str]:
    return dict(task.items.values_list("article", "external_id"))


def day(days: int) -> str:
    return (timezone.localdate() + days * DAY).isoformat()


def test_the_delivery_is_moved(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, items=LINES, type="DELIVERY")
    (task,) = pulled(shop)

    action = ask(task, ActionKind.MOVE_DATE, data={"date": day(5)}, reason="USER_MOVED_DELIVERY_DATES")
    reread.run(shop)

    task.refresh_from_db()
    assert action.state == ActionState.SUCCEEDED, action.error_detail
    assert known(task).delivery.dates.last == day(5)
    window_to = Order.objects.get(pk=task.order_id).window_to
    assert window_to is not None
    assert timezone.localdate(window_to).isoformat() == day(5)
    assert TimelineEntry.objects.filter(kind=EntryKind.ORDER_CHANGED).count() == 1


@pytest.mark.parametrize(
    ("kind", "wish"),
    [
        (ActionKind.MOVE_DATE, {"data": {"date": "yesterday"}, "reason": "USER_MOVED_DELIVERY_DATES"}),
        (ActionKind.MOVE_DATE, {"data": {"date": "2020-01-01"}, "reason": "USER_MOVED_DELIVERY_DATES"}),
        (ActionKind.MOVE_DATE, {"data": {"date": "2099-01-01"}}),
        (ActionKind.MOVE_DATE, {"data": {}, "reason": "USER_MOVED_DELIVERY_DATES"}),
        (ActionKind.SEND_TRACK, {"data": {"track": "", "service": "99"}}),
        (ActionKind.SEND_TRACK, {"data": {"track": "RA1", "service": "post"}}),
        (ActionKind.SEND_TRACK, {"data": {}}),
        (ActionKind.SET_NUMBER, {"data": {"number": "заказ"}}),
        (ActionKind.SET_NUMBER, {"data": {"number": " "}}),
        (ActionKind.SET_BOXES, {"data": {"boxes": []}}),
        (ActionKind.SET_BOXES, {"data": {"boxes": [[]]}}),
        (ActionKind.SET_BOXES, {"data": {"boxes": [[{"item": "1", "count": 1}]]}}),
        (ActionKind.CHANGE_ITEMS, {"data": {"items": {}}, "reason": "PARTNER_REQUESTED_REMOVE"}),
        (ActionKind.CHANGE_ITEMS, {"data": {"items": {"1": 1}}, "reason": "PARTNER_REQUESTED_REMOVE"}),
        (ActionKind.CHANGE_ITEMS, {"data": {"items": "all"}, "reason": "PARTNER_REQUESTED_REMOVE"}),
        (ActionKind.MOVE_DATE, {"data": {"date": "2099-01-01", "phone": "1"}, "reason": "USER_MOVED_DELIVERY_DATES"}),
        (ActionKind.SEND_TRACK, {"data": {"track": ["RA1"], "service": "99"}}),
        (ActionKind.SEND_TRACK, {"data": {"track": "RA1\u0000", "service": "99"}}),
        (ActionKind.SET_NUMBER, {"data": {"number": {"a": 1}}}),
        (ActionKind.SET_BOXES, {"data": {"boxes": [[{"item": "1", "count": 10**30}]]}}),
        (ActionKind.CHANGE_ITEMS, {"data": {"items": {"1": -1}}, "reason": "PARTNER_REQUESTED_REMOVE"}),
    ],
)
def test_nonsense_is_refused_and_nothing_is_asked(
    db: None, upstream: RunningSandbox, ask: Ask, kind: ActionKind, wish: dict[str, Any]
) -> None:
    shop = connected(upstream)
    made(upstream, items=LINES)
    (task,) = pulled(shop)

    with pytest.raises(Invalid):
        ask(task, kind, **wish)

    assert not MarketplaceAction.objects.exists()


def test_the_same_day_is_said_before_a_call_is_spent(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    made(upstream, items=LINES)
    (task,) = pulled(shop)
    same = known(task).delivery.dates.last

    with pytest.raises(Invalid, match="date"):
        ask(task, ActionKind.MOVE_DATE, data={"date": same}, reason="PARTNER_MOVED_DELIVERY_DATES")

    assert not MarketplaceAction.objects.exists()


def test_the_storage_is_extended_once(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, items=LINES, type="PICKUP", status="PICKUP")
    (task,) = pulled(shop)
    until = known(task).delivery.storage_until
    later = (date.fromisoformat(until) + 10 * DAY).isoformat()
    latest = (date.fromisoformat(until) + 31 * DAY).isoformat()

    with pytest.raises(Invalid):
        ask(task, ActionKind.EXTEND_STORAGE, data={"date": latest})
    first = ask(task, ActionKind.EXTEND_STORAGE, data={"date": later})
    reread.run(shop)
    with pytest.raises(Conflict, match="done_once"):
        ask(task, ActionKind.EXTEND_STORAGE, data={"date": latest})

    assert first.state == ActionState.SUCCEEDED, first.error_detail
    assert known(task).delivery.storage_until == later
    assert MarketplaceAction.objects.count() == 1


def test_a_track_number_and_its_service(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, items=LINES)
    (task,) = pulled(shop)
    assert tracks.refresh(shop) > 0
    assert tracks.refresh(MarketplaceAccount.objects.get(pk=shop.pk)) == 0  # kept for a day
    service = DeliveryServiceName.objects.first()
    assert service is not None
    assert (service.external_id, service.name) in tracks.choices(shop.pk)

    ask(task, ActionKind.SEND_TRACK, data={"track": "80123456789012", "service": service.external_id})
    reread.run(shop)

    assert [(each.code, each.service) for each in known(task).delivery.tracks] == [
        ("80123456789012", service.external_id)
    ]


def test_our_own_number_once(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    made(upstream, items=LINES)
    (task,) = pulled(shop)

    ask(task, ActionKind.SET_NUMBER, data={"number": "WEB-10023"})
    reread.run(shop)
    with pytest.raises((Conflict, Invalid), match="done_once"):
        ask(task, ActionKind.SET_NUMBER, data={"number": "WEB-2"})

    assert known(task).own_number == "WEB-10023"


def test_boxes(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> None:
    (number,) = made(upstream, items=LINES)
    (task,) = pulled(shop)
    items = by_article(task)
    boxes = [
        [{"item": items["MUG"], "count": 2}],
        [{"item": items["MUG"], "count": 1}, {"item": items["LAMP"], "count": 1}],
    ]

    action = ask(task, ActionKind.SET_BOXES, data={"boxes": boxes})

    assert action.state == ActionState.SUCCEEDED, action.error_detail
    assert len(upstream.ym.order(int(number))["boxes"]) == 2


def test_items_are_taken_out(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor) -> None:
    cis = [f"0104600439931256215RJZx80hlqAq{n}\x1d93Zjqw" for n in range(3)]
    (number,) = made(upstream, items=[{**LINES[0], "requiredInstanceTypes": ["CIS"]}, LINES[1]])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    for code in cis:
        marking.add_code(task.pk, marking.Entry(code), actor=staff)
    items = by_article(task)

    action = ask(
        task,
        ActionKind.CHANGE_ITEMS,
        reason="PARTNER_REQUESTED_REMOVE",
        data={"items": {items["MUG"]: 2, items["LAMP"]: 1}},
    )
    reread.run(shop)

    assert action.state == ActionState.SUCCEEDED, action.error_detail
    assert dict(task.items.values_list("article", "quantity")) == {"MUG": 2, "LAMP": 1}
    assert {item["offerId"]: item["count"] for item in upstream.ym.order(int(number))["items"]} == {"MUG": 2, "LAMP": 1}
    freed = MarkingCode.objects.filter(state=CodeState.RELEASED)
    assert [code.unit for code in freed] == [3]


SOFA = {"offerId": "SOFA", "count": 1, "price": 990000, "requiredInstanceTypes": []}
IN_PROMOTION = {**LINES[0], "promos": [{"type": "DIRECT_DISCOUNT", "subsidy": 10}]}


@pytest.mark.parametrize(
    ("lines", "left", "text"),
    [
        (LINES, {"MUG": 4, "LAMP": 1}, "Items can only get fewer."),
        (LINES, {"MUG": 0}, "Nothing would be left of the order: cancel it instead."),
        (
            [LINES[0], SOFA],
            {"MUG": 3},
            "That is 99 per cent or more of the order's value: cancel the order instead.",
        ),
        ([IN_PROMOTION, LINES[1]], {"MUG": 1, "LAMP": 1}, "An item of a promotion cannot be taken out."),
    ],
)
def test_what_the_market_would_refuse(
    db: None, upstream: RunningSandbox, ask: Ask, lines: list[dict[str, Any]], left: dict[str, int], text: str
) -> None:
    shop = connected(upstream, dialect="v2")
    made(upstream, items=lines)
    (task,) = pulled(shop)
    items = by_article(task)

    with pytest.raises(Invalid) as caught:
        ask(
            task,
            ActionKind.CHANGE_ITEMS,
            reason="PARTNER_REQUESTED_REMOVE",
            data={"items": {items[article]: count for article, count in left.items()}},
        )

    assert str(caught.value.message) == text
    assert not MarketplaceAction.objects.exists()


def test_digital_keys_are_kept_sealed_until_they_are_sent(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    (number,) = made(upstream, digital=True, items=[{"offerId": "GAME", "count": 2, "price": 1500}])
    (task,) = pulled(shop)
    (item,) = by_article(task).values()
    keys = json.dumps({item: ["AAAA-1111", "BBBB-2222"]})
    upstream.fault("503", "deliverDigitalGoods", work=False)

    action = ask(task, ActionKind.GIVE_DIGITAL, code=keys, data={"slip": "<p>How to</p>", "until": day(90)})
    assert action.state != ActionState.SUCCEEDED
    assert "AAAA" not in json.dumps(action.payload)
    assert buyers.codes_for([(task.order_id, action.pk)]) == {action.pk: keys}
    MarketplaceAction.objects.update(not_before=timezone.now())
    work(shop)
    action.refresh_from_db()
    assert action.state == ActionState.FAILED  # nobody can tell whether the keys have arrived: a person decides
    outbox.send_again(action.pk, actor=staff)
    work(shop)
    upstream.advance(60)
    AssemblyTask.objects.update(sweep_at=timezone.now())
    sync.sweep(shop)

    action.refresh_from_db()
    task.refresh_from_db()
    assert (action.state, task.stage) == (ActionState.SUCCEEDED, Stage.RECEIVED)
    assert Buyer.objects.get(order_id=task.order_id).codes is None
    assert upstream.ym.place(int(number)).startswith("DELIVERED")
    texts = json.dumps(list(TimelineEntry.objects.values_list("data", flat=True)))
    assert "AAAA" not in texts


def test_a_lost_answer_of_something_that_works_once(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask
) -> None:
    made(upstream, items=LINES)
    (task,) = pulled(shop)
    upstream.fault("lost_answer", "external-id")
    action = ask(task, ActionKind.SET_NUMBER, data={"number": "WEB-1"})
    assert action.state == ActionState.UNCERTAIN
    MarketplaceAction.objects.update(not_before=timezone.now())

    work(shop)

    action.refresh_from_db()
    assert action.state == ActionState.SUCCEEDED
    assert len(upstream.calls("external-id")) == 1


def test_a_detail_waits_for_nobodys_step_and_keeps_its_turn(
    shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, staff: actors.Actor
) -> None:
    made(upstream, items=LINES)
    (task,) = pulled(shop)
    outbox.request(task.pk, outbox.Wish(ActionKind.SET_NUMBER, data={"number": "WEB-1"}), actor=staff)
    outbox.request(task.pk, outbox.Wish(ActionKind.DELIVER), actor=staff)

    work(shop)

    assert set(MarketplaceAction.objects.values_list("state", flat=True)) == {ActionState.SUCCEEDED}
    order = [
        call["path"].rsplit("/", 1)[-1] for call in upstream.calls("/orders/") if call["method"] in ("POST", "PUT")
    ]
    assert order[-2:] == ["external-id", "status-update"]


def test_the_buyer_of_an_order(db: None, upstream: RunningSandbox) -> None:
    shop = connected(upstream)
    made(upstream, items=LINES, trusted=True)
    (task,) = pulled(shop)

    assert sync.fetch_buyers(shop) == 1

    buyer = Buyer.objects.get(order_id=task.order_id)
    assert buyer.name["do_not_call"] is True
    assert buyer.phones[0]["number"].startswith("+7")
    task.refresh_from_db()
    assert task.buyer_due_at is None


def test_the_organisation_and_documents_of_a_business_order(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, items=LINES, business=True)
    (task,) = pulled(shop)

    assert extras.fetch(shop) >= 1

    order = Order.objects.get(pk=task.order_id)
    assert order.is_business
    assert set(order.buyer.organisation) >= {"inn", "name"}
    assert {row["kind"] for row in order.data["documents"]["rows"]}
    before = len(upstream.calls("/documents"))
    extras.fetch(shop)
    assert len(upstream.calls("/documents")) == before  # asked again in an hour, not now
