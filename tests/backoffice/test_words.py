"""Deadlines, times and money in words, in both languages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from backoffice import words

NBSP = "\u00a0"
NOW = datetime(2025, 11, 22, 9, 25, 0, tzinfo=UTC)  # 12:25 in Moscow, a Saturday


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("left", "text", "detail", "sentence", "urgency"),
    [
        (timedelta(days=-3), "−3 days", "19 November, 12:25", "3 days late", "late"),
        (timedelta(days=-1), "−1 day", "yesterday, 12:25", "1 day late", "late"),
        (timedelta(hours=-2, minutes=-10), "−2 h 10 min", "until 10:15", "2 h 10 min late", "late"),
        (timedelta(minutes=-25), "−25 min", "until 12:00", "25 min late", "late"),
        (timedelta(seconds=-59), "now", "until 12:24", "due now", "late"),
        (timedelta(0), "now", "until 12:25", "due now", "soon"),
        (timedelta(minutes=40), "40 min", "until 13:05", "40 min left", "soon"),
        (timedelta(hours=1), "1 h", "until 13:25", "1 h left", "soon"),
        (timedelta(hours=1, seconds=1), "1 h", "until 13:25", "1 h left", ""),
        (timedelta(hours=2, minutes=10), "2 h 10 min", "until 14:35", "2 h 10 min left", ""),
        (timedelta(hours=11, minutes=34), "11 h 34 min", "until 23:59", "11 h 34 min left", ""),
        (timedelta(hours=22), "tomorrow", "until 10:25", "due tomorrow", ""),
        (timedelta(days=3), "in 3 days", "25 November, 12:25", "due in 3 days", ""),
        (timedelta(days=20), "12 December", "until 12:25", "due 12 December", ""),
        (timedelta(days=60), "21 January 2026", "until 12:25", "due 21 January 2026", ""),
    ],
)
def test_time_left_in_english(left: timedelta, text: str, detail: str, sentence: str, urgency: str) -> None:
    with translation.override("en"):
        shown = words.time_left(NOW + left, NOW)

    assert (plain(shown.text), shown.detail, plain(shown.sentence), shown.urgency) == (text, detail, sentence, urgency)


@pytest.mark.parametrize(
    ("left", "text", "detail"),
    [
        (timedelta(minutes=-25), "−25 мин", "до 12:00"),
        (timedelta(minutes=40), "40 мин", "до 13:05"),
        (timedelta(hours=2, minutes=10), "2 ч 10 мин", "до 14:35"),
        (timedelta(hours=22), "завтра", "до 10:25"),
        (timedelta(days=2), "через 2 дня", "24 ноября, 12:25"),
        (timedelta(days=5), "через 5 дней", "27 ноября, 12:25"),
        (timedelta(days=-1), "−1 день", "вчера, 12:25"),
    ],
)
def test_time_left_in_russian(left: timedelta, text: str, detail: str) -> None:
    with translation.override("ru"):
        shown = words.time_left(NOW + left, NOW)

    assert (plain(shown.text), shown.detail) == (text, detail)


def test_a_few_hours_over_midnight_are_counted_and_not_called_tomorrow() -> None:
    late_evening = datetime(2025, 11, 22, 20, 30, tzinfo=UTC)  # 23:30 in Moscow
    with translation.override("en"):
        shown = words.time_left(late_evening + timedelta(hours=2), late_evening)

    assert (plain(shown.text), shown.detail) == ("2 h", "until 01:30")


@pytest.mark.parametrize(
    ("start", "end", "detail"),
    [
        (timedelta(days=1, hours=-2), timedelta(days=1), "10:25–12:25"),
        (timedelta(days=2, hours=-2), timedelta(days=2), "24 November, 10:25–12:25"),
        (timedelta(days=-1), timedelta(hours=1), "until 13:25"),
    ],
)
def test_a_delivery_window_shows_both_ends(start: timedelta, end: timedelta, detail: str) -> None:
    with translation.override("en"):
        assert words.time_left(NOW + end, NOW, since=NOW + start).detail == detail


def test_the_exact_time_names_its_offset() -> None:
    assert words.exact(NOW) == "22.11.2025 12:25:00 +03:00"


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=20), "20 s ago"),
        (timedelta(minutes=14, seconds=59), "14 min ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=8), "14 November, 12:25"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_time_ago(passed: timedelta, text: str) -> None:
    with translation.override("en"):
        assert plain(words.ago(NOW - passed, NOW)) == text


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("ru", Decimal("2819"), "RUB", "2 819,00 ₽"),
        ("en", Decimal("2819"), "RUB", "2,819.00 ₽"),
        ("ru", Decimal("28.40"), "BYN", "28,40 BYN"),
        ("en", Decimal("28.4"), "BYN", "28.40 BYN"),
        ("ru", Decimal("-1234567.5"), "KZT", "−1 234 567,50 ₸"),
        ("en", Decimal("1500"), "JPY", "1,500 JPY"),
        ("en", Decimal("0.005"), "RUB", "0.01 ₽"),
        ("en", Decimal("12345678901234567890.12"), "RUB", "12,345,678,901,234,567,890.12 ₽"),
        ("en", Decimal("5"), "", "5.00"),
        ("ru", None, "RUB", "—"),
    ],
)
def test_money(language: str, amount: Decimal | None, currency: str, text: str) -> None:
    with translation.override(language):
        assert plain(words.money(amount, currency)) == text
