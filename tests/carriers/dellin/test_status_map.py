"""All 15 states of Dellin and its detailed ones, from the contract and the seed, not from our table."""

from __future__ import annotations

import pytest
from django.utils import translation

from carriers.providers.dellin.status_map import WORDS
from carriers.statuses import Finality, TrackingStatus

from .support import bench, entry, history, journal, read, row, snapshot

AT = "2026-11-12T15:52:40.000+03:00"
#: Contract 2.3 and 3.4: state, our status, finality, attention.
STATES = """
draft pending open
processing pending open
pickup pending open
waiting pending open
declined cancelled final
received in_transit open
received_warehousing on_hold open attention
inway in_transit open
arrived ready_for_pickup open
warehousing ready_for_pickup open attention
arrived_to_airport in_transit open
airport_warehousing on_hold open attention
delivery out_for_delivery open
accompanying_documents_return delivered final
finished delivered final
"""
ROWS = [line.split() for line in STATES.split("\n") if line]
#: Seed 001 in its order, and contract 2.3: detail, our status, finality.
DETAILS = """
pickup_waiting_pickup pending open
pickup_departed pending open
pickup_arrived pending open
pickup_finished picked_up open
delivery_waiting_delivery out_for_delivery open
delivery_departed out_for_delivery open
delivery_arrived out_for_delivery open
delivery_finished delivered_unconfirmed provisional
pickup_arrived_at_first pending open
pickup_arrived_at_last pending open
delivery_delivered delivered_unconfirmed provisional
"""
DETAIL_ROWS = [line.split() for line in DETAILS.split("\n") if line]


@pytest.mark.parametrize("line", ROWS, ids=lambda line: line[0])
def test_every_state(line: list[str]) -> None:
    found = read(row(line[0], AT))

    assert (found.current.code, found.current.subcode) == (line[0], "")
    assert found.meaning is not None
    assert (found.meaning.status, found.meaning.finality) == (line[1], line[2])
    assert found.meaning.attention == ("attention" in line)
    assert found.meaning.trouble == ("storage" if "attention" in line else None)


@pytest.mark.parametrize("line", DETAIL_ROWS, ids=lambda line: line[0])
def test_every_detail(line: list[str]) -> None:
    state = line[0].partition("_")[0]

    found = read(row(state, AT, line[0]))

    assert (found.current.code, found.current.subcode) == (state, line[0])
    assert found.meaning is not None
    assert (found.meaning.status, found.meaning.finality) == (line[1], line[2])


def test_the_table_holds_these_and_no_others() -> None:
    details = [f"{line[0].partition('_')[0]}/{line[0]}" for line in DETAIL_ROWS]

    assert len(ROWS) == 15
    assert set(WORDS) == {line[0] for line in ROWS} | set(details)


@pytest.mark.parametrize(
    ("word", "russian"),
    [
        # Names that Dellin itself gives (contract 2.3, seed 001).
        ("draft", "Черновик"),
        ("processing", "В обработке"),
        ("pickup", "Забор груза от адреса"),
        ("waiting", "Ожидает сдачи на терминал"),
        ("declined", "Отклонен"),
        ("received", "Груз принят к перевозке"),
        ("received_warehousing", "Груз принят к перевозке. Платное хранение"),
        ("inway", "Груз в пути"),
        ("arrived", "Груз прибыл на терминал"),
        ("warehousing", "Груз прибыл на терминал. Платное хранение"),
        ("arrived_to_airport", "Груз прибыл в аэропорт"),
        ("airport_warehousing", "Груз прибыл в аэропорт. Платное хранение"),
        ("delivery", "Доставка груза до адреса"),
        ("accompanying_documents_return", "Груз выдан. Возврат СД"),
        ("finished", "Заказ завершен"),
        ("pickup/pickup_waiting_pickup", "Ожидается забор"),
        ("pickup/pickup_finished", "Груз забран. Едет на терминал"),
        ("delivery/delivery_waiting_delivery", "Ожидается доставка"),
        ("delivery/delivery_finished", "Груз доставлен"),
    ],
)
def test_russian_names_are_dellins_own(word: str, russian: str) -> None:
    with translation.override("ru"):
        assert str(WORDS[word].name) == russian


def test_an_unknown_detail_leaves_the_meaning_of_its_state_and_is_counted() -> None:
    desk = bench(history(row("delivery", AT, "delivery_lost_in_space")))

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert found.meaning == WORDS["delivery"]
    assert desk.notes.drift == [("statusHistory", "value", "detailedStatus=delivery/delivery_lost_in_space")]


@pytest.mark.parametrize("state", ["cancelled", "teleported", "FINISHED"])
def test_an_unknown_state_moves_nothing(state: str) -> None:
    desk = bench(history(row("inway", AT), row(state, "2026-11-13T15:52:40.000+03:00")))

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert (found.current.code, found.meaning) == (state, None)
    assert desk.notes.drift == [("statusHistory", "value", f"state={state}")]


@pytest.mark.parametrize(
    ("state", "expected", "attention"),
    [("arrived", TrackingStatus.IN_TRANSIT, False), ("warehousing", TrackingStatus.ON_HOLD, True)],
)
def test_at_the_terminal_on_the_way_to_the_door(state: str, expected: TrackingStatus, attention: bool) -> None:
    found = read(row(state, AT), arrival="address")

    assert found.meaning is not None
    assert (found.meaning.status, found.meaning.attention) == (expected, attention)
    assert found.meaning.trouble == ("storage" if attention else None)


@pytest.mark.parametrize(
    ("state", "detail", "returned", "expected", "finality"),
    [
        ("finished", None, False, TrackingStatus.DELIVERED, Finality.FINAL),
        ("finished", None, None, TrackingStatus.DELIVERED, Finality.FINAL),
        ("finished", None, True, TrackingStatus.RETURNED, Finality.FINAL),
        ("accompanying_documents_return", None, True, TrackingStatus.RETURNED, Finality.FINAL),
        ("inway", None, True, TrackingStatus.RETURNING, Finality.OPEN),
        ("delivery", "delivery_finished", True, TrackingStatus.RETURNING, Finality.OPEN),
        ("declined", None, True, TrackingStatus.CANCELLED, Finality.FINAL),
    ],
)
def test_a_return_is_a_flag_of_the_journal(
    state: str, detail: str | None, returned: bool | None, expected: TrackingStatus, finality: Finality
) -> None:
    desk = bench(history(row(state, AT, detail)), journal(entry("400267443", returned=returned)), pat="flag")
    desk.script.answers.insert(1, {"data": {"sessionID": "s-1"}})

    found = snapshot(desk.carrier.track(["400267443"])[0])

    assert found.returned is (returned or False)  # contract 3.4: absent is not on its way back
    assert found.meaning is not None
    assert (found.meaning.status, found.meaning.finality) == (expected, finality)
