"""`sync` and `history`: one full pass in this process, an answer for each account, and an exit code that tells."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from carriers.models import CarrierAccount
from orders.enums import ActionKind, ActionState, Stage
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, MarketplaceAction
from orders.services import accounts, actors
from orders.services.sending import outbox
from orders.services.shipping import shipments
from orders.services.syncing import passes
from sandbox.server import RunningSandbox
from tests.orders.conftest import connected, made
from tests.orders.tracking.parcels import dellin, measoft, order_of

NOTHING = {
    "orders_new": 0,
    "orders_changed": 0,
    "orders_broken": 0,
    "orders_finished": 0,
    "windows": 0,
    "statuses": 0,
    "actions_sent": 0,
    "actions_failed": 0,
    "actions_waiting": 0,
    "buyers": 0,
    "codes_checked": 0,
}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def sync(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and accounts of `sync --json`."""
    out = io.StringIO()
    status = 0
    try:
        call_command("sync", "--json", *arguments, stdout=out)
    except CommandError as error:
        status = error.returncode
    return status, json.loads(out.getvalue())["accounts"]


def test_without_accounts_there_is_nothing_to_do(db: None) -> None:
    out = io.StringIO()
    call_command("sync", stdout=out)

    assert out.getvalue() == "There is no account yet: see connect.\n"
    assert sync() == (0, [])


