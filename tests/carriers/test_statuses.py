"""The canonical statuses, and what a change of them means (contract 3.2, 3.5)."""

from __future__ import annotations

import itertools

import pytest
from django.utils import translation

from carriers.statuses import FACES, Change, Finality, Meaning, TrackingStatus, classify

OPEN, PROVISIONAL, FINAL = Finality.OPEN, Finality.PROVISIONAL, Finality.FINAL
#: Contract 3.2.
CANONICAL = """
pending picked_up in_transit on_hold ready_for_pickup out_for_delivery delivery_delayed delivery_failed delivered_unconfirmed
partially_delivered_unconfirmed delivered partially_delivered undelivered returning returned lost cancelled unknown
""".split()


def meaning(text: str) -> Meaning:
    """ "delivered/final"."""
    status, _, finality = text.partition("/")
    return Meaning(TrackingStatus(status), Finality(finality or "open"))


def changes(*path: str) -> list[str]:
    """What each step of a path is."""
    steps = [meaning(word) for word in path]
    return [classify(before, after).value for before, after in itertools.pairwise(steps)]


def test_the_eighteen() -> None:
    assert TrackingStatus.values == CANONICAL
    assert set(FACES) == set(TrackingStatus)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_status_has_its_own_name(language: str) -> None:
    with translation.override(language):
        names = [str(status.label) for status in TrackingStatus]

    assert len(set(names)) == 18
    assert all(any(letter >= "А" for letter in name) == (language == "ru") for name in names)


def test_the_first_word_and_the_same_again() -> None:
    assert classify(None, meaning("delivered/final")) == Change.FIRST
    assert classify(meaning("unknown"), meaning("pending")) == Change.FIRST
    assert classify(meaning("in_transit"), meaning("in_transit")) == Change.REPEAT


@pytest.mark.parametrize(
    "path",
    [
        # Contract 1.8: the usual paths hold no correction.
        "pending in_transit out_for_delivery delivered_unconfirmed/provisional delivered/final",
        "pending picked_up in_transit in_transit in_transit out_for_delivery delivered/final",
        "pending in_transit ready_for_pickup delivered/final",
        "out_for_delivery delivery_failed delivery_delayed out_for_delivery delivered/final",
        "out_for_delivery delivery_failed/provisional delivery_failed undelivered/final returning returned/final",
        "out_for_delivery partially_delivered_unconfirmed/provisional partially_delivered/final partially_delivered/final",
        "pending cancelled/final returning returned/final",
        "in_transit on_hold in_transit returning returned/final",
        "delivery_failed in_transit out_for_delivery",
    ],
)
def test_usual_paths(path: str) -> None:
    assert "correction" not in changes(*path.split())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("delivered/final pending", ["correction"]),  # COMPLETE, then NEW
        ("delivered_unconfirmed/provisional delivery_failed/provisional undelivered/final", ["correction", "progress"]),
        ("undelivered/final out_for_delivery delivered/final", ["correction", "progress"]),
        ("delivered/final returned/final", ["correction"]),
        ("lost/final in_transit", ["correction"]),
        ("returned/final returning", ["correction"]),
        ("returning in_transit", ["correction"]),
        ("delivered_unconfirmed/provisional partially_delivered/final", ["correction"]),
        ("partially_delivered/final delivered/final", ["correction"]),
        ("out_for_delivery in_transit", ["correction"]),
        ("in_transit pending", ["correction"]),
        ("delivery_failed/provisional pending", ["correction"]),
    ],
)
def test_corrections(path: str, expected: list[str]) -> None:
    assert changes(*path.split()) == expected


@pytest.mark.parametrize(
    "path", ["in_transit on_hold", "out_for_delivery ready_for_pickup", "delivery_failed in_transit"]
)
def test_neither_on_nor_back(path: str) -> None:
    assert changes(*path.split()) == ["lateral"]


def test_every_pair_has_an_answer_and_leaving_a_final_one_is_never_silent() -> None:
    after_final = {"undelivered": {"returning", "returned"}, "cancelled": {"returning", "returned"}}
    for before, after in itertools.product(TrackingStatus, repeat=2):
        if TrackingStatus.UNKNOWN in (before, after) or before == after:
            continue
        change = classify(Meaning(before, FINAL), Meaning(after))
        if before in {"delivered", "partially_delivered", "undelivered", "returned", "lost", "cancelled"}:
            assert (change == Change.PROGRESS) == (after in after_final.get(before, set())), (before, after)
