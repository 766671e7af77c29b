"""Every field of a raw order, and an order that is looked for at its marketplace."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import RawPayload
from orders.enums import EntryKind
from orders.models import AssemblyTask, MarketplaceAccount, Order, TimelineEntry
from orders.services import accounts, actors
from sandbox.server import RunningSandbox
from tests.orders.conftest import SELLER
from tests.orders.statements import counted

from .conftest import MUG, TRAIN, Task, text_of
from .conftest import Order as Made

STREET = {"delivery": {"courier": {"address": {"city": "Тверь", "street": "Трёхсвятская улица", "house": "12"}}}}


def path(task: AssemblyTask) -> str:
    return f"/orders/{task.order_id}/fields/"


def test_all_fields_are_there_with_their_meaning(order_at: Made, web: Client) -> None:
    task = order_at(items=[MUG, TRAIN], payment="CASH_ON_DELIVERY")
    words = text_of(web.get(path(task)))

    assert f'href="{path(task)}"' in web.get(f"/orders/{task.order_id}/").content.decode()
    assert f"orderId {task.external_id}" in words
    assert "paymentMethod CASH_ON_DELIVERY In cash on receipt" in words
    assert "items[1].offerId TOY-TRAIN" in words


def test_personal_fields_are_masked_until_asked_for_and_who_looked_is_recorded(order_at: Made, web: Client) -> None:
    task = order_at(fields={"v1": STREET})
    masked = text_of(web.get(path(task)))
    assert "delivery.courier.address.street •••" in masked
    assert "delivery.courier.address.city Тверь" in masked
    assert "Трёхсвятская" not in masked
    assert TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN).count() == 0

    shown = web.post(path(task))
    assert "delivery.courier.address.street Трёхсвятская улица" in text_of(shown)
    assert shown["Cache-Control"] == "private, no-store"
    assert TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN, order=task.order).count() == 1
    assert "Трёхсвятская" not in web.get(path(task)).content.decode()


def test_who_may_not_see_buyers_is_not_shown_them(order_at: Made, onlooker: Client) -> None:
    task = order_at(fields={"v1": STREET})

    assert "Show personal data" not in text_of(onlooker.get(path(task)))
    assert onlooker.post(path(task)).status_code == 403
    assert TimelineEntry.objects.filter(kind=EntryKind.BUYER_SHOWN).count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_fields_take_five_statements_however_many(order_at: Made, web: Client, count: int) -> None:
    task = order_at(items=[{**TRAIN, "offerId": f"TRAIN-{n}"} for n in range(count)])
    web.get("/tasks/")

    with counted() as statements:
        web.get(path(task))

    assert len(statements) == 5, statements


def test_what_is_not_kept_or_cannot_be_read_is_said(order_at: Made, web: Client) -> None:
    task, other = order_at(), order_at()
    AssemblyTask.objects.filter(pk=task.pk).update(raw=None)
    RawPayload.objects.filter(pk=other.raw_id or 0).update(body=b"rubbish")

    assert "It is not kept any more" in text_of(web.get(path(task)))
    assert "It cannot be read here" in text_of(web.get(path(other)))
    assert web.get("/orders/999/fields/").status_code == 404


def test_an_order_of_another_marketplace_has_its_fields_too(task_at: Task, web: Client) -> None:
    task = task_at(article="boots-42")

    assert "article boots-42" in text_of(web.get(path(task)))


# Looking for an order that has not come in --------------------------------------------------------------------------
@pytest.fixture
def hidden_order(market: MarketplaceAccount, shop: MarketplaceAccount, upstream: RunningSandbox) -> str:
    """An order at the market that nobody has fetched."""
    return str(upstream.ym.make(SELLER, items=[TRAIN], type="DELIVERY")[0])


def test_a_number_that_is_not_here_is_looked_for_and_opened(
    hidden_order: str, market: MarketplaceAccount, web: Client
) -> None:
    nothing = web.post("/scan/", {"seek": hidden_order})
    assert "Look for it at Market shop" in text_of(nothing)
    assert "Look for it at Shop" not in text_of(nothing)
    for _twice in range(2):
        found = web.post("/scan/find/", {"account": market.pk, "number": hidden_order})
        assert found["Location"] == f"/orders/{Order.objects.get().pk}/"
    assert Order.objects.get().external_id == hidden_order


@pytest.mark.parametrize("text", ["петров", "boots-42", "9" * 21, "12 34"])
def test_what_is_no_number_is_not_looked_for(market: MarketplaceAccount, web: Client, text: str) -> None:
    assert "Look for it at" not in text_of(web.post("/scan/", {"seek": text}))


def test_a_number_the_marketplace_does_not_know_is_said(market: MarketplaceAccount, web: Client) -> None:
    answer = web.post("/scan/find/", {"account": market.pk, "number": "404"})

    assert answer.status_code == 409
    assert "The marketplace has no such order in this shop." in text_of(answer)
    assert Order.objects.count() == 0


def test_a_marketplace_that_cannot_be_asked_says_so(
    shop: MarketplaceAccount, market: MarketplaceAccount, upstream: RunningSandbox, web: Client
) -> None:
    answer = web.post("/scan/find/", {"account": shop.pk, "number": "1"})
    assert answer.status_code == 409
    assert "cannot be asked for an order by its number" in text_of(answer)

    accounts.pause(market, reason="401", actor=actors.SYSTEM)
    assert "Look for it at" not in text_of(web.post("/scan/", {"seek": "123"}))
    assert web.post("/scan/find/", {"account": 999, "number": "1"}).status_code == 404
    assert web.post("/scan/find/", {"account": market.pk, "number": ""}).status_code == 404
    assert Order.objects.count() == 0


def test_a_marketplace_that_does_not_answer_is_said(
    market: MarketplaceAccount, upstream: RunningSandbox, web: Client
) -> None:
    upstream.stop()
    answer = web.post("/scan/find/", {"account": market.pk, "number": "123"})

    assert answer.status_code in (409, 502)
    assert "Nothing was changed." in text_of(answer)
    assert Order.objects.count() == 0


def test_only_who_may_act_looks_at_the_marketplace(
    hidden_order: str, market: MarketplaceAccount, onlooker: Client
) -> None:
    assert "Look for it at" not in text_of(onlooker.post("/scan/", {"seek": hidden_order}))
    assert onlooker.post("/scan/find/", {"account": market.pk, "number": hidden_order}).status_code == 403
    assert Order.objects.count() == 0
