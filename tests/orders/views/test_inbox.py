"""The attention inbox: by kind, whose, what settles each, given, put off, settled with a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from backoffice.people import Role, create_user
from orders import settling
from orders.enums import ActionKind, ActionState, AttentionKind, CodeState, Severity, Stage
from orders.inboxforms import morning
from orders.models import AssemblyTask, Attention, MarketplaceAccount, MarketplaceAction, MarkingCode
from orders.presenting.settling import _ENTRIES
from orders.queries import inbox
from orders.services import accounts, actors, attention, stages
from orders.services.sending import outbox
from orders.services.warehouse import scanning
from orders.settling import Way
from tests.orders.scans import FULL
from tests.orders.statements import counted

from .conftest import HTMX, ParcelOf, Task, browser, text_of


def ask(kind: AttentionKind, key: str, severity: Severity = Severity.WARNING, **about: Any) -> Attention:
    attention.open_one(attention.Question(kind, key, severity, **about))
    return Attention.objects.get(key=key, resolved_at=None)


def of(task: AssemblyTask) -> dict[str, Any]:
    return {"account_id": task.account_id, "order_id": task.order_id, "task_id": task.pk}


def rows(response: Any) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="question-(\d+)"', response.content.decode())]


def buttons(response: Any) -> list[str]:
    acts = re.findall(r'<div class="inbox-acts">(.*?)</div>', response.content.decode(), flags=re.DOTALL)
    return re.findall(r'class="btn [^>]*>([^<]*)<', "".join(acts))


# What is shown -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_takes_five_statements(task_at: Task, web: Client, count: int) -> None:
    task = task_at()
    for number in range(count):
        ask(AttentionKind.CORRECTION, f"a{number}", **of(task))
        ask(AttentionKind.SYNC_FAILING, f"b{number}", account_id=task.account_id)
    web.get("/attention/")
    for address in ("/attention/", "/attention/?kind=correction", "/attention/?show=free"):
        with counted() as statements:
            page = web.get(address)
        assert page.status_code == 200
        # Session, user with his roles, accounts and counts of the frame, counts by kind, the questions.
        assert len(statements) == 5, statements


def test_groups_show_the_first_and_lead_to_all(task_at: Task, web: Client) -> None:
    task, now = task_at(), timezone.now()
    for number in range(60):
        row = ask(AttentionKind.CORRECTION, f"{number:02}", **of(task))
        Attention.objects.filter(pk=row.pk).update(opened_at=now - timedelta(minutes=number))
    urgent = ask(AttentionKind.CORRECTION, "urgent", Severity.URGENT, **of(task))
    page = web.get("/attention/")
    oldest = list(Attention.objects.exclude(pk=urgent.pk).order_by("opened_at").values_list("pk", flat=True))
    assert rows(page) == [urgent.pk, *oldest[:4]]
    assert "The marketplace took a step back · 61" in text_of(page)
    assert 'href="/attention/?kind=correction"' in page.content.decode()

    first = web.get("/attention/?kind=correction")
    assert rows(first) == [urgent.pk, *oldest[:49]]
    following = re.search(r'href="([^"]*after=[^"]*)"', first.content.decode())
    assert following
    second = web.get(following.group(1).replace("&amp;", "&"))
    assert rows(second) == oldest[49:]
    assert "before=" in second.content.decode()


def test_whose_questions(task_at: Task, web: Client, picker: User, boss: User) -> None:
    task = task_at()
    mine, hers, free, off = (ask(AttentionKind.CORRECTION, key, **of(task)) for key in ("mine", "hers", "free", "off"))
    attention.assign(mine.pk, picker)
    attention.assign(hers.pk, boss)
    attention.assign(off.pk, picker)
    attention.snooze(off.pk, timezone.now() + timedelta(hours=1))

    assert set(rows(web.get("/attention/"))) == {mine.pk, hers.pk, free.pk}
    assert rows(web.get("/attention/?show=mine")) == [mine.pk]
    assert rows(web.get("/attention/?show=free")) == [free.pk]
    assert rows(web.get("/attention/?show=snoozed")) == [off.pk]
    words = text_of(web.get("/attention/?show=snoozed"))
    assert "All 3 Mine 1 Nobody's 1 Put off 1" in words
    assert "put off until" in words
    for nonsense in ("?show=x", "?kind=x", "?kind=correction&after=x", "?show=%00"):
        assert web.get(f"/attention/{nonsense}").status_code == 200


def test_exercises_stand_apart(task_at: Task, web: Client) -> None:
    task = task_at()
    ask(AttentionKind.CORRECTION, "k", **of(task))
    MarketplaceAccount.objects.update(training=True)
    assert rows(web.get("/attention/")) == []


# What settles them ---------------------------------------------------------------------------------------------------


def test_every_way_has_its_button() -> None:
    assert set(_ENTRIES) == set(Way)


@pytest.mark.parametrize("kind", AttentionKind.values)
def test_every_kind_has_one_or_two_ways(kind: str) -> None:
    assert 1 <= len(settling.ways(Attention(kind=kind))) <= 2


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (AttentionKind.CORRECTION, {}, ["Open the task"]),
        (AttentionKind.CANCELLED_IN_WORK, {}, ["Goods put back", "Open the task"]),
        (AttentionKind.CANCEL_REQUESTED, {}, ["Accept…", "Refuse…"]),
        (AttentionKind.CANCEL_REQUESTED, {"answer": False}, ["Open the task"]),
        (AttentionKind.SHORTAGE, {"item": 1, "out": True}, ["Found", "Take it out…"]),
        (AttentionKind.SHORTAGE, {"item": 1}, ["Found", "Cancel the order…"]),
        (AttentionKind.UNKNOWN_STATUS, {}, ["Open the task", "Glossary"]),
        (AttentionKind.DIVERGENCE, {}, ["Divergences", "Open the task"]),
        (AttentionKind.ACTION_FAILED, {"action": 987654}, ["Open the task"]),
        (AttentionKind.TRACKING_PROBLEM, {}, ["Open the task"]),
        (AttentionKind.SYNC_FAILING, {}, ["Open the task"]),  # settings are for managers
    ],
)
def test_the_buttons_of_a_question(
    task_at: Task, web: Client, kind: AttentionKind, facts: dict[str, Any], said: list[str]
) -> None:
    ask(kind, "k", facts=facts, **of(task_at()))
    assert buttons(web.get("/attention/")) == said


def test_a_paused_account_is_resumed_by_a_manager(shop: MarketplaceAccount, web: Client, boss: User) -> None:
    accounts.pause(shop, reason="401 token is wrong", actor=actors.SYSTEM)
    row = ask(AttentionKind.CREDENTIALS, "k", Severity.URGENT, account_id=shop.pk)
    assert buttons(web.get("/attention/")) == []
    chief = browser(boss)
    page = chief.get("/attention/")
    assert buttons(page) == ["Account settings", "Resume"]
    assert f"/admin/orders/marketplaceaccount/{shop.pk}/change/" in page.content.decode()
    assert chief.post(f"/dashboard/accounts/{shop.pk}/resume/", {"back": "/attention/"})["Location"] == "/attention/"
    shop.refresh_from_db()
    assert shop.paused_reason == ""
    assert row.pk not in rows(chief.get("/attention/?show=mine"))


def test_a_refused_action_is_sent_again_from_here(task_at: Task, web: Client, staff: actors.Actor) -> None:
    task = task_at()
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    MarketplaceAction.objects.filter(pk=action.pk).update(state=ActionState.FAILED)
    ask(
        AttentionKind.ACTION_FAILED,
        outbox.failure_key(action),
        facts={"action": action.pk, "kind": "confirm"},
        **of(task),
    )
    page = web.get("/attention/")
    assert buttons(page) == ["Send again", "Open the task"]
    answer = web.post(f"/tasks/{task.pk}/actions/{action.pk}/again/", {"back": "/attention/"})
    assert answer["Location"] == "/attention/"
    action.refresh_from_db()
    assert (action.state, rows(web.get("/attention/"))) == (ActionState.QUEUED, [])


def test_a_refused_code_is_taken_off_from_here(task_at: Task, web: Client, staff: actors.Actor) -> None:
    task = task_at(Stage.ASSEMBLING, requiredMeta=["sgtin"])
    scanning.scan(task.pk, scanning.Shot(FULL), actor=staff)
    code = MarkingCode.objects.get()
    MarkingCode.objects.update(state=CodeState.REFUSED)
    ask(AttentionKind.CODE_REFUSED, f"code_refused:{code.pk}", Severity.URGENT, **of(task))
    assert buttons(web.get("/attention/")) == ["Take the code off", "Open the task"]
    address = f"/tasks/{task.pk}/codes/{code.pk}/remove/"
    assert web.post(address, {"back": "/attention/?show=free"})["Location"] == "/attention/?show=free"
    code.refresh_from_db()
    assert (code.state, rows(web.get("/attention/"))) == (CodeState.REMOVED, [])


def test_a_parcel_without_an_answer_is_replaced_or_taken_off(task_at: Task, parcel_of: ParcelOf, web: Client) -> None:
    parcel = parcel_of(task_at(Stage.DELIVERING))
    ask(AttentionKind.TRACKING_PROBLEM, "k", order_id=parcel.order_id, shipment_id=parcel.pk)
    page = web.get("/attention/")
    assert buttons(page) == ["Replace the number…", "Take the parcel off…"]
    for name in ("replace", "detach"):
        assert web.get(f"/parcels/{parcel.pk}/{name}/?back=/attention/", headers=HTMX).status_code == 200


def test_a_question_about_an_order_shows_the_number_that_is_on_its_sheet(task_at: Task, web: Client) -> None:
    task = task_at(Stage.DELIVERING)
    ask(AttentionKind.TRACKING_PROBLEM, "k", account_id=task.account_id, order_id=task.order_id)
    web.get("/attention/")
    with counted() as statements:
        page = web.get("/attention/").content.decode()

    shown = re.search(rf'<a href="/orders/{task.order_id}/" title="([^"]*)">([^<]*)</a>', page)
    assert shown
    assert (shown.group(1), shown.group(2).strip()) == (task.order.external_id, task.external_id)
    assert len(statements) == 6, statements  # one more than without: the tasks of all orders on the page


def test_an_order_of_several_tasks_keeps_its_own_number(task_at: Task, web: Client) -> None:
    task, other = task_at(Stage.DELIVERING), task_at(Stage.DELIVERING)
    AssemblyTask.objects.filter(pk=other.pk).update(order=task.order)
    ask(AttentionKind.TRACKING_PROBLEM, "k", account_id=task.account_id, order_id=task.order_id)

    shown = re.search(rf'<a href="/orders/{task.order_id}/"[^>]*>([^<]*)</a>', web.get("/attention/").content.decode())
    assert shown
    assert shown.group(1).strip() == task.order.external_id


def test_goods_of_a_cancelled_task_are_put_back(task_at: Task, web: Client, picker: User) -> None:
    task = task_at(Stage.ASSEMBLING)
    stages.move(task, Stage.CANCELLED, actor=actors.MARKETPLACE)
    row = Attention.objects.get(kind=AttentionKind.CANCELLED_IN_WORK)
    page = web.get("/attention/")
    note = re.search(r'name="note" value="([^"]*)"', page.content.decode())
    assert note
    assert web.post(f"/attention/{row.pk}/resolve/", {"note": note.group(1), "back": "/attention/"}).status_code == 302
    row.refresh_from_db()
    assert (row.note, row.resolved_by) == ("The goods are back in their place.", picker)


# Given, put off, settled ---------------------------------------------------------------------------------------------


def test_i_see_to_it_and_no_more(task_at: Task, web: Client, picker: User, boss: User) -> None:
    row = ask(AttentionKind.CORRECTION, "k", **of(task_at()))
    for _twice in range(2):
        answer = web.post(f"/attention/{row.pk}/take/", {"back": "/attention/?show=free"})
        assert answer["Location"] == "/attention/?show=free"
        row.refresh_from_db()
        assert row.assignee == picker
    browser(boss).post(f"/attention/{row.pk}/take/", {"leave": "1"})  # not hers to leave
    row.refresh_from_db()
    assert row.assignee == picker
    web.post(f"/attention/{row.pk}/take/", {"leave": "1"})
    row.refresh_from_db()
    assert row.assignee is None


def test_somebody_else_sees_to_it(task_at: Task, web: Client, boss: User) -> None:
    row = ask(AttentionKind.CORRECTION, "k", **of(task_at()))
    create_user("program", role=Role.INTEGRATION, password="x", weak=True)
    User.objects.create_user("nobody")
    form = web.get(f"/attention/{row.pk}/give/?back=/attention/%3Fshow=free", headers=HTMX).content.decode()
    assert re.findall(r"<option[^>]*>([^<]*)</option>", form) == ["nobody", "boss", "picker"]
    assert 'value="/attention/?show=free"' in form
    assert web.post(f"/attention/{row.pk}/give/", {"user": boss.pk})["Location"] == "/attention/"
    row.refresh_from_db()
    assert row.assignee == boss
    assert web.post(f"/attention/{row.pk}/give/", {"user": "987654"}).status_code == 422
    row.refresh_from_db()
    assert row.assignee == boss
    web.post(f"/attention/{row.pk}/give/", {"user": ""})
    row.refresh_from_db()
    assert row.assignee is None


def test_it_is_put_off_and_brought_back(task_at: Task, web: Client) -> None:
    row = ask(AttentionKind.CORRECTION, "k", **of(task_at()))
    asked = web.get(f"/attention/{row.pk}/later/", headers=HTMX)
    assert "for an hour" in text_of(asked)
    before = timezone.now()
    assert web.post(f"/attention/{row.pk}/later/", {"span": "hour"})["Location"] == "/attention/"
    row.refresh_from_db()
    assert row.snoozed_until is not None
    assert before + timedelta(hours=1) <= row.snoozed_until <= timezone.now() + timedelta(hours=1)
    assert rows(web.get("/attention/")) == []
    assert web.post(f"/attention/{row.pk}/wake/").status_code == 302
    assert rows(web.get("/attention/")) == [row.pk]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"span": "time"}, "time"),
        ({"span": "time", "time": "2020-01-01T10:00"}, "time"),
        ({"span": "time", "time": "2999-01-01T10:00"}, "time"),
        ({"span": "time", "time": "soon"}, "time"),
        ({"span": "forever"}, "span"),
        ({}, "span"),
    ],
)
def test_a_time_that_makes_no_sense_is_said_in_the_form(
    task_at: Task, web: Client, given: dict[str, str], field: str
) -> None:
    row = ask(AttentionKind.CORRECTION, "k", **of(task_at()))
    answer = web.post(f"/attention/{row.pk}/later/", given)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in answer.content.decode() or "invalid-feedback" in answer.content.decode()
    row.refresh_from_db()
    assert row.snoozed_until is None


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-26 23:59", "2026-11-27 08:00"),
        ("2026-11-27 00:01", "2026-11-28 08:00"),
        ("2026-12-31 12:00", "2027-01-01 08:00"),
    ],
)
def test_tomorrow_morning_is_by_our_clock(now: str, then: str) -> None:
    moscow = ZoneInfo("Europe/Moscow")
    at = datetime.fromisoformat(now).replace(tzinfo=moscow)
    assert morning(at) == datetime.fromisoformat(then).replace(tzinfo=moscow)


def test_a_closed_question_can_be_neither_given_nor_put_off(task_at: Task, web: Client, staff: actors.Actor) -> None:
    row = ask(AttentionKind.CORRECTION, "k", **of(task_at()))
    attention.resolve(row.pk, actor=staff)
    for way, given in (("take", {}), ("give", {"user": ""}), ("later", {"span": "hour"}), ("wake", {})):
        assert web.post(f"/attention/{row.pk}/{way}/", given).status_code == 409
    for way in ("take", "give", "later", "wake"):
        assert web.post(f"/attention/987654/{way}/").status_code == 404
    row.refresh_from_db()
    assert (row.assignee, row.snoozed_until) == (None, None)


def test_who_only_looks_sees_no_buttons_and_presses_none(task_at: Task, onlooker: Client) -> None:
    row = ask(AttentionKind.CANCEL_REQUESTED, "k", **of(task_at()))
    page = onlooker.get("/attention/")
    assert buttons(page) == ["Open the task"]
    assert "Later…" not in text_of(page)
    for way in ("take", "give", "later", "wake", "resolve"):
        assert onlooker.post(f"/attention/{row.pk}/{way}/").status_code == 403
    row.refresh_from_db()
    assert (row.assignee, row.snoozed_until, row.resolved_at) == (None, None, None)


def test_people_cost_two_statements(db: None, boss: User, picker: User) -> None:
    inbox.people()  # what roles may do is read once a minute
    with counted() as statements:
        assert [user.username for user in inbox.people()] == ["boss", "picker"]
    assert len(statements) == 2


# In the browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[1440, 390], ids=["wide", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, web: Client) -> Iterator[Page]:
    view = {"width": request.param, "height": 900}
    context = browser.new_context(locale="en-GB", viewport=view, base_url=live_server.url)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    session = web.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_question_is_taken_put_off_and_settled(task_at: Task, page: Page, picker: User) -> None:
    row = ask(AttentionKind.CORRECTION, "k", facts={"from": "received", "to": "delivering"}, **of(task_at()))
    page.goto("/attention/")
    page.get_by_role("button", name="I see to it").click()
    expect(page.locator(".inbox-who")).to_contain_text("picker")
    page.get_by_role("link", name="Later…").click()
    page.locator("dialog[open]").get_by_role("button", name="Put off").click()
    expect(page.locator(".empty")).to_contain_text("Nothing waits for you")
    page.goto("/attention/?show=snoozed")
    page.get_by_role("button", name="Ask again now").click()
    page.goto("/attention/?show=mine")
    page.get_by_role("link", name="Settled…").click()
    page.locator("dialog[open] [name=note]").fill("in the van")
    page.locator("dialog[open]").get_by_role("button", name="It is settled").click()
    expect(page.locator(".empty")).to_be_visible()
    row.refresh_from_db()
    assert (row.note, row.resolved_by, row.assignee) == ("in the van", picker, picker)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
