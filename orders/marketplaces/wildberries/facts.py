"""Everything but orders: statuses, buyers, windows, costs, organisations, stickers and codes as our dataclasses."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

import msgspec

from backoffice.reading import Reader, flag, identifier, text
from orders.enums import CodeState
from orders.marketplaces.base import (
    BuyerInfo,
    CodeNeed,
    CodeVerdict,
    DeliveryCost,
    DeliveryWindow,
    Organisation,
    Phone,
    Sticker,
    TaskStatus,
)

from . import moments, money
from .refusals import NOT_FOUND, canonical
from .rules import META_KINDS
from .schemas import (
    ClientWire,
    GroupWire,
    ItemErrorWire,
    MetaDetailWire,
    OrganisationResultWire,
    StatusWire,
    StickerWire,
    WindowWire,
)
from .status_map import DECISIONS, REQUIRED, SUPPLIER, SUPPLIER_NAMES, WB, WB_NAMES, stage


def statuses(rows: Iterable[StatusWire], reader: Reader, place: str) -> Iterator[TaskStatus]:
    for row in rows:
        external_id = identifier(row.order_id) or identifier(row.id)
        if external_id:
            yield _status(external_id, row, reader, place)


def _status(external_id: str, row: StatusWire, reader: Reader, place: str) -> TaskStatus:
    supplier, wb = text(row.supplier_status), text(row.wb_status)
    words = {SUPPLIER: supplier, WB: wb}
    details = [canonical(text(error.detail)) for error in reader.rows(row.errors, ItemErrorWire, place)]
    if not supplier and not wb:
        return TaskStatus(external_id, {}, None, found=False, detail="; ".join(details) or NOT_FOUND)
    found = stage(supplier, wb)
    if found is None:
        _note_words(supplier, wb, reader, place)
    return TaskStatus(external_id, words, found, found=NOT_FOUND not in details, detail="; ".join(details))


def _note_words(supplier: str, wb: str, reader: Reader, place: str) -> None:
    """Which word is new; or, when both are known, that they contradict each other."""
    unknown = [
        (name, word)
        for name, word, known in ((SUPPLIER, supplier, SUPPLIER_NAMES), (WB, wb, WB_NAMES))
        if word not in known
    ]
    for name, word in unknown or [(f"{SUPPLIER}/{WB}", f"{supplier}/{wb}")]:
        reader.unknown(place, name, word)


def buyers(rows: Iterable[ClientWire]) -> Iterator[BuyerInfo]:
    for row in rows:
        external_id = identifier(row.order_id)
        if external_id:
            phones = tuple(_phones(row))
            complete = bool(phones) and _assigned(row)
            yield BuyerInfo(external_id, text(row.first_name), text(row.full_name), phones, complete)


def _assigned(row: ClientWire) -> bool:
    """An empty ``replacementPhone`` is not assigned yet; the older shape does not have the field."""
    return row.replacement_phone is msgspec.UNSET or bool(text(row.replacement_phone))


def _phones(row: ClientWire) -> Iterator[Phone]:
    """The replacement number first; then the reserve one with each of its extensions."""
    replacement = "" if row.replacement_phone is msgspec.UNSET else text(row.replacement_phone)
    if replacement:
        yield Phone(replacement, primary=True)
    reserve = text(row.phone)
    if reserve:
        yield Phone(reserve, extension=text(row.phone_code), primary=not replacement)
        for extension in filter(None, map(text, row.additional_phone_codes or ())):
            yield Phone(reserve, extension=extension)
    for other in (*(row.replacement_additional_phones or ()), *(row.additional_phones or ())):
        if text(other):
            yield Phone(text(other))


def windows(rows: Iterable[WindowWire], zone: ZoneInfo, reader: Reader, place: str) -> Iterator[DeliveryWindow]:
    """Only what is chosen now: a row that has nothing but ``…Old`` values says nothing about the present."""
    for row in rows:
        external_id = identifier(row.id)
        try:
            found = moments.window(row.d_date, row.d_time_from, row.d_time_to, zone)
        except ValueError:
            reader.unknown(place, "dDate", f"{row.d_date} {row.d_time_from} {row.d_time_to}")
            continue
        if external_id and found:
            yield DeliveryWindow(external_id, found)


def costs(rows: Iterable[GroupWire], reader: Reader, place: str) -> Iterator[DeliveryCost]:
    for row in rows:
        try:
            found = _cost(row, reader, place)
        except money.BadMoney as error:
            reader.drift.note(place=place, kind="value", name=str(error))
            continue
        if found:
            yield found


def _cost(row: GroupWire, reader: Reader, place: str) -> DeliveryCost | None:
    if not text(row.group_id) or row.delivery_cost is None:
        return None
    code = money.currency(row.currency_code, "currencyCode", drift=reader.drift, place=place)
    cost = money.price(row.delivery_cost, code, "deliveryCost")
    converted = None
    if row.converted_delivery_cost is not None:
        code = money.currency(row.converted_currency_code, "convertedCurrencyCode", drift=reader.drift, place=place)
        converted = money.price(row.converted_delivery_cost, code, "convertedDeliveryCost")
    return DeliveryCost(text(row.group_id), cost, converted) if cost else None


def organisations(rows: Iterable[OrganisationResultWire]) -> Iterator[Organisation]:
    for row in rows:
        external_id = identifier(row.order_id)
        if external_id and row.data and not flag(row.is_error):
            facts = {"inn": text(row.data.inn), "kpp": text(row.data.kpp), "name": text(row.data.org_name)}
            yield Organisation(external_id, {name: value for name, value in facts.items() if value})


def stickers(rows: Iterable[StickerWire], reader: Reader, place: str) -> Iterator[Sticker]:
    for row in rows:
        external_id = identifier(row.order_id)
        try:
            pdf = base64.b64decode(text(row.file), validate=True)
        except (binascii.Error, ValueError):
            pdf = b""
        if not external_id or not pdf:
            reader.drift.note(place=place, kind="value", name="file is not base64")
            continue
        yield Sticker(external_id, pdf, f"{text(row.part_a)} {text(row.part_b)}".strip())


def need(external_id: str, details: Iterable[MetaDetailWire]) -> CodeNeed:
    """Contract 1.5: "optional" is no demand; "required", or any decision that blocks, is one."""
    required, optional = set(), set()
    for detail in details:
        kind, decision = META_KINDS.get(text(detail.key)), text(detail.decision)
        if kind is not None and decision == "optional":
            optional.add(kind)
        elif kind is not None and (decision == "required" or DECISIONS.get(decision) == CodeState.REFUSED):
            required.add(kind)
    return CodeNeed(external_id, frozenset(required), frozenset(optional))


def verdicts(external_id: str, details: Iterable[MetaDetailWire], reader: Reader, place: str) -> Iterator[CodeVerdict]:
    """Codes that are there with what is thought of them; "required" or "optional" without a value is about no code."""
    for detail in details:
        key, decision = text(detail.key), text(detail.decision)
        kind = META_KINDS.get(key)
        if kind is None:
            reader.unknown(place, "key", key)
            continue
        if decision and decision not in DECISIONS:
            reader.unknown(place, "decision", decision)
        state = DECISIONS.get(decision, CodeState.SENT)
        for value in _values(detail.value, state, decision):
            yield CodeVerdict(external_id, kind, value, state, decision)


def _values(value: object, state: CodeState, decision: str) -> list[str]:
    """Never trimmed: a code may end with a GS character. A refusal that names no code is about all of the kind."""
    many = value if isinstance(value, list) else [value]
    named = [str(each) for each in many if each is not None and each != ""]
    about_all = state == CodeState.REFUSED and decision != REQUIRED
    return named or ([""] if about_all else [])
