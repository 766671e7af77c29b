"""Paths, steps, the clock, and what can be done to a parcel by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.measoft.statuses import PATHS
from sandbox.parcels.acts import CannotAct
from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop, effects, history

# Contract 1.8, "typical paths", word for word.
TYPICAL = {
    "happy": "NEW ACCEPTED DELIVERY COURIERDELIVERED COMPLETE",
    "multi_hub": "NEW PICKUP ACCEPTED DEPARTURING DEPARTURE ACCEPTED DELIVERY COMPLETE",
    "postponed": "DELIVERY COURIERRETURN DATECHANGE DELIVERY COMPLETE",
    "refused": "DELIVERY COURIERCANCELED COURIERRETURN CANCELED RETURNING RETURNED",
    "partial": "DELIVERY COURIERPARTIALLY PARTIALLY PARTLYRETURNING PARTLYRETURNED",
    "correction_b": "COURIERDELIVERED COURIERCANCELED CANCELED",
    "correction_c": "CANCELED DELIVERY COMPLETE",
    "pickup_point": "PICKUPREADY COMPLETE",
    "pickup_expired": "PICKUPREADY CANCELED",
}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_can_be_stepped(box: RunningSandbox, ms: Shop, path: str) -> None:
    (number,) = box.measoft.make(path=path)
    seen = [ms.one(number).findtext("status")]
    while box.measoft.parcel(number)["rest"]:
        box.measoft.step(number)
        seen.append(ms.one(number).findtext("status"))
    assert seen == history(ms.one(number)) == list(PATHS[path])
    assert TYPICAL.get(path, "") in " ".join(PATHS[path])
    with pytest.raises(CannotAct, match=f"step: parcel {number} is {PATHS[path][-1]}"):
        box.measoft.step(number)
    assert box.measoft.codes(number) == list(PATHS[path])


def test_correction_a(box: RunningSandbox, ms: Shop) -> None:
    """Seed 000: COMPLETE after the first query, NEW after the second."""
    (number,) = box.measoft.make(path="correction_a", until="COMPLETE")
    assert ms.one(number).findtext("status") == "COMPLETE"
    assert box.measoft.step(number) == "NEW"
    assert ms.one(number).findtext("status") == "NEW"
    assert history(ms.one(number)) == ["NEW", "ACCEPTED", "DELIVERY", "COMPLETE", "NEW"]
    assert box.measoft.finish(number) == "COMPLETE"


def test_the_clock_moves_parcels(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(path="happy", pace=3600)
    box.advance(3000)
    assert ms.one(number).findtext("status") == "NEW"
    box.advance(2 * 3600)
    rows = box.measoft.parcel(number)["rows"]
    assert history(ms.one(number)) == ["NEW", "ACCEPTED", "DELIVERY"]
    assert [round(row["at"] - rows[0]["at"], 3) for row in rows] == [0.0, 3600.0, 7200.0]
    box.advance(30 * 86_400)
    assert history(ms.one(number)) == list(PATHS["happy"])
    assert {one["cause"] for one in box.measoft.effects(number)[1:]} == {"path"}
    assert [one["call"] for one in box.measoft.effects(number)] == [None] * 5


def test_a_step_by_hand_starts_the_wait_anew(box: RunningSandbox) -> None:
    (number,) = box.measoft.make(path="happy", pace=3600)
    box.advance(3000)
    box.measoft.step(number)
    box.advance(3000)
    assert box.measoft.code(number) == "ACCEPTED"
    box.advance(700)
    assert box.measoft.code(number) == "DELIVERY"


def test_parcels_stand_unless_a_pace_is_set(box: RunningSandbox) -> None:
    (still,) = box.measoft.make()
    box.measoft.tune(pace=60)
    (going,) = box.measoft.make()
    box.advance(61)
    assert (box.measoft.code(still), box.measoft.code(going)) == ("NEW", "ACCEPTED")
    box.measoft.patch(still, pace=60)
    box.advance(61)
    assert (box.measoft.code(still), box.measoft.code(going)) == ("ACCEPTED", "DELIVERY")


def test_rows_are_a_second_apart(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(path="refused")
    box.measoft.finish(number)
    times = [row.attrib["createtimegmt"] for row in ms.one(number).findall("statushistory/status")]
    assert times == sorted(set(times))
    assert len(times) == 8


def test_made_on_its_way(box: RunningSandbox) -> None:
    (number,) = box.measoft.make(path="happy", until="DELIVERY")
    parcel = box.measoft.parcel(number)
    assert (box.measoft.codes(number), parcel["rest"]) == (
        ["NEW", "ACCEPTED", "DELIVERY"],
        ["COURIERDELIVERED", "COMPLETE"],
    )
    assert round(parcel["rows"][2]["at"] - parcel["rows"][0]["at"]) == 7200
    assert effects(box, number) == []
    assert box.measoft.effects(number)[0]["after"] == "DELIVERY"


def test_advance_and_correct(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(until="COMPLETE")
    box.measoft.correct(number)
    assert ms.one(number).findtext("status") == "NEW"
    box.measoft.advance(number, "LOST", event="2026-11-01T10:00:00+03:00", store="Калининград", title="Пропал")
    status = ms.one(number).find("status")
    assert status is not None
    assert [status.get(name) for name in ("eventtime", "eventstore", "title")] == [
        "2026-11-01 09:00:00", "Калининград", "Пропал",
    ]  # fmt: skip
    box.measoft.correct(number, "DELIVERY")
    assert [one["cause"] for one in box.measoft.effects(number)[1:]] == ["correct", "advance", "correct"]
    with pytest.raises(CannotAct):
        box.measoft.correct(number, "DELIVERY")
    assert box.measoft.codes(number)[-3:] == ["NEW", "LOST", "DELIVERY"]


def test_the_last_row_may_vanish(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(until="DELIVERY")
    box.measoft.drop_last(number)
    assert (history(ms.one(number)), ms.one(number).findtext("status")) == (["NEW", "ACCEPTED"], "ACCEPTED")
    assert effects(box, number) == [("row", "DELIVERY", None)]
    box.measoft.drop_last(number)
    with pytest.raises(CannotAct):
        box.measoft.drop_last(number)
    assert history(ms.one(number)) == ["NEW"]


def test_unknown_codes_and_repetitions(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    box.measoft.again(number)
    box.measoft.unknown(number)
    box.measoft.unknown(number, "WITHDRAWN_FROM_PICKUP_POINT")
    order = ms.one(number)
    assert history(order) == ["NEW", "NEW", "TELEPORTED", "WITHDRAWN_FROM_PICKUP_POINT"]
    assert [row.get("title") for row in order.findall("statushistory/status")] == ["Новый", "Новый", "", ""]


def test_what_goes_wrong_with_one_order(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(until="COURIERDELIVERED")
    told = ["NEW", "ACCEPTED", "DELIVERY", "COURIERDELIVERED"]
    for flag, codes in (
        ("no_history", []),
        ("bare", []),
        ("shuffled", ["ACCEPTED", "COURIERDELIVERED", "NEW", "DELIVERY"]),
        ("repeated", [code for code in told for _ in range(2)]),
    ):
        box.measoft.flag(number, flag)
        order = ms.one(number)
        assert (history(order), order.findtext("status")) == (codes, "COURIERDELIVERED")
        assert (order.find("status").attrib == {}) == (flag == "bare")  # type: ignore[union-attr]  # always there
        box.measoft.flag(number, flag, on=False)
    assert history(ms.one(number)) == told


def test_missing_and_ambiguous_numbers(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    box.measoft.flag(number, "ambiguous")
    first, second = ms.orders(orderno=number)
    assert first.get("ordercode") != second.get("ordercode")
    assert first.get("orderno") == second.get("orderno") == number
    box.measoft.flag(number, "missing")
    assert (ms.orders(orderno=number), ms.numbers(), ms.news()) == ([], [], [])
    assert box.measoft.parcel(number)["flags"] == ["ambiguous", "missing"]


def test_two_orders_with_one_number(box: RunningSandbox, ms: Shop) -> None:
    box.measoft.make(number="MW-1")
    box.measoft.make(number="MW-1", until="DELIVERY")
    assert [order.findtext("status") for order in ms.orders(orderno="MW-1")] == ["NEW", "DELIVERY"]
    box.measoft.step("MW-1")
    assert [order.findtext("status") for order in ms.orders(orderno="MW-1")] == ["NEW", "COURIERDELIVERED"]


def test_words_on_the_wire(box: RunningSandbox, ms: Shop) -> None:
    """`wire` has the last word: dates that are none, attributes that are missing."""
    row = {"code": "NEW", "at": "2026-11-20T10:00:00Z", "wire": {"eventtime": "вчера", "title": None, "new": 5}}
    (number,) = box.measoft.make(rows=[row])
    status = ms.one(number).find("status")
    assert status is not None
    assert status.attrib == {
        "eventstore": "Москва", "eventtime": "вчера", "createtimegmt": "2026-11-20 10:00:00", "message": "", "new": "5",
    }  # fmt: skip


def test_the_lag_of_an_entry(box: RunningSandbox, ms: Shop) -> None:
    box.measoft.tune(lag=120)
    (number,) = box.measoft.make(created="2026-11-20T10:00:00Z")
    status = ms.one(number).find("status")
    assert status is not None
    assert (status.get("eventtime"), status.get("createtimegmt")) == ("2026-11-20 12:58:00", "2026-11-20 10:00:00")


@pytest.mark.parametrize(
    "wish",
    [
        {"path": "sideways"}, {"until": "RETURNED"}, {"steps": 6}, {"steps": 0}, {"rows": []}, {"rows": [{"code": "NEW"}]},
        {"flags": ["sad"]}, {"fields": {"colour": 1}}, {"rows": [{"code": "NEW", "at": "2026-11-20"}]},
        {"rows": [{"code": "NEW", "at": "2026-11-20T10:00:00Z", "mood": 1}]},
    ],
)  # fmt: skip
def test_wrong_wishes_make_nothing(box: RunningSandbox, wish: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        box.measoft.make(**wish)
    assert box.measoft.world.parcels == {}
