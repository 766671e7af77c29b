"""The glossary: every raw status of every upstream, what it means here in both languages, how often it was seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from carriers import registry as carriers
from carriers.statuses import Finality, TrackingStatus
from orders.enums import EntryKind, Source, Stage
from orders.marketplaces import registry as marketplaces
from orders.models import Order, Shipment, TimelineEntry
from orders.queries import glossary
from orders.queries.glossary import Line
from tests.orders.statements import counted

from .diverging import NOW, order_at, parcel_of
from .parcels import carrier_account, shop_account

pytestmark = pytest.mark.django_db


def lines(kind: str) -> dict[str, Line]:
    (section,) = [section for section in glossary.sections() if section.kind == kind]
    assert len({line.code for line in section.lines}) == len(section.lines)
    return {line.code: line for line in section.lines}


def entry(order: Order, kind: EntryKind, code: str, *, shipment: Shipment | None = None, times: int = 1) -> None:
    source = Source.CARRIER if shipment else Source.MARKETPLACE
    for _n in range(times):
        TimelineEntry.objects.create(
            order=order, shipment=shipment, source=source, kind=kind, code=code, happened_at=NOW, recorded_at=NOW,
            dedupe_key=uuid4().hex,
        )  # fmt: skip


def test_every_upstream_has_its_section() -> None:
    found = [(section.kind, section.carrier, len(section.lines)) for section in glossary.sections()]

    # Wildberries: pairs of words. Yandex Market: 12 statuses, 5 pairs in which the substatus decides, 119 other substatuses.
    assert found == [
        ("wildberries", False, 52), ("yandex_market", False, 136), ("measoft", True, 32), ("dellin", True, 26),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "code", "status", "ru", "en"),
    [
        ("wildberries", "deliver / sold", Stage.RECEIVED, "В пути · Получено покупателем", "On the way · Received by the buyer"),
        ("wildberries", "receive / sold", Stage.RECEIVED, "Получено покупателем", "Received by the buyer"),
        ("yandex_market", "DELIVERY", Stage.DELIVERING, "Передан в службу доставки", "Handed over to the delivery service"),
        ("yandex_market", "UNKNOWN", None, "Неизвестно", "Unknown"),
        ("measoft", "COMPLETE", TrackingStatus.DELIVERED, None, "Delivered"),
        ("measoft", "RETURNING", TrackingStatus.RETURNING, None, "Return to the sender is planned"),
        ("dellin", "warehousing", TrackingStatus.READY_FOR_PICKUP, None, "Arrived at the terminal. Paid storage"),
    ],
)  # fmt: skip
def test_a_word_and_its_meaning(kind: str, code: str, status: Any, ru: str | None, en: str) -> None:
    line = lines(kind)[code]

    assert (line.status, line.meanings["en"], line.known) == (status, en, True)
    # Words of carriers are put into Russian with the next catalogue.
    assert ru is None or line.meanings["ru"] == ru
    assert list(line.meanings) == ["ru", "en"]


def test_a_substatus_that_decides_stands_with_its_status() -> None:
    known = lines("yandex_market")

    assert {code: line.status for code, line in known.items() if " / " in code} == {
        "PROCESSING / READY_TO_SHIP": Stage.READY,
        "CANCELLED / USER_REFUSED_DELIVERY": Stage.REJECTED,
        "CANCELLED / USER_REFUSED_PRODUCT": Stage.REJECTED,
        "CANCELLED / USER_REFUSED_QUALITY": Stage.REJECTED,
        "CANCELLED / FULL_NOT_RANSOM": Stage.REJECTED,
    }
    assert known["USER_CHANGED_MIND"].status is None
    assert "READY_TO_SHIP" not in known


def test_carriers_tell_how_final_a_word_is() -> None:
    line, lost = lines("measoft")["COURIERDELIVERED"], lines("measoft")["LOST"]

    assert (line.finality, line.attention, lost.finality, lost.attention) == (
        Finality.PROVISIONAL, False, Finality.FINAL, True,
    )  # fmt: skip


def test_what_the_code_knows_is_what_is_shown() -> None:
    for kind in carriers.kinds():
        assert list(lines(kind)) == list(carriers.glossary(kind))
    for kind in marketplaces.kinds():
        for row in marketplaces.glossary(kind):
            for name, word in row.words.items():
                assert marketplaces.word_name(kind, name, word) in [str(each) for each in row.names]


def test_how_often_it_was_seen() -> None:
    order, other = (
        order_at(shop_account(), Stage.RECEIVED, "1"),
        order_at(shop_account("yandex_market"), Stage.NEW, "2"),
    )
    parcel = parcel_of(order, carrier_account(), TrackingStatus.OUT_FOR_DELIVERY, raw_status="DELIVERY")
    entry(order, EntryKind.STAGE, "deliver / sorted", times=2)
    entry(order, EntryKind.STATUS, "sold / receive")  # the order of words in which a database gave them back
    entry(order, EntryKind.ACTION_DONE, "deliver")  # an action of the same name
    entry(other, EntryKind.STAGE, "CANCELLED / USER_REFUSED_PRODUCT")
    entry(other, EntryKind.STAGE, "CANCELLED / USER_CHANGED_MIND")
    entry(order, EntryKind.TRACKING, "DELIVERY", shipment=parcel, times=3)

    wildberries, market, measoft = lines("wildberries"), lines("yandex_market"), lines("measoft")

    assert (wildberries["deliver / sorted"].seen, wildberries["receive / sold"].seen) == (2, 1)
    seen = {code: line.seen for code, line in market.items() if line.seen}
    assert seen == {"CANCELLED": 2, "CANCELLED / USER_REFUSED_PRODUCT": 1, "USER_CHANGED_MIND": 1}
    assert (measoft["DELIVERY"].seen, measoft["DELIVERY"].there, market["DELIVERY"].seen) == (3, 1, 0)


def test_how_many_stand_in_it_now() -> None:
    shop = shop_account()
    for number in range(3):
        order_at(shop, Stage.DELIVERING, str(number))
    order_at(shop, Stage.RECEIVED, "closed")

    known = lines("wildberries")

    assert {code: line.there for code, line in known.items() if line.there} == {"deliver / sorted": 3}


def test_words_that_are_in_no_table_are_shown_and_counted() -> None:
    order = order_at(shop_account(), Stage.DELIVERING, "1")
    parcel = parcel_of(order, carrier_account("dellin"), TrackingStatus.IN_TRANSIT, raw_status="teleported")
    entry(order, EntryKind.STATUS, "deliver / beamed")
    entry(order, EntryKind.TRACKING, "delivery/delivery_paused", shipment=parcel, times=2)

    strange = lines("wildberries")["deliver / beamed"]
    detail, unknown = lines("dellin")["delivery/delivery_paused"], lines("dellin")["teleported"]

    assert strange == Line("deliver / beamed", None, {}, 1, 0, known=False)
    assert unknown == Line("teleported", None, {}, 0, 1, known=False)
    # A detail that is not known leaves the meaning of its state.
    assert (detail.status, detail.seen, detail.known) == (TrackingStatus.OUT_FOR_DELIVERY, 2, False)


def test_only_the_newest_part_of_the_timeline_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    order = order_at(shop_account(), Stage.DELIVERING)
    entry(order, EntryKind.STAGE, "deliver / sorted", times=5)
    monkeypatch.setattr(glossary, "WINDOW", 2)

    assert lines("wildberries")["deliver / sorted"].seen == 2


def test_four_statements_and_none_while_the_counts_are_kept() -> None:
    order = order_at(shop_account(), Stage.DELIVERING)
    entry(order, EntryKind.STAGE, "deliver / sorted")
    with counted() as first:
        before = glossary.sections()
    entry(order, EntryKind.STATUS, "deliver / waiting", times=2)
    with counted() as second:
        after = glossary.sections()

    assert (len(first), len(second)) == (4, 0)
    assert after == before
    assert timedelta(seconds=glossary.KEPT_SECONDS) == timedelta(minutes=10)
