"""`statusreq` by number and by filters: shapes of contract 1.3, filters of 1.2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.measoft.statuses import PATHS, TITLES
from sandbox.server import RunningSandbox
from tests.sandbox.measoft.conftest import Shop, history

SEED = json.loads((Path(__file__).parent / "data" / "measoft.codes.json").read_text())
# Contract 1.8: what the seed's excerpt does not show.
BEYOND_SEED = (
    "AWAITING_SYNC", "NEWPICKUP", "PICKUP", "WMSASSEMBLED", "PARTLYRETURNING", "PARTLYRETURNED", "TRANSACCEPTED",
    "PICKUPTRANS",
)  # fmt: skip
# In the order of contract 1.3.
ELEMENTS = (
    "barcode", "sender", "receiver", "pickup", "return", "weight", "return_weight", "quantity", "paytype", "print_check",
    "service", "return_service", "type", "return_type", "waittime", "price", "inshprice", "enclosure", "instruction",
    "basestatus", "currcoords", "courier", "deliveryprice", "receiverpays", "acceptpartially", "status", "statushistory",
    "customstatecode", "clientstatecode", "deliveredto", "delivereddate", "deliveredtime", "arrival", "outstrbarcode",
    "partner", "return_message", "department", "items", "packages",
)  # fmt: skip
ROWS = [
    {"code": "NEW", "at": "2026-11-20T14:08:43+00:00", "event": "2026-11-20T17:08:43+03:00"},
    {"code": "COMPLETE", "at": "2026-11-21T09:40:12Z", "event": "2026-11-21T12:40:10+03:00"},
]


def test_elements_and_attributes(box: RunningSandbox, ms: Shop) -> None:
    fields = {"receiver": "Иванов & сын", "price": 387.5, "weight": 5.1, "quantity": 2}
    box.measoft.make(number="MW-1001", rows=ROWS, fields=fields)
    order = ms.one("MW-1001")
    code = str(box.measoft.parcel("MW-1001")["id"])
    assert order.attrib == {"orderno": "MW-1001", "awb": "MW-1001", "orderno2": "", "ordercode": code, "givencode": ""}
    assert tuple(child.tag for child in order) == ELEMENTS
    assert [order.findtext(name) for name in ("barcode", "weight", "quantity", "price")] == [
        "MW1001",
        "5.1",
        "2",
        "387.50",
    ]
    assert order.findtext("receiver/company") == order.findtext("deliveredto") == "Иванов & сын"
    assert [order.findtext(name) for name in ("delivereddate", "deliveredtime")] == ["2026-11-21", "12:40"]
    (item,) = order.findall("items/item")
    assert set(item.attrib) == {"code", "article", "quantity", "mass", "retprice", "returns"}


def test_status_and_history(box: RunningSandbox, ms: Shop) -> None:
    """`eventtime` is the branch's own time, `createtimegmt` Greenwich's (the sample of contract 1.3)."""
    box.measoft.make(number="MW-1001", rows=ROWS)
    order = ms.one("MW-1001")
    first, last = order.findall("statushistory/status")
    assert first.attrib == {
        "eventstore": "Москва", "eventtime": "2026-11-20 17:08:43", "createtimegmt": "2026-11-20 14:08:43",
        "message": "", "title": "Новый",
    }  # fmt: skip
    assert last.attrib == {
        "eventstore": "Москва", "eventtime": "2026-11-21 12:40:10", "createtimegmt": "2026-11-21 09:40:12",
        "message": "", "title": "Доставлен",
    }  # fmt: skip
    (now,) = order.findall("status")
    assert (now.text, now.attrib) == ("COMPLETE", last.attrib)


def test_branches_and_their_clocks(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(path="multi_hub", until="DEPARTURE", created="2026-11-20T10:00:00+03:00", pace=3600)
    box.measoft.step(number)
    rows = ms.one(number).findall("statushistory/status")
    told = [(row.text, row.get("eventstore"), row.get("message")) for row in rows]
    assert told == [
        ("NEW", "Москва", ""), ("PICKUP", "Москва", ""), ("ACCEPTED", "Москва", ""),
        ("DEPARTURING", "Москва", "Новосибирск"), ("DEPARTURE", "Москва", "Новосибирск"), ("ACCEPTED", "Новосибирск", ""),
    ]  # fmt: skip
    assert [rows[4].get(name) for name in ("eventtime", "createtimegmt")] == [
        "2026-11-20 14:00:00",
        "2026-11-20 11:00:00",
    ]
    local, greenwich = (rows[5].attrib[name][11:13] for name in ("eventtime", "createtimegmt"))
    assert (int(local) - int(greenwich)) % 24 == 7


def test_every_code_is_told(box: RunningSandbox, ms: Shop) -> None:
    """The 23 of the seed and the 8 the contract adds; each is on some path."""
    assert sorted(TITLES) == sorted([*SEED, *BEYOND_SEED])
    assert set(TITLES) == {code for path in PATHS.values() for code in path}
    (number,) = box.measoft.make(path=list(TITLES))
    box.measoft.finish(number)
    order = ms.one(number)
    assert history(order) == list(TITLES)
    titles = [status.get("title") for status in order.findall("statushistory/status")]
    assert titles == [russian for russian, _ in TITLES.values()]
    assert (TITLES["DEPARTURING"][1], TITLES["DEPARTURE"][1]) == (
        "Dispatch to another warehouse is pending",
        "Dispatched to another warehouse",
    )
    assert (TITLES["RETURNING"][0], TITLES["RETURNED"][0]) == ("Планируется возврат заказчику", "Возвращен заказчику")


@pytest.mark.parametrize(("plan", "told"), [("basic", 0), ("standard", 0), ("premium", 2), ("maximum", 2)])
def test_history_is_a_matter_of_the_plan(box: RunningSandbox, ms: Shop, plan: str, told: int) -> None:
    (number,) = box.measoft.make(steps=2)
    box.measoft.tune(plan=plan)
    order = ms.one(number)
    assert len(history(order)) == told
    assert order.findtext("status") == "ACCEPTED"


def test_old_servers_tell_a_bare_status(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make(steps=2)
    box.measoft.tune(attributes=False)
    order = ms.one(number)
    (status,) = order.findall("status")
    assert (status.text, status.attrib, history(order)) == ("ACCEPTED", {}, [])


def test_titles_are_the_carriers_own(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    for titles, words in (("russian", "Новый"), ("english", "New"), ("none", "")):
        box.measoft.tune(titles=titles)
        assert ms.one(number).find("status").get("title") == words  # type: ignore[union-attr]  # it is always there


def test_orders_are_kept_as_long_as_the_plan_says(box: RunningSandbox, ms: Shop) -> None:
    (number,) = box.measoft.make()
    for plan, days in (("basic", 45), ("standard", 180), ("premium", 365), ("maximum", 365)):
        box.measoft.tune(plan=plan)
        box.measoft.world.parcels[box.measoft.parcel(number)["id"]].created = box.measoft.world.now - days * 86_400 + 60
        assert ms.numbers(orderno=number) == [number]
        box.measoft.world.parcels[box.measoft.parcel(number)["id"]].created -= 120
        assert ms.numbers(orderno=number) == []


def test_filters(box: RunningSandbox, ms: Shop) -> None:
    make = box.measoft.make
    make(number="MW-1", rows=[{"code": "NEW", "at": "2026-11-01T23:30:00+03:00"}], fields={"receiver": "ООО Ромашка"})
    make(number="MW-2", path="happy", until="DELIVERY", fields={"address": "ул. Примерная, 1"})
    make(number="AB-10", path="happy", until="COMPLETE")
    make(number="AB-11", path="refused", until="CANCELED")
    make(number="AB-12", path="lost", until="LOST")
    make("sandbox-other", number="MW-9")
    assert ms.numbers() == ["MW-1", "MW-2", "AB-10", "AB-11", "AB-12"]
    assert ms.numbers(datefrom="2026-11-01", dateto="2026-11-01") == ["MW-1"]
    assert ms.numbers(dateto="2026-10-31") == []
    assert ms.numbers(target="ромашка") == ["MW-1"]
    assert ms.numbers(target="Примерная") == ["MW-2"]
    assert ms.numbers(done="ONLY_NEW") == ["MW-1"]
    assert ms.numbers(done="ONLY_DONE") == ["AB-10"]
    assert ms.numbers(done="ONLY_NOT_DONE") == ["AB-11", "AB-12"]
    assert ms.numbers(done="ONLY_DELIVERY") == ["MW-1", "MW-2"]
    assert ms.numbers(conditions="<namecontains>1</namecontains><namestarts>AB</namestarts>") == [
        "AB-10",
        "AB-11",
        "AB-12",
    ]
    assert ms.numbers(ordercode=str(box.measoft.parcel("MW-2")["id"])) == ["MW-2"]
    assert ms.numbers(orderno="MW-2", done="ONLY_NEW") == []
    assert ms.numbers(client="AGENT") == []
    assert ms.numbers(orderno="MW-9") == []


def test_the_barcode_finds_nothing(box: RunningSandbox, ms: Shop) -> None:
    """`orderno` is the shop's number and no other (contract 1.2)."""
    box.measoft.make(number="MW-1001")
    assert ms.numbers(orderno="MW1001") == []


def test_contracts_do_not_see_each_other(box: RunningSandbox) -> None:
    box.measoft.make("sandbox-a", number="MW-1")
    box.measoft.make("sandbox-b", number="MW-1", path="happy", until="COMPLETE")
    assert Shop(box, "sandbox-a").one("MW-1").findtext("status") == "NEW"
    assert Shop(box, "sandbox-b").one("MW-1").findtext("status") == "COMPLETE"
