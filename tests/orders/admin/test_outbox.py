"""Outbox and questions in the admin: send again, give up, resolve."""

from __future__ import annotations

import pytest
from django.test import Client

from backoffice.models import RawPayload, User
from orders.enums import ActionKind, ActionState
from orders.models import Attention, MarketplaceAccount, MarketplaceAction
from orders.services import buyers
from sandbox.server import RunningSandbox
from tests.orders.admin.pages import act, messages_of, press
from tests.orders.conftest import SELLER, Ask, made, pulled, work

OUTBOX = "orders.marketplaceaction"


@pytest.fixture
def refused(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> MarketplaceAction:
    """A "received" whose code the marketplace did not take."""
    (number,) = made(upstream, requiredMeta=[])
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    ask(task, ActionKind.DELIVER)
    right = upstream.order(number)["code"]
    action = ask(task, ActionKind.RECEIVE, code="000000" if right != "000000" else "000001")
    assert action.state == ActionState.FAILED
    return action


def test_a_refused_action_is_sent_again(refused: MarketplaceAction, manager: Client) -> None:
    assert press(manager, OUTBOX, refused.pk, "again") == ["It is in the queue again."]

    refused.refresh_from_db()
    assert refused.state == ActionState.QUEUED
    work(refused.account)
    refused.refresh_from_db()
    assert (refused.state, refused.attempts, refused.tries.count()) == (ActionState.FAILED, 2, 2)


def test_an_action_that_is_done_is_not_sent_again(refused: MarketplaceAction, manager: Client) -> None:
    done = MarketplaceAction.objects.get(kind=ActionKind.CONFIRM)

    said = press(manager, OUTBOX, done.pk, "again")

    done.refresh_from_db()
    assert (said, done.state) == (["Only a refused action can be sent again."], ActionState.SUCCEEDED)


def test_a_refused_action_is_given_up(refused: MarketplaceAction, manager: Client, boss: User) -> None:
    assert Attention.objects.filter(resolved_at=None).count() == 1

    assert press(manager, OUTBOX, refused.pk, "give-up") == ["Given up."]

    question = Attention.objects.get()
    assert (question.resolved_by, question.resolved_at is not None) == (boss, True)
    assert buyers.codes_for([(refused.task.order_id, refused.pk)]) == {}


def test_many_at_once_have_a_message_an_outcome(refused: MarketplaceAction, manager: Client) -> None:
    answer = act(manager, OUTBOX, "send_again", *MarketplaceAction.objects.values_list("pk", flat=True))

    assert sorted(messages_of(answer)) == ["2 × Only a refused action can be sent again.", "Done: 1"]
    refused.refresh_from_db()
    assert refused.state == ActionState.QUEUED
    answer = act(manager, OUTBOX, "give_up", refused.pk)
    refused.refresh_from_db()
    assert (messages_of(answer), refused.state) == (["Done: 1"], ActionState.CANCELLED)


def test_attempts_are_shown_below_the_action(refused: MarketplaceAction, manager: Client) -> None:
    page = manager.get(f"/admin/orders/marketplaceaction/{refused.pk}/change/")

    attempt = refused.tries.get()
    assert str(attempt.call) in page.content.decode()
    assert [button.name for button in page.context["buttons"]] == ["again", "give-up"]


def test_a_question_is_resolved_once_with_a_note(refused: MarketplaceAction, manager: Client, boss: User) -> None:
    question = Attention.objects.get()

    first = press(manager, "orders.attention", question.pk, "resolve", note="buyer called")
    again = press(manager, "orders.attention", question.pk, "resolve", note="twice")

    question.refresh_from_db()
    assert (first, again) == (["Resolved."], ["It has been resolved already."])
    assert (question.note, question.resolved_by) == ("buyer called", boss)
    answer = act(manager, "orders.attention", "resolve", question.pk)
    assert messages_of(answer) == ["1 × It has been resolved already."]


def test_confirmation_codes_are_nowhere_in_the_admin(refused: MarketplaceAction, admin: Client) -> None:
    (code,) = buyers.codes_for([(refused.task.order_id, refused.pk)]).values()

    for path in (
        f"orders/marketplaceaction/{refused.pk}/change/",
        f"orders/order/{refused.task.order_id}/change/",
        f"orders/assemblytask/{refused.task_id}/change/",
        "orders/timelineentry/",
    ):
        assert code not in admin.get(f"/admin/{path}").content.decode()


def test_the_text_of_a_broken_order_is_kept_until_its_question_is_resolved(
    shop: MarketplaceAccount, upstream: RunningSandbox, manager: Client
) -> None:
    upstream.make_raw({"id": 5, "createdAt": "whenever"}, SELLER)
    pulled(shop)
    question = Attention.objects.get(kind="bad_order")
    assert question.payload is not None
    assert question.payload.expires_at is None

    press(manager, "orders.attention", question.pk, "resolve")

    assert RawPayload.objects.get(pk=question.payload.pk).expires_at is not None
