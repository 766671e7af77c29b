"""Details of an order from the page: forms, what they send, and what they refuse without changing anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.enums import ActionKind, ActionState, EntryKind
from orders.marketplaces import facts
from orders.models import AssemblyTask, MarketplaceAction, TimelineEntry
from orders.services.shipping import tracks
from sandbox.server import RunningSandbox
from tests.orders.conftest import work

from .conftest import HTMX, MONITOR, MUG, TRAIN, Order, hidden, text_of

FAR = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
BOTH = pytest.mark.parametrize("headers", [{}, HTMX])


def path(task: AssemblyTask, kind: ActionKind) -> str:
    return f"/tasks/{task.pk}/details/{kind.value}/"


def sent(task: AssemblyTask, kind: ActionKind) -> MarketplaceAction:
    return MarketplaceAction.objects.get(task=task, kind=kind)


def nothing_changed(task: AssemblyTask) -> None:
    assert MarketplaceAction.objects.filter(task=task).count() == 0
    assert TimelineEntry.objects.filter(task=task, kind=EntryKind.ACTION_REQUESTED).count() == 0


def item(task: AssemblyTask, article: str) -> Any:
    return task.items.get(article=article)


# Each form, from the button to the marketplace -----------------------------------------------------------------------
@BOTH
def test_a_delivery_is_moved(order_at: Order, web: Client, upstream: RunningSandbox, headers: dict[str, str]) -> None:
    task = order_at(status="DELIVERY")
    assert f'href="{path(task, ActionKind.MOVE_DATE)}"' in web.get(f"/tasks/{task.pk}/").content.decode()
    question = web.get(path(task, ActionKind.MOVE_DATE), headers=headers)
    assert "The buyer asked for another date" in text_of(question)
    assert ('id="question"' in question.content.decode()) is bool(headers)

    form = {
        "seen": hidden(question, "seen"),
        "nonce": hidden(question, "nonce"),
        "date": FAR,
        "reason": "USER_MOVED_DELIVERY_DATES",
    }
    for _twice in range(2):
        answer = web.post(path(task, ActionKind.MOVE_DATE), form, headers=headers)
        assert answer.status_code == (200 if headers else 302)
    work(task.account)

    assert sent(task, ActionKind.MOVE_DATE).state == ActionState.SUCCEEDED
    assert upstream.ym.order(int(task.external_id))["delivery"]["to"] == FAR
    words = text_of(web.get(f"/tasks/{task.pk}/"))
    assert f"Asked: Move the delivery date The buyer asked for another date · {FAR}" in words
    assert "Accepted: Move the delivery date" in words


def test_storage_is_extended_once(order_at: Order, web: Client) -> None:
    task = order_at(status="PICKUP", type="PICKUP")
    known = facts.of_order(task.order.data).delivery.storage_until
    later = (dt.date.fromisoformat(known) + dt.timedelta(days=3)).isoformat()
    web.post(path(task, ActionKind.EXTEND_STORAGE), {"date": later, "seen": "at_pickup_point"})
    work(task.account)

    assert sent(task, ActionKind.EXTEND_STORAGE).state == ActionState.SUCCEEDED
    words = text_of(web.get(f"/tasks/{task.pk}/"))
    assert "Extend the storage The marketplace allows this once, and it was done." in words


def test_a_track_number_names_its_service_from_the_kept_list(order_at: Order, web: Client) -> None:
    task = order_at()
    assert "The list of services has not come" in text_of(web.get(path(task, ActionKind.SEND_TRACK)))
    tracks.refresh(task.account)
    service, name = tracks.choices(task.account_id)[0]
    assert f'<option value="{service}"' in web.get(path(task, ActionKind.SEND_TRACK)).content.decode()
    web.post(path(task, ActionKind.SEND_TRACK), {"track": " RP123456789 ", "service": service, "seen": "new"})
    work(task.account)

    assert sent(task, ActionKind.SEND_TRACK).payload == {"data": {"track": "RP123456789", "service": service}}
    assert sent(task, ActionKind.SEND_TRACK).state == ActionState.SUCCEEDED
    assert name


def test_our_own_number_is_set_and_then_shown_instead_of_its_button(order_at: Order, web: Client) -> None:
    task = order_at(external="WEB-10023")
    words = text_of(web.get(f"/tasks/{task.pk}/"))

    assert "Our number WEB-10023" in words
    assert "Set our own number" not in words
    assert "can be set once only" in text_of(web.post(path(task, ActionKind.SET_NUMBER), {"number": "WEB-2"}))
    nothing_changed(task)

    other = order_at()
    web.post(path(other, ActionKind.SET_NUMBER), {"number": "WEB-10024", "seen": "new"})
    assert sent(other, ActionKind.SET_NUMBER).payload == {"data": {"number": "WEB-10024"}}


def test_everything_lies_in_one_box_unless_more_are_asked_for(order_at: Order, web: Client) -> None:
    task = order_at(items=[MUG, TRAIN])
    web.post(path(task, ActionKind.SET_BOXES), {"many": "1", "drawn": "1", "seen": "new"})
    mug, train = item(task, "MUG-1").external_id, item(task, "TOY-TRAIN").external_id

    boxes = [[{"item": mug, "count": 3}, {"item": train, "count": 1}]]
    assert sent(task, ActionKind.SET_BOXES).payload == {"data": {"boxes": boxes}}


@BOTH
def test_two_boxes_are_asked_about_one_by_one(order_at: Order, web: Client, headers: dict[str, str]) -> None:
    task = order_at(items=[MUG, TRAIN])
    mug, train = item(task, "MUG-1"), item(task, "TOY-TRAIN")
    asked = web.post(path(task, ActionKind.SET_BOXES), {"many": "2", "drawn": "1", "seen": "new"}, headers=headers)
    assert asked.status_code == 200
    assert "Box 1 MUG-1, of 3" in text_of(asked)
    assert hidden(asked, "drawn") == "2"
    nothing_changed(task)

    form = {
        "many": "2",
        "drawn": "2",
        "seen": "new",
        f"b1_{mug.pk}": "2",
        f"b2_{mug.pk}": "0",
        f"b2_{train.pk}": "1",
    }
    wrong = web.post(path(task, ActionKind.SET_BOXES), form, headers=headers)
    assert wrong.status_code == 422
    assert "must hold each item exactly as often as it was ordered" in text_of(wrong)
    nothing_changed(task)

    web.post(path(task, ActionKind.SET_BOXES), {**form, f"b2_{mug.pk}": "1"}, headers=headers)
    first = [{"item": mug.external_id, "count": 2}]
    second = [{"item": mug.external_id, "count": 1}, {"item": train.external_id, "count": 1}]
    assert sent(task, ActionKind.SET_BOXES).payload == {"data": {"boxes": [first, second]}}


def test_items_are_taken_out_after_their_rules_were_read(order_at: Order, web: Client) -> None:
    task = order_at(items=[MUG, TRAIN])
    mug, train = item(task, "MUG-1"), item(task, "TOY-TRAIN")
    question = text_of(web.get(path(task, ActionKind.CHANGE_ITEMS)))
    assert "Not an item that is part of a promotion." in question
    assert "This cannot be taken back." in question

    form = {f"stay_{mug.pk}": "2", f"stay_{train.pk}": "1", "reason": "PARTNER_REQUESTED_REMOVE", "seen": "new"}
    unsure = web.post(path(task, ActionKind.CHANGE_ITEMS), form)
    assert unsure.status_code == 422
    nothing_changed(task)

    web.post(path(task, ActionKind.CHANGE_ITEMS), {**form, "sure": "on"})
    payload = sent(task, ActionKind.CHANGE_ITEMS).payload
    assert payload["data"] == {"items": {mug.external_id: 2, train.external_id: 1}}
    assert payload["reason"] == "PARTNER_REQUESTED_REMOVE"


def test_digital_keys_are_the_first_button_and_nothing_of_them_is_shown(order_at: Order, web: Client) -> None:
    task = order_at(digital=True, items=None, type="")
    page = web.get(f"/tasks/{task.pk}/").content.decode()
    assert f'<a class="btn btn-primary" href="{path(task, ActionKind.GIVE_DIGITAL)}"' in page
    (line,) = task.items.all()
    form = {"slip": "Enter it in the shop", "until": FAR, "seen": "new"}
    few = web.post(path(task, ActionKind.GIVE_DIGITAL), {**form, f"keys_{line.pk}": "one\ntwo\n"})
    assert few.status_code == 422
    nothing_changed(task)

    web.post(path(task, ActionKind.GIVE_DIGITAL), {**form, f"keys_{line.pk}": " AAAA-1111 \n\n"})
    action = sent(task, ActionKind.GIVE_DIGITAL)
    assert action.payload == {"data": {"slip": "Enter it in the shop", "until": FAR}}
    assert "AAAA-1111" not in web.get(f"/tasks/{task.pk}/").content.decode()
    work(task.account)
    action.refresh_from_db()
    assert action.state == ActionState.SUCCEEDED


def test_keys_are_only_offered_for_digital_goods(order_at: Order, web: Client) -> None:
    task = order_at()
    (line,) = task.items.all()

    assert "Send digital keys" not in text_of(web.get(f"/tasks/{task.pk}/"))
    form = {"slip": "x", "until": FAR, f"keys_{line.pk}": "AAAA"}
    assert "Not for an order that is delivered this way" in text_of(web.post(path(task, ActionKind.GIVE_DIGITAL), form))
    nothing_changed(task)


# What is refused ----------------------------------------------------------------------------------------------------
WRONG = [
    (ActionKind.MOVE_DATE, {"date": "yesterday", "reason": "USER_MOVED_DELIVERY_DATES"}, "Enter a day like"),
    (ActionKind.MOVE_DATE, {"date": "2020-01-01", "reason": "USER_MOVED_DELIVERY_DATES"}, "lies in the past"),
    (ActionKind.MOVE_DATE, {"date": FAR, "reason": "BORED"}, "Select a valid choice"),
    (ActionKind.MOVE_DATE, {"date": FAR}, "This field is required"),
    (ActionKind.SEND_TRACK, {"track": "A1", "service": "DHL"}, "Choose the delivery service."),
    (ActionKind.SET_NUMBER, {"number": "заказ"}, "Latin letters, digits and punctuation"),
    (ActionKind.SET_BOXES, {"many": "0", "drawn": "0"}, "greater than or equal to 1"),
]


@BOTH
@pytest.mark.parametrize(("kind", "form", "said"), WRONG)
def test_what_is_typed_wrongly_is_said_where_it_was_typed(
    order_at: Order, web: Client, headers: dict[str, str], kind: ActionKind, form: dict[str, str], said: str
) -> None:
    task = order_at()
    answer = web.post(path(task, kind), {**form, "seen": "new"}, headers=headers)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'class="invalid-feedback d-block"' in answer.content.decode()
    assert ('id="question"' in answer.content.decode()) is bool(headers)
    nothing_changed(task)


@BOTH
def test_a_detail_of_another_stage_is_refused_on_the_task(
    order_at: Order, web: Client, headers: dict[str, str]
) -> None:
    task = order_at(status="DELIVERY")
    answer = web.post(path(task, ActionKind.SET_NUMBER), {"number": "WEB-1", "seen": "delivering"}, headers=headers)

    assert answer.status_code == 409
    assert "Not possible while the task is “Delivering”." in text_of(answer)
    nothing_changed(task)


def test_an_outdated_form_does_nothing(order_at: Order, web: Client) -> None:
    task = order_at(status="DELIVERY")
    form = {"date": FAR, "reason": "USER_MOVED_DELIVERY_DATES", "seen": "new"}

    assert web.post(path(task, ActionKind.MOVE_DATE), form).status_code == 409
    nothing_changed(task)


def test_only_who_may_act_sees_the_forms(order_at: Order, onlooker: Client) -> None:
    task = order_at()

    assert onlooker.get(f"/tasks/{task.pk}/").status_code == 200
    assert "Set our own number" not in text_of(onlooker.get(f"/tasks/{task.pk}/"))
    assert onlooker.get(path(task, ActionKind.SET_NUMBER)).status_code == 403
    assert onlooker.post(path(task, ActionKind.SET_NUMBER), {"number": "WEB-1"}).status_code == 403
    nothing_changed(task)


@pytest.mark.parametrize("kind", ["accept_cancel", "put_codes", "teleport"])
def test_what_has_no_form_is_not_there(order_at: Order, web: Client, kind: str) -> None:
    task = order_at()

    assert web.get(f"/tasks/{task.pk}/details/{kind}/").status_code == 404
    assert web.get("/tasks/999/details/set_number/").status_code == 404
    assert web.post("/tasks/999/details/set_number/", {"number": "A"}).status_code == 404


def test_a_refused_detail_is_corrected_in_its_form(order_at: Order, web: Client) -> None:
    task = order_at(items=[MUG, MONITOR])
    web.post(path(task, ActionKind.SEND_TRACK), {"track": "A1", "service": "7", "seen": "new"})
    MarketplaceAction.objects.filter(task=task).update(state=ActionState.FAILED, error_detail="no such service")

    assert 'value="A1"' in web.get(path(task, ActionKind.SEND_TRACK)).content.decode()
