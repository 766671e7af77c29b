"""When a buyer counts as unreachable (contract 2.6 and appendix D): every condition to the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from orders.calls import Call, CallLog, judge
from orders.enums import CallOutcome
from orders.regions import Zone

MOSCOW = Zone(ZoneInfo("Europe/Moscow"), known=True, name="Москва")
VLADIVOSTOK = Zone(ZoneInfo("Asia/Vladivostok"), known=True, name="Приморский край")
JERUSALEM = Zone(ZoneInfo("Asia/Jerusalem"), known=True, name="Израиль")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def at(clock: str, day: int = 20, zone: Zone = MOSCOW) -> datetime:
    """A time of November 2026 by the buyer's clock."""
    return datetime.combine(datetime(2026, 11, day), time.fromisoformat(clock), zone.info)


def call(clock: str, outcome: CallOutcome = CallOutcome.NO_ANSWER, seconds: int | None = None, day: int = 20) -> Call:
    return Call(at(clock, day), outcome, seconds)


def log(*calls: Call | str, now: str = "20:00", day: int = 20) -> CallLog:
    """Calls to a buyer in Moscow, judged on 20 November at eight in the evening unless told otherwise."""
    made = [call(each) if isinstance(each, str) else each for each in calls]
    return judge(made, MOSCOW, at(now, day))


def reasons(judged: CallLog) -> list[str]:
    return [str(row.why_not) for row in judged.rows]


# --- which calls count


@pytest.mark.parametrize(
    ("clock", "why_not"),
    [
        ("00:00:00", "before 8 in the morning there"),
        ("07:59:59", "before 8 in the morning there"),
        ("07:59:59.999999", "before 8 in the morning there"),
        ("08:00:00", ""),
        ("20:59:59", ""),
        ("20:59:59.999999", ""),
        ("21:00:00", "at 9 in the evening there or later"),
        ("23:59:59", "at 9 in the evening there or later"),
    ],
)
def test_calls_count_from_8_until_21(clock: str, why_not: str) -> None:
    judged = log(clock, now="12:00", day=21)

    assert [(row.counts, str(row.why_not)) for row in judged.rows] == [(not why_not, why_not)]


@pytest.mark.parametrize("outcome", [CallOutcome.CALLED, CallOutcome.NO_ANSWER])
@pytest.mark.parametrize(
    ("seconds", "why_not"),
    [
        (0, "shorter than five seconds"),
        (4, "shorter than five seconds"),
        (5, ""),
        (600, ""),
        (None, ""),
    ],
)
def test_a_connection_lasts_five_seconds(outcome: CallOutcome, seconds: int | None, why_not: str) -> None:
    assert reasons(log(call("12:00", outcome, seconds))) == [why_not]


@pytest.mark.parametrize("seconds", [None, 3, 120])
def test_a_talk_never_counts(seconds: int | None) -> None:
    talk = call("12:00", CallOutcome.TALKED, seconds)
    judged = log("10:00", talk, "15:00")

    assert reasons(judged) == ["", "the buyer was reached", ""]
    assert (judged.met, judged.missing) == (False, ["1 more call is needed."])


def test_a_call_still_to_come_does_not_count() -> None:
    assert reasons(log("12:00:00", "12:00:01", now="12:00:00")) == ["", "still to come"]


def test_one_talk_beside_three_tries_takes_nothing_away() -> None:
    assert log("10:00", call("10:30", CallOutcome.TALKED), "11:00", "12:00").met is True


# --- three calls, 90 minutes


@pytest.mark.parametrize(
    ("clocks", "met"),
    [
        (("12:00:00", "12:30:00", "13:30:00"), True),
        (("12:00:00", "12:30:00", "13:29:59"), False),
        (("12:00:00", "12:00:30", "13:30:01"), True),
        (("12:00:00", "13:29:59", "13:30:00"), True),
        (("12:00:00", "13:30:00"), False),
        (("12:00:00", "12:10:00", "12:20:00", "12:30:00", "13:29:59"), False),
        (("12:00:00", "12:10:00", "12:20:00", "12:30:00", "13:30:00"), True),
        (("07:59:59", "08:00:00", "08:30:00", "09:29:59"), False),
        (("08:00:00", "08:30:00", "09:30:00"), True),
        (("19:29:59", "20:00:00", "20:59:59"), True),
        (("19:30:00", "20:00:00", "21:00:00"), False),
    ],
)
def test_the_conditions_to_the_second(clocks: tuple[str, ...], met: bool) -> None:
    assert log(*clocks, now="23:00").met is met


