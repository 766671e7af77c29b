"""The history of statuses: the seed's samples byte for byte, in JSON and in XML, and what may be odd about rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from backoffice.errors import Unreadable
from carriers.statuses import TrackingStatus
from carriers.types import Problem, ProblemKind, Snapshot
from tests.carriers.support import sample

from .support import bench, history, problem, read, row, snapshot

MOSCOW = timezone(timedelta(hours=3))
ASKED = ["400267443", "400267444", "935743976"]


@pytest.mark.parametrize(
    "name", ["page.response.json", "statuses_history.response.json", "statuses_history.response.xml"]
)
class TestTheSeed:
    def replies(self, name: str) -> list[Snapshot | Problem]:
        desk = bench(sample(f"dellin.{name}"), dialect=name.rpartition(".")[2])
        found = desk.carrier.track(ASKED)
        assert desk.notes.drift == []
        return found

    def test_the_order_that_was_found(self, name: str) -> None:
        found = self.replies(name)[0]

        assert isinstance(found, Snapshot)
        assert [(event.code, event.subcode, event.title, event.happened_at) for event in found.events] == [
            ("waiting", "", "Ожидает сдачи на терминал", datetime(2023, 1, 12, 15, 52, 40, tzinfo=MOSCOW)),
            ("inway", "", "Груз в пути", datetime(2023, 1, 25, 11, 10, 44, tzinfo=MOSCOW)),
            ("arrived_to_airport", "", "Груз прибыл в аэропорт", datetime(2023, 1, 25, 11, 12, 3, tzinfo=MOSCOW)),
        ]
        assert {event.happened_at and event.happened_at.utcoffset() for event in found.events} == {timedelta(hours=3)}
        assert found.current == found.events[2]
        assert found.meaning is not None
        assert found.meaning.status == TrackingStatus.IN_TRANSIT
        assert (found.number, found.complete, found.returned, found.aliases) == ("400267443", True, None, ())
        assert json.loads(found.raw)[0]["state"] == "waiting"

    def test_the_messages_are_about_numbers(self, name: str) -> None:
        assert self.replies(name)[1:] == [
            Problem("400267444", ProblemKind.AMBIGUOUS, "Найдено более одного заказа"),
            Problem("935743976", ProblemKind.NOT_FOUND, "Заказ не найден"),
        ]


def test_both_forms_say_the_same() -> None:
    found = [
        snapshot(bench(sample(f"dellin.statuses_history.response.{name}"), dialect=name).carrier.track(ASKED)[0])
        for name in ("json", "xml")
    ]

    assert found[0] == found[1]
    assert [event.key for event in found[0].events] == [event.key for event in found[1].events]


MOMENT = datetime(2023, 1, 12, 12, 52, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2023-01-12T15:52:40.000+03:00", 3),
        ("2023-01-12 15:52:40+03:00", 3),
        ("2023-01-12T15:52:40+0300", 3),
        ("2023-01-12T22:52:40+10:00", 10),
        ("2023-01-12T12:52:40Z", 0),
        ("2023-01-12T15:52:40.000000000+03:00", 3),
        ("2023-01-12t12:52:40z", 0),
    ],
)
def test_every_form_of_a_date_and_its_own_offset(text: str, offset: int) -> None:
    (event,) = read(row("waiting", text)).events

    assert event.happened_at == MOMENT
    assert event.happened_at.utcoffset() == timedelta(hours=offset)
    assert event.local_time is None


def test_the_same_time_in_another_form_is_the_same_event() -> None:
    """The documents and the wire write dates differently: a switch of the form makes no second history."""
    forms = ["2023-01-12T15:52:40.000+03:00", "2023-01-12 15:52:40+03:00", "2023-01-12T12:52:40Z"]

    found = read(*(row("waiting", form) for form in forms))

    assert len(found.events) == 1


@pytest.mark.parametrize("text", ["2023-01-12 15:52", "2023-01-12T15:52:40", "2023-01-12"])
def test_a_time_without_an_offset_stays_local(text: str) -> None:
    (event,) = read(row("waiting", text)).events

    assert event.happened_at is None
    assert event.local_time is not None
    assert event.local_time.date() == date(2023, 1, 12)


@pytest.mark.parametrize(
    "value",
    ["yesterday", "12.01.2023", "2023-W02-4", "20230112", "2023-13-40T25:00:00+03:00", "0001-01-01T00:00:00+14:00", 5],
)
def test_a_time_that_is_none(value: Any) -> None:
    desk = bench(history(row("waiting", value), row("inway", "2023-01-25T11:10:44.000+03:00")))

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert [(event.code, event.dated) for event in found.events] == [("waiting", False), ("inway", True)]
    assert {(kind, name) for _place, kind, name in desk.notes.drift} == {("value", "a time that is none")}


def test_the_newest_of_both_dates_counts_and_not_the_place_in_the_list() -> None:
    found = read(
        row("delivery", "2026-11-15T10:00:00+03:00", "delivery_finished", "2026-11-15T18:30:00+03:00"),
        row("delivery", "2026-11-15T10:00:00+03:00", "delivery_departed", "2026-11-15T12:00:00+03:00"),
        row("inway", "2026-11-14T10:00:00+03:00"),
    )

    assert [event.subcode for event in found.events] == ["", "delivery_departed", "delivery_finished"]
    assert found.current.subcode == "delivery_finished"
    assert found.meaning is not None
    assert found.meaning.status == TrackingStatus.DELIVERED_UNCONFIRMED


def test_offsets_are_compared_as_moments() -> None:
    """20:00 in Vladivostok is before 14:00 in Moscow."""
    found = read(row("inway", "2026-11-15T14:00:00+03:00"), row("received", "2026-11-15T20:00:00+10:00"))

    assert [event.code for event in found.events] == ["received", "inway"]


def test_the_day_is_the_one_the_driver_handed_it_over() -> None:
    given = row("delivery", "2026-11-15T10:00:00+10:00", "delivery_finished", "2026-11-15T00:30:00+10:00")

    found = read(given, row("finished", "2026-11-18T10:00:00+03:00"))
    only_finished = read(row("finished", "2026-11-18T10:00:00+03:00"))

    assert (found.delivered_on, only_finished.delivered_on) == (date(2026, 11, 15), date(2026, 11, 18))


def test_repeated_rows_are_one_event() -> None:
    twice = row("inway", "2026-11-14T10:00:00+03:00")

    assert len(read(twice, twice, {**twice, "number": 400267443}).events) == 1


def test_a_row_of_another_number_is_not_ours() -> None:
    desk = bench(
        history(row("inway", "2026-11-14T10:00:00+03:00"), row("finished", "2026-11-15T10:00:00+03:00", number="7"))
    )

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert ([event.code for event in found.events], found.complete) == (["inway"], False)
    assert ("statusHistory", "value", "a row of another number") in desk.notes.drift


def test_only_rows_of_another_number() -> None:
    found = bench(history(row("inway", "2026-11-14T10:00:00+03:00", number="7"))).carrier.track(["400267443"])

    assert problem(found[0]).kind == ProblemKind.UNREADABLE


def test_a_broken_row_takes_no_other_with_it_and_nothing_counts_as_taken_back() -> None:
    broken: Any = [["what"], {**row("inway", "2026-11-14T10:00:00+03:00"), "state": None}]

    found = read(row("received", "2026-11-13T10:00:00+03:00"), *broken)

    assert ([event.code for event in found.events], found.complete) == (["received"], False)


def test_a_number_nobody_asked_for() -> None:
    page = history(row("inway", "2026-11-14T10:00:00+03:00"))
    page["data"]["statusHistory"]["999"] = [row("finished", "2026-11-14T10:00:00+03:00", number="999")]
    desk = bench(page)

    assert len(desk.carrier.track(["400267443"])) == 1
    assert desk.notes.drift == [("data.statusHistory", "value", "a number that was not asked for")]


@pytest.mark.parametrize("empty", [{}, [], None])
def test_only_messages(empty: Any) -> None:
    page = history(
        info=[{"number": 1000, "message": "Заказ не найден"}, {"number": "2000", "message": "Заказ украден"}]
    )
    page["data"]["statusHistory"] = empty
    desk = bench(page)

    found = [problem(reply) for reply in desk.carrier.track(["1000", "2000", "3000"])]

    assert [(each.number, each.kind) for each in found] == [
        ("1000", ProblemKind.NOT_FOUND),
        ("2000", ProblemKind.UNREADABLE),
        ("3000", ProblemKind.UNREADABLE),
    ]
    assert found[1].detail == "Заказ украден"
    assert desk.notes.drift == [("data.info", "value", "message=Заказ украден")]


def test_new_fields_are_counted_and_harmless() -> None:
    page = history(row("inway", "2026-11-14T10:00:00+03:00", planet="Mars"))
    page["data"]["weather"] = "snow"
    desk = bench(page)

    assert snapshot(desk.carrier.track(["400267443"])[0]).current.code == "inway"
    assert sorted(desk.notes.drift) == [("data", "field", "weather"), ("statusHistory", "field", "planet")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"[]",
        b"{}",
        b'{"metadata": {"status": 200}, "data": null}',
        b'{"metadata": {"status": 200}, "data": []}',
        b'{"metadata": {"status": 200}, "data": {"statusHistory": "none"}}',
        b'{"metadata": {"status": 200}, "data": {"info": {}}}',
        sample("dellin.statuses_history.response.json")[:400],
        "Заказ".encode("cp1251"),
        b'{"metadata": ' + b"[" * 100_000,
    ],
)
def test_what_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable) as found:
        bench(body).carrier.track(["400267443"])

    assert found.value.body == body


XML = sample("dellin.statuses_history.response.xml")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        XML[: len(XML) // 2],
        XML.replace(b"<response>", b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><response>').replace(
            b"2023", b"&b;"
        ),
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><response><data>&f;</data></response>',
        XML.decode().encode("cp1251"),
        XML.replace(b"</400267443>", b"</400267444>", 1),
        b"<response>" + b"<1>" * 5000 + b"</1>" * 5000 + b"</response>",
    ],
)
def test_xml_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable) as found:
        bench(body, dialect="xml").carrier.track(["400267443"])

    assert found.value.body == body


HUGE = "Ж" * 2**20


@pytest.mark.parametrize("dialect", ["json", "xml"])
def test_a_megabyte_in_one_value(dialect: str) -> None:
    told = {"stateName": HUGE, "detailedStatusRus": HUGE, "planet": HUGE}
    page: Any = history(row("inway", "2026-11-14T10:00:00+03:00", **told), row(HUGE, "2026-11-15T10:00:00+03:00"))
    if dialect == "xml":
        rows = page["data"]["statusHistory"]["400267443"]
        inner = ("".join(f"<{name}>{value or ''}</{name}>" for name, value in each.items()) for each in rows)
        texts = "".join(f"<400267443>{each}</400267443>" for each in inner)
        page = f"<response><data><statusHistory>{texts}</statusHistory></data></response>"
    desk = bench(page, dialect=dialect)

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert [(len(event.code), len(event.title), len(event.key)) for event in found.events] == [
        (5, 300, 32),
        (80, 300, 32),
    ]
    assert found.meaning is None
    assert all(len(name) < 1000 for _place, _kind, name in desk.notes.drift)


def test_a_megabyte_in_a_message_about_a_number() -> None:
    (reply,) = bench(history(info=[{"number": "1000", "message": HUGE}])).carrier.track(["1000"])

    assert len(problem(reply).detail) == 300


def test_waybills_as_names_of_elements() -> None:
    body = XML.replace(b"400267443", b"16-00191126432")

    found = snapshot(bench(body, dialect="xml").carrier.track(["16-00191126432"])[0])

    assert [event.code for event in found.events] == ["waiting", "inway", "arrived_to_airport"]
