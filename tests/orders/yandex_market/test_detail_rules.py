"""When details cannot be asked, and facts that come apart: refused before a call is spent, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice.errors import Conflict, Invalid
from orders.enums import ActionKind
from orders.models import MarketplaceAccount, MarketplaceAction, Order
from orders.services import actors
from orders.services.sending import outbox
from orders.services.syncing import extras
from sandbox.server import RunningSandbox
from tests.orders.conftest import Ask

from .conftest import connected, made, pulled

LINES: list[dict[str, Any]] = [
    {"offerId": "MUG", "count": 3, "price": 599, "requiredInstanceTypes": []},
    {"offerId": "LAMP", "count": 1, "price": 1890, "requiredInstanceTypes": []},
]


def test_an_organisation_is_not_asked_about_before_the_order_is_ours(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    made(upstream, items=LINES, business=True, status="PENDING")
    pulled(shop)

    assert extras.fetch(shop) == 0

    assert (upstream.calls("/business-buyer"), upstream.calls("/documents")) == ([], [])
    assert "organisation_asked" not in Order.objects.get().data


def test_an_empty_budget_asks_for_the_rest_later(
    db: None, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told by then is kept; who was not asked about is not taken for asked."""
    shop = connected(upstream, limits={"business-buyer": {"capacity": 1, "interval": 3600}})
    made(upstream, items=LINES, business=True, count=2)
    pulled(shop)

    extras.fetch(shop)

    asked = [order.data.get("organisation_asked") for order in Order.objects.order_by("pk")]
    assert sorted(asked, key=str) == [None, True]


FITTING: dict[ActionKind, dict[str, Any]] = {
    ActionKind.SET_NUMBER: {"data": {"number": "WEB-1"}},
    ActionKind.SET_BOXES: {"data": {"boxes": [[{"item": "1", "count": 1}]]}},
    ActionKind.CHANGE_ITEMS: {"data": {"items": {"1": 1}}, "reason": "PARTNER_REQUESTED_REMOVE"},
    ActionKind.SEND_TRACK: {"data": {"track": "RA1", "service": "99"}},
    ActionKind.GIVE_DIGITAL: {"data": {"slip": "x", "until": "2099-01-01"}, "code": '{"1": ["AAAA"]}'},
}


@pytest.mark.parametrize("kind", [ActionKind.SET_NUMBER, ActionKind.SET_BOXES, ActionKind.CHANGE_ITEMS])
def test_too_late_for_a_packed_order(db: None, upstream: RunningSandbox, ask: Ask, kind: ActionKind) -> None:
    """Contract 2.2 and 2.8: before READY_TO_SHIP only."""
    shop = connected(upstream)
    made(upstream, items=LINES, substatus="READY_TO_SHIP")
    (task,) = pulled(shop)

    with pytest.raises(Conflict) as refused:
        ask(task, kind, **FITTING[kind])

    assert refused.value.code == "too_late"
    assert not MarketplaceAction.objects.exists()


@pytest.mark.parametrize(
    ("digital", "kind"), [(False, ActionKind.GIVE_DIGITAL), (True, ActionKind.SEND_TRACK), (True, ActionKind.SET_BOXES)]
)
def test_keys_are_sent_and_parcels_travel(
    db: None, upstream: RunningSandbox, ask: Ask, digital: bool, kind: ActionKind
) -> None:
    shop = connected(upstream)
    made(upstream, items=LINES, type="DIGITAL" if digital else "DELIVERY", digital=digital)
    (task,) = pulled(shop)

    with pytest.raises(Conflict) as refused:
        ask(task, kind, **FITTING[kind])

    assert refused.value.code == "delivery_type"
    assert not MarketplaceAction.objects.exists()


@pytest.mark.parametrize("code", ["{}", "[]", "keys", '{"1": "AAAA"}'])
def test_bad_keys_are_refused(db: None, upstream: RunningSandbox, ask: Ask, code: str) -> None:
    shop = connected(upstream)
    made(upstream, items=LINES, type="DIGITAL", digital=True)
    (task,) = pulled(shop)

    with pytest.raises(Invalid):
        ask(task, ActionKind.GIVE_DIGITAL, code=code, data={"slip": "x", "until": "2099-01-01"})

    assert not MarketplaceAction.objects.exists()


def test_the_same_question_with_another_content_is_refused(
    db: None, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    shop = connected(upstream)
    made(upstream, items=LINES)
    (task,) = pulled(shop)
    first = outbox.request(task.pk, outbox.Wish(ActionKind.SET_NUMBER, data={"number": "WEB-1"}), actor=staff)

    with pytest.raises(Conflict) as refused:
        outbox.request(task.pk, outbox.Wish(ActionKind.SET_NUMBER, data={"number": "WEB-2"}), actor=staff)

    assert refused.value.code == "already_queued"
    assert MarketplaceAction.objects.get().pk == first.pk
    assert MarketplaceAction.objects.get().payload["data"] == {"number": "WEB-1"}
