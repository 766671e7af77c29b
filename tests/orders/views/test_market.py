"""The page of a task of Yandex Market: a wish to cancel, cancelling with a reason, ways, codes of several units, facts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.enums import ActionKind, ActionState, AttentionKind, EntryKind, Stage
from orders.models import (
    AssemblyTask,
    Attention,
    BuyerCall,
    MarketplaceAccount,
    MarketplaceAction,
    MarkingCode,
    TimelineEntry,
)
from orders.services.syncing import extras, sync
from sandbox.server import RunningSandbox
from tests.orders.conftest import work
from tests.orders.scans import GTD, SHORT
from tests.orders.statements import counted

from .conftest import HTMX, MONITOR, MUG, TRAIN, Order, hidden, text_of

BOTH = pytest.mark.parametrize("headers", [{}, HTMX])


def nothing_asked(task: AssemblyTask) -> None:
    assert MarketplaceAction.objects.filter(task=task).count() == 0
    assert TimelineEntry.objects.filter(task=task, kind=EntryKind.ACTION_REQUESTED).count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_eleven_statements_however_many_items_and_calls(
    order_at: Order, web: Client, count: int
) -> None:
    """One of them is the last scan: a new task is begun by a scan."""
    items = [{**TRAIN, "offerId": f"TRAIN-{n}"} for n in range(count)]
    task = order_at(items=items)
    now = timezone.now()
    BuyerCall.objects.bulk_create(BuyerCall(task=task, at=now, outcome="no_answer", nonce=str(n)) for n in range(count))
    web.get("/tasks/")

    with counted() as statements:
        page = web.get(f"/tasks/{task.pk}/")

    assert page.content.decode().count('class="card-b goods"') == count
    assert len(statements) == 11, statements


@pytest.mark.parametrize("count", [1, 3])
def test_the_order_takes_ten_statements_however_many_items(order_at: Order, web: Client, count: int) -> None:
    task = order_at(items=[{**TRAIN, "offerId": f"TRAIN-{n}"} for n in range(count)])
    web.get("/tasks/")

    with counted() as statements:
        web.get(f"/orders/{task.order_id}/")

    assert len(statements) == 10, statements


# A buyer who wants to cancel ----------------------------------------------------------------------------------------
@pytest.fixture
def wanted(order_at: Order) -> AssemblyTask:
    return order_at(status="DELIVERY", cancel_requested=True)


def test_a_wish_to_cancel_is_first_with_its_clock(wanted: AssemblyTask, web: Client) -> None:
    page = web.get(f"/tasks/{wanted.pk}/").content.decode()
    words = text_of(web.get(f"/tasks/{wanted.pk}/"))

    assert "The buyer wants to cancel Answer within 47 h, else the order is cancelled by itself." in words
    assert page.index("The buyer wants to cancel") < page.index('class="card-b goods"') < page.index('id="acts"')
    assert 'class="btn btn-primary"' not in page.split('id="acts"')[1].split("</section>")[0]
    assert "The buyer wants to cancel: answer within 47 h" in text_of(web.get("/attention/"))
    assert Attention.objects.get().kind == AttentionKind.CANCEL_REQUESTED
    assert "wants to cancel" in text_of(web.get("/tasks/?tab=delivering"))


def test_a_wish_whose_time_is_over_says_so(wanted: AssemblyTask, web: Client) -> None:
    past = timezone.now() - timedelta(hours=50)
    AssemblyTask.objects.filter(pk=wanted.pk).update(cancel_requested_at=past)

    assert "Answer now: the time is over, else" in text_of(web.get(f"/tasks/{wanted.pk}/"))


@BOTH
def test_the_cancellation_is_accepted_after_a_question(
    wanted: AssemblyTask, web: Client, upstream: RunningSandbox, headers: dict[str, str]
) -> None:
    question = web.get(f"/tasks/{wanted.pk}/ask/accept_cancel/", headers=headers)
    assert "This cannot be taken back." in text_of(question)
    form = {name: hidden(question, name) for name in ("kind", "seen", "nonce")}
    for _twice in range(2):
        answer = web.post(f"/tasks/{wanted.pk}/act/", form, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    work(wanted.account)

    assert MarketplaceAction.objects.get(task=wanted).state == ActionState.SUCCEEDED
    assert upstream.ym.order(int(wanted.external_id))["place"].startswith("CANCELLED/")


@BOTH
def test_the_cancellation_is_refused_with_a_reason_only(
    wanted: AssemblyTask, web: Client, headers: dict[str, str]
) -> None:
    question = web.get(f"/tasks/{wanted.pk}/ask/refuse_cancel/", headers=headers)
    assert "The order is on its way already" in text_of(question)
    form = {name: hidden(question, name) for name in ("kind", "seen", "nonce")}
    without = web.post(f"/tasks/{wanted.pk}/act/", form, headers=headers)
    assert without.status_code == 422
    assert "Choose a reason." in text_of(without)
    assert ('id="question"' in without.content.decode()) is bool(headers)
    nothing_asked(wanted)

    web.post(f"/tasks/{wanted.pk}/act/", {**form, "reason": "ORDER_IN_DELIVERY"}, headers=headers)
    work(wanted.account)
    action = MarketplaceAction.objects.get(task=wanted)
    assert (action.state, action.payload) == (ActionState.SUCCEEDED, {"reason": "ORDER_IN_DELIVERY"})
    words = text_of(web.get(f"/tasks/{wanted.pk}/"))
    assert "Asked: Refuse the buyer's cancellation The order is on its way already" in words


def test_nobody_is_answered_who_did_not_ask(order_at: Order, web: Client) -> None:
    task = order_at(status="DELIVERY")
    answer = web.post(f"/tasks/{task.pk}/act/", {"kind": "accept_cancel", "seen": "delivering"})

    assert answer.status_code == 409
    assert "The buyer has not asked to cancel." in text_of(answer)
    nothing_asked(task)


def test_an_onlooker_sees_the_wish_without_its_buttons(wanted: AssemblyTask, onlooker: Client) -> None:
    words = text_of(onlooker.get(f"/tasks/{wanted.pk}/"))

    assert "The buyer wants to cancel" in words
    assert "Refuse…" not in words
    assert onlooker.get(f"/tasks/{wanted.pk}/ask/accept_cancel/").status_code == 403
    assert onlooker.post(f"/tasks/{wanted.pk}/act/", {"kind": "accept_cancel"}).status_code == 403
    nothing_asked(wanted)


# Cancelling ---------------------------------------------------------------------------------------------------------
def test_reasons_are_chosen_by_their_names_and_one_says_what_it_lacks(order_at: Order, web: Client) -> None:
    task = order_at()
    page = web.get(f"/tasks/{task.pk}/ask/cancel/")
    off = re.search(r'<input[^>]*value="USER_UNREACHABLE"[^>]*>', page.content.decode())

    assert "The shop cannot fulfil the order" in text_of(page)
    assert "The buyer could not be reached 3 more calls are needed." in text_of(page)
    assert off
    assert "disabled" in off.group()
    assert "PICKUP_EXPIRED" not in page.content.decode()


@BOTH
@pytest.mark.parametrize(
    ("reason", "said", "status"),
    [
        ("", "Choose a reason.", 422),
        ("PICKUP_EXPIRED", "This reason is not allowed now.", 422),
        ("USER_UNREACHABLE", "3 more calls are needed.", 409),
    ],
)
def test_a_wrong_reason_is_said_in_the_question(
    order_at: Order, web: Client, headers: dict[str, str], reason: str, said: str, status: int
) -> None:
    task = order_at()
    form = {"kind": "cancel", "seen": "new", "reason": reason}
    answer = web.post(f"/tasks/{task.pk}/act/", form, headers=headers)

    assert answer.status_code == status
    assert said in text_of(answer)
    assert 'class="invalid-feedback d-block"' in answer.content.decode()
    nothing_asked(task)


def test_an_order_is_cancelled_with_a_reason(order_at: Order, web: Client, upstream: RunningSandbox) -> None:
    task = order_at()
    web.post(f"/tasks/{task.pk}/act/", {"kind": "cancel", "seen": "new", "reason": "SHOP_FAILED"})
    work(task.account)
    task.refresh_from_db()

    assert task.stage == Stage.CANCELLED
    assert upstream.ym.place(int(task.external_id)) == "CANCELLED/SHOP_FAILED"


# Steps --------------------------------------------------------------------------------------------------------------
def test_assembling_is_started_here_without_the_marketplace(order_at: Order, web: Client) -> None:
    task = order_at()
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    assert '<button class="btn btn-primary">Start assembling</button>' in page
    assert f'id="go-{task.pk}">Start</button>' in web.get("/tasks/").content.decode()
    answer = web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"}, follow=True)
    task.refresh_from_db()

    assert task.stage == Stage.ASSEMBLING
    assert "You can start assembling." in text_of(answer)


def test_a_step_that_takes_others_with_it_is_under_more_and_says_so(
    order_at: Order, web: Client, upstream: RunningSandbox
) -> None:
    task = order_at()
    usual, seldom = web.get(f"/tasks/{task.pk}/").content.decode().split('<details class="seldom"><summary>More')
    assert "Received by the buyer</a>" not in usual
    assert "Received by the buyer</a>" in seldom
    assert "Sent first: “Hand over for delivery”" in text_of(web.get(f"/tasks/{task.pk}/"))
    question = web.get(f"/tasks/{task.pk}/ask/receive/")
    assert "Sent first: “Hand over for delivery”." in text_of(question)

    form = {name: hidden(question, name) for name in ("kind", "seen", "nonce")}
    web.post(f"/tasks/{task.pk}/act/", form)
    work(task.account)
    work(task.account)
    assert list(MarketplaceAction.objects.filter(task=task).order_by("pk").values_list("kind", "state")) == [
        (ActionKind.DELIVER, ActionState.SUCCEEDED),
        (ActionKind.RECEIVE, ActionState.SUCCEEDED),
    ]
    assert upstream.ym.place(int(task.external_id)).startswith("DELIVERED/")


def test_a_parcel_to_a_door_is_received_and_does_not_arrive(order_at: Order, web: Client) -> None:
    door, point = order_at(status="DELIVERY"), order_at(status="DELIVERY", type="PICKUP")

    for task, first, way in ((door, "receive", "Received"), (point, "arrive", "At pick-up point")):
        page = web.get(f"/tasks/{task.pk}/").content.decode()
        acts = page.split('id="acts"')[1].split("</section>")[0]
        assert acts.index("btn-primary") < acts.index("btn-outline-danger")
        assert first in acts.split("btn-primary")[1] or first in acts.split("btn-primary")[0]
        assert way in text_of(web.get(f"/tasks/{task.pk}/"))


def test_a_delivery_of_another_day_is_told_with_its_day(order_at: Order, web: Client) -> None:
    task = order_at(status="DELIVERY")
    question = web.get(f"/tasks/{task.pk}/ask/receive/")
    today = timezone.localdate().isoformat()
    assert f'type="date" name="date" min="{today}" max="{today}"' in question.content.decode()

    form = {"kind": "receive", "seen": "delivering", "date": "2199-01-01"}
    wrong = web.post(f"/tasks/{task.pk}/act/", form)
    assert wrong.status_code == 422
    assert "The day lies between the order and today." in text_of(wrong)
    nothing_asked(task)

    web.post(f"/tasks/{task.pk}/act/", {**form, "date": today})
    work(task.account)
    task.refresh_from_db()
    assert MarketplaceAction.objects.get(task=task).payload == {"date": today}
    assert task.stage == Stage.RECEIVED


# Codes --------------------------------------------------------------------------------------------------------------
def test_every_unit_has_its_line_and_each_item_its_kinds(order_at: Order, web: Client) -> None:
    task = order_at(items=[MUG, MONITOR, TRAIN])
    web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"})
    mug, monitor = task.items.get(article="MUG-1"), task.items.get(article="MONITOR-27")
    web.post(f"/tasks/{task.pk}/scan/", {"raw": SHORT, "item": mug.pk, "kind": "sgtin"})
    page = web.get(f"/tasks/{task.pk}/")

    assert page.content.decode().count('<div class="unit ') == 5
    assert page.content.decode().count('<div class="unit done"') == 1
    assert page.content.decode().count('<div class="unit next"') == 1
    assert "Кружка MUG-1 · 3 pcs KIZ 1/3" in text_of(page)
    assert "Монитор MONITOR-27 · 2 pcs GTD 0/2" in text_of(page)
    assert "Takes no marking codes." in text_of(page)
    only = web.get(f"/tasks/{task.pk}/enter/?item={monitor.pk}").content.decode()
    assert 'type="hidden" name="kind" value="gtd"' in only
    assert "E.g. RU for Russia." in only
    assert "Country of origin" not in web.get(f"/tasks/{task.pk}/enter/?item={mug.pk}").content.decode()
    assert "TOY-TRAIN" not in web.get(f"/tasks/{task.pk}/enter/").content.decode()


def test_a_declaration_goes_with_its_country(order_at: Order, web: Client) -> None:
    task = order_at(items=[MONITOR])
    web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"})
    item = task.items.get()
    refused = web.post(f"/tasks/{task.pk}/scan/", {"raw": GTD, "item": item.pk, "kind": "gtd"}, headers=HTMX)
    assert "Enter the country of origin with this code, e.g. RU for Russia." in text_of(refused)
    assert MarkingCode.objects.count() == 0

    web.post(f"/tasks/{task.pk}/scan/", {"raw": GTD, "item": item.pk, "kind": "gtd", "country": "cn"})
    assert MarkingCode.objects.get().country == "CN"
    assert "customs declaration · CN · waiting to be sent" in text_of(web.get(f"/tasks/{task.pk}/"))


def test_what_the_marketplace_keeps_of_a_code_stands_in_its_title(order_at: Order, web: Client) -> None:
    task = order_at(items=[{**MUG, "count": 1}])
    web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"})
    web.post(f"/tasks/{task.pk}/scan/", {"raw": SHORT, "kind": "sgtin"})
    work(task.account)

    assert 'title="As the marketplace keeps it: cis: ' in web.get(f"/tasks/{task.pk}/").content.decode()


# Facts --------------------------------------------------------------------------------------------------------------
def test_delivery_and_payment_are_told_in_words(market: MarketplaceAccount, order_at: Order, web: Client) -> None:
    market.dialect = "v2"  # promotions are told in this model only
    market.save()
    promo = {"type": "MARKET_PROMOCODE", "discount": 100, "subsidy": 100, "marketPromoId": "L1"}
    task = order_at(items=[{**TRAIN, "count": 2, "promos": [promo]}], payment="CASH_ON_DELIVERY", fake=True)
    for address in (f"/tasks/{task.pk}/", f"/orders/{task.order_id}/"):
        words = text_of(web.get(address))
        for said in (
            "Way By courier",
            "Region Екатеринбург, Свердловская область",
            "Payment Paid on receipt · In cash on receipt",
            "Buyer pays in all",
            "3,490.00 ₽ each",
            "Promo code of the shop discount 100.00 ₽ · of it the marketplace pays 100.00 ₽",
            "test",
        ):
            assert said in words, said


def test_a_courier_and_codes_are_masked_until_asked_for(order_at: Order, web: Client, upstream: RunningSandbox) -> None:
    task = order_at(courier=True)
    told = upstream.ym.order(int(task.external_id))["courier"]
    masked = web.get(f"/tasks/{task.pk}/").content.decode()
    shown = text_of(web.post(f"/tasks/{task.pk}/buyer/", headers=HTMX))

    assert "The courier tells the seller the code" in masked
    assert told["phone"] not in masked
    assert told["fullName"] not in masked
    assert told["phone"] in shown
    assert told["fullName"] in shown
    assert told["vehicleNumber"] in masked


def test_a_code_for_the_courier_is_large_once_it_is_shown(order_at: Order, web: Client) -> None:
    fields = {"delivery": {"transfer": {"eac": {"eacType": "MERCHANT_TO_COURIER", "eacCode": "4711"}}}}
    task = order_at(fields={"v1": fields})
    masked = web.get(f"/tasks/{task.pk}/").content.decode()

    assert "The seller tells the courier the code" in masked
    assert "4711" not in masked
    shown = web.post(f"/tasks/{task.pk}/buyer/", headers=HTMX).content.decode()
    assert '<b class="code">4711</b>' in shown


def test_a_business_order_shows_its_organisation_and_documents(order_at: Order, web: Client) -> None:
    task = order_at(business=True)
    sync.fetch_buyers(task.account)
    extras.fetch(task.account)
    words = text_of(web.get(f"/orders/{task.order_id}/"))
    inn = task.order.buyer.organisation["inn"]

    assert "organisation" in words
    assert "INN •••" in words
    assert inn not in words
    assert f"INN {inn}" in text_of(web.post(f"/orders/{task.order_id}/buyer/", headers=HTMX))
    assert "Documents Universal transfer document (UPD) " in words


def test_the_live_part_brings_the_facts_anew(order_at: Order, web: Client) -> None:
    task = order_at()
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    (found,) = re.findall(rf'hx-get="(/tasks/{task.pk}/state/[^"]+)"\s+hx-trigger="every 15s', page)
    address = found.replace("&amp;", "&")
    assert web.get(address, headers=HTMX).status_code == 204

    AssemblyTask.objects.filter(pk=task.pk).update(cancel_requested_at=timezone.now())
    live = web.get(address, headers=HTMX).content.decode()
    assert 'id="delivery-facts" hx-swap-oob="true"' in live
    assert 'id="payment" hx-swap-oob="true"' in live
    assert "At this stage nothing has to be answered" in live
    assert 'id="buyer"' not in live


def test_the_timeline_tells_changes_in_words(order_at: Order, web: Client, upstream: RunningSandbox) -> None:
    task = order_at(status="DELIVERY", cancel_requested=False)
    upstream.ym.play(int(task.external_id), "request_cancel")
    sync.pull_new(task.account)
    words = text_of(web.get(f"/tasks/{task.pk}/"))

    assert "The buyer wants to cancel the order" in words
