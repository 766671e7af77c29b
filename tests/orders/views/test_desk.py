"""The desk: an order is found by any number, its code is checked before a call is spent, and the answer comes to the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.models import User
from orders import signs
from orders.enums import ActionKind, ActionState, Stage
from orders.models import AssemblyTask, MarketplaceAction, RequestKey
from orders.services import actors, guards
from orders.services.shipping import shipments
from sandbox.server import RunningSandbox
from tests.orders.conftest import work
from tests.orders.scans import FULL
from tests.orders.statements import counted

from .conftest import HTMX, Order, ParcelOf, Task, browser, text_of

BOTH = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
RECEIVED, REJECTED = ActionKind.RECEIVE, ActionKind.REJECT


def address(task: AssemblyTask) -> str:
    return f"/desk/{task.pk}/"


def form(task: AssemblyTask, kind: ActionKind = RECEIVED, **more: Any) -> dict[str, Any]:
    return {"kind": kind.value, "seen": task.stage, "nonce": "n1", **more}


def right(upstream: RunningSandbox, task: AssemblyTask) -> str:
    return str(upstream.order(int(task.external_id))["code"])


def wrong(upstream: RunningSandbox, task: AssemblyTask) -> str:
    return "000000" if right(upstream, task) != "000000" else "111111"


# Finding ------------------------------------------------------------------------------------------------------------
def test_an_order_is_found_by_number_sign_parcel_and_code(
    task_at: Task, parcel_of: ParcelOf, web: Client, staff: actors.Actor
) -> None:
    task = task_at(Stage.DELIVERING, article="boots-42")
    other = task_at(Stage.NEW)
    parcel = parcel_of(task)
    for said in (
        task.external_id,
        f" {task.external_id} ",
        signs.of_task(task.pk),
        task.order.external_id,
        parcel.number,
    ):
        answer = web.post("/desk/", {"find": said})
        assert (answer.status_code, answer["Location"]) == (302, address(task)), said
    fragment = web.post("/desk/", {"find": signs.of_task(task.pk)}, headers=HTMX)

    assert fragment["HX-Replace-Url"] == address(task)
    assert fragment.content.decode().lstrip().startswith('<div class="stack" id="desk-work">')
    assert "boots-42" in text_of(fragment)
    assert web.post("/desk/", {"find": other.external_id})["Location"] == address(other)


def test_an_order_is_found_by_the_marking_code_of_its_goods(
    task_at: Task, web: Client, upstream: RunningSandbox
) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"])
    web.post(f"/tasks/{task.pk}/scan/", {"raw": FULL, "nonce": "scan"})

    assert web.post("/desk/", {"find": FULL})["Location"] == address(task)


@BOTH
@pytest.mark.parametrize("said", ["", "   ", "no such number", "BO-T-999999", "\x00", "Анна Котова"])
def test_what_nobody_has_is_said_and_is_in_no_address(
    task_at: Task, web: Client, said: str, headers: dict[str, str]
) -> None:
    task_at(Stage.DELIVERING)
    answer = web.post("/desk/", {"find": said}, headers=headers)

    assert answer.status_code == 200
    assert "Nothing found" in text_of(answer)
    assert "Котова" not in answer.content.decode()
    assert "HX-Replace-Url" not in answer


def test_one_number_of_two_orders_is_asked_about(
    order_at: Order, courier: Any, web: Client, staff: actors.Actor
) -> None:
    first, second = order_at(status="DELIVERY"), order_at(status="DELIVERY")
    AssemblyTask.objects.filter(pk=second.pk).update(external_id=f"{second.external_id}-1")
    AssemblyTask.objects.create(
        order=first.order, account=first.account, external_id=second.external_id, stage=Stage.DELIVERING,
        deadline_at=first.deadline_at, created_at=first.created_at,
    )  # fmt: skip
    shipments.attach(first.order_id, courier.pk, "MW-7", actor=staff)
    words = web.post("/desk/", {"find": "MW-7"})

    assert "Several have this number: which one?" in text_of(words)
    assert words.content.decode().count('class="desk-pick"') == 2


def test_an_order_that_is_not_on_its_way_is_shown_without_buttons(task_at: Task, web: Client) -> None:
    task = task_at(Stage.ASSEMBLING)
    page = web.get(address(task))

    assert "Not handed over to delivery yet" in text_of(page)
    assert 'name="kind"' not in page.content.decode()
    assert web.get("/desk/999999/").status_code == 404
    assert web.get("/desk/999999/state/").status_code == 404
    assert web.post("/desk/999999/", {"kind": "receive", "code": "123456"}).status_code == 404


# The order ----------------------------------------------------------------------------------------------------------
def test_what_stands_on_the_desk(task_at: Task, web: Client) -> None:
    task = task_at(Stage.DELIVERING, article="boots-42")
    html = web.get(address(task)).content.decode()
    words = text_of(web.get(address(task)))

    for said in (
        task.external_id, "boots-42", "Delivering", "Needed the code of the buyer", "Code from the buyer", "Received",
        "Rejected", "The buyer has no code", "The buyer sees the code on the site",
    ):  # fmt: skip
        assert said in words, said
    assert 'autocomplete="off"' in html
    assert html.count("data-key-digit") == 10
    assert "wrong code" not in words


# Sending ------------------------------------------------------------------------------------------------------------
@BOTH
@pytest.mark.parametrize("kind", [RECEIVED, REJECTED])
def test_a_right_code_goes_out_and_its_answer_comes_back(
    task_at: Task, web: Client, upstream: RunningSandbox, kind: ActionKind, headers: dict[str, str]
) -> None:
    task, code = task_at(Stage.DELIVERING), ""
    code = right(upstream, task)
    answer = web.post(address(task), form(task, kind, code=f"{code[:3]} {code[3:]}"), headers=headers)
    if not headers:
        assert (answer.status_code, answer["Location"]) == (302, address(task))
        answer = web.get(address(task))
    page = answer.content.decode()
    seen = page.split("state/?seen=")[1].split('"')[0]

    assert "Sending…" in text_of(answer)
    assert 'hx-trigger="every 2s"' in page
    assert 'name="kind"' not in page
    assert code not in page
    assert web.get(f"/desk/{task.pk}/state/?seen={seen}", headers=HTMX).status_code == 204

    work(task.account)
    state = web.get(f"/desk/{task.pk}/state/?seen={seen}", headers=HTMX)
    done = "Received" if kind == RECEIVED else "Refused by the buyer"
    assert f"Order {task.external_id} is closed." in text_of(state)
    assert done in text_of(state)
    assert "every 2s" not in state.content.decode()
    assert 'id="desk-results" hx-swap-oob="true"' in state.content.decode()
    assert AssemblyTask.objects.get(pk=task.pk).stage == (Stage.RECEIVED if kind == RECEIVED else Stage.REJECTED)


def test_the_same_form_twice_is_one_request(task_at: Task, web: Client, upstream: RunningSandbox) -> None:
    task = task_at(Stage.DELIVERING)
    sent = form(task, code=right(upstream, task))
    for _twice in range(2):
        assert web.post(address(task), sent).status_code == 302

    assert MarketplaceAction.objects.filter(kind=RECEIVED).count() == 1
    assert web.session["desk"] == [MarketplaceAction.objects.get(kind=RECEIVED).pk]


@BOTH
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "Enter the code the buyer shows."),
        ("12", "The code is too short."),
        ("123456789", "The code is too long."),
        ("12345a", "The code consists of digits only."),
    ],
)
def test_a_malformed_code_costs_no_call(
    task_at: Task, web: Client, upstream: RunningSandbox, code: str, said: str, headers: dict[str, str]
) -> None:
    task = task_at(Stage.DELIVERING)
    before = len(upstream.effects(int(task.external_id)))
    answer = web.post(address(task), form(task, code=code), headers=headers)
    html = answer.content.decode()
    work(task.account)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'aria-invalid="true"' in html
    assert 'name="code" type="text"' in html
    assert not code or f'value="{code}"' not in html
    assert MarketplaceAction.objects.filter(kind=RECEIVED).count() == 0
    assert len(upstream.effects(int(task.external_id))) == before


@pytest.mark.parametrize("kind", ["", "confirm", "deliver", "put_codes", "nonsense"])
def test_the_desk_asks_for_nothing_else(task_at: Task, web: Client, kind: str) -> None:
    task = task_at(Stage.DELIVERING)
    before = MarketplaceAction.objects.count()
    answer = web.post(address(task), {"kind": kind, "seen": task.stage, "code": "123456"})

    assert (answer.status_code, MarketplaceAction.objects.count()) == (422, before)
    assert "There is no such action." in text_of(answer)


def test_an_outdated_desk_does_nothing(task_at: Task, web: Client, upstream: RunningSandbox) -> None:
    task = task_at(Stage.DELIVERING)
    answer = web.post(address(task), form(task, code=right(upstream, task)) | {"seen": "ready"}, headers=HTMX)

    assert answer.status_code == 409
    assert "The page was out of date" in text_of(answer)
    assert MarketplaceAction.objects.filter(kind=RECEIVED).count() == 0


# Wrong codes --------------------------------------------------------------------------------------------------------
def test_wrong_codes_are_counted_and_stopped_before_the_quota_dies(
    task_at: Task, web: Client, upstream: RunningSandbox
) -> None:
    task, bad = task_at(Stage.DELIVERING), ""
    bad = wrong(upstream, task)
    for n in range(1, guards.WRONG_CODES_ALLOWED + 1):
        web.post(address(task), form(task, code=bad, nonce=f"n{n}"))
        work(task.account)
        page = web.get(address(task))
        assert "Wrong code" in text_of(page)
        if n < guards.WRONG_CODES_ALLOWED:
            assert f"Wrong codes in half an hour: {n} of 5" in text_of(page)
    html = page.content.decode()
    last = MarketplaceAction.objects.filter(kind=RECEIVED).order_by("finished_at").first()
    assert last is not None
    assert last.finished_at is not None
    until = last.finished_at + guards.WRONG_CODES_WITHIN + timedelta(seconds=1)

    assert "5 wrong codes in half an hour" in text_of(page)
    assert f'data-until="{until.isoformat()}"' in html
    assert "data-key-digit" not in html
    assert 'name="code"' not in html
    refused = web.post(address(task), form(task, code=right(upstream, task), nonce="n9"))
    assert refused.status_code == 409
    assert MarketplaceAction.objects.filter(kind=RECEIVED).count() == 5
    assert bad not in html

    MarketplaceAction.objects.filter(pk=last.pk).update(finished_at=timezone.now() - timedelta(minutes=31))
    assert "half an hour: 4 of 5" in text_of(web.get(address(task)))


def test_the_results_are_those_of_this_person_at_this_desk(
    task_at: Task, web: Client, boss: User, upstream: RunningSandbox
) -> None:
    first, second = task_at(Stage.DELIVERING), task_at(Stage.DELIVERING)
    web.post(address(first), form(first, code=wrong(upstream, first)))
    web.post(address(second), form(second, code=right(upstream, second), nonce="n2"))
    waiting = web.get("/desk/results/").content.decode()
    work(first.account)
    words = text_of(web.get("/desk/results/"))

    assert 'hx-trigger="every 2s"' in waiting
    assert words.index(second.external_id) < words.index(first.external_id)
    assert "wrong code" in words
    assert "every 2s" not in web.get("/desk/results/").content.decode()
    other = browser(boss)
    assert first.external_id not in text_of(other.get("/desk/results/"))
    session = other.session
    session["desk"] = list(MarketplaceAction.objects.values_list("pk", flat=True))
    session.save()
    assert first.external_id not in text_of(other.get("/desk/results/"))


# A marketplace without codes ------------------------------------------------------------------------------------------
def test_where_no_code_is_asked_for_it_is_confirmed_in_a_second_step(order_at: Order, web: Client) -> None:
    task = order_at(status="DELIVERY")
    page = web.get(address(task))
    words = text_of(page)

    for said in (
        "Needed no code; a reason where the buyer refuses",
        "Yes, received",
        "This cannot be taken back",
        "Is a code needed?",
    ):
        assert said in words, said
    assert "data-desk-code" not in page.content.decode()
    assert web.post(address(task), form(task)).status_code == 302
    work(task.account)
    assert AssemblyTask.objects.get(pk=task.pk).stage == Stage.RECEIVED
    assert "Received" in text_of(web.get(address(task)))


def test_a_refusal_there_needs_a_reason(order_at: Order, web: Client) -> None:
    task = order_at(status="DELIVERY")
    bare = web.post(address(task), form(task, ActionKind.CANCEL), headers=HTMX)

    assert bare.status_code == 422
    assert "Choose a reason." in text_of(bare)
    assert 'name="desk-way" open' in bare.content.decode()
    assert MarketplaceAction.objects.count() == 0
    assert (
        web.post(address(task), form(task, ActionKind.CANCEL, reason="USER_CHANGED_MIND", nonce="n2")).status_code
        == 302
    )
    work(task.account)
    assert MarketplaceAction.objects.get().payload == {"reason": "USER_CHANGED_MIND"}
    assert AssemblyTask.objects.get(pk=task.pk).stage == Stage.CANCELLED


# Who, and what it costs -------------------------------------------------------------------------------------------------
def test_the_desk_is_for_who_may_ask_marketplaces(task_at: Task, onlooker: Client, web: Client) -> None:
    task = task_at(Stage.DELIVERING)
    for there in ("/desk/", address(task), f"/desk/{task.pk}/state/", "/desk/results/"):
        assert onlooker.get(there).status_code == 403
    assert onlooker.post(address(task), form(task, code="123456")).status_code == 403
    assert MarketplaceAction.objects.filter(kind=RECEIVED).count() == 0
    assert web.get("/desk/").status_code == 200


def test_the_code_is_kept_sealed_and_nowhere_else(
    task_at: Task, web: Client, upstream: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    task = task_at(Stage.DELIVERING)
    code = right(upstream, task)
    web.post(address(task), form(task, code=code))
    action = MarketplaceAction.objects.get(kind=RECEIVED)

    assert action.state == ActionState.QUEUED
    assert code not in str(action.payload)
    assert code not in str(dict(web.session))
    assert code not in "".join(RequestKey.objects.values_list("digest", flat=True))
    assert code not in caplog.text


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_desk_costs_the_same_however_much_was_asked(
    task_at: Task, web: Client, upstream: RunningSandbox, count: int
) -> None:
    task = task_at(Stage.DELIVERING)
    for n in range(count):
        web.post(address(task), form(task, code=wrong(upstream, task), nonce=f"n{n}"))
        work(task.account)
    web.get("/desk/")
    with counted() as statements:
        assert web.get(address(task)).status_code == 200

    # session, person, accounts with counts, task, items, codes, actions; results where there are any
    assert len(statements) == (8 if count else 7), statements
