"""The contract of a marketplace: what a provider takes and gives. Nothing behind it sees an upstream's field name.

A provider raises only the errors of ``backoffice.errors``. It never touches the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from backoffice.rates import Rule
from orders.enums import ActionKind, CodeKind, CodeState, Stage


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` in whole units (not hundredths), ``currency`` as ISO 4217 letters."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """Personal data. ``full`` as the marketplace wrote it."""

    full: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When the buyer waits: aware times in the zone of the account. ``end`` is None when only a day is known."""

    start: datetime | None
    end: datetime | None

    @property
    def deadline(self) -> datetime | None:
        """The end, or the last second of the day when only the day is known."""
        if self.end or not self.start:
            return self.end
        return self.start.replace(hour=23, minute=59, second=59)


@dataclass(frozen=True, slots=True)
class IncomingItem:
    article: str
    price: Money
    external_id: str = ""
    name: str = ""
    barcodes: tuple[str, ...] = ()
    quantity: int = 1
    final_price: Money | None = None
    converted_price: Money | None = None
    converted_final_price: Money | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncomingTask:
    """One assembly task as a marketplace describes it. ``words`` are its raw status words, ``data`` nothing personal."""

    external_id: str
    order_external_id: str
    created_at: datetime
    items: tuple[IncomingItem, ...]
    stage: Stage
    words: Mapping[str, str]
    delivery_type: str = ""
    code_kinds: tuple[CodeKind, ...] = ()
    required_kinds: tuple[CodeKind, ...] = ()
    window: Window | None = None
    deadline_at: datetime | None = None
    address: Address | None = None
    comment: str = ""
    is_business: bool = False
    is_test: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


class RawTask(msgspec.Struct, frozen=True, gc=False):
    """One element of a page, not read yet: its bytes and their digest (32 hex characters) to know it again.

    ``parse`` of the provider turns it into an :class:`IncomingTask`; ``external_id`` is empty when not even that was readable.
    ``finished``: it comes from the list of finished tasks. Where that list does not say how they ended, ``words`` of
    the parsed task are empty and its stage is WAITING until ``statuses`` has told.
    """

    external_id: str
    body: bytes
    digest: str
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """``next_cursor`` is None at the end of the list. ``digest`` tells a page of new tasks from others: see ``new_orders``."""

    tasks: tuple[RawTask, ...]
    next_cursor: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """Status of one task. ``stage`` is None when the words are not known to us; ``found`` is False for an unknown id."""

    external_id: str
    words: Mapping[str, str]
    stage: Stage | None
    found: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    number: str
    extension: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class BuyerInfo:
    """Personal data. ``complete`` is False while the marketplace has not assigned the phones yet."""

    external_id: str
    first_name: str
    full_name: str
    phones: tuple[Phone, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What the marketplace thinks of one code of a task."""

    external_id: str
    kind: CodeKind
    value: str
    state: CodeState
    decision: str = ""


@dataclass(frozen=True, slots=True)
class CodeNeed:
    """Which codes the marketplace demands of a task, and which it only takes; kinds it is silent about are in neither."""

    external_id: str
    required: frozenset[CodeKind] = frozenset()
    optional: frozenset[CodeKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One action on its way out. ``code`` is the buyer's confirmation code; ``codes`` are marking codes of ``code_kind``."""

    external_id: str
    kind: ActionKind
    code: str = field(default="", repr=False)
    code_kind: CodeKind | None = None
    codes: tuple[str, ...] = ()
    country: str = ""
    reason: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """Answer for one outgoing action. ``code`` and ``detail`` are the marketplace's own words; ``verdicts`` its view of codes."""

    external_id: str
    ok: bool
    code: str = ""
    detail: str = ""
    wrong_code: bool = False
    stage_conflict: bool = False
    verdicts: tuple[CodeVerdict, ...] = ()
    status: int | None = None
    request_id: str = ""


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
class Connection:
    """All that a provider knows of an account. ``repr`` shows no credentials."""

    base_url: str
    dialect: str
    options: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)


class DriftSink(Protocol):
    """Where a provider reports what it does not know. ``kind``: field, value, error, route."""

    def note(self, *, place: str, kind: str, name: str, sample: Any = None) -> None: ...


class Gate(Protocol):
    """The shared rate budget of an account, asked before each call."""

    def take(self, group: str, rule: Rule) -> None:
        """Raises ``RateLimited`` with the time when the next call may leave."""

    def penalty(self, group: str, rule: Rule) -> None:
        """A 4XX was answered: it costs more than one call."""

    def block(self, group: str, until: datetime) -> None:
        """The upstream itself said when to come back."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a marketplace allows, as data.

    ``steps``: action → raw words (of ``step_word``) from which it is allowed. ``local``: actions that need no call.
    ``coded``: actions that need the buyer's confirmation code, which matches ``code_pattern``. ``code_kinds``: kinds it can
    store → how many per item unit set at most. ``code_words``: raw words in which codes may be set; ``late_code_words``:
    more of them for some kinds. ``covers``: stages of ours that a said stage includes (packed here, still "confirm" there).
    ``effects``: action → our stage and the raw word of ``step_word`` once it is done; every action of ``steps`` has one.
    ``delivery_types``: raw words for the ways of delivery; parcels of the ``labelled`` ones carry a label (``stickers``).
    """

    step_word: str
    steps: Mapping[ActionKind, frozenset[str]]
    local: frozenset[ActionKind] = frozenset()
    coded: frozenset[ActionKind] = frozenset()
    code_pattern: str = r"\d{4,8}"
    code_kinds: Mapping[CodeKind, int] = field(default_factory=dict)
    code_words: frozenset[str] = frozenset()
    late_code_words: Mapping[CodeKind, frozenset[str]] = field(default_factory=dict)
    covers: Mapping[Stage, frozenset[Stage]] = field(default_factory=dict)
    reasons: Mapping[ActionKind, tuple[str, ...]] = field(default_factory=dict)
    effects: Mapping[ActionKind, tuple[Stage, str]] = field(default_factory=dict)
    delivery_types: tuple[str, ...] = ()
    labelled: frozenset[str] = frozenset()


class Marketplace(Protocol):
    """One account's provider. Ids are the marketplace's, as strings. Every method says how many calls it makes."""

    kind: str
    dialects: tuple[str, ...]
    window_days: int
    status_batch: int
    offer: Offer

    def check(self) -> None:
        """One harmless read that proves address and credentials."""

    def new_orders(self, known: str = "") -> Page:
        """All tasks that wait for us: one call. The very page whose digest is ``known`` comes without its tasks."""

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
