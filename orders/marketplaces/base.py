"""The contract of a marketplace: what a provider takes and gives. Nothing behind it sees an upstream's field name.

A provider raises only the errors of ``backoffice.errors``. It never touches the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from backoffice.gate import DriftSink, Gate
from orders.enums import ActionKind, CodeKind, CodeState, Stage

from .incoming import Address, BuyerInfo, IncomingItem, IncomingTask, Money, Page, Phone, RawTask, Window
from .offer import Effect, Local, Offer

__all__ = [
    "Address",
    "BuyerInfo",
    "CodeNeed",
    "CodeVerdict",
    "Connection",
    "DeliveryCost",
    "DeliveryService",
    "DeliveryWindow",
    "Document",
    "DriftSink",
    "Effect",
    "Gate",
    "IncomingItem",
    "IncomingTask",
    "Local",
    "Mark",
    "Marketplace",
    "Money",
    "Notice",
    "Offer",
    "Organisation",
    "Outgoing",
    "Page",
    "Phone",
    "RawField",
    "RawTask",
    "Result",
    "Sticker",
    "TaskStatus",
    "Window",
]


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """Status of one task. ``stage`` is None when the words are not known to us; ``found`` is False for an unknown id."""

    external_id: str
    words: Mapping[str, str]
    stage: Stage | None
    found: bool = True
    detail: str = ""
    cancel_requested: bool | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What the marketplace thinks of one code of a task. ``echo``: the code as it keeps it, e.g. {"cis", "cisFull"}."""

    external_id: str
    kind: CodeKind
    value: str
    state: CodeState
    decision: str = ""
    echo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeNeed:
    """Which codes the marketplace demands of a task, and which it only takes; kinds it is silent about are in neither."""

    external_id: str
    required: frozenset[CodeKind] = frozenset()
    optional: frozenset[CodeKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Mark:
    """A marking code on its unit: ``item`` is the marketplace's id of the item, ``unit`` counts from 1."""

    item: str
    unit: int
    kind: CodeKind
    value: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One action on its way out. ``code`` is the buyer's confirmation code; ``codes`` are marking codes of ``code_kind``.

    ``marks``: the same codes with their units; all kinds of a task where the offer says ``codes_together``. ``data``: what
    a detail action carries (``orders.details``). GIVE_DIGITAL has its keys in ``code``: JSON {item id: [key, …]}.
    ``date``: ISO date of a delivery that was not today.
    """

    external_id: str
    kind: ActionKind
    code: str = field(default="", repr=False)
    code_kind: CodeKind | None = None
    codes: tuple[str, ...] = ()
    country: str = ""
    reason: str = ""
    date: str = ""
    marks: tuple[Mark, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """Answer for one outgoing action. ``code`` and ``detail`` are the marketplace's own words; ``verdicts`` its view of codes.

    ``words``: the raw status words after it, where the answer tells them.
    """

    external_id: str
    ok: bool
    code: str = ""
    detail: str = ""
    wrong_code: bool = False
    stage_conflict: bool = False
    verdicts: tuple[CodeVerdict, ...] = ()
    status: int | None = None
    request_id: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sticker:
    external_id: str
    pdf: bytes
    number: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryWindow:
    external_id: str
    window: Window


@dataclass(frozen=True, slots=True)
class DeliveryCost:
    """What the buyer pays for delivery, by the group the marketplace forms (``data["group"]`` of the tasks)."""

    group: str
    cost: Money
    converted: Money | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """The buyer's organisation of a business order: ``facts`` e.g. {"inn", "kpp", "name"}."""

    external_id: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Document:
    """An accounting document of a business order: ``kind`` and ``status`` are raw words, ``date`` as it was told."""

    external_id: str
    kind: str
    status: str
    number: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """A delivery service that a track code may name."""

    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification of a marketplace. ``ping``: it only wants to be answered. ``orders``: numbers to read anew."""

    event: str
    ping: bool = False
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawField:
    """One leaf of a raw order: ``path`` like "items[0].price", ``meaning`` of an enum's word; ``personal``: masked at first."""

    path: str
    value: str
    meaning: str = ""
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """All that a provider knows of an account. ``repr`` shows no credentials."""

    base_url: str
    dialect: str
    options: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)


class Marketplace(Protocol):
    """One account's provider. Ids are the marketplace's, as strings. Every method says how many calls it makes.

    ``incremental``: it tells what has changed (``changed_orders``), whole and with its status, and finds orders by number
    (``lookup``); the others list what is new (``new_orders``) and are asked for statuses. ``status_batch``,
    ``buyer_batch``: how many tasks travel in one call of ``statuses`` and ``lookup``, of ``buyers``.
    """

    kind: str
    dialects: tuple[str, ...]
    window_days: int
    status_batch: int
    buyer_batch: int
    incremental: bool
    offer: Offer

    def check(self) -> None:
        """One harmless read that proves address and credentials."""

    def new_orders(self, known: str = "") -> Page:
        """All tasks that wait for us: one call. The very page whose digest is ``known`` comes without its tasks."""

    def changed_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """Orders changed from ``start`` to before ``end``, at most ``window_days`` days: one call. Only of an incremental one."""

    def open_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """Orders made in these days, at most ``window_days``, that wait for us or are on their way: one call. Only of an
        incremental one.
        """

    def lookup(self, external_ids: Sequence[str]) -> Page:
        """Orders by number, unknown ones left out: one call for at most ``status_batch``. Only of an incremental one."""

    def finished_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """Tasks of at most ``window_days`` days: one call; ``cursor`` from the page before, None at first."""

    def parse(self, raw: RawTask) -> IncomingTask:
        """Raises ``Unreadable`` with a reason a person understands. No call."""

    def statuses(self, external_ids: Sequence[str]) -> list[TaskStatus]:
        """One call for at most ``status_batch`` ids."""

    def buyers(self, external_ids: Sequence[str]) -> list[BuyerInfo]:
        """Buyers the marketplace is willing to tell; the others are simply absent. One call."""

    def windows(self, external_ids: Sequence[str]) -> list[DeliveryWindow]:
        """Delivery windows that the order itself does not carry; [] where the dialect has no such method."""

    def delivery_costs(self, groups: Sequence[str]) -> list[DeliveryCost]:
        """What buyers pay for delivery; [] where the dialect has no such method."""

    def organisations(self, external_ids: Sequence[str]) -> list[Organisation]:
        """Buyers' organisations of business orders; [] where the dialect has no such method."""

    def documents(self, external_ids: Sequence[str]) -> list[Document]:
        """Accounting documents of business orders; [] where the dialect has no such method."""

    def services(self) -> list[DeliveryService]:
        """Delivery services that a track code may name: one call; [] where there is no such method."""

    def codes(self, external_ids: Sequence[str]) -> list[CodeVerdict]:
        """Marking codes as the marketplace has them, with its decisions. One call a task where it has no batch."""

    def needs(self, external_ids: Sequence[str]) -> list[CodeNeed]:
        """Which codes it demands of confirmed tasks; [] where the dialect does not tell."""

    def stickers(self, external_ids: Sequence[str]) -> list[Sticker]:
        """Labels of tasks that have one; [] where the dialect has no such method."""

    def per_call(self, kind: ActionKind) -> int:
        """How many actions of a kind travel in one call."""

    def send(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        """Do it: one call, at most ``per_call(kind)`` actions, all of one ``code_kind``.

        A task that the answer leaves out has no Result.
        """

    def has_happened(self, action: Outgoing) -> bool | None:
        """Whether a detail action that got no answer is in force: one call. None when that cannot be told."""
