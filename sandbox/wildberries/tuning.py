"""What can be set about the Wildberries stand-in while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.settings import Settings

Profile = Literal["batch", "seed"]
NoBuyer = Literal["empty", "null", "404"]
ListEnd = Literal["zero", "last", "repeat"]


@dataclass(slots=True)
class Tuning(Settings):
    """Delays are seconds of the sandbox's clock."""

    batch: bool = True
    """Serve the batch dialect (contract 1.3)."""
    v3: bool = True
    """Serve the one-order dialect of seed 004 (contract 1.2)."""
    off_status: int = 404
    """What a dialect or a method that is off answers: 404 or 410."""
    meta_info: bool = False
    """Serve the deprecated `meta/info`, removed on 27.07.2026."""
    profile: Profile = "batch"
    """Shapes of orders, buyers and codes: of July 2026, or the seed's older ones."""
    no_buyer: NoBuyer = "empty"
    """What `client` answers when it knows no buyer of the asked orders: an empty list, null, or 404."""
    phone_delay: float = 30.0
    """From confirm until the phones are assigned; before that they are empty strings."""
    decision_delay: float = 5.0
    """From setting a code until its decision; before that it is `pending`."""
    price_delay: float = 20.0
    """From the order until its final price is known; before that `data` is empty."""
    pickup_delay: float = 60.0
    """From deliver until a pick-up-point order waits for its buyer; 0 = never by itself."""
    code_delay: float = 0.0
    """A right confirmation code is refused this long after it was first tried."""
    wrong_code_status: int = 409
    wrong_code_detail: str = "InvalidWBCode"
    """What a refused code says; not documented for the batch dialect (contract 1.3.1)."""
    deliver_validates: bool = True
    """`deliver` refuses bad or missing marking codes (since 2026-05-06); off: only `receive` misses them."""
    meta_conflict_whole: bool = False
    """Codes that no order of the call can have: refuse the whole call with 409 FailedToUpdateMeta."""
    list_end: ListEnd = "last"
    """`next` of the last page: 0, the last id (then an empty page with 0), or for ever the same."""
    finished_by_completion: bool = False
    """Dates of the completed list mean completion; off: creation. The contract does not say."""
    verdicts: dict[str, str] = field(default_factory=dict)
    """Decision of meta/details by code, beyond what the format says: {"0104…": "sgtinRetired"}."""

    def check(self, changes: dict[str, Any]) -> None:
        if changes.get("off_status", 404) not in (404, 410):
            raise ValueError("off_status is 404 or 410")
