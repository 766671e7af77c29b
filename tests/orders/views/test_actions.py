"""Actions from the page: asked once, refused with reasons, stale pages, codes of buyers."""

from __future__ import annotations

import hashlib
import json

import pytest
from django.test import Client

from orders.enums import ActionKind, ActionState, Stage
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarketplaceAction, RequestKey, TimelineEntry
from orders.services import buyers
from orders.services.sending import outbox
from sandbox.server import RunningSandbox
from tests.orders.conftest import work

from .conftest import HTMX, Task, hidden, text_of


def asked(task: AssemblyTask, kind: ActionKind) -> int:
    return MarketplaceAction.objects.filter(task=task, kind=kind).count()


def wrong_code_of(upstream: RunningSandbox, task: AssemblyTask) -> str:
    right = upstream.order(int(task.external_id))["code"]
    return "".join(str((int(digit) + 1) % 10) for digit in right)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_same_form_twice_is_one_request_even_after_it_was_done(
    task_at: Task, shop: MarketplaceAccount, web: Client, headers: dict[str, str]
) -> None:
    task = task_at()
    form = {"kind": "confirm", "seen": "new", "nonce": "one"}
    first = web.post(f"/tasks/{task.pk}/act/", form, headers=headers)
    work(shop)
    second = web.post(f"/tasks/{task.pk}/act/", form, headers=headers)

    assert first.status_code == second.status_code == (200 if headers else 302)
    assert asked(task, ActionKind.CONFIRM) == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_stale_page_does_nothing_and_says_what_is(task_at: Task, web: Client, headers: dict[str, str]) -> None:
    task = task_at(Stage.ASSEMBLING)
    before = (asked(task, ActionKind.CANCEL), TimelineEntry.objects.count())
    answer = web.post(f"/tasks/{task.pk}/act/", {"kind": "cancel", "seen": "new", "nonce": "x"}, headers=headers)

    assert answer.status_code == 409
    assert "The page was out of date: the task is “Assembling” now. Nothing was done." in text_of(answer)
    assert (asked(task, ActionKind.CANCEL), TimelineEntry.objects.count()) == before


def test_a_button_that_cannot_work_is_off_with_its_reason(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["uin"])
    page = web.get(f"/tasks/{task.pk}/")

    assert (
        "data-off>Packed, ready</button><small>1 code is missing (UIN): scan it first.</small>" in page.content.decode()
    )
    refused = web.post(f"/tasks/{task.pk}/act/", {"kind": "ready", "seen": "assembling"})
    assert refused.status_code == 409
    assert asked(task, ActionKind.READY) == 0


@pytest.mark.parametrize("kind", ["", "put_codes", "teleport", "x" * 400])
def test_what_is_no_action_is_refused(task_at: Task, web: Client, kind: str) -> None:
    task = task_at()

    assert web.post(f"/tasks/{task.pk}/act/", {"kind": kind, "seen": "new"}).status_code == 422
    assert MarketplaceAction.objects.count() == 0


def test_cancelling_is_asked_about_in_a_dialog_or_on_a_page(task_at: Task, web: Client) -> None:
    task = task_at()
    page = web.get(f"/tasks/{task.pk}/ask/cancel/")
    dialog = web.get(f"/tasks/{task.pk}/ask/cancel/", headers=HTMX)

    assert "This cannot be taken back" in text_of(page)
    assert dialog["HX-Retarget"] == "#question-place"
    assert "data-open" in dialog.content.decode()
    form = {name: hidden(page, name) for name in ("kind", "seen", "nonce")}
    assert web.post(f"/tasks/{task.pk}/act/", form).status_code == 302
    assert asked(task, ActionKind.CANCEL) == 1
    assert web.get(f"/tasks/{task.pk}/ask/confirm/").status_code == 404


def test_a_question_aims_at_what_is_on_the_page_it_was_asked_from(task_at: Task, web: Client) -> None:
    task = task_at(Stage.DELIVERING)
    here = web.get(f"/tasks/{task.pk}/ask/receive/", headers=HTMX).content.decode()
    queue = web.get(f"/tasks/{task.pk}/ask/receive/?back=/tasks/", headers=HTMX).content.decode()

    assert 'hx-target="#task-page"' in here
    assert 'id="task-page"' in web.get(f"/tasks/{task.pk}/").content.decode()
    assert 'hx-target="#question-place"' in queue
    assert 'id="question-place"' in web.get("/tasks/").content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("code", ["", "12", "12ab56", "123456789012"])
def test_a_malformed_code_is_said_where_it_was_typed(
    task_at: Task, web: Client, headers: dict[str, str], code: str
) -> None:
    task = task_at(Stage.DELIVERING)
    form = {"kind": "receive", "seen": "delivering", "nonce": "n", "code": code}
    answer = web.post(f"/tasks/{task.pk}/act/", form, headers=headers)
    html = answer.content.decode()

    assert answer.status_code == 422
    assert 'class="form-control code-input is-invalid"' in html
    assert ('id="question"' in html) is bool(headers)
    assert not code or f'value="{code}"' not in html
    assert asked(task, ActionKind.RECEIVE) == 0