def test_when_they_are_met_nothing_is_missing() -> None:
    judged = log("12:00", "12:30", "13:30", now="22:15")

    assert (judged.met, judged.missing, judged.next_at) == (True, [], None)


def test_short_calls_and_talks_are_not_the_first_nor_the_third() -> None:
    early = call("11:00", seconds=4)
    late = call("14:00", CallOutcome.TALKED)

    assert log(early, "12:00", "12:30", "13:00", late).met is False


def test_calls_of_several_days_count_together() -> None:
    days = [call("20:30", day=18), call("08:10", day=19), call("12:00", day=20)]

    assert (log(*days).met, log(*days[:2]).met) == (True, False)


# --- what is missing, and when


@pytest.mark.parametrize(
    ("clocks", "now", "missing", "next_at"),
    [
        ((), "12:00", ["3 more calls are needed."], "12:00"),
        (
            (),
            "07:59:59",
            ["3 more calls are needed.", "Now it is 07:59 at the buyer's: calls count from 8 to 21."],
            "08:00",
        ),
        (("10:00",), "12:00", ["2 more calls are needed."], "12:00"),
        (
            ("14:12",),
            "14:20",
            ["2 more calls are needed.", "The third call counts from 15:42 (buyer's time)."],
            "14:20",
        ),
        (
            ("14:12", "14:30"),
            "14:35",
            ["1 more call is needed.", "The third call counts from 15:42 (buyer's time)."],
            "15:42",
        ),
        (
            ("14:11:01", "14:30"),
            "14:35",
            ["1 more call is needed.", "The third call counts from 15:42 (buyer's time)."],
            "15:41:01",
        ),
        (("14:12", "14:30"), "15:42", ["1 more call is needed."], "15:42"),
        (("14:12", "14:30"), "18:00:09", ["1 more call is needed."], "18:00:09"),
        (
            ("12:00", "12:10", "12:20"),
            "12:30",
            [
                "From the first call to the last less than 90 minutes have passed: one more is needed.",
                "It counts from 13:30 (buyer's time).",
            ],
            "13:30",
        ),
        (
            ("12:00", "12:10", "12:20", "12:25"),
            "14:00",
            ["From the first call to the last less than 90 minutes have passed: one more is needed."],
            "14:00",
        ),
    ],
)
def test_what_is_missing_today(clocks: tuple[str, ...], now: str, missing: list[str], next_at: str) -> None:
    judged = log(*clocks, now=now)

    assert (judged.met, judged.missing, judged.next_at) == (False, missing, at(next_at))


@pytest.mark.parametrize(
    ("clocks", "now", "missing", "next_at"),
    [
        (
            (),
            "22:15",
            ["3 more calls are needed.", "Now it is 22:15 at the buyer's: calls count from 8 to 21."],
            "08:00",
        ),
        (
            ("20:00", "20:10"),
            "20:15",
            ["1 more call is needed.", "The third call counts from 08:00, 21 November (buyer's time)."],
            "08:00",
        ),
        (
            ("20:00", "20:10"),
            "21:00",
            ["1 more call is needed.", "Now it is 21:00 at the buyer's: calls count from 8 to 21."],
            "08:00",
        ),
    ],
)
def test_what_waits_for_tomorrow(clocks: tuple[str, ...], now: str, missing: list[str], next_at: str) -> None:
    judged = log(*clocks, now=now)

    assert (judged.met, judged.missing, judged.next_at) == (False, missing, at(next_at, day=21))


def test_a_minute_told_is_one_at_which_the_call_counts() -> None:
    """The last half minute before 21:00 still counts, but "from 21:00" would be wrong."""
    judged = log("19:29:30", "19:40", now="20:00")

    assert judged.next_at == at("20:59:30")
    assert judged.missing[1] == "The third call counts from 08:00, 21 November (buyer's time)."


def test_no_calls_at_all() -> None:
    judged = log(now="12:00")

    expected = CallLog([], met=False, missing=["3 more calls are needed."], next_at=at("12:00"), local_now=at("12:00"))
    assert judged == expected


# --- zones


def test_a_buyer_in_vladivostok_and_a_warehouse_in_moscow() -> None:
    """15:00 in Moscow is 22:00 there; 1:00 in Moscow is 8:00 there."""
    night, morning = call("15:00", day=19), call("01:00", day=20)
    judged = judge([night, morning], VLADIVOSTOK, at("14:30"))

    assert reasons(judged) == ["at 9 in the evening there or later", ""]
    assert [row.local_at.isoformat() for row in judged.rows] == [
        "2026-11-19T22:00:00+10:00",
        "2026-11-20T08:00:00+10:00",
    ]
    assert judged.local_now.isoformat() == "2026-11-20T21:30:00+10:00"
    assert judged.missing == ["2 more calls are needed.", "Now it is 21:30 at the buyer's: calls count from 8 to 21."]
    assert judged.next_at is not None
    assert judged.next_at.isoformat() == "2026-11-21T08:00:00+10:00"


