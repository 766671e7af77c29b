"""What a personal access token adds at Dellin: returns, sessions, and the order journal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from backoffice.errors import CredentialsError, Refused, Temporary, Unreadable
from carriers.providers.dellin import offer, sessions
from carriers.statuses import TrackingStatus
from carriers.types import Changed, ProblemKind

from .support import APPKEY, PAT, SESSION, bench, connection, entry, history, journal, problem, refusal, row, snapshot

AT = "2026-11-15T10:00:00+03:00"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_returns_are_asked_of_the_journal() -> None:
    page = history(row("finished", AT))
    page["data"]["statusHistory"]["1002"] = [row("inway", AT, number="1002")]
    orders = journal(
        entry("400267443", returned=True, own="MW-1", returnReason="Отказ", returnDate="2026-11-16"),
        entry("1002", returned=False),
    )
    desk = bench(page, SESSION, orders, pat=PAT)

    first, second = (snapshot(reply) for reply in desk.carrier.track(["400267443", "1002"]))

    assert desk.paths == ["/v3/orders/statuses_history.json", "/v4/auth/login.json", "/v3/orders.json"]
    assert desk.bodies[1] == {"appkey": APPKEY, "pat": PAT}
    assert desk.bodies[2] == {"appkey": APPKEY, "sessionID": "s-1", "docIds": ["400267443", "1002"]}
    assert first.meaning is not None
    assert (first.meaning.status, first.returned, first.own_number) == (TrackingStatus.RETURNED, True, "MW-1")
    assert first.details == {"return_reason": "Отказ", "return_date": "2026-11-16"}
    assert (first.delivered_on, second.returned) == (None, False)


PAPERS = [{"id": "16-001", "type": "shipping", "fullDocumentId": "16-00000001"}, {"id": 5551, "type": "request"}]


def waybills(*numbers: str) -> dict[str, Any]:
    """Histories that stand under the numbers of waybills."""
    page = history()
    page["data"]["statusHistory"] = {number: [row("finished", AT, number=number)] for number in numbers}
    return page


@pytest.mark.parametrize("number", ["16-001", "16-00000001", "5551"])
def test_a_waybill_leads_to_an_order_of_another_number(number: str) -> None:
    orders = journal(entry("400267443", returned=True, documents=PAPERS))
    desk = bench(waybills(number), SESSION, orders, pat=PAT)

    found = snapshot(desk.carrier.track([number])[0])

    assert found.returned is True
    assert set(found.aliases) == {"400267443", "16-001", "16-00000001", "5551"} - {number}
    assert desk.notes.drift == []


def test_waybills_that_are_asked_for_together_each_find_their_order() -> None:
    orders = journal(
        entry("1001", returned=True, documents=[{"id": "16-001"}]),
        entry("1002", returned=False, documents=[{"id": "16-002"}, {"id": "16-003"}]),
        entry("1003", returned=False),
    )
    desk = bench(waybills("16-001", "16-002", "1003"), SESSION, orders, pat=PAT)

    found = [snapshot(reply) for reply in desk.carrier.track(["16-001", "16-002", "1003"])]

    assert [each.returned for each in found] == [True, False, False]
    assert [each.meaning.status for each in found if each.meaning] == ["returned", "delivered", "delivered"]
    assert len(desk.script.sent) == 3


@pytest.mark.parametrize("documents", [None, [], {}, "16-001", [["16-001"]], [{"id": "16-999"}], [{"id": ["16-001"]}]])
def test_a_journal_that_speaks_of_another_order_says_nothing_of_ours(documents: Any) -> None:
    """It is not known then whether the parcel went back: nobody is told that it was delivered (``hides_returns``)."""
    orders = journal(entry("400267443", returned=False, own="MW-9", documents=documents))
    desk = bench(waybills("16-001"), SESSION, orders, pat=PAT)

    found = snapshot(desk.carrier.track(["16-001"])[0])

    assert (found.returned, found.own_number, found.aliases, found.details) == (None, "", (), {})
    assert ("orders", "value", "an order that was not asked for") in desk.notes.drift


def test_a_paper_of_two_orders_tells_neither() -> None:
    orders = journal(entry("1001", documents=[{"id": "16-001"}]), entry("1002", documents=[{"id": "16-001"}]))

    found = snapshot(bench(waybills("16-001"), SESSION, orders, pat=PAT).carrier.track(["16-001"])[0])

    assert found.returned is None


def test_the_number_of_an_order_is_stronger_than_that_of_a_paper() -> None:
    orders = journal(entry("1002", returned=True, documents=[{"id": "1001"}]), entry("1001", returned=False))

    found = snapshot(bench(waybills("1001"), SESSION, orders, pat=PAT).carrier.track(["1001"])[0])

    assert found.returned is False


def test_a_change_names_the_papers_too() -> None:
    desk = bench(SESSION, journal(entry("400267443", documents=PAPERS)), pat=PAT)

    (changed,) = desk.carrier.changed("").changed

    assert changed.names == ("400267443", "16-001", "16-00000001", "5551")


@time_machine.travel(NOW, tick=False)
def test_a_window_that_cannot_be_read_is_passed_over() -> None:
    """The next one overlaps it by ten minutes, from when its first page was asked for."""
    desk = bench(SESSION, journal(entry("1")), journal(), pat=PAT)
    first = desk.carrier.changed("")

    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        page = desk.carrier.pass_over(first.cursor)
        desk.carrier.commit(page)
        desk.carrier.changed(page.cursor)

    assert (page.changed, page.snapshots, page.more) == ((), (), False)
    assert (desk.bodies[-1]["lastUpdate"], desk.bodies[-1]["page"]) == ("2026-11-20 14:50:00", 1)
    with pytest.raises(Refused, match="not_offered"):
        bench().carrier.pass_over("")


def test_nothing_found_asks_no_journal() -> None:
    desk = bench(refusal(130002, "Заказ не найден"), pat=PAT)

    assert problem(desk.carrier.track(["1001"])[0]).kind == ProblemKind.NOT_FOUND


def test_a_finished_order_is_not_told_while_the_journal_is_silent() -> None:
    """It may be one that went back to the sender."""
    desk = bench(history(row("finished", AT)), SESSION, Temporary("timeout"), pat=PAT)

    with pytest.raises(Temporary):
        desk.carrier.track(["400267443"])


def test_a_session_is_kept_and_renewed_once() -> None:
    """Also by the next provider of the account: each job builds its own."""
    first = bench(SESSION, journal(), pat=PAT)
    first.carrier.changed("")
    second = bench(refusal(1, "сессия", 401), {"sessionID": "s-2"}, journal(), pat=PAT)

    second.carrier.changed("")

    assert second.paths == ["/v3/orders.json", "/v4/auth/login.json", "/v3/orders.json"]
    assert [body.get("sessionID") for body in second.bodies] == ["s-1", None, "s-2"]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_token_that_is_not_accepted(status: int) -> None:
    desk = bench(refusal(1, "токен", status), pat=PAT)

    with pytest.raises(CredentialsError):
        desk.carrier.changed("")

    assert desk.paths == ["/v4/auth/login.json"]


def test_a_login_without_a_session() -> None:
    with pytest.raises(Unreadable):
        bench({"metadata": {"status": 200}, "data": {}}, pat=PAT).carrier.changed("")


def test_check() -> None:
    without = bench(refusal(130002, "Заказ не найден"))
    with_token = bench(refusal(130002, "Заказ не найден"), SESSION, pat=PAT)

    without.carrier.check()
    with_token.carrier.check()

    assert without.paths == ["/v3/orders/statuses_history.json"]
    assert with_token.paths == ["/v3/orders/statuses_history.json", "/v4/auth/login.json"]
    with pytest.raises(CredentialsError):
        bench((401, refusal(1, "ключ", 401))).carrier.check()
    with pytest.raises(Refused, match="117004"):
        bench(refusal(117004, "…")).carrier.check()


def test_without_a_token_changes_are_not_told() -> None:
    desk = bench()

    with pytest.raises(Refused, match="not_offered"):
        desk.carrier.changed("")

    assert (desk.script.sent, desk.carrier.offer.tells_changes) == ([], False)


def test_pages_and_a_window_that_overlaps() -> None:
    """What changes while the pages are read is in the next window: it begins ten minutes before the first page was asked for."""
    desk = bench(
        SESSION,
        journal(entry("1", own="MW-1"), entry("2", returned=True)),
        journal(entry("3")),
        journal(),
        journal(),
        pat=PAT,
    )
    with time_machine.travel(NOW, tick=False):
        first = desk.carrier.changed("")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        second = desk.carrier.changed(first.cursor)
        third = desk.carrier.changed(second.cursor)
        desk.carrier.changed(third.cursor)

    assert first.changed == (Changed("1", "MW-1", returned=False), Changed("2", "", returned=True))
    assert [page.more for page in (first, second, third)] == [True, True, False]
    assert [(body["lastUpdate"], body["page"]) for body in desk.bodies[1:]] == [
        ("2026-11-19 15:00:00", 1),
        ("2026-11-19 15:00:00", 2),
        ("2026-11-19 15:00:00", 3),
        ("2026-11-20 14:50:00", 1),
    ]
    assert {body["orderBy"] for body in desk.bodies[1:]} == {"updated_at"}
    assert all("states" not in body for body in desk.bodies)


def test_the_last_page_where_it_is_told() -> None:
    desk = bench(SESSION, journal(entry("1"), totalPages=2), journal(entry("2"), totalPages=2), pat=PAT)

    first = desk.carrier.changed("")
    second = desk.carrier.changed(first.cursor)

    assert (first.more, second.more) == (True, False)


def test_an_upstream_that_does_not_turn_pages_ends() -> None:
    desk = bench(SESSION, journal(entry("1")), journal(entry("1")), pat=PAT)

    first = desk.carrier.changed("")
    second = desk.carrier.changed(first.cursor)

    assert (first.more, second.more) == (True, False)


def test_the_same_page_again_until_the_cursor_is_kept() -> None:
    desk = bench(SESSION, journal(entry("1")), journal(entry("1")), pat=PAT)

    with time_machine.travel(NOW, tick=False):
        assert desk.carrier.changed("") == desk.carrier.changed("")


@pytest.mark.parametrize("cursor", ["nonsense", "{}", "[]", '{"since": "2026"}'])
@time_machine.travel(NOW, tick=False)
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str) -> None:
    desk = bench(SESSION, journal(), pat=PAT)

    desk.carrier.changed(cursor)

    assert desk.bodies[1]["lastUpdate"] == "2026-11-19 15:00:00"


def test_one_broken_entry_takes_none_with_it() -> None:
    desk = bench(SESSION, journal(["what"], entry("1", returned="sometimes"), {"orderId": None}), pat=PAT)

    page = desk.carrier.changed("")

    assert page.changed == (Changed("1", "", None),)
    assert [kind for _place, kind, _name in desk.notes.drift] == ["value", "value"]


WHOLE = json.dumps(journal(entry("400267443", returnReason="Отказ")), ensure_ascii=False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"metadata": {"status": 200}, "orders": {"1": {}}},
        b"",
        b"<html></html>",
        WHOLE[: len(WHOLE) // 2],
        WHOLE.encode("cp1251"),
        b'{"orders": ' + b"[" * 100_000,
    ],
)
def test_a_journal_that_is_none(body: Any) -> None:
    for ask in ("changes", "returns"):
        page = [history(row("finished", AT))] if ask == "returns" else []
        desk = bench(*page, SESSION, body, pat=PAT)

        with pytest.raises(Unreadable):
            desk.carrier.changed("") if ask == "changes" else desk.carrier.track(["400267443"])
        sessions.forget_all()


def test_a_megabyte_in_one_value_of_the_journal() -> None:
    huge = "Ж" * 2**20
    more = {"returnReason": huge, "returnDate": huge, "declineReason": huge, "documents": [{"id": huge}]}
    desk = bench(history(row("finished", AT)), SESSION, journal(entry("400267443", own=huge, **more)), pat=PAT)

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert {len(value) for value in found.details.values()} == {300}
    assert ([len(name) for name in found.aliases], len(found.own_number)) == ([80], 80)


@pytest.mark.parametrize("value", ["вчера", "2026-99-99", 5, ["2026-11-16"]])
def test_a_day_of_a_return_that_is_none_is_told_as_it_is(value: Any) -> None:
    """It is shown and nothing is worked out from it."""
    orders = journal(entry("400267443", returned=True, returnDate=value))
    desk = bench(history(row("finished", AT)), SESSION, orders, pat=PAT)

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert found.returned is (None if isinstance(value, list) else True)
    assert found.details == ({} if isinstance(value, list) else {"return_date": str(value)})


def test_a_commit_is_no_call() -> None:
    desk = bench(SESSION, journal(entry("1")), pat=PAT)

    desk.carrier.commit(desk.carrier.changed(""))

    assert len(desk.script.sent) == 2


def test_the_offer() -> None:
    without, with_token = offer(connection()), offer(connection(pat=PAT))

    assert (without.batch, without.tells_changes, without.commits, without.tells_returns) == (5, False, False, False)
    assert (with_token.tells_changes, with_token.tells_whole, with_token.tells_returns) == (True, False, True)
    assert without.poll[TrackingStatus.OUT_FOR_DELIVERY] == timedelta(minutes=15)
    assert with_token.poll[TrackingStatus.OUT_FOR_DELIVERY] == timedelta(hours=6)
    assert set(without.poll) == set(with_token.poll) == set(TrackingStatus)
