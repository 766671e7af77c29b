"""What may follow what. One table for pages, admin, API and jobs."""

from __future__ import annotations

from collections.abc import Iterable

from .enums import CLOSED_STAGES, Stage

_END = frozenset(CLOSED_STAGES)
_AFTER_HAND_OVER = _END | {Stage.AT_PICKUP_POINT}
_AFTER_PACKING = _AFTER_HAND_OVER | {Stage.DELIVERING}

#: Forward moves, skipped steps included: a marketplace's own cabinet may have taken several at once.
TRANSITIONS: dict[Stage, frozenset[Stage]] = {
    Stage.WAITING: _AFTER_PACKING | {Stage.NEW, Stage.ASSEMBLING, Stage.READY},
    Stage.NEW: _AFTER_PACKING | {Stage.ASSEMBLING, Stage.READY},
    Stage.ASSEMBLING: _AFTER_PACKING | {Stage.READY},
    Stage.READY: _AFTER_PACKING | {Stage.ASSEMBLING},
    Stage.DELIVERING: _AFTER_HAND_OVER,
    Stage.AT_PICKUP_POINT: _END,
    Stage.RECEIVED: frozenset({Stage.PARTIALLY_RETURNED, Stage.RETURNED}),
    Stage.PARTIALLY_RETURNED: frozenset({Stage.RETURNED}),
    Stage.REJECTED: frozenset(),
    Stage.CANCELLED: frozenset(),
    Stage.RETURNED: frozenset(),
}

_ORDER_OF_CLOSED = (
    Stage.RECEIVED,
    Stage.PARTIALLY_RETURNED,
    Stage.RETURNED,
    Stage.REJECTED,
    Stage.CANCELLED,
)


def is_step_back(old: Stage, new: Stage) -> bool:
    """Whether a marketplace that says ``new`` after ``old`` corrects itself."""
    return new != old and new not in TRANSITIONS[old]


def order_stage(stages: Iterable[Stage]) -> Stage:
    """The stage of an order: its least advanced open task, or what its closed tasks came to."""
    present = set(stages)
    for stage in Stage:
        if stage in present and stage not in CLOSED_STAGES:
            return stage
    if present == {Stage.RECEIVED, Stage.RETURNED}:
        return Stage.PARTIALLY_RETURNED
    return next(stage for stage in _ORDER_OF_CLOSED if stage in present)
