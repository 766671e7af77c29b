"""One parcel has several numbers at MeaSoft: ours, the courier's code, the waybill (AWB), the barcode. An answer is found by any."""

from __future__ import annotations

import pytest

from carriers.types import ASKED_AS, Problem, ProblemKind, Snapshot

from .support import answer, bench, snapshot, status
from .test_provider import COMMITTED, DONE, NEW, NOTHING, parts


def order(
    number: str = "MW-1", code: str = "7654321", awb: str = "AWB-9", barcode: str = "4600001", now: str = DONE
) -> str:
    names = f'orderno="{number}" awb="{awb}" ordercode="{code}"'
    return f"<order {names}><barcode>{barcode}</barcode>{now}</order>"


@pytest.mark.parametrize("number", ["MW-1", "AWB-9", "4600001", "7654321"])
@pytest.mark.parametrize("key", ["orderno", "ordercode"])
def test_an_answer_is_ours_by_any_of_its_numbers(number: str, key: str) -> None:
    desk = bench(answer(order()), key=key)

    found = snapshot(desk.carrier.track([number])[0])

    assert (found.number, found.current.code) == (number, "COMPLETE")
    assert set(found.names) == {"MW-1", "AWB-9", "4600001", "7654321"}
    assert len(desk.script.sent) == 1
    assert desk.notes.drift == []


@pytest.mark.parametrize(
    ("key", "number", "asked_as"),
    [
        ("orderno", "MW-1", None),
        ("orderno", "AWB-9", "MW-1"),
        ("orderno", "7654321", "MW-1"),
        ("ordercode", "7654321", None),
        ("ordercode", "MW-1", "7654321"),
    ],
)
def test_by_what_it_is_asked_next_time(key: str, number: str, asked_as: str | None) -> None:
    found = snapshot(bench(answer(order()), key=key).carrier.track([number])[0])

    assert found.details.get(ASKED_AS) == asked_as


def test_a_number_nobody_has_may_be_the_couriers_code() -> None:
    desk = bench(NOTHING, answer(order(code="77")))

    found = snapshot(desk.carrier.track(["77"])[0])

    assert (found.number, found.own_number) == ("77", "MW-1")
    assert [parts(request)[1] for request in desk.requests] == [("orderno", "77"), ("ordercode", "77")]


def test_or_ours_where_codes_are_asked_for() -> None:
    desk = bench(NOTHING, answer(order()), key="ordercode")

    assert snapshot(desk.carrier.track(["MW-1"])[0]).number == "MW-1"
    assert [parts(request)[1] for request in desk.requests] == [("ordercode", "MW-1"), ("orderno", "MW-1")]


@pytest.mark.parametrize(("number", "calls"), [("MW-1", 1), ("١٢٣", 1), ("12-3", 1), ("123", 2)])
def test_what_is_no_code_is_asked_for_once(number: str, calls: int) -> None:
    desk = bench(*[NOTHING] * calls)

    assert desk.carrier.track([number]) == [Problem(number, ProblemKind.NOT_FOUND)]
    assert len(desk.script.sent) == calls


def test_the_second_question_finds_no_other_order() -> None:
    desk = bench(NOTHING, answer(order(code="78")))

    assert desk.carrier.track(["77"]) == [Problem("77", ProblemKind.NOT_FOUND)]
    assert desk.notes.drift == [("order", "value", "an order that was not asked for")]


def test_an_order_of_an_error_is_not_asked_for_again() -> None:
    refused = '<order orderno="77" error="13" errormsg="no"/>'

    (reply,) = bench(answer(refused)).carrier.track(["77"])

    assert isinstance(reply, Problem)
    assert reply.kind == ProblemKind.UNREADABLE


def told(*orders: str, key: str = "orderno") -> tuple[list[tuple[str, tuple[str, ...], str]], list[tuple[str, str]]]:
    """Of a page of changes: number, other numbers and own number of each parcel, and the problems."""
    page = bench(answer(*orders), COMMITTED, key=key).carrier.changed("")
    return (
        [(each.number, each.aliases, each.own_number) for each in page.snapshots],
        [(each.number, each.kind) for each in page.broken],
    )


def test_the_feed_tells_all_numbers() -> None:
    assert told(order()) == ([("MW-1", ("AWB-9", "7654321", "4600001"), "MW-1")], [])
    assert told(order(), key="ordercode") == ([("7654321", ("MW-1", "AWB-9", "4600001"), "MW-1")], [])


def test_orders_of_one_number_are_still_told_by_their_own_ones() -> None:
    """The number of two years: by it they are not told apart, by their waybills they are; neither goes to an order by itself."""
    first, second = order(code="1", awb="AWB-1"), order(code="2", awb="AWB-2", now=NEW)

    assert told(first, second) == (
        [("AWB-1", ("1",), ""), ("AWB-2", ("2",), "")],
        [("MW-1", ProblemKind.AMBIGUOUS)],
    )


def test_what_two_parcels_share_belongs_to_neither_but_for_its_own_kind() -> None:
    """The code of the one is the order number of the other."""
    first, second = order("77", code="1", awb="S", barcode="B"), order("88", code="77", awb="S", barcode="B")

    assert told(first, second) == ([("77", ("1",), "77"), ("88", (), "88")], [])


def test_an_order_without_our_number_has_the_couriers() -> None:
    assert told(order("", awb="", barcode="")) == ([("7654321", (), "")], [])


def test_one_parcel_told_twice_is_its_newest_word() -> None:
    page = bench(answer(order(now=DONE), order(now=NEW))).carrier.changed("")

    (found,) = page.snapshots
    assert found.current.code == "COMPLETE"
    assert isinstance(found, Snapshot)


def test_a_long_number_is_cut_like_every_other() -> None:
    long = "Ж" * 200
    ((_number, aliases, _own),) = told(order(awb=long, now=status("NEW")))[0]

    assert [len(name) for name in aliases] == [80, 7, 7]
