"""What comes in, as our own types: part of the contract in ``base``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from orders.enums import CodeKind, Stage

from .facts import ItemFacts, OrderFacts


@dataclass(frozen=True, slots=True)
class Money:
    """``amount`` in whole units (not hundredths), ``currency`` as ISO 4217 letters."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """Personal data. ``full`` as the marketplace wrote it, or its ``parts`` in the order they are written on a parcel.

    ``parts``: country, postcode, city, district, subway, street, house, estate, block, building, entrance, entryphone,
    floor, apartment: those there are.
    """

    full: str
    latitude: float | None = None
    longitude: float | None = None
    parts: Mapping[str, str] = field(default_factory=dict)


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
    code_kinds: tuple[CodeKind, ...] | None = None
    required_kinds: tuple[CodeKind, ...] | None = None
    facts: ItemFacts | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phone:
    number: str
    extension: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class BuyerInfo:
    """Personal data. ``complete`` is False while the marketplace has not assigned the phones yet.

    ``do_not_call``: the buyer asked not to be called before the delivery.
    """

    external_id: str
    first_name: str
    full_name: str
    phones: tuple[Phone, ...]
    complete: bool
    do_not_call: bool = False


@dataclass(frozen=True, slots=True)
class IncomingTask:
    """One assembly task as a marketplace describes it. ``words`` are its raw status words, ``data`` nothing personal.

    ``facts``: what else is known of the order, nothing personal. ``handover`` is confidential (kept encrypted): courier
    {"name", "phone", "extension"}, "eac_code", "receive_code", "receive_barcode". ``cancel_requested``: the buyer wants
    to cancel; None where the marketplace does not tell it here. ``updated_at``: its own clock's time of these words.
    ``known`` is False when its words are not known to us: a new task then waits, a known one is not moved.
    """

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
    buyer: BuyerInfo | None = None
    facts: OrderFacts | None = None
    handover: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cancel_requested: bool | None = None
    updated_at: datetime | None = None
    known: bool = True
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