def test_a_refused_code_offers_both_ways_out(
    task_at: Task, shop: MarketplaceAccount, upstream: RunningSandbox, web: Client
) -> None:
    task = task_at(Stage.DELIVERING)
    wrong = wrong_code_of(upstream, task)
    web.post(f"/tasks/{task.pk}/act/", {"kind": "receive", "seen": "delivering", "code": f" {wrong} "})
    work(shop)
    action = MarketplaceAction.objects.get(task=task, kind=ActionKind.RECEIVE)
    page = web.get(f"/tasks/{task.pk}/")
    words = text_of(page)

    assert action.state == ActionState.FAILED
    assert "refused Received by the buyer 1 attempt" in words
    assert "The buyer's code was not accepted 409 InvalidWBCode" in words
    assert "Refused: Received by the buyer. The buyer's code was not accepted" in words
    assert "(409 InvalidWBCode)" in text_of(web.get("/attention/"))
    assert "Enter another code" in words
    assert wrong not in page.content.decode()

    assert web.post(f"/tasks/{task.pk}/actions/{action.pk}/keep-trying/").status_code == 302
    words = text_of(web.get(f"/tasks/{task.pk}/"))
    assert "The code is tried again and again: 1 attempt so far, the next one" in words
    assert "Stop" in words
    assert web.post(f"/tasks/{task.pk}/actions/{action.pk}/stop/").status_code == 302
    action.refresh_from_db()
    assert action.state == ActionState.CANCELLED
    assert Buyer.objects.get(order=task.order).codes is None
    assert "tried again" not in text_of(web.get(f"/tasks/{task.pk}/"))


def test_another_code_after_a_refused_one_is_received(
    task_at: Task, shop: MarketplaceAccount, upstream: RunningSandbox, web: Client
) -> None:
    task = task_at(Stage.DELIVERING)
    right = upstream.order(int(task.external_id))["code"]
    for nonce, code in (("1", wrong_code_of(upstream, task)), ("2", right)):
        form = {"kind": "receive", "seen": "delivering", "code": code, "nonce": nonce}
        assert web.post(f"/tasks/{task.pk}/act/", form).status_code == 302
        work(shop)
    task.refresh_from_db()

    assert task.stage == Stage.RECEIVED
    assert asked(task, ActionKind.RECEIVE) == 2
    assert "refused" not in text_of(web.get(f"/tasks/{task.pk}/")).split("Timeline")[0]


def test_an_action_of_another_task_or_an_unknown_decision_is_not_there(
    task_at: Task, web: Client, staff: object
) -> None:
    task, other = task_at(), task_at()
    web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"})
    action = MarketplaceAction.objects.get(task=task)

    assert web.post(f"/tasks/{other.pk}/actions/{action.pk}/stop/").status_code == 404
    assert web.post(f"/tasks/{task.pk}/actions/{action.pk}/teleport/").status_code == 404
    assert web.post(f"/tasks/{task.pk}/actions/{action.pk}/again/").status_code == 409
    action.refresh_from_db()
    assert action.state == ActionState.QUEUED


def test_settings_that_make_no_sense_do_not_break_the_pages(
    task_at: Task, shop: MarketplaceAccount, web: Client
) -> None:
    task = task_at()
    MarketplaceAccount.objects.filter(pk=shop.pk).update(dialect="klingon")

    assert "settings of this account make no sense" in text_of(web.get(f"/tasks/{task.pk}/"))
    assert web.get("/tasks/").status_code == 200
    assert web.post(f"/tasks/{task.pk}/act/", {"kind": "confirm", "seen": "new"}).status_code == 422
    assert asked(task, ActionKind.CONFIRM) == 0


def test_a_label_comes_from_the_marketplace_and_its_absence_is_said(
    task_at: Task, upstream: RunningSandbox, web: Client
) -> None:
    door, point = task_at(Stage.ASSEMBLING), task_at(Stage.ASSEMBLING, deliveryType="dbsPickupPoint")
    label = web.get(f"/tasks/{point.pk}/label.pdf")

    assert label["Content-Type"] == "application/pdf"
    assert label.content.startswith(b"%PDF")
    assert web.get(f"/tasks/{door.pk}/label.pdf").status_code == 409
    assert "label.pdf" not in web.get(f"/tasks/{door.pk}/").content.decode()
    assert "label.pdf" in web.get(f"/tasks/{point.pk}/").content.decode()
    upstream.stop()
    broken = web.get(f"/tasks/{point.pk}/label.pdf")
    assert broken.status_code == 502
    assert "Try again in a minute" in text_of(broken)


def test_a_form_sent_again_with_another_code_is_refused_and_not_swallowed(task_at: Task, web: Client) -> None:
    task = task_at(Stage.DELIVERING)
    form = {"kind": "receive", "seen": "delivering", "code": "123456", "nonce": "n"}
    for _twice in range(2):
        assert web.post(f"/tasks/{task.pk}/act/", form).status_code == 302
    action = MarketplaceAction.objects.get(task=task, kind=ActionKind.RECEIVE)
    kept = RequestKey.objects.get(action=action)
    plain = json.dumps([task.pk, "receive", "123456", "", "", {}])

    answer = web.post(f"/tasks/{task.pk}/act/", {**form, "code": "654321"})

    assert answer.status_code == 409
    assert "This form was sent already" in answer.content.decode()
    assert list(RequestKey.objects.values_list("key", "digest")) == [("page:n", kept.digest)]
    assert kept.digest != hashlib.sha256(plain.encode()).hexdigest()[: len(kept.digest)]
    assert kept.digest == outbox.digest_of(task.pk, outbox.Wish(ActionKind.RECEIVE, code="123456"))
    assert buyers.codes_for([(task.order_id, action.pk)]) == {action.pk: "123456"}
