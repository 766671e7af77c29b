"""`/v3/orders/statuses_history` in both forms (contract 2.1, seed 001)."""

from __future__ import annotations

from typing import Any, Final

from sandbox.dellin import errors
from sandbox.dellin.days import moment
from sandbox.dellin.statuses import DETAILS, TITLES
from sandbox.dellin.world import WEB, DellinWorld, detail_of, state_of
from sandbox.parcels.parcel import Parcel
from sandbox.wire import Call, Refusal

MOST_IDS: Final = 5
SEVERAL: Final = "Найдено более одного заказа"
NONE: Final = "Заказ не найден"
BOTH: Final = "Должен быть передан только один из параметров: docIds, webOrderNumber"
NEITHER: Final = "Должен быть передан один из параметров: docIds, webOrderNumber"


def history(world: DellinWorld, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    """`{"data": {"statusHistory", "info"?}}`. Raises Refusal."""
    keys = _keys(world, asked)
    found, info = {}, []
    for field, key in keys:
        told = _told(world, call.seller, field, key)
        if isinstance(told, str):
            info.append({"number": key, "message": told})
        else:
            found[told[0]] = told[1]
    if not found and (len(keys) == 1 or world.tuning.none_found == "error"):
        raise _not_found(world, keys, info[0]["message"])
    data: dict[str, Any] = {"statusHistory": found} if found else {}
    return {"data": data | ({"info": info} if info else {})}


def _keys(world: DellinWorld, asked: dict[str, Any]) -> list[tuple[str, str]]:
    """By field; exactly one of the two fields is given, and five numbers at most."""
    ids, web = asked.get("docIds"), asked.get("webOrderNumber")
    if ids is not None and web is not None and not world.tuning.both_keys:
        raise errors.bad(BOTH, "docIds", "webOrderNumber")
    if not ids and not web:
        raise errors.error(400, errors.REQUIRED, NEITHER, ("docIds", "webOrderNumber"))
    if ids is not None and (not isinstance(ids, list) or not all(isinstance(one, str) and one for one in ids)):
        raise errors.bad("Ожидается массив строк", "docIds")
    if web is not None and not isinstance(web, str):
        raise errors.bad("Ожидается строка", "webOrderNumber")
    if len(ids or []) > MOST_IDS:
        raise errors.bad(f"Допустимо не более {MOST_IDS} номеров", "docIds")
    unique = [("docIds", one) for one in dict.fromkeys(ids or [])]
    return unique + ([("webOrderNumber", web)] if web else [])


def _told(world: DellinWorld, seller: str, field: str, key: str) -> tuple[str, list[dict[str, Any]]] | str:
    """Rows under the number they were asked by, the shop's number aside; or why there are none."""
    found = world.answering(seller, WEB + key if field == "webOrderNumber" else key)
    if len(found) != 1:
        return SEVERAL if found else NONE
    number = found[0].number if field == "webOrderNumber" else key
    return number, rows(world, found[0], number)


def _not_found(world: DellinWorld, keys: list[tuple[str, str]], detail: str) -> Refusal:
    fields = tuple(dict.fromkeys(field for field, _ in keys))
    return errors.error(world.tuning.not_found_status, errors.NOT_FOUND, detail, fields)


def rows(world: DellinWorld, parcel: Parcel, number: str) -> list[dict[str, Any]]:
    """The history of one order; with `no_history` only its last row."""
    told = parcel.rows[-1:] if parcel.has("no_history") else parcel.told()
    return [row(world, parcel, one, number) for one in told]


def row(world: DellinWorld, parcel: Parcel, written: dict[str, Any], number: str) -> dict[str, Any]:
    """`wire` has the last word; without attributes (`bare`) there is no detailed status."""
    state, detail = state_of(written["code"]), detail_of(written["code"])
    style, offset = world.tuning.dates, parcel.fields["offset"]
    integer = world.tuning.int_numbers and number.isascii() and number.isdigit()
    found: dict[str, Any] = {
        "number": int(number) if integer else number,
        "state": state,
        "stateName": TITLES.get(state, state),
        "stateDate": moment(written.get("since", written["at"]), offset, style),
    }
    if not parcel.has("bare"):
        found |= {
            "detailedStatus": detail,
            "detailedStatusRus": DETAILS.get(detail),
            "detailedStatusDate": moment(written["at"], offset, style),
        }
    return {**found, **written.get("wire", {})}
