"""The contract of a carrier: what a provider takes and gives.

A provider raises only the errors of ``backoffice.errors``. It never touches the database. What is wrong with one parcel is a
``Problem`` of its number and never an error of the call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from backoffice.gate import DriftSink, Gate

from .statuses import Meaning, TrackingStatus
from .types import Page, Reply

__all__ = ["Carrier", "CarrierOffer", "Connection", "DriftSink", "Gate"]


@dataclass(frozen=True, slots=True)
class Connection:
    """All that a provider knows of an account. ``repr`` shows no credentials."""

    base_url: str
    dialect: str
    options: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CarrierOffer:
    """What a carrier can do, as data.

    ``batch``: numbers in one call of ``track``. ``tells_changes``: ``changed`` works, every ``changes_every``; ``tells_whole``: its
    page holds whole parcels. ``commits``: ``commit`` has to follow. ``history``: a full history may be expected, so that retracted
    events can be seen. ``tells_returns``: ``returned`` of a snapshot is told; ``hides_returns``: where it is not, a parcel that
    went back reads as delivered.
    ``poll``: our status → how long until a parcel in it is asked for again. A final one is asked for every ``final_every`` during
    ``final_for`` after it became final, then no more. ``quiet_after``: no news for that long of a parcel under way is worth a look.
    """

    batch: int
    poll: Mapping[TrackingStatus, timedelta]
    tells_changes: bool = False
    tells_whole: bool = False
    changes_every: timedelta = timedelta(minutes=3)
    commits: bool = False
    history: bool = True
    tells_returns: bool = False
    hides_returns: bool = False
    final_every: timedelta = timedelta(days=1)
    final_for: timedelta = timedelta(days=14)
    quiet_after: timedelta = timedelta(days=3)


class Carrier(Protocol):
    """One account's provider. Every method says how many calls it makes.

    ``words``: every word of the carrier that is known, in its usual order → what it means; a word with a subword is
    "word/subword". The glossary and the mapping are this one table.
    """

    kind: str
    dialects: tuple[str, ...]
    offer: CarrierOffer
    words: Mapping[str, Meaning]

    def check(self) -> None:
        """One harmless read that proves address and credentials."""

    def clean_number(self, number: str) -> str:
        """The number as the carrier writes it. Raises ``Invalid`` ("number") that says what is wrong with it. No call."""

    def track(self, numbers: Sequence[str]) -> list[Reply]:
        """What the carrier knows of each number, in their order: at most ``offer.batch`` of them.

        One call, and where returns are told elsewhere a second one; one more for a number that may be of another kind than
        those of the account. Raises ``Invalid`` ("too_many").
        """

    def find(self, own_number: str) -> list[Reply]:
        """Parcels of the shop's own order number, to attach them: as many calls as ``track``.

        [] when there is none; a ``Problem`` when the carrier knows several and does not tell them apart.
        """

    def changed(self, cursor: str) -> Page:
        """What changed since the place ``cursor`` ("" at first): one call. Raises ``Refused`` where it is not offered.

        Until it is committed the same page comes again.
        """

    def pass_over(self, cursor: str) -> Page:
        """A page without parcels that stands for the one ``changed`` cannot read at ``cursor``. No call.

        Committed, it takes all that waits as read, whatever it was: have every parcel asked about by its number before.
        Raises ``Refused`` where changes are not told.
        """

    def commit(self, page: Page) -> None:
        """Tell the carrier that a page is stored: one call, or none where nothing has to be told.

        When it fails it is not tried alone again: read ``changed`` anew first, because a commit takes all that waits.
        """
