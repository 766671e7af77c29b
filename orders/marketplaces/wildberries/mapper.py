"""An order of Wildberries as our :class:`IncomingTask` (contract 1.3.2; the seed's older shape as well)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from backoffice.answers import Answer
from backoffice.errors import Unreadable
from backoffice.reading import BROKEN, Reader, flag, identifier, reason_of, text
from orders.enums import CodeKind, Stage
from orders.marketplaces.base import Address, IncomingItem, IncomingTask, Page, RawTask, Window

from . import moments, money
from .options import Options
from .rules import META_KINDS
from .schemas import AddressWire, Coordinate, IdWire, OrderWire
from .status_map import DELIVERY, DELIVERY_NAMES, EXPRESS, SUPPLIER, WB

PLACE = "order"
PAGE_SIZE = 1000
CARGO_TYPES = frozenset({"1", "2", "3"})
#: Only new tasks are in ``orders/new``, and with Wildberries these wait (contract 1.4).
NEW_WORDS: Mapping[str, str] = {SUPPLIER: "new", WB: "waiting"}

_PAGE_KEYS = frozenset({"orders", "next"})
_top = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements = msgspec.json.Decoder(list[msgspec.Raw] | None)
_id = msgspec.json.Decoder(IdWire)


def page(answer: Answer, reader: Reader, *, place: str, finished: bool = False) -> Page:
    """Elements as raw bytes, hardly read: an unchanged page costs little. ``next_cursor`` is the page's ``next``, if any.

    Raises ``Unreadable`` when it is not ``{orders: […], next}``.
    """
    try:
        top = _top.decode(answer.body)
        elements = _elements.decode(top["orders"]) or []
        following = msgspec.json.decode(top["next"], type=int | str | None) if "next" in top else None
    except KeyError:
        reason = "`orders` is missing"
    except BROKEN as error:
        reason = reason_of(error)
    else:
        for key in top.keys() - _PAGE_KEYS:
            reader.drift.note(place=place, kind="field", name=key)
        return Page(tuple(_raw(bytes(element), finished) for element in elements), text(following) or None)
    raise answer.unreadable(reason)


def _raw(body: bytes, finished: bool) -> RawTask:
    try:
        external_id = identifier(_id.decode(body).id)
    except BROKEN:
        external_id = ""
    return RawTask(external_id, body, hashlib.blake2b(body, digest_size=16).hexdigest(), finished)


def following(answered: Page, cursor: str | None) -> str | None:
    """Where the next page starts. The end: an empty or short page, or a ``next`` that is 0, absent or the same again."""
    found = answered.next_cursor
    if len(answered.tasks) < PAGE_SIZE or found in (None, "0", cursor):
        return None
    return found


class TaskMapper:
    """Reads elements of a page. ``code_kinds``: those the dialect can store."""

    def __init__(self, reader: Reader, options: Options, code_kinds: Collection[CodeKind]) -> None:
        self.reader = reader
        self.options = options
        self.code_kinds = code_kinds

    def parse(self, raw: RawTask) -> IncomingTask:
        """Raises ``Unreadable``; its ``detail`` says in words what is wrong, without anything personal."""
        try:
            wire = self.reader.convert(msgspec.json.decode(raw.body), OrderWire, PLACE)
            return self._task(wire, raw)
        except _Bad as error:
            code, detail = "bad_order", str(error)
        except money.BadMoney as error:
            code, detail = "bad_price", str(error)
        except BROKEN as error:
            code, detail = "bad_order", reason_of(error)
        raise Unreadable(code, detail, digest=raw.digest)

    def _task(self, wire: OrderWire, raw: RawTask) -> IncomingTask:
        created = self._created(wire)
        window = self._window(wire)
        kinds = self._code_kinds(wire)
        delivery = self._word(wire.delivery_type, DELIVERY, DELIVERY_NAMES)
        return IncomingTask(
            external_id=_task_id(wire),
            order_external_id=self._order_id(wire),
            created_at=created,
            items=(self._item(wire),),
            stage=Stage.WAITING if raw.finished else Stage.NEW,
            words={} if raw.finished else dict(NEW_WORDS),
            delivery_type=_short(delivery, 32, DELIVERY),
            code_kinds=kinds,
            required_kinds=self._required(kinds),
            window=window,
            deadline_at=self._deadline(created, window, delivery),
            address=_address(wire.address),
            comment=text(wire.comment),
            is_business=bool(flag(wire.options.is_b2b)) if wire.options else False,
            data=self._facts(wire),
        )

    def _created(self, wire: OrderWire) -> datetime:
        try:
            return moments.moment(wire.created_at)
        except ValueError:
            raise _Bad(_("createdAt is not a time like 2022-05-04T07:56:29Z.")) from None

    def _window(self, wire: OrderWire) -> Window | None:
        try:
            return moments.window(wire.ddate, wire.d_time_from, wire.d_time_to, self.options.zone)
        except ValueError:
            self.reader.unknown(PLACE, "ddate", f"{wire.ddate} {wire.d_time_from} {wire.d_time_to}")
            return None

    def _deadline(self, created: datetime, window: Window | None, delivery: str) -> datetime:
        if window and window.deadline:
            return window.deadline
        options = self.options
        hours = options.express_deadline_hours if delivery == EXPRESS else options.deadline_hours
        return created + timedelta(hours=hours)

    def _order_id(self, wire: OrderWire) -> str:
        """The buyer's basket; a task that names none is an order of its own."""
        basket = text(wire.order_uid)
        if not basket:
            self.reader.unknown(PLACE, "orderUid", "")
        return _short(basket or _task_id(wire), 80, "orderUid")

    def _item(self, wire: OrderWire) -> IncomingItem:
        """One task is one unit of goods."""
        own, converted = self._currency(wire.currency_code, "currencyCode"), self._converted(wire)
        price = money.price(wire.price, own, "price")
        if price is None:
            raise _Bad(_("price is missing."))
        return IncomingItem(
            article=_short(text(wire.article) or text(wire.nm_id), 120, "article"),
            price=price,
            external_id=_short(text(wire.nm_id), 80, "nmId"),
            barcodes=tuple(filter(None, map(text, wire.skus or ()))),
            final_price=money.price(wire.final_price, own, "finalPrice"),
            converted_price=money.price(wire.converted_price, converted, "convertedPrice"),
            converted_final_price=money.price(wire.converted_final_price, converted, "convertedFinalPrice"),
            data=_present({"chrt_id": wire.chrt_id, "color": wire.color_code, "sale_price": _amount(wire.sale_price)}),
        )

    def _converted(self, wire: OrderWire) -> str:
        """The currency of the converted prices; needed only when there are any."""
        if wire.converted_price is None and wire.converted_final_price is None:
            return ""
        return self._currency(wire.converted_currency_code, "convertedCurrencyCode")

    def _currency(self, value: object, name: str) -> str:
        return money.currency(value, name, drift=self.reader.drift, place=PLACE)

    def _code_kinds(self, wire: OrderWire) -> tuple[CodeKind, ...]:
        """``requiredMeta``: in spite of its name the kinds that can be stored with this task."""
        found = []
        for key in filter(None, map(text, wire.required_meta or ())):
            kind = META_KINDS.get(key)
            if kind is None:
                self.reader.unknown(PLACE, "requiredMeta", key)
            elif kind in self.code_kinds and kind not in found:
                found.append(kind)
        return tuple(found)

    def _required(self, kinds: Iterable[CodeKind]) -> tuple[CodeKind, ...]:
        """Which kind is an obligation is not on the wire. A customs declaration may follow after the hand-over."""
        if not self.options.require_available:
            return ()
        return tuple(kind for kind in kinds if kind != CodeKind.GTD)

    def _facts(self, wire: OrderWire) -> dict[str, Any]:
        cargo = self._word(wire.cargo_type, "cargoType", CARGO_TYPES)
        facts = {
            "group": wire.group_id,
            "rid": wire.rid,
            "warehouse": wire.warehouse_id,
            "cargo_type": cargo,
            "sticker": wire.wb_sticker_id,
            "scan_price": _amount(wire.scan_price),
        }
        return {**_present(facts), **({"zero_stock": True} if flag(wire.is_zero_order) else {})}

    def _word(self, value: object, name: str, known: Collection[str]) -> str:
        word = text(value)
        if word and word not in known:
            self.reader.unknown(PLACE, name, word)
        return word


class _Bad(ValueError):
    """What makes a task unusable, in words for people."""


def _task_id(wire: OrderWire) -> str:
    found = identifier(wire.id)
    if not found:
        raise _Bad(_("id is missing or is not a number."))
    return found


def _short(value: str, most: int, name: str) -> str:
    if len(value) > most:
        raise _Bad(_("%(field)s is longer than %(most)s characters.") % {"field": name, "most": most})
    return value


def _address(wire: AddressWire | None) -> Address | None:
    full = text(wire.full_address) if wire else ""
    if wire is None or not full:
        return None
    return Address(full, _coordinate(wire.latitude, 90), _coordinate(wire.longitude, 180))


def _coordinate(value: Coordinate, most: float) -> float | None:
    try:
        number = float(value) if value is not None else most + 1
    except (ValueError, OverflowError):
        return None
    return number if -most <= number <= most else None


def _amount(value: object) -> str:
    """A price that is only kept: as a decimal text, or as it came when it is none."""
    try:
        amount = money.hundredths(value, "")
    except money.BadMoney:
        return text(value)
    return "" if amount is None else str(amount)


def _present(facts: Mapping[str, object]) -> dict[str, str]:
    return {name: word for name, value in facts.items() if (word := text(value))}
