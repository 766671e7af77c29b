"""The history of statuses in JSON and in XML that is none (contract 2.1, 2.2; seed 001)."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sandbox.dellin.statuses import DETAILS, PATHS, TITLES
from sandbox.server import RunningSandbox
from tests.sandbox.dellin.conftest import DATA, HISTORY, Sender, effects, error

NOT_FOUND, SEVERAL = "Заказ не найден", "Найдено более одного заказа"
GENERATED = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d")
SAMPLE_KEY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def sample(box: RunningSandbox) -> RunningSandbox:
    """The orders of the seed's sample: one, two with a number, and none."""
    rows = [
        {"code": "waiting", "at": "2023-01-12T15:52:40+03:00"},
        {"code": "inway", "at": "2023-01-25T11:10:44+03:00"},
        {"code": "arrived_to_airport", "at": "2023-01-25T11:12:03+03:00"},
    ]
    box.dellin.make(SAMPLE_KEY, number="400267443", rows=rows)
    for _ in range(2):
        box.dellin.make(SAMPLE_KEY, number="400267444")
    box.dellin.tune(both_keys=True)
    return box


def test_the_seeds_sample_in_json(sample: RunningSandbox) -> None:
    """The request of the seed, the answer of the seed, in its order; only the time of the answer is today's."""
    answer = Sender(sample).post(f"{HISTORY}.json", data=(DATA / "dellin.statuses_history.request.json").read_bytes())
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    expected = json.loads((DATA / "dellin.statuses_history.response.json").read_text())
    found = answer.json()
    assert GENERATED.fullmatch(found["metadata"]["generated_at"])
    found["metadata"]["generated_at"] = expected["metadata"]["generated_at"]
    assert json.dumps(found) == json.dumps(expected)


def test_the_seeds_sample_in_xml(sample: RunningSandbox) -> None:
    """Byte for byte; and no reader of XML takes it."""
    answer = Sender(sample).post(f"{HISTORY}.xml", data=(DATA / "dellin.statuses_history.request.xml").read_bytes())
    expected = (DATA / "dellin.statuses_history.response.xml").read_text()
    assert GENERATED.sub("2023-01-26 15:06:51", answer.text, count=1).strip() == expected.strip()
    with pytest.raises(ET.ParseError, match="not well-formed"):
        ET.fromstring(answer.content)
    repaired = re.sub(rb"<(/?)(\d+)>", rb"<\1doc_\2>", answer.content)
    assert len(ET.fromstring(repaired).findall("data/statusHistory/doc_400267443")) == 3


