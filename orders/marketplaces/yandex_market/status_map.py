"""Statuses of Yandex Market and the stage they mean here (contract 2.6, appendix E). A status not in here moves no stage."""

from __future__ import annotations

from collections.abc import Mapping

from orders.enums import Stage

STATUS = "status"
SUBSTATUS = "substatus"

READY_TO_SHIP = "READY_TO_SHIP"
#: Cancelled because the buyer did not take it on receipt.
REFUSALS = frozenset({"USER_REFUSED_DELIVERY", "USER_REFUSED_PRODUCT", "USER_REFUSED_QUALITY", "FULL_NOT_RANSOM"})

#: UNKNOWN is known as a word and says nothing.
STAGES: Mapping[str, Stage] = {
    "PLACING": Stage.WAITING,
    "RESERVED": Stage.WAITING,
    "UNPAID": Stage.WAITING,
    "PENDING": Stage.WAITING,
    "PROCESSING": Stage.NEW,
    "DELIVERY": Stage.DELIVERING,
    "PICKUP": Stage.AT_PICKUP_POINT,
    "DELIVERED": Stage.RECEIVED,
    "CANCELLED": Stage.CANCELLED,
    "PARTIALLY_RETURNED": Stage.PARTIALLY_RETURNED,
    "RETURNED": Stage.RETURNED,
}

#: Where the substatus says more than the status does.
_CLOSER: Mapping[tuple[str, str], Stage] = {
    ("PROCESSING", READY_TO_SHIP): Stage.READY,
    **{("CANCELLED", refusal): Stage.REJECTED for refusal in REFUSALS},
}


def stage(status: str, substatus: str) -> Stage | None:
    """None when the status is unknown; a substatus that is not known leaves the stage of its status."""
    return _CLOSER.get((status, substatus), STAGES.get(status))
