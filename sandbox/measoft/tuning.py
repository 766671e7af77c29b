"""What can be set about the MeaSoft stand-in while it runs: mostly where the contract is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.parcels.tuning import ParcelTuning

Plan = Literal["basic", "standard", "premium", "maximum"]
Titles = Literal["russian", "english", "none"]
# How an error is told: as attributes of the root, or of a child `<error>` (contract 1.7, shapes 1 and 2).
Shape = Literal["root", "child"]
XmlShape = Literal["text", "root"]
AuthCode = Literal[1, 25]
MOST_CODE = 99


@dataclass(slots=True)
class Tuning(ParcelTuning):
    """Defaults are what the seed and the newest clients see."""

    plan: Plan = "maximum"
    """History is told on `premium` and `maximum` only; orders are kept 45, 180, 365, 365 days (seed 000, contract 1.3)."""
    attributes: bool = True
    """Off: a server older than 2008.0.0.670, `<status>CODE</status>` and no history."""
    titles: Titles = "russian"
    """Whose words `title` has; `none`: empty."""
    lag: float = 0.0
    """Seconds from what happened (`eventtime`) to its entry (`createtimegmt`)."""
    extra: str = ""
    """The only account code that is let in; empty: any."""
    auth_code: AuthCode = 1
    auth_shape: Shape = "child"
    """What wrong credentials are answered with (contract 1.7)."""
    xml_shape: XmlShape = "text"
    """What broken XML is answered with: `<error>` with a text alone, or `error="1"` of the root."""
    fault_code: int = 13
    """The number in errors on demand (faults `error_root`, `error_child`, `error_item`); 13 and 33 may pass."""
    feed_limit: int = 0
    """Orders in one answer of ONLY_LAST; 0: all."""
    commit_all: bool = False
    """A commit marks everything that has changed by then as received, not only what was told: what came between is lost."""

    def check(self, changes: dict[str, Any]) -> None:
        for name, most in (("fault_code", MOST_CODE), ("feed_limit", 10**6)):
            if not 0 <= changes.get(name, 0) <= most:
                raise ValueError(f"{name}: {changes[name]!r} does not fit")
