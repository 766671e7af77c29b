"""Tasks in the admin: one action on many with a rehearsal, and marking codes inside a task."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backoffice.models import User
from orders.enums import ActionKind, CodeState, Source, Stage
from orders.models import AssemblyTask, BulkRun, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.services import actors
from orders.services.warehouse import marking
from sandbox.server import RunningSandbox
from tests.orders.admin.conftest import browser
from tests.orders.admin.pages import act, errors_of, messages_of
from tests.orders.conftest import Ask, made, pulled, work

TASKS = "orders.assemblytask"
UIN, OTHER = "1234567890123456", "1234567890123464"


@pytest.fixture
def tasks(shop: MarketplaceAccount, upstream: RunningSandbox) -> list[AssemblyTask]:
    made(upstream, count=3, requiredMeta=[])
    return pulled(shop)


def numbers(context: Any) -> list[str]:
    return sorted(task.external_id for task in context)


def test_many_are_confirmed_after_a_rehearsal(
    tasks: list[AssemblyTask], manager: Client, boss: User, upstream: RunningSandbox, ask: Ask
) -> None:
    ask(tasks[0], ActionKind.CONFIRM)

    chosen = act(manager, TASKS, "confirm", *(task.pk for task in tasks))
    run = BulkRun.objects.get()
    assert chosen["Location"] == f"/admin/orders/bulkrun/{run.pk}/rehearsal/"
    found = manager.get(chosen["Location"]).context["found"]
    assert (numbers(found.will_do), numbers(found.already)) == (numbers(tasks[1:]), numbers(tasks[:1]))
    assert MarketplaceAction.objects.count() == 1

    started = manager.post(chosen["Location"])
    again = manager.post(chosen["Location"])

    assert messages_of(started) == ["Asked of the marketplace: 2", "1 × This is done already."]
    assert started["Location"] == again["Location"] == chosen["Location"]
    asked = MarketplaceAction.objects.filter(actor=boss)
    assert [(row.kind, row.source) for row in asked] == [(ActionKind.CONFIRM, Source.STAFF)] * 2
    work(tasks[0].account)
    rows = manager.get(chosen["Location"]).context["rows"]
    assert sorted(row.state for row in rows) == ["refused", "succeeded", "succeeded"]
    assert {upstream.order(int(task.external_id))["supplierStatus"] for task in tasks} == {"confirm"}


def test_what_cannot_be_done_is_said_before(tasks: list[AssemblyTask], manager: Client) -> None:
    chosen = act(manager, TASKS, "deliver", tasks[0].pk)

    page = manager.get(chosen["Location"])
    manager.post(chosen["Location"])

    ((task, refusal),) = page.context["found"].will_fail
    assert (task.pk, str(refusal.text)) == (tasks[0].pk, "Not possible while the task is “New”.")
    assert MarketplaceAction.objects.count() == 0


def test_orders_mean_their_tasks(tasks: list[AssemblyTask], manager: Client) -> None:
    chosen = act(manager, "orders.order", "confirm", tasks[0].order_id, tasks[1].order_id)

    assert (chosen.status_code, BulkRun.objects.get().task_ids) == (302, [tasks[0].pk, tasks[1].pk])


def test_a_run_belongs_to_who_chose_its_tasks(tasks: list[AssemblyTask], manager: Client, admin: Client) -> None:
    chosen = act(manager, TASKS, "confirm", tasks[0].pk)

    assert admin.get(chosen["Location"]).status_code == 404
    assert admin.post(chosen["Location"]).status_code == 404
    assert MarketplaceAction.objects.count() == 0


def test_acting_needs_its_permission(tasks: list[AssemblyTask], boss: User, manager: Client) -> None:
    chosen = act(manager, TASKS, "confirm", tasks[0].pk)
    boss.groups.clear()

    assert browser(boss).post(chosen["Location"]).status_code == 403
    assert MarketplaceAction.objects.count() == 0


@pytest.fixture
def marked(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> list[AssemblyTask]:
    """Two tasks being assembled that take a UIN."""
    made(upstream, count=2, requiredMeta=["uin"])
    found = pulled(shop)
    for task in found:
        ask(task, ActionKind.CONFIRM)
    return found


def post_codes(client: Client, task: AssemblyTask, *rows: dict[str, Any]) -> Any:
    stored = [row for row in rows if "id" in row]
    data: dict[str, Any] = {
        "codes-TOTAL_FORMS": len(rows),
        "codes-INITIAL_FORMS": len(stored),
        "items-TOTAL_FORMS": 0,
        "items-INITIAL_FORMS": 0,
    }
    for number, row in enumerate(rows):
        data |= {f"codes-{number}-{name}": value for name, value in {"task": task.pk, **row}.items()}
    return client.post(f"/admin/orders/assemblytask/{task.pk}/change/", data)


def test_a_code_is_entered_through_the_service(marked: list[AssemblyTask], manager: Client, boss: User) -> None:
    answer = post_codes(manager, marked[0], {"value": UIN})

    assert answer.status_code == 302
    code = MarkingCode.objects.get()
    assert (code.kind, code.value, code.unit, code.created_by) == ("uin", UIN, 1, boss)
    assert marked[0].timeline.get(kind="code_added").actor == boss


def test_a_refusal_is_an_error_of_the_form_and_nothing_of_it_is_done(
    marked: list[AssemblyTask], manager: Client, staff: actors.Actor
) -> None:
    mine = marking.add_code(marked[0].pk, marking.Entry(UIN), actor=staff)
    marking.add_code(marked[1].pk, marking.Entry(OTHER), actor=staff)

    answer = post_codes(manager, marked[0], {"id": mine.pk, "DELETE": "on"}, {"value": OTHER})

    text = f"This code is already in order {marked[1].external_id} ({marked[1].items.get().article})."
    assert errors_of(answer) == {"value": [text]}
    mine.refresh_from_db()
    assert (mine.state, MarkingCode.objects.count()) == (CodeState.PENDING, 2)


def test_a_code_is_replaced_in_one_go(marked: list[AssemblyTask], manager: Client, staff: actors.Actor) -> None:
    old = marking.add_code(marked[0].pk, marking.Entry(UIN), actor=staff)

    answer = post_codes(manager, marked[0], {"id": old.pk, "DELETE": "on"}, {"value": OTHER, "kind": "uin"})

    old.refresh_from_db()
    live = MarkingCode.objects.get(state=CodeState.PENDING)
    assert (answer.status_code, old.state, live.value) == (302, CodeState.REMOVED, OTHER)


def test_a_stored_code_cannot_be_written_over(marked: list[AssemblyTask], manager: Client, staff: actors.Actor) -> None:
    code = marking.add_code(marked[0].pk, marking.Entry(UIN), actor=staff)

    post_codes(manager, marked[0], {"id": code.pk, "value": OTHER, "kind": "sgtin"})

    code.refresh_from_db()
    assert (code.value, code.kind) == (UIN, "uin")


def test_the_stage_guards_codes_here_too(
    marked: list[AssemblyTask], manager: Client, staff: actors.Actor, ask: Ask
) -> None:
    code = marking.add_code(marked[0].pk, marking.Entry(UIN), actor=staff)
    ask(marked[0], ActionKind.READY)

    removed = post_codes(manager, marked[0], {"id": code.pk, "DELETE": "on"})

    assert errors_of(removed) == {
        "__all__": ["Codes are entered while the task is being assembled; this one is “Ready”."]
    }
    code.refresh_from_db()
    assert code.state != CodeState.REMOVED
    assert AssemblyTask.objects.get(pk=marked[0].pk).stage == Stage.READY


def test_a_malformed_code_says_how(marked: list[AssemblyTask], manager: Client) -> None:
    answer = post_codes(manager, marked[0], {"value": "12"})

    assert list(errors_of(answer)) == ["value"]
    assert MarkingCode.objects.count() == 0


@pytest.mark.parametrize("text", ["boots-42", "5550001"])
def test_search_is_that_of_the_pages(
    shop: MarketplaceAccount, upstream: RunningSandbox, manager: Client, text: str
) -> None:
    made(upstream, count=2, article="mug-unicorn")
    made(upstream, article="boots-42", orderUid="5550001_x")
    pulled(shop)

    answer = manager.get("/admin/orders/assemblytask/", {"q": text})

    (row,) = answer.context["cl"].result_list
    assert row.items.get().article == "boots-42"
