"""Settings that accounts of every carrier have."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from backoffice.errors import Invalid
from carriers import options, registry
from carriers.base import Connection

NEEDED = {"measoft": {"extra": "8"}, "dellin": {}}


def offer_of(kind: str, **values: Any) -> Any:
    entry = registry.entry(kind)
    return registry.offer(kind, Connection(entry.default_url, entry.dialects[0], {**NEEDED[kind], **values}, {}))


@pytest.mark.parametrize(("kind", "days"), [("measoft", 3), ("dellin", 7)])
def test_a_parcel_may_be_without_news_for_as_long_as_its_carrier_takes_or_the_account_says(
    kind: str, days: int
) -> None:
    assert offer_of(kind).quiet_after == timedelta(days=days)
    assert offer_of(kind, quiet_days="5").quiet_after == timedelta(days=5)
    assert offer_of(kind, quiet_days=0.5).quiet_after == timedelta(hours=12)
    assert offer_of(kind, quiet_days=0).quiet_after == timedelta.max


@pytest.mark.parametrize("kind", ["measoft", "dellin"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quiet_days", -1),
        ("quiet_days", 91),
        ("quiet_days", "soon"),
        ("quiet_days", "nan"),
        ("numbers", "*" * 41),
        ("numbers", "A*B*C*D*"),
        ("numbers", ",".join(map(str, range(21)))),
        ("numbers", {"a": 1}),
        ("track_service", "DHL"),
        ("track_service", "-1"),
        ("track_service", "9" * 19),
        ("night", "20"),
        ("night", "25-8"),
        ("night", "20:60-8"),
        ("night", "8-8"),
        ("timezone", "Moscow"),
    ],
)
def test_a_value_that_makes_no_sense_is_said_of_its_option(kind: str, name: str, value: Any) -> None:
    with pytest.raises(Invalid, match="option") as refusal:
        offer_of(kind, **{name: value})
    assert name in str(refusal.value.message)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20-8", (time(20), time(8))),
        (" 21:30-7:05 ", (time(21, 30), time(7, 5))),
        ("0-6", (time(0), time(6))),
        ("no", None),
        ("", None),
    ],
)
def test_a_night(value: str, expected: Any) -> None:
    assert options.night(value) == expected