def test_details_share_the_date_of_their_state(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(created="2026-11-20T10:00:00+03:00", pace=60, until="pickup/pickup_departed")
    last, before = dl.rows(number)[-1], dl.rows(number)[-2]
    assert last == {
        "number": number,
        "state": "pickup",
        "stateName": "Забор груза от адреса",
        "stateDate": "2026-11-20T10:01:00.000+03:00",
        "detailedStatus": "pickup_departed",
        "detailedStatusRus": "Машина едет на адрес",
        "detailedStatusDate": "2026-11-20T10:02:00.000+03:00",
    }
    assert (before["stateDate"], before["detailedStatusDate"]) == (last["stateDate"], last["stateDate"])


def test_all_states_and_details(box: RunningSandbox, dl: Sender) -> None:
    """15 states and 11 details, each on some path."""
    on_paths = {station.removesuffix("+return") for path in PATHS.values() for station in path}
    assert {one.split("/")[0] for one in on_paths} == set(TITLES)
    assert {one.split("/")[1] for one in on_paths if "/" in one} == set(DETAILS)
    assert (len(TITLES), len(DETAILS)) == (15, 11)
    every = [*TITLES, *(f"{detail.split('_')[0]}/{detail}" for detail in DETAILS)]
    (number,) = box.dellin.make(path=every)
    box.dellin.finish(number)
    assert dl.told(number) == every
    rows = dl.rows(number)
    assert [row["stateName"] for row in rows[:15]] == list(TITLES.values())
    assert [row["detailedStatusRus"] for row in rows] == [None] * 15 + list(DETAILS.values())


@pytest.mark.parametrize("path", PATHS)
def test_every_path_can_be_stepped(box: RunningSandbox, dl: Sender, path: str) -> None:
    (number,) = box.dellin.make(path=path)
    while box.dellin.parcel(number)["rest"]:
        box.dellin.step(number)
    assert dl.told(number) == [station.removesuffix("+return") for station in PATHS[path]]
    returned = any(station.endswith("+return") for station in PATHS[path])
    assert box.dellin.parcel(number)["fields"]["returned"] is returned


def test_the_shops_own_number(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(fields={"web": "935743976"})
    assert list(dl.data(webOrderNumber="935743976")["statusHistory"]) == [number]
    assert error(dl.post(f"{HISTORY}.json", {"docIds": ["935743976"]})) == (130002, NOT_FOUND, ["docIds"])
    box.dellin.make(fields={"web": "935743976"})
    assert error(dl.post(f"{HISTORY}.json", {"webOrderNumber": "935743976"})) == (130002, SEVERAL, ["webOrderNumber"])


def test_an_order_answers_to_its_papers(box: RunningSandbox, dl: Sender) -> None:
    """A waybill's number is an order's as well: rows are told under the number that was asked (contract 2.1)."""
    (number,) = box.dellin.make(fields={"others": ["19-00085281151"]})
    found = dl.data(number, "19-00085281151")["statusHistory"]
    assert {key: [row["number"] for row in rows] for key, rows in found.items()} == {
        number: [number],
        "19-00085281151": ["19-00085281151"],
    }


def test_exactly_one_of_two(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(fields={"web": "W"})
    both = dl.post(f"{HISTORY}.json", {"docIds": [number], "webOrderNumber": "W"})
    assert error(both) == (
        281017,
        "Должен быть передан только один из параметров: docIds, webOrderNumber",
        ["docIds", "webOrderNumber"],
    )
    empty: list[dict[str, Any]] = [{}, {"docIds": []}, {"webOrderNumber": ""}]
    for nothing in empty:
        assert error(dl.post(f"{HISTORY}.json", nothing))[0] == 281016
    box.dellin.tune(both_keys=True)
    assert list(dl.data(number, webOrderNumber="W")["statusHistory"]) == [number]


@pytest.mark.parametrize("wrong", [{"docIds": "1"}, {"docIds": [1]}, {"docIds": [""]}, {"webOrderNumber": 5}])
def test_wrong_kinds(dl: Sender, wrong: dict[str, Any]) -> None:
    assert error(dl.post(f"{HISTORY}.json", wrong))[0] == 281017


def test_five_numbers_at_most(box: RunningSandbox, dl: Sender) -> None:
    numbers = box.dellin.make(count=6)
    assert list(dl.data(*numbers[:5])["statusHistory"]) == numbers[:5]
    answer = dl.post(f"{HISTORY}.json", {"docIds": numbers})
    assert error(answer) == (281017, "Допустимо не более 5 номеров", ["docIds"])
    asked = "".join(f"<docIds>{number}</docIds>" for number in numbers)
    xml = dl.post(f"{HISTORY}.xml", data=f"<request><appkey>sandbox</appkey>{asked}</request>".encode())
    assert xml.status_code == 400
    assert ET.fromstring(xml.content).findtext("errors/code") == "281017"


def test_one_number_and_none_or_several_found(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make()
    assert error(dl.post(f"{HISTORY}.json", {"docIds": ["1"]})) == (130002, NOT_FOUND, ["docIds"])
    box.dellin.flag(number, "ambiguous")
    assert error(dl.post(f"{HISTORY}.json", {"docIds": [number]})) == (130002, SEVERAL, ["docIds"])
    box.dellin.flag(number, "missing")
    assert error(dl.post(f"{HISTORY}.json", {"docIds": [number]})) == (130002, NOT_FOUND, ["docIds"])
    box.dellin.tune(not_found_status=404)
    assert error(dl.post(f"{HISTORY}.json", {"docIds": ["1"]}), 404)[0] == 130002
    box.dellin.tune(http_status="ok")
    answer = dl.post(f"{HISTORY}.json", {"docIds": ["1"]})
    assert (answer.status_code, answer.json()["metadata"]["status"]) == (200, 404)


def test_info_when_some_are_found(box: RunningSandbox, dl: Sender) -> None:
    good, twice = box.dellin.make(count=2)
    assert "info" not in dl.data(good)
    box.dellin.flag(twice, "ambiguous")
    data = dl.data(twice, good, "1", good)
    assert list(data["statusHistory"]) == [good]
    assert data["info"] == [{"number": twice, "message": SEVERAL}, {"number": "1", "message": NOT_FOUND}]


def test_several_numbers_and_none_found(box: RunningSandbox, dl: Sender) -> None:
    assert error(dl.post(f"{HISTORY}.json", {"docIds": ["1", "2"]})) == (130002, NOT_FOUND, ["docIds"])
    box.dellin.tune(none_found="info")
    assert dl.data("1", "2") == {"info": [{"number": "1", "message": NOT_FOUND}, {"number": "2", "message": NOT_FOUND}]}
    assert error(dl.post(f"{HISTORY}.json", {"docIds": ["1"]}))[0] == 130002


@pytest.mark.parametrize(
    ("style", "moment"),
    [
        ("wire", "2023-01-12T19:52:40.000+07:00"), ("documented", "2023-01-12 19:52:40+07:00"),
        ("compact", "2023-01-12T19:52:40+0700"), ("zulu", "2023-01-12T12:52:40Z"),
    ],
)  # fmt: skip
def test_dates(box: RunningSandbox, dl: Sender, style: str, moment: str) -> None:
    rows = [{"code": "waiting", "at": "2023-01-12T15:52:40+03:00"}]
    (number,) = box.dellin.make(rows=rows, fields={"offset": 7})
    box.dellin.tune(dates=style)
    (row,) = dl.rows(number)
    assert (row["stateDate"], row["detailedStatusDate"]) == (moment, moment)


def test_numbers_as_integers(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make()
    box.dellin.tune(int_numbers=True)
    assert dl.rows(number)[0]["number"] == int(number)


def test_what_goes_wrong_with_one_order(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(path="pickup_point", until="arrived")
    told = ["processing", "waiting", "received", "inway", "arrived"]
    for flag, states in (
        ("no_history", ["arrived"]),
        ("shuffled", ["waiting", "inway", "processing", "received", "arrived"]),
        ("repeated", [state for state in told for _ in range(2)]),
    ):
        box.dellin.flag(number, flag)
        assert dl.told(number) == states
        box.dellin.flag(number, flag, on=False)
    box.dellin.flag(number, "bare")
    assert set(dl.rows(number)[0]) == {"number", "state", "stateName", "stateDate"}
    box.dellin.flag(number, "bare", on=False)
    assert dl.told(number) == told


def test_acts(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(path="pickup_point", until="finished")
    box.dellin.correct(number)
    assert dl.told(number)[-2:] == ["finished", "arrived"]
    box.dellin.unknown(number)
    assert (dl.rows(number)[-1]["state"], dl.rows(number)[-1]["stateName"]) == ("teleported", "teleported")
    box.dellin.drop_last(number)
    box.dellin.advance(number, "delivery/delivery_departed", at="2026-11-20T10:00:00+05:00")
    assert dl.rows(number)[-1]["detailedStatusDate"] == "2026-11-20T08:00:00.000+03:00"
    assert effects(box, number) == [
        ("status", "finished", "arrived"), ("status", "arrived", "teleported"), ("row", "teleported", None),
        ("status", "arrived", "delivery/delivery_departed"),
    ]  # fmt: skip


def test_the_clock_moves_cargo(box: RunningSandbox, dl: Sender) -> None:
    (number,) = box.dellin.make(path="stored", pace=86_400)
    box.advance(2 * 86_400)
    assert dl.told(number) == ["waiting", "received", "received_warehousing"]
    assert [one["cause"] for one in box.dellin.effects(number)] == ["control", "path", "path"]


def test_words_on_the_wire(box: RunningSandbox, dl: Sender) -> None:
    row = {
        "code": "inway",
        "at": "2026-11-20T10:00:00Z",
        "wire": {"stateDate": "вчера", "detailedStatusDate": None, "new": 5},
    }
    (number,) = box.dellin.make(rows=[row])
    (told,) = dl.rows(number)
    assert (told["stateDate"], told["detailedStatusDate"], told["new"]) == ("вчера", None, 5)
    box.dellin.advance(number, "inway/anything")
    assert [one["detailedStatus"] for one in dl.rows(number)] == ["inway", "anything"]
