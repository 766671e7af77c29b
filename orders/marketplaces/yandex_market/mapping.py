"""Orders of Yandex Market as our :class:`IncomingTask`: what both order models have in common (contract 2.4).

One order is one task. Both models give the same task for the same order, as far as both carry the data:

- ``price`` of an item is what the seller gets for a unit: the price before the discounts that the Market makes up for. v2:
  ``price`` + ``subsidy``, which are per unit. Business: (``payment`` + ``subsidy``) / ``count``, since there all are totals
  for all units, and ``subsidy`` is the total reward, that for Plus points included ([YM-SPEC] ``ItemPriceDTO``).
- ``final_price`` is what a unit costs the buyer, in money and in Plus points. v2: ``buyerPrice``. Business: (``payment`` +
  ``cashback``) / ``count`` ([YM-SPEC]: "the cost of all units is payment and cashback").
- ``subsidy`` of facts is that total reward, ``cashback`` the points in it; ``delivery`` of the totals the cost of the
  delivery, in business ``payment`` + ``subsidy`` of the delivery.
- Amounts per unit have two places. v2 alone tells the buyer, the recipient and his phone, prices before all discounts,
  promotions, subsidies by type, the tax system and until when an order waits; business alone tells what lies in which
  box, statuses of units, the warehouse, the platform, the program and the shop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from backoffice.answers import Answer
from backoffice.errors import Unreadable
from backoffice.reading import BROKEN, Reader, reason_of, text
from orders.enums import CodeKind, Stage
from orders.marketplaces.base import IncomingItem, IncomingTask, Page, RawTask, TaskStatus, Window
from orders.marketplaces.facts import Dates, DeliveryFacts, ParcelFacts

from . import moments, money
from .order_schemas import IdWire, Wire
from .status_map import STATUS, SUBSTATUS, stage
from .values import PLACE, BadOrder, Values, missing, number, short

#: Raw words are kept in columns of this length.
WORD = 80
DELIVERY_WORD = 32
#: offerId has at most 255 characters (contract appendices B and C).
ARTICLE = 255
NAME = 300
#: Not with the delivery yet: what is due is the hand-over.
AT_THE_SHOP = frozenset({Stage.WAITING, Stage.NEW, Stage.ASSEMBLING, Stage.READY})

_PAGE_KEYS = frozenset({"orders", "order", "paging", "pager"})
_json = msgspec.json.Decoder(float_hook=str)
_top = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements = msgspec.json.Decoder(list[msgspec.Raw] | None)
_paging = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
_token = msgspec.json.Decoder(int | str | None)
_id = msgspec.json.Decoder(IdWire)

W = TypeVar("W", bound=Wire)


class Options(Protocol):
    """What a mapper has to know of the account."""

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def campaign_id(self) -> str: ...
    @property
    def business_id(self) -> str: ...
    @property
    def deadline_hours(self) -> float: ...


def page(answer: Answer, reader: Reader, *, place: str) -> Page:
    """Elements as raw bytes, hardly read: an unchanged page costs little. ``next_cursor`` is ``paging.nextPageToken``.

    Also ``{order: {…}}``, the answer about a single one. Raises ``Unreadable`` (a read) or ``Uncertain`` (a write) when it
    is neither.
    """
    try:
        top = _top.decode(answer.body)
        elements = [top["order"]] if "order" in top and "orders" not in top else _elements.decode(top["orders"]) or []
        cursor = _next_token(top)
    except KeyError:
        reason = "`orders` is missing"
    except BROKEN as error:
        reason = reason_of(error)
    else:
        for key in sorted(top.keys() - _PAGE_KEYS):
            reader.drift.note(place=place, kind="field", name=key)
        return Page(tuple(_raw(bytes(element)) for element in elements), cursor)
    raise answer.unreadable(reason)


def _next_token(top: Mapping[str, msgspec.Raw]) -> str | None:
    """The last page has none (contract 2.4.1)."""
    paging = _paging.decode(top["paging"]) if "paging" in top else None
    return (text(_token.decode(paging["nextPageToken"])) or None) if paging and "nextPageToken" in paging else None


def _raw(body: bytes) -> RawTask:
    try:
        found = _id.decode(body)
        external_id = number(found.id) or number(found.order_id)
    except BROKEN:
        external_id = ""
    return RawTask(external_id, body, hashlib.blake2b(body, digest_size=16).hexdigest())


class OrderMapper(Generic[W]):
    """Reads elements of a page. ``shape``: the wire type of an order."""

    shape: type[W]
    calendar: moments.Calendar

    def __init__(self, reader: Reader, options: Options) -> None:
        self.reader = reader
        self.options = options
        self.values = Values(reader, self.calendar)

    def parse(self, raw: RawTask) -> IncomingTask:
        """Raises ``Unreadable``; its ``detail`` says in words what is wrong, without anything personal."""
        try:
            return self.task(self.reader.convert(_json.decode(raw.body), self.shape, PLACE))
        except BadOrder as error:
            said, detail = "bad_order", str(error)
        except money.BadMoney as error:
            said, detail = "bad_price", str(error)
        except BROKEN as error:
            said, detail = "bad_order", reason_of(error)
        raise Unreadable(said, detail, digest=raw.digest)

    def task(self, wire: W) -> IncomingTask:
        """Raises ``BadOrder``, ``BadMoney``."""
        raise NotImplementedError

    def status(self, status: object, substatus: object) -> dict[str, str]:
        """The raw words. Raises ``BadOrder`` when there is no status."""
        if not text(status):
            raise missing(STATUS)
        return {
            STATUS: short(self.values.word(status, STATUS), WORD, STATUS),
            SUBSTATUS: short(self.values.word(substatus, SUBSTATUS), WORD, SUBSTATUS),
        }

    def delivery_word(self, value: object) -> str:
        return short(self.values.word(value, "deliveryType", "delivery.type"), DELIVERY_WORD, "delivery.type")

    def window(self, dates: Dates) -> Window | None:
        """In the account's zone; one that makes no sense is noted and left out."""
        if not dates.first:
            return None
        days = date.fromisoformat(dates.first), date.fromisoformat(dates.last) if dates.last else None
        try:
            return moments.window(
                days, (moments.clock(dates.from_time), moments.clock(dates.to_time)), self.options.zone
            )
        except ValueError:
            self.values.unknown("delivery.dates", f"{dates.first}..{dates.last}")
            return None

    def deadline(
        self, created: datetime, window: Window | None, delivery: DeliveryFacts, current: Stage | None
    ) -> datetime:
        """The end of the window, or the hand-over to the delivery if that is sooner and still to come."""
        ends = [window.deadline if window else None]
        if current is None or current in AT_THE_SHOP:
            ends += map(self._handed_over, delivery.parcels)
        return min(filter(None, ends), default=created + timedelta(hours=self.options.deadline_hours))

    def _handed_over(self, parcel: ParcelFacts) -> datetime | None:
        """When the goods are to be handed over: the end of the day where no hour is told."""
        if not parcel.date:
            return None
        at = moments.clock(parcel.time) or moments.END_OF_DAY
        return datetime.combine(date.fromisoformat(parcel.date), at, tzinfo=self.options.zone)

    def article(self, offer: object, field: str) -> str:
        """Raises ``BadOrder``."""
        if not text(offer):
            raise missing(field)
        return short(text(offer), ARTICLE, field)


