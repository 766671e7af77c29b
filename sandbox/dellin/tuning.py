"""What can be set about the Dellin stand-in while it runs: mostly where documents and wire disagree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.parcels.tuning import ParcelTuning

Dates = Literal["wire", "documented", "compact", "zulu"]
NotFound = Literal[400, 404]
NoneFound = Literal["error", "info"]
Http = Literal["same", "ok"]
JournalOrder = Literal["newest", "oldest"]
MOST_ON_PAGE = 1000


@dataclass(slots=True)
class Tuning(ParcelTuning):
    """Defaults are what live clients see (contract 2.1)."""

    dates: Dates = "wire"
    """`2023-01-12T15:52:40.000+03:00`; documented: `2023-01-12 15:52:40+03:00`; compact: `…T15:52:40+0300`; zulu: `…T12:52:40Z`."""
    int_numbers: bool = False
    """`number` of a row as an integer, as the documents say."""
    both_keys: bool = False
    """Take `docIds` together with `webOrderNumber`, as in the seed's own sample; off: 400."""
    none_found: NoneFound = "error"
    """Several numbers and none found: error 130002, or `info` alone."""
    not_found_status: NotFound = 400
    """The emulated HTTP status that goes with 130002."""
    http_status: Http = "same"
    """The real HTTP status of an error: the emulated one, or 200 always."""
    password_login: bool = True
    """`/v3/auth/login` and `/v1/customers/login` with a password; off: 401, only personal access tokens are taken."""
    session_seconds: float = 86_400.0
    """How long a session is good for, by the sandbox's clock."""
    page_size: int = 25
    """Orders on a page of the journal."""
    journal_order: JournalOrder = "newest"
    """What a page begins with."""

    def check(self, changes: dict[str, Any]) -> None:
        if not 1 <= changes.get("page_size", 1) <= MOST_ON_PAGE:
            raise ValueError(f"page_size is 1 … {MOST_ON_PAGE}")
