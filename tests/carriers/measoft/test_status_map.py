"""Every word of MeaSoft, from the seed and from the contract, not from our table."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from carriers.providers.measoft.status_map import CANCELLED, WORDS
from carriers.statuses import Finality, TrackingStatus
from tests.carriers.support import sample

from .support import answer, order, read, status

SEED = json.loads(sample("measoft.codes.json"))
#: Contract 1.8 (the list of 31) and 3.3: word, our status, finality.
CONTRACT = """
AWAITING_SYNC pending open
NEW pending open
NEWPICKUP pending open
PICKUP picked_up open
WMSASSEMBLED pending open
WMSDISASSEMBLED pending open
ACCEPTED in_transit open
CUSTOMSPROCESS on_hold open
CUSTOMSFINISHED in_transit open
CONFIRM in_transit open
UNCONFIRM on_hold open
DEPARTURING in_transit open
DEPARTURE in_transit open
INVENTORY in_transit open
PICKUPREADY ready_for_pickup open
DELIVERY out_for_delivery open
COURIERDELIVERED delivered_unconfirmed provisional
COURIERPARTIALLY partially_delivered_unconfirmed provisional
COURIERCANCELED delivery_failed provisional
COURIERRETURN delivery_failed open
DATECHANGE delivery_delayed open
COMPLETE delivered final
PARTIALLY partially_delivered final
CANCELED undelivered final
RETURNING returning open
RETURNED returned final
LOST lost final
PARTLYRETURNING partially_delivered final
PARTLYRETURNED partially_delivered final
TRANSACCEPTED in_transit open
PICKUPTRANS in_transit open
STORETAKE in_transit open
"""
ROWS = [line.split() for line in CONTRACT.split("\n") if line]


@pytest.mark.parametrize(("code", "expected", "finality"), ROWS)
def test_every_word_of_the_contract(code: str, expected: str, finality: str) -> None:
    found = read(answer(order("MW-1", status(code, "2026-11-21 09:40:12", "2026-11-21 12:40:10"))))

    assert found.current.code == code
    assert found.meaning is not None
    assert (found.meaning.status, found.meaning.finality) == (expected, finality)
    assert found.meaning.attention == (code in {"UNCONFIRM", "LOST"})
    assert found.meaning.trouble == {"UNCONFIRM": "not_agreed", "LOST": "lost"}.get(code)


def test_every_word_of_the_seed_is_known() -> None:
    assert len(SEED) == 23
    assert set(SEED) <= set(WORDS)
    assert set(WORDS) == {code for code, _status, _finality in ROWS}


@pytest.mark.parametrize(
    ("code", "english", "russian"),
    [
        # The seed's merged lines: the planned ones and the ones that are done.
        ("DEPARTURING", "Dispatch to another warehouse is planned", "Планируется отправка на другой склад"),
        ("DEPARTURE", "Dispatched to another warehouse", "Отправлено на другой склад"),
        ("RETURNING", "Return to the sender is planned", "Планируется возврат отправителю"),
        ("RETURNED", "Returned to the sender", "Возвращено отправителю"),
    ],
)
def test_planned_and_done_are_not_swapped(code: str, english: str, russian: str) -> None:
    for language, words in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert str(WORDS[code].name) == words


def test_only_what_a_manager_confirmed_is_final() -> None:
    final = {code for code, meaning in WORDS.items() if meaning.finality == Finality.FINAL}

    assert final == set("COMPLETE PARTIALLY PARTLYRETURNING PARTLYRETURNED CANCELED RETURNED LOST".split())


@pytest.mark.parametrize("code", ["RETURN", "WITHDRAWN_FROM_PICKUP_POINT", "CUSTOMSDELAY", "complete", "Доставлен"])
def test_a_word_that_is_in_no_table_moves_nothing(code: str) -> None:
    found = read(answer(order("MW-1", status(code, "2026-11-21 09:40:12"))))

    assert (found.current.code, found.meaning) == (code, None)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (["NEW"], TrackingStatus.CANCELLED),
        (["NEW", "CONFIRM"], TrackingStatus.CANCELLED),
        (["NEW", "ACCEPTED"], TrackingStatus.UNDELIVERED),
        (["NEW", "PICKUP"], TrackingStatus.UNDELIVERED),
        (["NEW", "ACCEPTED", "DELIVERY", "COURIERCANCELED", "COURIERRETURN"], TrackingStatus.UNDELIVERED),
    ],
)
def test_cancelled_before_and_after_it_was_handed_over(before: list[str], expected: TrackingStatus) -> None:
    rows = [status(code, f"2026-11-20 0{n}:00:00") for n, code in enumerate([*before, "CANCELED"])]

    found = read(answer(order("MW-1", rows[-1], *rows)))

    assert found.meaning is not None
    assert (found.meaning.status, found.meaning.finality) == (expected, Finality.FINAL)
    assert (found.meaning == CANCELLED) == (expected == TrackingStatus.CANCELLED)


def test_cancelled_without_a_history_may_have_been_handed_over() -> None:
    found = read(answer(order("MW-1", status("CANCELED", "2026-11-20 01:00:00"))))

    assert found.meaning == WORDS["CANCELED"]
