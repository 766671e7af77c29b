"""Parcels and what follows from them, made ready for templates, with the words of the active language."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from carriers.statuses import FACES, TrackingStatus
from orders import parcelfacts, trackwords, wording
from orders.enums import ActionKind, ReactionState
from orders.marketplaces.base import Offer
from orders.models import MarketplaceAccount, Reaction, Shipment
from orders.queries.lists import QueueRow
from orders.queries.parcels import Parcels
from orders.services.shipping import remarks

from .panels import Line

#: Whether an order is over is asked before it is done, even where a carrier's word stands behind it.
ASKED_FIRST = frozenset({ActionKind.CANCEL, ActionKind.REJECT, ActionKind.ACCEPT_CANCEL})


@dataclass(frozen=True, slots=True)
class ParcelChip:
    """A tracking status as a chip: tone, icon and word; ``hint`` has the carrier's own words."""

    tone: str
    icon: str
    word: str
    hint: str


@dataclass(frozen=True, slots=True)
class ShownParcel:
    """``problem`` with ``todo``: why the carrier tells nothing, and what to do about it."""

    row: Shipment
    chip: ParcelChip
    finality: str
    problem: str
    todo: str

    @property
    def asked(self) -> bool:
        return self.row.checked_at is not None

    @property
    def facts(self) -> list[Line]:
        """What else the carrier tells."""
        return [Line(*each) for each in parcelfacts.lines(self.row.details)]

    @property
    def remark(self) -> str:
        """May name people: for those who may see buyers. Opened only when it is shown."""
        return remarks.of(self.row.details)


@dataclass(frozen=True, slots=True)
class ShownReaction:
    """``why`` it is suggested, the ``label`` of its button, ``short`` for a row; ``asks``: a question comes first.

    ``left``: until it is done by itself.
    """

    row: Reaction
    why: str
    label: str
    short: str
    asks: bool
    coded: bool
    waits: bool
    left: str

    @property
    def reasons(self) -> list[Line]:
        """Why, as the carrier tells it, where the order may be over."""
        told = parcelfacts.reasons(self.row.shipment.details) if self.row.kind in ASKED_FIRST else []
        return [Line(*each) for each in told]

    @property
    def remark(self) -> str:
        """May name people: for those who may see buyers. Opened only when it is shown."""
        return remarks.of(self.row.shipment.details) if self.row.kind in ASKED_FIRST else ""


def chip(parcel: Shipment) -> ParcelChip:
    """The status of a parcel; where its carrier tells nothing, that."""
    told = " · ".join(dict.fromkeys(part for part in (parcel.raw_status, parcel.raw_title) if part))
    if parcel.problem and parcel.status == TrackingStatus.UNKNOWN:
        return ParcelChip("warn", "circle-question-mark", trackwords.problem(parcel)[0], parcel.problem_detail)
    if parcel.checked_at is None and parcel.status == TrackingStatus.UNKNOWN:
        return ParcelChip("plain", "hourglass", _("Not asked yet"), "")
    face = FACES.get(TrackingStatus(parcel.status), FACES[TrackingStatus.UNKNOWN])
    return ParcelChip(face.tone, face.icon, str(parcel.get_status_display()), told)


def shown(parcel: Shipment) -> ShownParcel:
    problem, todo = trackwords.problem(parcel)
    known = parcel.status != TrackingStatus.UNKNOWN
    finality = str(parcel.get_finality_display()) if known else ""
    return ShownParcel(parcel, chip(parcel), finality, problem, todo)


def shown_all(known: Parcels, order_id: int) -> list[ShownParcel]:
    return [shown(parcel) for parcel in known.of_order(order_id)]


def reaction(row: Reaction, *, marketplace: str, coded: Collection[ActionKind] = ()) -> ShownReaction:
    """A suggestion, or what waits. ``coded``: actions that need the buyer's code."""
    kind = ActionKind(row.kind)
    needs_code = kind in coded
    return ShownReaction(
        row=row,
        why=trackwords.why(row),
        label=label(row, marketplace, coded=needs_code),
        short=trackwords.short(kind, coded=needs_code),
        asks=needs_code or kind in ASKED_FIRST,
        coded=needs_code,
        waits=row.state == ReactionState.WAITING,
        left=_left(row.due_at),
    )


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the queue with its parcel and what that suggests."""

    row: QueueRow
    chip: ParcelChip | None
    suggestion: ShownReaction | None


def rows(found: Iterable[QueueRow]) -> list[ShownRow]:
    return [
        ShownRow(
            row,
            chip(row.parcel) if row.parcel else None,
            reaction(row.reaction, marketplace=row.kind, coded=row.coded) if row.reaction else None,
        )
        for row in found
    ]


def reactions(known: Parcels, task_id: int, account: MarketplaceAccount, offer: Offer | None) -> list[ShownReaction]:
    """What the parcels of a task suggest, and what waits."""
    coded = offer.coded if offer else ()
    return [reaction(row, marketplace=account.kind, coded=coded) for row in known.of_task(task_id)]


def label(row: Reaction, marketplace: str, *, coded: bool = False) -> str:
    """What the button says: "Received, 26 November", "Cancel: the shop failed"."""
    kind = ActionKind(row.kind)
    if coded:
        return _("Enter the buyer's code: %(action)s") % {"action": kind.label}
    name = str(trackwords.BUTTONS.get(kind, kind.label))
    more = wording.reason(marketplace, row.reason) or trackwords.day(row.date)
    return f"{name}: {more}" if row.reason else f"{name}, {more}" if more else name


def _left(due: datetime | None) -> str:
    """ "29:05", as a clock that runs down; with hours when there are some."""
    if due is None:
        return ""
    seconds = max(0, int((due - timezone.now()) / timedelta(seconds=1)))
    hours, rest = divmod(seconds, 3600)
    clock = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{clock}" if hours else clock
