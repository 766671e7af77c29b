"""Label identifiers: who may have which, when, and what Wildberries decides about a value (contract 1.5)."""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.wildberries.task import Task
from sandbox.wildberries.world import World

LENGTHS: Final = {
    "sgtin": (16, 135),
    "uin": (16, 16),
    "imei": (15, 15),
    "gtin": (13, 13),
    "customsDeclaration": (17, 29),
}
MOST_SGTINS: Final = 24
KINDS: Final = ("imei", "uin", "gtin", "sgtin", "customsDeclaration")
LEGACY_KINDS: Final = KINDS[:4]
BLOCKING: Final = frozenset(
    {
        "required", "imeiInvalidFormat", "imeiAlreadySold", "sgtinInvalidFormat", "sgtinNotFound", "sgtinEmitted",
        "sgtinApplied", "sgtinWrittenOff", "sgtinRetired", "sgtinWithdrawn", "sgtinDisaggregation",
        "sgtinDisaggregated", "sgtinAppliedNotPaid",
    }
)  # fmt: skip

# 01 GTIN 21 serial, then nothing or tail elements after GS; a tobacco pack has no AIs: GTIN, serial, price, check.
GS1_CODE = re.compile(r"\x1d?01\d{14}21[!-~]{6,20}(\x1d[!-~\x1d]+)?")
TOBACCO_PACK = re.compile(r"\d{14}[!-~]{15}")


def fits(kind: str, value: object) -> bool:
    """Type and length; what is inside is judged later, by `decision`."""
    least, most = LENGTHS[kind]
    return isinstance(value, str) and least <= len(value) <= most


def field_of(kind: str) -> str:
    """The name of the kind's value in requests."""
    return "sgtins" if kind == "sgtin" else kind


def fits_call(kind: str, value: object) -> bool:
    """Whether `value` may stand in a request: a text, or 1 … 24 marking codes."""
    if kind != "sgtin":
        return fits(kind, value)
    return isinstance(value, list) and 1 <= len(value) <= MOST_SGTINS and all(fits(kind, one) for one in value)


def may_write(task: Task, kind: str) -> bool:
    """Only while being assembled; the customs declaration also on the way (contract 1.5)."""
    stages = ("confirm", "deliver") if kind == "customsDeclaration" else ("confirm",)
    return task.supplier in stages and task.is_open


def details(world: World, task: Task) -> list[dict[str, Any]]:
    """`metaDetails`: each kind the task can have; a set of marking codes is one entry a code."""
    found: list[dict[str, Any]] = []
    for kind in task.available:
        written = task.meta.get(kind)
        if written is None:
            decision = "required" if kind in task.mandatory else "optional"
            found.append({"key": kind, "value": None, "decision": decision})
            continue
        values = written["value"] if isinstance(written["value"], list) else [written["value"]]
        found += [{"key": kind, "value": one, "decision": _decision(world, kind, one, written["at"])} for one in values]
    return found


def _decision(world: World, kind: str, value: str, at: float) -> str:
    if kind not in ("imei", "sgtin"):
        return world.tuning.verdicts.get(value, "filled")
    if world.now - at < world.tuning.decision_delay:
        return "pending"
    if value in world.tuning.verdicts:
        return world.tuning.verdicts[value]
    if kind == "imei":
        return "imeiMaySell" if value.isascii() and value.isdigit() else "imeiInvalidFormat"
    good = GS1_CODE.fullmatch(value) or TOBACCO_PACK.fullmatch(value)
    return "sgtinIntroduced" if good else "sgtinInvalidFormat"
