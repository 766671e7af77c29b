"""An order of MeaSoft as a snapshot: with a history, without one, and from an old server."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from carriers.statuses import TrackingStatus
from carriers.types import Problem, ProblemKind, Snapshot
from tests.carriers.support import sample

from .support import answer, bench, order, read, snapshot, status

NEW = status("NEW", "2026-11-20 14:08:43", "2026-11-20 17:08:43", eventstore="Москва", title="Новый")
ACCEPTED = status("ACCEPTED", "2026-11-20 18:00:00", "2026-11-21 01:00:00", eventstore="Новосибирск", title="На складе")
COMPLETE = status("COMPLETE", "2026-11-21 09:40:12", "2026-11-21 12:40:10", eventstore="Москва", title="Доставлен")


def test_the_order_of_the_contract() -> None:
    found = snapshot(bench(sample("measoft.statusreq.response.xml")).carrier.track(["MW-1001"])[0])

    new, complete = found.events
    assert (new.code, new.title, new.place, new.message) == ("NEW", "Новый", "Москва", "")
    assert new.happened_at == datetime(2026, 11, 20, 14, 8, 43, tzinfo=UTC)
    assert new.local_time == datetime(2026, 11, 20, 17, 8, 43)
    assert found.current == complete
    assert (complete.code, complete.happened_at) == ("COMPLETE", datetime(2026, 11, 21, 9, 40, 12, tzinfo=UTC))
    assert complete.local_time == datetime(2026, 11, 21, 12, 40, 10)
    assert found.meaning is not None
    assert found.meaning.status == TrackingStatus.DELIVERED
    assert (found.number, found.own_number, found.aliases) == ("MW-1001", "MW-1001", ("7654321", "MW1001"))
    assert (found.complete, found.returned, found.delivered_on) == (True, None, date(2026, 11, 21))
    assert found.details == {
        "planned_date": "2026-11-21",
        "delivered_date": "2026-11-21",
        "delivered_time": "12:40",
        "arrival": "2026-11-21 00:00:00",
    }
    assert found.remark == "Иванов"
    assert b"<company>\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd\xd0\xbe\xd0\xb2</company>" in found.raw


def test_nothing_personal_is_shown_of_a_snapshot() -> None:
    found = snapshot(bench(sample("measoft.statusreq.response.xml")).carrier.track(["MW-1001"])[0])

    assert "Иванов" not in repr(found)
    assert "000-00-00" not in repr(found)


def test_the_order_of_the_contract_holds_nothing_unknown() -> None:
    desk = bench(sample("measoft.statusreq.response.xml"))

    desk.carrier.track(["MW-1001"])

    assert desk.notes.drift == []


def test_gmt_orders_and_local_time_is_shown_as_it_is() -> None:
    """In Novosibirsk it is later on the wall, and the event in Moscow happened after it."""
    late = status("DEPARTURE", "2026-11-20 18:30:00", "2026-11-20 21:30:00", eventstore="Москва")

    found = read(answer(order("MW-1", late, late, ACCEPTED)))

    assert [event.code for event in found.events] == ["ACCEPTED", "DEPARTURE"]
    assert [str(event.local_time) for event in found.events] == ["2026-11-21 01:00:00", "2026-11-20 21:30:00"]


def test_a_plan_without_a_history() -> None:
    found = read(answer(order("MW-1", COMPLETE)))

    assert [event.code for event in found.events] == ["COMPLETE"]
    assert (found.complete, found.current.dated) == (False, True)
    assert found.delivered_on == date(2026, 11, 21)


def test_the_bare_word_of_an_old_server() -> None:
    found = read(answer(order("MW-1", "<status>COMPLETE</status>")))

    assert [(event.code, event.happened_at, event.local_time) for event in found.events] == [("COMPLETE", None, None)]
    assert (found.complete, found.current.dated, found.delivered_on) == (False, False, None)
    assert found.meaning is not None
    assert found.meaning.status == TrackingStatus.DELIVERED


def test_a_bare_word_beside_a_history_is_not_a_second_event() -> None:
    found = read(answer(order("MW-1", "<status>COMPLETE</status>", NEW, COMPLETE)))

    assert [event.code for event in found.events] == ["NEW", "COMPLETE"]
    assert found.current == found.events[1]


def test_the_status_element_is_right_even_where_the_history_goes_on() -> None:
    """COMPLETE, then NEW: an operator corrected himself (seed 000). Nothing is ranked."""
    back = status("NEW", "2026-11-22 08:00:00", "2026-11-22 11:00:00", eventstore="Москва")

    first = read(answer(order("MW-1", COMPLETE, NEW, COMPLETE)))
    second = read(answer(order("MW-1", back, NEW, COMPLETE, back)))
    odd = read(answer(order("MW-1", NEW, NEW, COMPLETE)))

    assert [found.meaning and found.meaning.status for found in (first, second, odd)] == [
        TrackingStatus.DELIVERED,
        TrackingStatus.PENDING,
        TrackingStatus.PENDING,
    ]
    assert [event.code for event in second.events] == ["NEW", "COMPLETE", "NEW"]
    assert len({event.key for event in second.events}) == 3


def test_without_a_status_element_the_newest_of_the_history_counts() -> None:
    found = read(answer(order("MW-1", "", COMPLETE, NEW)))

    assert found.current.code == "COMPLETE"


def test_an_order_without_any_status() -> None:
    (reply,) = bench(answer(order("MW-1", "<status/>"))).carrier.track(["MW-1"])

    assert isinstance(reply, Problem)
    assert (reply.number, reply.kind) == ("MW-1", ProblemKind.UNREADABLE)


def test_a_row_without_a_word_makes_the_history_incomplete() -> None:
    found = read(answer(order("MW-1", COMPLETE, NEW, "<status/>", COMPLETE)))

    assert [event.code for event in found.events] == ["NEW", "COMPLETE"]
    assert found.complete is False


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-13-45 99:00:00", "21.11.2026 12:40", "0001-01-01 00:00:00", "9999-12-31 23:59:59", "9" * 5000],
)
def test_a_time_that_is_none_is_never_now(text: str) -> None:
    page = answer(order("MW-1", status("COMPLETE", text, text)))
    desk = bench(page, page)

    first, second = (snapshot(desk.carrier.track(["MW-1"])[0]) for _poll in range(2))

    assert (first.current.happened_at, first.current.local_time) == (None, None)
    assert first.events == second.events
    assert {(kind, name) for _place, kind, name in desk.notes.drift} == {("value", "a time that is none")}


@pytest.mark.parametrize("text", ["0000-00-00 00:00:00", "", "   "])
def test_no_time_is_no_news(text: str) -> None:
    desk = bench(answer(order("MW-1", status("COMPLETE", text, text))))

    found = snapshot(desk.carrier.track(["MW-1"])[0])

    assert (found.current.dated, desk.notes.drift) == (False, [])


def test_only_a_local_time() -> None:
    found = read(answer(order("MW-1", status("COMPLETE", local="2026-11-21 01:40:10"))))

    assert (found.current.happened_at, found.current.local_time) == (None, datetime(2026, 11, 21, 1, 40, 10))
    assert found.current.moment == datetime(2026, 11, 21, 1, 40, 10, tzinfo=UTC)
    assert found.delivered_on == date(2026, 11, 21)


def test_a_day_is_never_made_of_gmt() -> None:
    """22:30 GMT is the next day in Moscow, and which place it was is not told."""
    found = read(answer(order("MW-1", status("COMPLETE", "2026-11-21 22:30:00"))))

    assert found.delivered_on is None


def test_a_megabyte_in_one_attribute() -> None:
    huge = "Ж" * 2**20
    found = read(
        answer(order("MW-1", status("COMPLETE", "2026-11-21 09:40:12", title=huge, message=huge, eventstore=huge)))
    )

    assert (len(found.current.title), len(found.current.message), len(found.current.place)) == (300, 300, 300)
    assert len(found.current.key) == 32


def test_a_word_of_a_megabyte_is_unknown_and_short() -> None:
    found = read(answer(order("MW-1", status("X" * 2**20, "2026-11-21 09:40:12"))))

    assert (len(found.current.code), found.meaning) == (80, None)


def test_new_fields_and_words_are_counted_and_harmless() -> None:
    row = status("TELEPORTED", "2026-11-21 09:40:12", mood="good")
    desk = bench(answer(order("MW-1", row, inside="<drone/>", more=' planet="Mars"')))

    found = snapshot(desk.carrier.track(["MW-1"])[0])

    assert (found.current.code, found.meaning) == ("TELEPORTED", None)
    assert desk.notes.drift == [
        ("order", "field", "@planet"),
        ("order", "field", "drone"),
        ("order", "field", "status@mood"),
        ("order", "value", "status=TELEPORTED"),
    ]


@pytest.mark.parametrize(("number", "kind"), [("52", ProblemKind.NOT_FOUND), ("13", ProblemKind.UNREADABLE)])
@pytest.mark.parametrize("named", ["MW-1", ""])
def test_one_order_that_is_refused(number: str, kind: ProblemKind, named: str) -> None:
    """Shape 4 (contract 1.7): it is about the order, also where it does not repeat its number."""
    refused = f'<order orderno="{named}" error="{number}" errormsg="no" errormsgru="Заказ не найден"/>'

    (reply,) = bench(answer(refused)).carrier.track(["MW-1"])

    assert reply == Problem("MW-1", kind, "Заказ не найден")


def test_the_digest_is_the_same_when_nothing_of_the_parcel_changed() -> None:
    """A changed price puts an order into the feed as well (contract 1.4)."""
    first = read(answer(order("MW-1", COMPLETE, NEW, COMPLETE, inside="<price>387.50</price>")))
    again = read(answer(order("MW-1", COMPLETE, COMPLETE, NEW, inside="<price>12.00</price>")))
    moved = read(answer(order("MW-1", ACCEPTED, NEW, COMPLETE, ACCEPTED)))

    assert first.digest == again.digest != moved.digest
    assert isinstance(first, Snapshot)
