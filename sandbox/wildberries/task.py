"""One assembly task as Wildberries holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

OPEN_WB: Final = frozenset({"waiting", "sorted", "ready_for_pickup"})
FINISHED: Final = frozenset({"receive", "reject", "cancel", "cancel_missed_call"})


@dataclass
class Task:
    """`item` is what `/orders/new` shows. Times are seconds since the epoch by the sandbox's clock."""

    id: int
    seller: str
    item: Any
    created: float
    name: str = ""
    code: str = ""
    buyer: dict[str, Any] = field(default_factory=dict)
    delivery: dict[str, Any] = field(default_factory=dict)
    delivery_cost: dict[str, Any] | None = None
    company: dict[str, str] | None = None
    mandatory: list[str] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    sticker: dict[str, str] = field(default_factory=dict)
    raw: bool = False
    supplier: str = "new"
    wb: str = "waiting"
    meta: dict[str, dict[str, Any]] = field(default_factory=dict)
    confirmed: float | None = None
    finished: float | None = None
    code_first: float | None = None
    code_delay: float | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return f"{self.supplier}/{self.wb}"

    @property
    def available(self) -> list[str]:
        """Kinds of identifiers this task can have; `requiredMeta` in spite of its name (contract 1.3.2)."""
        listed = self.item.get("requiredMeta") if isinstance(self.item, dict) else None
        kinds = [kind for kind in listed if isinstance(kind, str)] if isinstance(listed, list) else []
        return [*kinds, "customsDeclaration"] if self.company and "customsDeclaration" not in kinds else kinds

    @property
    def at_pickup_point(self) -> bool:
        return isinstance(self.item, dict) and self.item.get("deliveryType") == "dbsPickupPoint"

    @property
    def is_open(self) -> bool:
        return self.supplier not in FINISHED and self.wb in OPEN_WB

    @property
    def is_new(self) -> bool:
        """Shown by `/orders/new`: an order the buyer has declined is not, though it stays `new`."""
        return self.supplier == "new" and self.wb in OPEN_WB

    def state(self) -> dict[str, Any]:
        """Everything, with the buyer's code: for the control API and the page."""
        return {**vars(self), "supplierStatus": self.supplier, "wbStatus": self.wb, "available": self.available}
