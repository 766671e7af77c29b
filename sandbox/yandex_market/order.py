"""One order as the Market holds it, from which both models are made. Money is kopecks, times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

FINISHED: Final = frozenset({"DELIVERED", "CANCELLED", "PARTIALLY_RETURNED", "RETURNED"})
AFTER_DEPARTURE: Final = frozenset({"DELIVERY", "PICKUP"})


@dataclass
class Order:
    """`items` and `delivery` are our own shapes, see `making`; `raw` is what a dialect shows instead, if anything."""

    id: int
    seller: str
    campaign: int
    created: float
    updated: float
    status: str
    substatus: str
    items: list[dict[str, Any]] = field(default_factory=list)
    delivery: dict[str, Any] = field(default_factory=dict)
    buyer: dict[str, Any] = field(default_factory=dict)
    payment: dict[str, str] = field(default_factory=dict)
    currency: str = "RUR"
    tax: str = "OSN"
    fake: bool = False
    notes: str = ""
    external: str = ""
    company: dict[str, str] | None = None
    courier: dict[str, str] = field(default_factory=dict)
    eac: dict[str, Any] = field(default_factory=dict)
    receive_code: str = ""
    tracks: list[dict[str, Any]] = field(default_factory=list)
    boxes: list[dict[str, Any]] = field(default_factory=list)
    digital_codes: dict[str, list[str]] = field(default_factory=dict)
    digital_at: float | None = None
    date_edits: int = 0
    storage_moved: bool = False
    cancel_asked: float | None = None
    finished: float | None = None
    raw: dict[str, Any] | None = None
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def place(self) -> str:
        """`PROCESSING/STARTED`"""
        return f"{self.status}/{self.substatus}"

    @property
    def is_open(self) -> bool:
        return self.status not in FINISHED

    @property
    def kind(self) -> str:
        """DELIVERY, PICKUP, POST or DIGITAL."""
        return str(self.delivery.get("type", "DELIVERY"))

    @property
    def units(self) -> int:
        return sum(item["count"] for item in self.items)

    @property
    def waits_for_cancel(self) -> bool:
        """The buyer asked to cancel when the order had left already, and the shop has not answered."""
        return self.cancel_asked is not None and self.status in AFTER_DEPARTURE

    def item(self, number: object) -> dict[str, Any] | None:
        return next((one for one in self.items if one["id"] == number), None)

    def state(self) -> dict[str, Any]:
        """Everything, with the codes on the goods: for the control API and the page."""
        return {**vars(self), "place": self.place}
