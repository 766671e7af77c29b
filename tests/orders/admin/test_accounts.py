"""Accounts in the admin: secrets go in and never come out, refusals stand beside their field, buttons call services."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django_q.models import OrmQ, Schedule
from structlog.testing import capture_logs

from backoffice.errors import CredentialsError, Invalid
from backoffice.models import User
from orders import tasks
from orders.models import AssemblyTask, Attention, MarketplaceAccount
from orders.services import accounts, actors
from orders.services.syncing import notices
from sandbox.server import RunningSandbox
from tests.orders.admin.pages import errors_of, messages_of, press
from tests.orders.conftest import SELLER, made

MODEL = "orders.marketplaceaccount"
ADD = "/admin/orders/marketplaceaccount/add/"


def form(**more: Any) -> dict[str, Any]:
    return {"title": "Shop", "kind": "wildberries", "base_url": "", "dialect": "", "options": "{}", **more}


def change_path(account: MarketplaceAccount) -> str:
    return f"/admin/orders/marketplaceaccount/{account.pk}/change/"


def test_an_account_is_added_with_what_is_usual(manager: Client, boss: User) -> None:
    answer = manager.post(ADD, form(secret_token="a-very-secret-token"))

    account = MarketplaceAccount.objects.get()
    assert answer.status_code == 302
    assert (account.title, account.dialect, account.base_url) == (
        "Shop", "batch", "https://marketplace-api.wildberries.ru",
    )  # fmt: skip
    assert (account.options, account.credentials) == ({}, {"token": "a-very-secret-token"})


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "secret_token"),
        ({"secret_token": "t", "kind": "ozon"}, "kind"),
        ({"secret_token": "t", "dialect": "soap"}, "dialect"),
        ({"secret_token": "t", "base_url": "http://shop.example"}, "base_url"),
        ({"secret_token": "t", "base_url": "no address"}, "base_url"),
        ({"secret_token": "t", "base_url": "https://169.254.169.254"}, "base_url"),
        ({"secret_token": "t", "options": "[1]"}, "options"),
        ({"secret_token": "t", "options": "{"}, "options"),
        ({"secret_token": "t", "options": '{"deadline_hours": "many"}'}, "options"),
        ({"secret_token": "t", "title": ""}, "title"),
    ],
)
def test_nonsense_is_an_error_of_its_field_and_creates_nothing(
    manager: Client, more: dict[str, str], field: str
) -> None:
    answer = manager.post(ADD, form(**more))

    assert list(errors_of(answer)) == [field]
    assert MarketplaceAccount.objects.count() == 0


def test_secrets_are_never_shown_and_stay_when_left_empty(shop: MarketplaceAccount, manager: Client) -> None:
    page = manager.get(change_path(shop)).content.decode()
    assert SELLER not in page
    assert 'name="secret_token"' in page

    wrong = manager.post(change_path(shop), form(title="", secret_token="typed-just-now", enabled="on"))
    assert "typed-just-now" not in wrong.content.decode()
    manager.post(change_path(shop), form(title="Renamed", base_url=shop.base_url, dialect="v3", enabled="on"))

    shop.refresh_from_db()
    assert (shop.title, shop.dialect, shop.credentials, shop.enabled) == ("Renamed", "v3", {"token": SELLER}, True)
    manager.post(change_path(shop), form(title="Renamed", base_url=shop.base_url, secret_token="new"))
    shop.refresh_from_db()
    assert (shop.credentials, shop.enabled, shop.dialect) == ({"token": "new"}, False, "batch")


def test_another_address_does_not_get_the_stored_token(shop: MarketplaceAccount, manager: Client) -> None:
    there = shop.base_url

    for elsewhere in ("https://elsewhere.example", "", "http://127.0.0.1:9"):
        answer = manager.post(change_path(shop), form(title="Renamed", base_url=elsewhere, enabled="on"))
        assert list(errors_of(answer)) == ["secret_token"]
        assert SELLER not in answer.content.decode()
        shop.refresh_from_db()
        assert (shop.title, shop.base_url, shop.credentials) == ("Shop", there, {"token": SELLER})

    given = form(base_url="https://elsewhere.example", secret_token="typed-again", enabled="on")
    assert manager.post(change_path(shop), given).status_code == 302
    shop.refresh_from_db()
    assert (shop.base_url, shop.credentials) == ("https://elsewhere.example", {"token": "typed-again"})


def test_the_service_looks_at_the_stored_address_and_not_at_what_a_form_left(shop: MarketplaceAccount) -> None:
    wanted = accounts.Settings("Renamed", "https://elsewhere.example")
    there, shop.base_url = shop.base_url, "https://elsewhere.example"

    with pytest.raises(Invalid) as caught:
        accounts.change(shop, wanted, enabled=True, actor=actors.SYSTEM)

    assert caught.value.code == "credentials"
    shop.refresh_from_db()
    assert (shop.title, shop.base_url, shop.credentials) == ("Shop", there, {"token": SELLER})


def test_pages_of_another_place_are_left_when_the_admin_changes_it(shop: MarketplaceAccount, manager: Client) -> None:
    accounts.remember(shop, "windows", {"since": 1, "page": "abc"})

    manager.post(change_path(shop), form(base_url=shop.base_url, dialect="v3", options='{"x": 1}', enabled="on"))

    shop.refresh_from_db()
    assert shop.cursors["windows"] == {"since": 1, "page": None}


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://intranet.example/x", False),
        ("https://marketplace-api.wildberries.ru.example", False),
        ("https://marketplace-api.wildberries.ru", True),
    ],
)
def test_an_answer_of_another_address_is_kept_nowhere_at_the_account(
    shop: MarketplaceAccount, address: str, told: bool
) -> None:
    MarketplaceAccount.objects.filter(pk=shop.pk).update(base_url=address)
    shop.refresh_from_db()
    error = CredentialsError("denied", "the body of whatever answers there", status=403, method="GET", path="/ping")
    accounts.went_wrong(shop, error)

    shop.refresh_from_db()
    (question,) = Attention.objects.all()
    assert "CredentialsError 403 denied: GET /ping" in shop.last_error
    for kept in (shop.last_error, shop.paused_reason, str(question.facts)):
        assert ("the body of whatever answers there" in kept) is told


def test_who_changed_an_account_and_what_is_recorded_and_never_a_value(
    shop: MarketplaceAccount, boss: User, manager: Client
) -> None:
    def recorded() -> list[tuple[int, str]]:
        rows = LogEntry.objects.filter(object_id=str(shop.pk)).order_by("pk")
        return [(row.user_id, row.change_message) for row in rows]

    def fields(*names: str) -> tuple[int, str]:
        return boss.pk, json.dumps([{"changed": {"fields": list(names)}}])

    assert recorded() == []  # the system connected it
    with capture_logs() as lines:
        same = form(base_url=shop.base_url, enabled="on")
        for said in (same, {**same, "secret_token": "typed-secret", "title": "Renamed"}):
            manager.post(change_path(shop), said)
        for _twice in range(2):
            press(manager, MODEL, shop.pk, "pause", reason="holidays")
        for _twice in range(2):
            accounts.resume(shop, actor=actors.staff(boss))
        notices.renew_secret(shop, actor=actors.staff(boss))

    changes = [fields("title", "credentials: token"), fields("paused"), fields("resumed"), fields("credentials: hook")]
    assert recorded() == changes
    told = [line for line in lines if line["event"] == "record"]
    assert [(line["what"], line["user"]) for line in told] == [
        (["title", "credentials: token"], boss.pk), (["paused"], boss.pk), (["resumed"], boss.pk),
        (["credentials: hook"], boss.pk),
    ]  # fmt: skip
    assert "typed-secret" not in f"{told} {recorded()}"
    assert "holidays" not in str(told)
    assert "Renamed" in manager.get(f"/admin/orders/marketplaceaccount/{shop.pk}/history/").content.decode()


def test_a_refused_change_is_not_recorded(shop: MarketplaceAccount, manager: Client) -> None:
    manager.post(change_path(shop), form(base_url="https://elsewhere.example", enabled="on"))

    assert LogEntry.objects.count() == 0


def test_an_account_that_is_added_is_recorded_once(manager: Client, boss: User) -> None:
    manager.post(ADD, form(secret_token="a-very-secret-token"))

    entry = LogEntry.objects.get()
    assert (entry.user_id, entry.is_addition(), entry.object_id) == (
        boss.pk, True, str(MarketplaceAccount.objects.get().pk),
    )  # fmt: skip
    assert "secret" not in entry.change_message


def test_the_address_for_notifications_moves_with_the_account(shop: MarketplaceAccount, boss: User) -> None:
    secret = notices.renew_secret(shop, actor=actors.staff(boss))
    moved = accounts.Settings("Shop", "https://elsewhere.example", credentials={"token": "typed-again"})

    accounts.change(shop, moved, enabled=True, actor=actors.staff(boss))

    shop.refresh_from_db()
    assert shop.credentials == {"token": "typed-again", "hook": secret}


def test_the_kind_of_an_account_cannot_be_changed(shop: MarketplaceAccount, manager: Client) -> None:
    manager.post(change_path(shop), form(kind="yandex_market", base_url=shop.base_url, enabled="on"))

    shop.refresh_from_db()
    assert shop.kind == "wildberries"


def test_the_connection_is_tried_with_one_call(
    shop: MarketplaceAccount, upstream: RunningSandbox, manager: Client
) -> None:
    assert press(manager, MODEL, shop.pk, "check") == ["The marketplace answered: address and credentials are right."]
    assert len(upstream.calls()) == 1

    MarketplaceAccount.objects.update(base_url="http://127.0.0.1:9")
    (said,) = press(manager, MODEL, shop.pk, "check")
    assert said.startswith("The other side cannot be reached now.")


def test_pause_and_resume(shop: MarketplaceAccount, manager: Client) -> None:
    press(manager, MODEL, shop.pk, "pause", reason="stock-taking")
    shop.refresh_from_db()
    assert (shop.paused_reason, shop.active) == ("stock-taking", False)

    press(manager, MODEL, shop.pk, "resume")
    shop.refresh_from_db()
    assert (shop.paused_reason, shop.active) == ("", True)
    press(manager, MODEL, shop.pk, "pause")
    shop.refresh_from_db()
    assert shop.paused_reason == "paused by boss"


def test_finished_orders_are_imported_by_a_job(
    shop: MarketplaceAccount, upstream: RunningSandbox, manager: Client, django_capture_on_commit_callbacks: Any
) -> None:
    made(upstream, count=2, status="receive/sold", createdAt="2026-10-10T10:00:00Z")

    with django_capture_on_commit_callbacks(execute=True):
        press(manager, MODEL, shop.pk, "history", **{"from": "2026-10-01", "to": "2026-11-01"})

    queued = OrmQ.objects.get().task
    assert queued["func"] == "orders.tasks.import_history"
    assert tasks.import_history(*queued["args"]) == 2
    assert AssemblyTask.objects.count() == 2


@pytest.mark.parametrize(
    "days", [{}, {"from": "2026-10-01"}, {"from": "x", "to": "y"}, {"from": "2026-11-02", "to": "2026-11-01"}]
)
def test_an_import_without_a_range_is_refused(shop: MarketplaceAccount, manager: Client, days: dict[str, str]) -> None:
    (said,) = press(manager, MODEL, shop.pk, "history", **days)

    assert said in ("Choose both days of the range.", "The first day must come before the last one.")
    assert OrmQ.objects.count() == 0


def test_buttons_need_their_permission_a_post_and_a_row(shop: MarketplaceAccount, boss: User, manager: Client) -> None:
    path = f"/admin/orders/marketplaceaccount/{shop.pk}/do"
    assert manager.get(f"{path}/pause/").status_code == 405
    assert manager.post(f"{path}/explode/").status_code == 404
    assert manager.post("/admin/orders/marketplaceaccount/999/do/pause/").status_code == 404
    boss.groups.clear()
    answer = manager.post(f"{path}/pause/")
    assert (answer.status_code, messages_of(answer)) == (403, [])
    shop.refresh_from_db()
    assert shop.paused_reason == ""


def test_an_import_out_of_budget_goes_on_in_a_minute_and_a_paused_account_is_left_alone(
    shop: MarketplaceAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = ("2026-10-01T00:00:00+03:00", "2026-11-01T00:00:00+03:00")
    imports = Schedule.objects.filter(func="orders.tasks.import_history")
    monkeypatch.setattr("orders.services.syncing.history.import_range", lambda *_given, **_more: None)

    assert tasks.import_history(shop.pk, *span) == 0
    again = imports.get()
    assert (again.schedule_type, again.args) == (Schedule.ONCE, f"{shop.pk}, {span[0]!r}, {span[1]!r}")

    imports.delete()
    MarketplaceAccount.objects.update(paused_reason="stock-taking")
    assert tasks.import_history(shop.pk, *span) == 0
    assert imports.count() == 0
