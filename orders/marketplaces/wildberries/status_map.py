"""Wildberries' words and what they mean here (seed 004, contract 1.4 and 1.5). A word not in here moves no stage."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from orders.enums import CodeState, Stage
from orders.marketplaces.glossary import RawStatus

SUPPLIER = "supplierStatus"
WB = "wbStatus"
DECISION = "decision"
ERROR = "error"
REQUIRED = "required"
DELIVERY = "deliveryType"
EXPRESS = "edbs"
PICKUP_POINT = "dbsPickupPoint"

#: Triggered by the seller himself.
SUPPLIER_NAMES: Mapping[str, Promise] = {
    "new": pgettext_lazy("wildberries", "New task"),  # Новое сборочное задание
    "confirm": pgettext_lazy("wildberries", "Being assembled"),  # На сборке
    "deliver": pgettext_lazy("wildberries", "On the way"),  # В доставке
    "receive": pgettext_lazy("wildberries", "Received by the buyer"),  # Получено покупателем
    "reject": pgettext_lazy("wildberries", "Refused by the buyer on receipt"),  # Отказ покупателя при получении
    "cancel": pgettext_lazy("wildberries", "Cancelled by the seller"),  # Отменено продавцом
    "cancel_missed_call": pgettext_lazy(
        "wildberries", "Cancelled: the buyer could not be reached"
    ),  # Отмена … недозвона
}

#: The task in the system of Wildberries.
WB_NAMES: Mapping[str, Promise] = {
    "waiting": pgettext_lazy("wildberries", "In work"),  # сборочное задание в работе
    "sorted": pgettext_lazy("wildberries", "Sorted"),  # сборочное задание отсортировано
    "sold": pgettext_lazy("wildberries", "Received by the buyer"),  # сборочное задание получено покупателем
    "canceled": pgettext_lazy("wildberries", "Cancelled"),  # отмена сборочного задания
    "canceled_by_client": pgettext_lazy("wildberries", "Refused by the buyer on receipt"),  # отменил при получении
    "declined_by_client": pgettext_lazy(
        "wildberries", "Cancelled by the buyer in the first hour"
    ),  # отменил в первый час
    "defect": pgettext_lazy("wildberries", "Cancelled: defective goods"),  # отмена по причине брака
    "ready_for_pickup": pgettext_lazy("wildberries", "At the pick-up point"),  # прибыло на ПВЗ
    "canceled_by_missed_call": pgettext_lazy("wildberries", "Cancelled: the buyer could not be reached"),  # недозвон
}

_CANCELLED_BY_WB: Mapping[str, Stage] = {
    "canceled": Stage.CANCELLED,
    "declined_by_client": Stage.CANCELLED,  # supplierStatus stays "new" (observed)
    "defect": Stage.CANCELLED,
    "canceled_by_missed_call": Stage.CANCELLED,
    "canceled_by_client": Stage.CANCELLED,
}
_CLOSED_BY_SELLER: Mapping[str, Stage] = {
    "waiting": Stage.CANCELLED,  # Wildberries follows a little later
    "sorted": Stage.CANCELLED,
    "ready_for_pickup": Stage.CANCELLED,
    **_CANCELLED_BY_WB,
}
#: supplierStatus → wbStatus → stage. A pair that is left out contradicts itself: it is reported and moves nothing.
STAGES: Mapping[str, Mapping[str, Stage]] = {
    "new": {"waiting": Stage.NEW, "sorted": Stage.NEW, **_CANCELLED_BY_WB},
    "confirm": {"waiting": Stage.ASSEMBLING, "sorted": Stage.ASSEMBLING, **_CANCELLED_BY_WB},
    "deliver": {
        "waiting": Stage.DELIVERING,
        "sorted": Stage.DELIVERING,
        "ready_for_pickup": Stage.AT_PICKUP_POINT,
        "sold": Stage.RECEIVED,  # handed out at the pick-up point
        **_CANCELLED_BY_WB,
        "canceled_by_client": Stage.REJECTED,
    },
    "receive": {
        "waiting": Stage.RECEIVED,
        "sorted": Stage.RECEIVED,
        "ready_for_pickup": Stage.RECEIVED,
        "sold": Stage.RECEIVED,
        "canceled": Stage.RETURNED,  # a return after receipt (observed)
        "canceled_by_client": Stage.RETURNED,
        "defect": Stage.RETURNED,
    },
    "reject": {
        "waiting": Stage.REJECTED,
        "sorted": Stage.REJECTED,
        "ready_for_pickup": Stage.REJECTED,
        "canceled_by_client": Stage.REJECTED,
        "canceled": Stage.REJECTED,
        "defect": Stage.REJECTED,
    },
    "cancel": _CLOSED_BY_SELLER,
    "cancel_missed_call": _CLOSED_BY_SELLER,
}

_DECISIONS: Mapping[str, tuple[CodeState, Promise]] = {
    # Passes.
    "filled": (CodeState.VERIFIED, pgettext_lazy("wildberries", "filled in")),
    "deadlineExceeded": (
        CodeState.VERIFIED,
        pgettext_lazy("wildberries", "accepted without a check, it took too long"),
    ),
    "imeiMaySell": (CodeState.VERIFIED, pgettext_lazy("wildberries", "IMEI may be sold")),
    "imeiSoldB2B": (CodeState.VERIFIED, pgettext_lazy("wildberries", "IMEI was sold to an organisation")),
    "sgtinIntroduced": (CodeState.VERIFIED, pgettext_lazy("wildberries", "code is in circulation")),
    "sgtinSoldB2B": (CodeState.VERIFIED, pgettext_lazy("wildberries", "code was sold to an organisation")),
    # Blocks.
    REQUIRED: (CodeState.REFUSED, pgettext_lazy("wildberries", "must be filled in")),
    "imeiInvalidFormat": (CodeState.REFUSED, pgettext_lazy("wildberries", "IMEI is malformed")),
    "imeiAlreadySold": (CodeState.REFUSED, pgettext_lazy("wildberries", "IMEI is sold already")),
    "sgtinInvalidFormat": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is malformed")),
    "sgtinNotFound": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is not known to Chestny ZNAK")),
    "sgtinEmitted": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is issued, not applied yet")),
    "sgtinApplied": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is applied, not in circulation yet")),
    "sgtinWrittenOff": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is written off")),
    "sgtinRetired": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is out of circulation")),
    "sgtinWithdrawn": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is withdrawn")),
    "sgtinDisaggregation": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is being taken out of a package")),
    "sgtinDisaggregated": (CodeState.REFUSED, pgettext_lazy("wildberries", "code of a package that was taken apart")),
    "sgtinAppliedNotPaid": (CodeState.REFUSED, pgettext_lazy("wildberries", "code is applied, not paid for")),
    # Neutral.
    "pending": (CodeState.SENT, pgettext_lazy("wildberries", "being checked")),
    "optional": (CodeState.SENT, pgettext_lazy("wildberries", "may be filled in")),
}
DECISIONS: Mapping[str, CodeState] = {word: state for word, (state, _name) in _DECISIONS.items()}
DECISION_NAMES: Mapping[str, Promise] = {word: name for word, (_state, name) in _DECISIONS.items()}

#: Ways of delivery (contract 1.3.2).
DELIVERY_NAMES: Mapping[str, Promise] = {
    "dbs": pgettext_lazy("wildberries", "To the door"),
    EXPRESS: pgettext_lazy("wildberries", "Express"),
    PICKUP_POINT: pgettext_lazy("wildberries", "To a pick-up point"),
}

#: Words of refusals (contract 1.3.1), in the spelling of ``refusals.canonical``.
ERROR_NAMES: Mapping[str, Promise] = {
    "NotFound": pgettext_lazy("wildberries", "Wildberries does not know this task"),
    "StatusMismatch": pgettext_lazy("wildberries", "At Wildberries the task is at another stage"),
    "InvalidWBCode": pgettext_lazy("wildberries", "The buyer's code was not accepted"),
    "MetaValidationFail": pgettext_lazy("wildberries", "A marking code did not pass the check"),
    "ImeiIsNotFilled": pgettext_lazy("wildberries", "The IMEI is missing"),
    "SGTINIsNotFilled": pgettext_lazy("wildberries", "The code of Chestny ZNAK is missing"),
    "FailedToUpdateMeta": pgettext_lazy("wildberries", "The marking code could not be written to the task"),
    "IncorrectRequestBody": pgettext_lazy("wildberries", "Wildberries could not read the request"),
    "IncorrectRequest": pgettext_lazy("wildberries", "Wildberries could not read the request"),
    "IncorrectParameter": pgettext_lazy("wildberries", "Wildberries could not read the request"),
    "AccessDenied": pgettext_lazy("wildberries", "The token may not do this"),
    "OrderNotB2B": pgettext_lazy("wildberries", "The buyer is not an organisation"),
    "InvalidOriginCountryCode": pgettext_lazy("wildberries", "The code of the country is wrong"),
    "PriceNotCalculated": pgettext_lazy("wildberries", "The final price is not known yet"),
}

#: For whoever hands a parcel over and hears of no code (contract 1.4, 1.6; what production shops saw).
HANDOVER_NAMES: Mapping[str, Promise] = {
    "where": pgettext_lazy(
        "wildberries",
        "The buyer sees the code on the site and in the app of Wildberries, on the page of this order: 4 to 8 digits. "
        "He has to reload the page if nothing is there.",
    ),
    "without": pgettext_lazy(
        "wildberries",
        "Without the code Wildberries takes the parcel neither as received nor as rejected, and after the hand-over it "
        "cannot be cancelled here. Do not leave the parcel: agree on another time, or ask the support in the seller's cabinet.",
    ),
    "wrong": pgettext_lazy(
        "wildberries",
        "Right codes have been refused for hours, too. When the buyer shows this very code, open the task and let it be "
        "tried again by itself.",
    ),
}

_NAMES: Mapping[str, Mapping[str, Promise]] = {
    SUPPLIER: SUPPLIER_NAMES,
    WB: WB_NAMES,
    DECISION: DECISION_NAMES,
    DELIVERY: DELIVERY_NAMES,
    ERROR: ERROR_NAMES,
    "handover": HANDOVER_NAMES,
}


def stage(supplier: str, wb: str) -> Stage | None:
    """None when a word is unknown or the two contradict each other."""
    return STAGES.get(supplier, {}).get(wb)


def word_name(name: str, value: str) -> str:
    """A raw word of ``supplierStatus``, ``wbStatus``, ``decision``, ``deliveryType`` or ``error`` in the active language;
    an unknown one as it is.
    """
    return str(_NAMES.get(name, {}).get(value, value))


def glossary() -> tuple[RawStatus, ...]:
    """Every pair of words that has a stage, in the order of its way."""
    return tuple(
        RawStatus({SUPPLIER: supplier, WB: wb}, found, (SUPPLIER_NAMES[supplier], WB_NAMES[wb]))
        for supplier, pairs in STAGES.items()
        for wb, found in pairs.items()
    )