def product_name(value: object) -> str:
    """A very long one is cut: it is only there to be read."""
    found = text(value)
    return found if len(found) <= NAME else f"{found[: NAME - 1]}…"


def is_business(buyer_type: str, payment_method: str) -> bool:
    """Whether an organisation buys; who pays says so where the type of the buyer is not told."""
    return buyer_type == "BUSINESS" or (not buyer_type and payment_method.startswith("B2B_"))


def stage_of(words: Mapping[str, str]) -> Stage | None:
    """None when the status says nothing to us."""
    return stage(words[STATUS], words[SUBSTATUS])


def status_of(task: IncomingTask) -> TaskStatus:
    """The status part of an order; ``stage`` is None when its words are unknown."""
    return TaskStatus(
        task.external_id,
        task.words,
        stage_of(task.words),
        cancel_requested=task.cancel_requested,
        updated_at=task.updated_at,
    )


def kinds_of(items: Iterable[IncomingItem]) -> tuple[tuple[CodeKind, ...], tuple[CodeKind, ...]]:
    """Kinds that any item takes, and those that any needs, in the order of the items."""
    lines = tuple(items)
    taken = dict.fromkeys(kind for item in lines for kind in item.code_kinds or ())
    needed = dict.fromkeys(kind for item in lines for kind in item.required_kinds or ())
    return tuple(taken), tuple(needed)
