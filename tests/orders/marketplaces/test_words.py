"""The words of Wildberries: every pair of statuses has a decision, every word a name (seed 004, contract 1.4 and 1.5)."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from orders import wording
from orders.enums import CodeState, Stage
from orders.marketplaces import registry
from orders.marketplaces.wildberries.status_map import DECISIONS, STAGES, SUPPLIER_NAMES, WB_NAMES, stage, word_name

from .support import bench

SUPPLIER = ("new", "confirm", "deliver", "receive", "reject", "cancel", "cancel_missed_call")
WB = (
    "waiting",
    "sorted",
    "sold",
    "canceled",
    "canceled_by_client",
    "declined_by_client",
    "defect",
    "ready_for_pickup",
    "canceled_by_missed_call",
)
PASSES = ("filled", "deadlineExceeded", "imeiMaySell", "imeiSoldB2B", "sgtinIntroduced", "sgtinSoldB2B")
BLOCKS = (
    "required",
    "imeiInvalidFormat",
    "imeiAlreadySold",
    "sgtinInvalidFormat",
    "sgtinNotFound",
    "sgtinEmitted",
    "sgtinApplied",
    "sgtinWrittenOff",
    "sgtinRetired",
    "sgtinWithdrawn",
    "sgtinDisaggregation",
    "sgtinDisaggregated",
    "sgtinAppliedNotPaid",
)


@pytest.mark.parametrize(
    ("supplier", "wb", "expected"),
    [
        ("new", "waiting", Stage.NEW),
        ("confirm", "waiting", Stage.ASSEMBLING),
        ("confirm", "sorted", Stage.ASSEMBLING),
        ("deliver", "waiting", Stage.DELIVERING),
        ("deliver", "sorted", Stage.DELIVERING),
        ("deliver", "ready_for_pickup", Stage.AT_PICKUP_POINT),
        ("receive", "sold", Stage.RECEIVED),
        ("reject", "canceled_by_client", Stage.REJECTED),
        ("cancel", "canceled", Stage.CANCELLED),
        ("cancel_missed_call", "canceled_by_missed_call", Stage.CANCELLED),
        ("new", "declined_by_client", Stage.CANCELLED),
        ("confirm", "canceled_by_missed_call", Stage.CANCELLED),
        ("deliver", "defect", Stage.CANCELLED),
        ("receive", "canceled", Stage.RETURNED),
        ("new", "sold", None),
        ("cancel", "sold", None),
        ("teleported", "waiting", None),
        ("new", "lost_in_space", None),
        ("", "", None),
    ],
)
def test_stages(supplier: str, wb: str, expected: Stage | None) -> None:
    assert stage(supplier, wb) == expected


def test_every_word_is_known() -> None:
    assert set(STAGES) == set(SUPPLIER_NAMES) == set(SUPPLIER)
    assert {word for pairs in STAGES.values() for word in pairs} == set(WB_NAMES) == set(WB)


def test_a_cancelled_task_never_stays_in_the_queue() -> None:
    over = {"canceled", "declined_by_client", "defect", "canceled_by_missed_call", "canceled_by_client"}
    waiting = {stage(supplier, wb) for supplier in ("new", "confirm", "deliver") for wb in over}

    assert waiting == {Stage.CANCELLED, Stage.REJECTED}


def test_decisions() -> None:
    assert {word: DECISIONS[word] for word in PASSES} == dict.fromkeys(PASSES, CodeState.VERIFIED)
    assert {word: DECISIONS[word] for word in BLOCKS} == dict.fromkeys(BLOCKS, CodeState.REFUSED)
    assert {word: DECISIONS[word] for word in ("pending", "optional")} == dict.fromkeys(
        ("pending", "optional"), CodeState.SENT
    )
    assert set(DECISIONS) == {*PASSES, *BLOCKS, "pending", "optional"}


def test_every_word_has_a_name_of_its_own() -> None:
    with override("en"):
        names = {word: word_name("supplierStatus", word) for word in SUPPLIER}
        names |= {f"wb {word}": word_name("wbStatus", word) for word in WB}
        names |= {f"decision {word}": word_name("decision", word) for word in DECISIONS}

        assert [word for word, name in names.items() if not name or name == word.split()[-1]] == []
        assert registry.word_name("wildberries", "wbStatus", "ready_for_pickup") == "At the pick-up point"


#: Words of refusals (contract 1.3.1, and 1.2 for the older shape).
ERRORS = (
    "NotFound", "StatusMismatch", "InvalidWBCode", "MetaValidationFail", "ImeiIsNotFilled", "SGTINIsNotFilled",
    "FailedToUpdateMeta", "IncorrectRequestBody", "IncorrectRequest", "IncorrectParameter", "AccessDenied",
    "OrderNotB2B", "InvalidOriginCountryCode", "PriceNotCalculated",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ru"])
def test_refusals_are_said_in_sentences_with_the_raw_word_beside(language: str) -> None:
    with override(language):
        assert [word for word in ERRORS if " " not in wording.meaning("wildberries", f"409 {word}")] == []
        meant = wording.meaning("wildberries", "409 InvalidWBCode")
        assert wording.explained("wildberries", "409 InvalidWBCode") == f"{meant} (409 InvalidWBCode)"
        assert meant == {"en": "The buyer's code was not accepted", "ru": "Код покупателя не принят"}[language]


@pytest.mark.parametrize(
    "said", ["", "409 SomethingNew", "HTTP 500, not an error of Wildberries (text/html, 12 bytes)"]
)
def test_a_refusal_in_unknown_words_stays_as_it_was_said(said: str) -> None:
    assert wording.meaning("wildberries", said) == ""
    assert wording.explained("wildberries", said) == said
    assert wording.explained("bazaar", "409 InvalidWBCode") == "409 InvalidWBCode"


def test_an_unknown_word_is_shown_as_it_is() -> None:
    assert word_name("wbStatus", "lost_in_space") == "lost_in_space"
    assert word_name("substatus", "new") == "new"
    assert registry.word_name("bazaar", "status", "open") == "open"


@pytest.mark.parametrize(
    ("row", "notes"),
    [
        (("teleported", "waiting"), ["supplierStatus=teleported"]),
        (("new", "lost"), ["wbStatus=lost"]),
        (("teleported", "lost"), ["supplierStatus=teleported", "wbStatus=lost"]),
        (("cancel", "sold"), ["supplierStatus/wbStatus=cancel/sold"]),
    ],
)
def test_words_that_say_nothing_are_counted_and_move_nothing(row: tuple[str, str], notes: list[str]) -> None:
    this = bench((200, {"orders": [{"orderId": 1, "supplierStatus": row[0], "wbStatus": row[1]}]}))

    (found,) = this.provider.statuses(["1"])

    assert (found.stage, found.found, tuple(found.words.values())) == (None, True, row)
    assert [name for _, kind, name in this.notes.drift if kind == "value"] == notes
