"""What can be set about the Yandex Market stand-in while it runs: mostly where the contract is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.settings import Settings

Profile = Literal["spec", "seed"]
SameStatus = Literal["refuse", "accept"]
CreationDefault = Literal["alone", "always"]
EmptyAnswer = Literal["empty", "ok"]
DAY = 86_400.0
MOST_SHOPS = 20


@dataclass(slots=True)
class Tuning(Settings):
    """Delays are seconds of the sandbox's clock."""

    v1_orders: bool = True
    """Serve `POST /v1/businesses/{b}/orders`."""
    v2_orders: bool = True
    """Serve the deprecated `GET /v2/campaigns/{c}/orders[/{o}]`; off since 2027-04-12 (contract 2.2)."""
    profile: Profile = "spec"
    """`seed`: OrderDTO as seed 003 has it: with `logisticPointId`, without `receiveCode`."""
    shops: int = 1
    """How many campaigns each seller has: 7100001, 7100002, …"""
    unreachable_proven: bool = True
    """The three calls that USER_UNREACHABLE needs have been made; off: 400."""
    ready_to_ship: bool = True
    """Accept PROCESSING/READY_TO_SHIP, which the DBS diagram does not have (contract 2.6)."""
    same_status: SameStatus = "refuse"
    """The status an order already has: `No transition found`, or 200 and nothing happens."""
    pickup_needs_outlet: bool = True
    """PICKUP only for orders that go to a pick-up point."""
    late_identifiers: bool = False
    """Take codes in DELIVERY and PICKUP as well; not documented (contract 2.5)."""
    business_needs_codes: bool = False
    """Do not let a business order leave without its CIS codes."""
    creation_default: CreationDefault = "alone"
    """When "the last 30 days" holds: only if neither ids nor dates are asked for, or always."""
    v2_truncate: bool = True
    """`limit` above 50 of the v2 list is cut, as in the specification; off: 400."""
    items_answer: EmptyAnswer = "empty"
    """`PUT …/items`: an empty body, as in the specification, or `{"status": "OK"}`."""
    time_seconds: bool = False
    """Delivery times as `12:00:00` (the examples) instead of `12:00` (the text)."""
    cancel_after: float = 2 * DAY
    """From the buyer's request to the automatic cancellation (contract 2.5)."""
    pay_within: float = 1800.0
    """From an unpaid order to CANCELLED/USER_NOT_PAID; 0: never by itself."""
    digital_delay: float = 5.0
    """From the keys of digital goods to DELIVERED."""
    fake_kept: float = 10 * DAY
    """How long test orders are there (contract 2.9)."""
    finished_hidden: float = 30 * DAY
    """Finished orders are not in the v2 list after this (contract 2.4.2)."""
    date_edits: int = 3
    """How often the delivery date may be changed."""
    date_days: int = 30
    """How many days it may be moved in all."""
    storage_days: int = 7
    """How long a pick-up point keeps an order."""
    eac_attempts: int = 3

    def check(self, changes: dict[str, Any]) -> None:
        if not 1 <= changes.get("shops", 1) <= MOST_SHOPS:
            raise ValueError(f"shops is 1 … {MOST_SHOPS}")
        for name in ("date_edits", "date_days", "storage_days", "eac_attempts"):
            if changes.get(name, 0) < 0:
                raise ValueError(f"{name}: {changes[name]!r} does not fit")
