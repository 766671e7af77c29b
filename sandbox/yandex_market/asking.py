"""Reading of requests; what is wrong with one is refused in the words of contract 2.7."""

from __future__ import annotations

import re
from datetime import date
from json import JSONDecodeError
from typing import Any, Final

from sandbox.wire import Call
from sandbox.yandex_market import errors
from sandbox.yandex_market.order import Order
from sandbox.yandex_market.world import World

INT64: Final = 2**63
ISO_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def body(call: Call) -> dict[str, Any]:
    """The JSON object of a request that must have one."""
    if not call.body:
        raise errors.bad("Required request body is missing")
    try:
        found = call.json()
    except JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()):
            raise errors.bad("Unexpected end of content") from None
        raise errors.bad(f"JSON: {error.msg}") from None
    except ValueError as error:
        raise errors.bad(f"JSON: {error}") from None
    if not isinstance(found, dict):
        raise errors.illegal("$")
    return found


def is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < INT64


def number(holder: dict[str, Any], field: str, *, path: str = "", least: int | None = None) -> int:
    """A required whole number."""
    value = holder.get(field)
    if value is None:
        raise errors.is_null(path or field)
    if not is_number(value):
        raise errors.mismatch(value)
    if least is not None and value < least:
        raise errors.too_small(path or field, value, least=least)
    return int(value)


def text(holder: dict[str, Any], field: str, *, path: str = "") -> str:
    """A required text that is not empty."""
    value = holder.get(field)
    if value is None:
        raise errors.is_null(path or field)
    if not isinstance(value, str):
        raise errors.mismatch(value)
    if not value:
        raise errors.is_empty(path or field, value)
    return value


def listed(holder: dict[str, Any], field: str, *, path: str = "", most: int | None = None) -> list[dict[str, Any]]:
    """A required list of one object at least."""
    value = holder.get(field)
    if value is None:
        raise errors.is_null(path or field)
    if not isinstance(value, list):
        raise errors.mismatch(value)
    if not value or (most is not None and len(value) > most):
        raise errors.wrong_size(path or field, len(value), least=1, most=most or 2**31 - 1)
    if not all(isinstance(one, dict) for one in value):
        raise errors.illegal(path or field)
    return value


def day(holder: dict[str, Any], field: str, *, path: str = "") -> str:
    """A required date, YYYY-MM-DD."""
    value = text(holder, field, path=path)
    if not is_day(value):
        raise errors.mismatch(value)
    return value


def is_day(value: str) -> bool:
    if not ISO_DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def choice(holder: dict[str, Any], field: str, options: tuple[str, ...], *, path: str = "") -> str:
    """A required word of an enumeration."""
    value = text(holder, field, path=path)
    if value not in options:
        raise errors.illegal(path or field)
    return value


def query_number(call: Call, name: str, *, least: int, most: int | None = None, default: int | None = None) -> int:
    """A number of the query; above `most` it is cut. Refused when absent without a default."""
    given = call.query.get(name)
    if given is None and default is not None:
        return default
    if given is None:
        raise errors.bad(f"Required request parameter '{name}' is not present")
    try:
        value = int(given)
    except ValueError:
        raise errors.mismatch(given) from None
    if value < least:
        raise errors.too_small(name, value, least=least)
    return value if most is None else min(value, most)


def query_list(call: Call, name: str) -> list[str]:
    """Values of a repeated or comma-separated parameter."""
    return [part for one in call.many.get(name, []) for part in one.split(",") if part]


def query_flag(call: Call, name: str, *, default: bool = False) -> bool:
    given = call.query.get(name)
    if given is None:
        return default
    if given not in ("true", "false"):
        raise errors.mismatch(given)
    return given == "true"


def path_number(call: Call, name: str) -> int:
    """A number of the path; 400 for what is none."""
    given = call.args[name]
    if not given.isascii() or not given.isdigit() or not int(given) or int(given) >= INT64:
        raise errors.mismatch(given)
    return int(given)


def one_order(world: World, call: Call) -> Order:
    """The order of the path; 404 for what is not this shop's."""
    wanted = path_number(call, "order")
    order = world.find(call.seller, path_number(call, "campaign"), wanted)
    if order is None:
        raise errors.no_order(wanted)
    return order