def test_times_may_come_in_any_zone() -> None:
    calls = [call("10:00"), call("10:30"), call("11:30")]
    abroad = [Call(each.at.astimezone(UTC), each.outcome, each.seconds) for each in calls]

    assert judge(abroad, MOSCOW, at("12:00").astimezone(UTC)) == judge(calls, MOSCOW, at("12:00"))


def test_the_morning_after_the_clocks_went_back() -> None:
    """In Israel summer time ends on 25 October 2026 at 2:00: the hours of calls follow the clock, 90 minutes are real ones."""
    evening = datetime(2026, 10, 24, 22, 0, tzinfo=JERUSALEM.info)
    judged = judge([], JERUSALEM, evening)

    assert judged.next_at is not None
    assert judged.next_at.isoformat() == "2026-10-25T08:00:00+02:00"
    assert judged.next_at.astimezone(UTC) - evening.astimezone(UTC) == timedelta(hours=11)


def test_a_naive_time_is_refused() -> None:
    naive = Call(datetime(2026, 11, 20, 12, 0), CallOutcome.CALLED)

    with pytest.raises(ValueError, match="naive"):
        judge([naive], MOSCOW, at("13:00"))
    with pytest.raises(ValueError, match="naive"):
        judge([], MOSCOW, datetime(2026, 11, 20, 12, 0))


# --- whatever comes

START = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
moments = st.integers(0, 3 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
outcomes = st.sampled_from([each for each in CallOutcome if each != CallOutcome.UNAVAILABLE])
any_call = st.builds(Call, moments, outcomes, st.none() | st.integers(0, 10))
any_calls = st.lists(any_call, max_size=8)


def counts_there(each: Call, now: datetime) -> bool:
    """The conditions once more, by hand: Vladivostok is ten hours ahead of UTC."""
    seconds = (each.at + timedelta(hours=10) - START).seconds
    long_enough = each.seconds is None or each.seconds >= 5
    return each.at <= now and each.outcome != "talked" and long_enough and 8 * 3600 <= seconds < 21 * 3600


@given(any_calls, moments)
def test_any_three_calls_90_minutes_apart_will_do(calls: list[Call], now: datetime) -> None:
    good = sorted(each.at for each in calls if counts_there(each, now))
    met = any(last - first >= timedelta(minutes=90) for first, _second, last in combinations(good, 3))
    judged = judge(calls, VLADIVOSTOK, now)

    assert [row.call.at for row in judged.rows if row.counts] == good
    assert (judged.met, judged.missing == [], judged.next_at is None) == (met, met, met)


@given(any_calls, moments)
def test_a_number_that_is_unavailable_needs_no_more_calls(calls: list[Call], now: datetime) -> None:
    judged = judge([*calls, Call(now, CallOutcome.UNAVAILABLE, 0)], VLADIVOSTOK, now)

    assert (judged.met, judged.missing, judged.next_at) == (True, [], None)


@given(any_calls, moments, st.randoms())
def test_the_order_of_calls_does_not_matter(calls: list[Call], now: datetime, random: Random) -> None:
    mixed = list(calls)
    random.shuffle(mixed)

    assert judge(mixed, VLADIVOSTOK, now) == judge(calls, VLADIVOSTOK, now)


@given(any_calls, moments)
def test_calling_when_told_leads_to_the_end(calls: list[Call], now: datetime) -> None:
    """Every call at ``next_at`` counts, three are enough, and the last one could not have come a second sooner."""
    made = [each for each in calls if each.at <= now]
    told: list[Call] = []
    while (moment := judge(made, VLADIVOSTOK, now).next_at) is not None and len(told) < 3:
        assert moment >= now
        if moment > now:
            sooner = Call(moment - timedelta(seconds=1), CallOutcome.NO_ANSWER, 5)
            assert judge([*made, sooner], VLADIVOSTOK, moment).met is False
        now = moment
        told.append(Call(moment, CallOutcome.NO_ANSWER, 5))
        made.append(told[-1])

    assert judge(made, VLADIVOSTOK, now).met is True
    assert [each for each in told if not counts_there(each, now)] == []