def test_one_pass_takes_orders_in_and_the_next_ones_bring_them_on(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    (number,) = made(upstream, requiredMeta=[])

    status, (report,) = sync()
    assert (status, report["account"], report["ok"], report["error"]) == (0, shop.ref, True, None)
    assert (report["orders_new"], report["actions_sent"]) == (1, 0)
    task = AssemblyTask.objects.get()
    assert (task.external_id, task.stage) == (str(number), Stage.NEW)

    outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    status, (report,) = sync("--account", shop.ref)
    task.refresh_from_db()
    assert (status, report["actions_sent"], report["buyers"], report["orders_new"]) == (0, 1, 1, 0)
    assert (task.stage, upstream.order(number)["supplierStatus"]) == (Stage.ASSEMBLING, "confirm")
    assert Buyer.objects.get().name is not None

    status, (report,) = sync()
    assert (status, report) == (0, {"account": shop.ref, "ok": True, **NOTHING, "error": None})


def test_a_pass_asks_for_open_tasks_whenever_their_next_check_was_planned(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    (number,) = made(upstream)
    sync()
    upstream.play(number, "decline")

    _status, (report,) = sync()

    assert (report["statuses"], AssemblyTask.objects.get().stage) == (1, Stage.CANCELLED)


def test_one_account_that_fails_does_not_stop_the_others(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream)
    shut = accounts.connect(
        "wildberries", title="Shut", base_url="http://127.0.0.1:9", credentials={"token": "t"}, options={},
        actor=actors.SYSTEM,
    )  # fmt: skip
    wrong = accounts.connect(
        "wildberries", title="Wrong", base_url=upstream.wildberries_url, credentials={"token": "unknown"}, options={},
        actor=actors.SYSTEM,
    )  # fmt: skip
    last = connected(upstream)

    status, reports = sync()

    by_ref = {report["account"]: report for report in reports}
    assert (status, list(by_ref)) == (1, [shop.ref, shut.ref, wrong.ref, last.ref])
    assert [report["ok"] for report in reports] == [True, False, False, True]
    assert by_ref[shop.ref]["orders_new"] == 1
    assert "cannot be reached" in by_ref[shut.ref]["error"]
    assert "credentials were not accepted" in by_ref[wrong.ref]["error"]
    assert "unknown" not in by_ref[wrong.ref]["error"].replace("unknown token", "")
    wrong.refresh_from_db()
    assert wrong.paused_reason != ""
    assert sync("--account", wrong.ref)[0] == 1


def test_a_bug_in_one_account_does_not_stop_the_others(
    shop: MarketplaceAccount, upstream: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = connected(upstream)
    whole = passes.run

    def breaks_first(account: passes.Account) -> passes.Outcome:
        if account.pk == shop.pk:
            raise ZeroDivisionError("secret detail")
        return whole(account)

    monkeypatch.setattr(passes, "run", breaks_first)
    status, (broken, fine) = sync()

    assert (status, broken["ok"], fine["account"], fine["ok"]) == (1, False, other.ref, True)
    assert broken["error"] == "Internal error: ZeroDivisionError. The log tells more."


def test_text_says_what_was_done(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2)
    out = io.StringIO()

    call_command("sync", stdout=out)

    assert out.getvalue().startswith(f"{shop.ref}: orders_new 2")


@pytest.mark.parametrize("ref", ["wildberries", "wildberries:", "wildberries:99", "yandex_market:1", "1", "x:²"])
def test_an_unknown_account_is_one_line(shop: MarketplaceAccount, ref: str) -> None:
    with pytest.raises(CommandError, match="There is no account"):
        call_command("sync", "--account", ref)


def test_a_switched_off_account_is_left_out_and_said_when_asked_for(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    made(upstream)
    MarketplaceAccount.objects.update(enabled=False)

    assert sync() == (0, [])
    status, (report,) = sync("--account", shop.ref)
    assert (status, report["error"], AssemblyTask.objects.count()) == (1, "The account is switched off.", 0)


def test_a_lost_answer_is_told_and_the_next_pass_finds_out(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, requiredMeta=[])
    sync()
    task = AssemblyTask.objects.get()
    action = outbox.request(task.pk, outbox.Wish(ActionKind.CONFIRM), actor=staff)
    upstream.fault("lost_answer", "status/confirm")

    status, (report,) = sync()
    action.refresh_from_db()
    assert (status, report["ok"], action.state) == (1, False, ActionState.UNCERTAIN)

    MarketplaceAction.objects.update(not_before=action.created_at)
    assert sync()[0] == 0
    action.refresh_from_db()
    assert (action.state, AssemblyTask.objects.get().stage) == (ActionState.SUCCEEDED, Stage.ASSEMBLING)


def test_history_imports_a_range_once(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    made(upstream, count=2, status="receive/sold", createdAt="2026-10-10T10:00:00Z")
    out = io.StringIO()
    arguments = ("--account", shop.ref, "--from", "2026-09-01", "--to", "2026-11-22")

    call_command("history", *arguments, stdout=out)
    call_command("history", *arguments, stdout=out)

    assert out.getvalue() == "2\n0\n"
    assert set(AssemblyTask.objects.values_list("stage", flat=True)) == {Stage.RECEIVED}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "yesterday"), "--from must be a date"),
        (("--from", "2026-02-31"), "--from must be a date"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--from must be before --to"),
        (("--from", "2026-02-01", "--account", "wildberries:99"), "There is no account"),
    ],
)
def test_history_refuses_nonsense(shop: MarketplaceAccount, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("history", "--account", shop.ref, *arguments)


def test_a_pass_asks_carriers_too(shop: MarketplaceAccount, upstream: RunningSandbox) -> None:
    couriers, freight = measoft(upstream), dellin(upstream)
    (mine,) = upstream.measoft.make(path="happy", until="DELIVERY")
    (number,) = upstream.dellin.make(path="pickup_point", steps=6)
    order = order_of(shop, "1001")
    for account, name in ((couriers, mine), (freight, number), (freight, "555000555")):
        shipments.attach(order.pk, account.pk, name, actor=actors.SYSTEM)

    status, reports = sync()

    assert (status, [report["account"] for report in reports]) == (0, [shop.ref, couriers.ref, freight.ref])
    assert reports[1] == {
        "account": couriers.ref, "ok": True, "error": None, "parcels_told": 1, "parcels_news": 1, "parcels_moved": 1,
        "parcels_problems": 0, "actions_sent": 0,
    }  # fmt: skip
    assert (reports[2]["parcels_told"], reports[2]["parcels_moved"], reports[2]["parcels_problems"]) == (2, 1, 1)
    assert list(order.shipments.order_by("pk").values_list("status", flat=True)) == [
        "out_for_delivery", "delivered", "unknown",
    ]  # fmt: skip

    upstream.measoft.finish(mine)
    status, (report,) = sync("--account", couriers.ref)
    assert (status, report["parcels_moved"], order.shipments.first().status) == (0, 1, "delivered")  # type: ignore[union-attr]  # it is there


def test_a_carrier_that_fails_or_is_paused_is_told_and_stops_nobody(
    shop: MarketplaceAccount, upstream: RunningSandbox
) -> None:
    made(upstream)
    couriers = measoft(upstream)
    shipments.attach(order_of(shop, "1001").pk, couriers.pk, "A1", actor=actors.SYSTEM)
    CarrierAccount.objects.update(base_url="http://127.0.0.1:9")

    status, reports = sync()
    assert (status, [report["ok"] for report in reports], reports[0]["orders_new"]) == (1, [True, False], 1)
    assert "cannot be reached" in reports[1]["error"]

    CarrierAccount.objects.update(paused_reason="on holiday")
    status, (report,) = sync("--account", couriers.ref)
    assert (status, report["error"]) == (1, "The account is paused: on holiday")
