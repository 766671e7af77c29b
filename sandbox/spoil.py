"""Answers that arrive whole but are not what was promised: the transforming faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sandbox.wire import Reply

# By the fault's kind: the fields that change, and the words nobody has heard of.
STRANGE: Final[dict[str, dict[str, str]]] = {
    "unknown_status": {"supplierStatus": "teleported", "wbStatus": "lost_in_space", "status": "TELEPORTED"},
    "unknown_substatus": {"substatus": "LOST_IN_SPACE"},
    "unknown_payment": {"paymentMethod": "SEASHELLS", "paymentType": "BARTER"},
    "unknown_currency": {"currency": "XTS", "currencyId": "XTS"},
    "unknown_error": {"detail": "MoonIsNotFull", "errorDetails": "The Moon is not full"},
}
ENVELOPE: Final = ("OK", "ERROR")  # Yandex's envelope has a `status` too, and that is none of an order


def spoil(kind: str, reply: Reply) -> Reply:
    """The same reply with its JSON changed; anything that is not a JSON answer passes."""
    change = CHANGES.get(kind)
    if change is None or reply.text is not None or reply.body is None:
        return reply
    return Reply(reply.status, change(reply.body), reply.headers, reply.mimetype)


def walk(body: Any, leaf: Callable[[Any], Any], pairs: Callable[[str, Any], Any] = lambda _key, value: value) -> Any:
    """Rebuild `body`: `leaf` for plain values, `pairs` for what stands under a key, after its inside is rebuilt."""
    if isinstance(body, dict):
        return {key: pairs(key, walk(value, leaf, pairs)) for key, value in body.items()}
    if isinstance(body, list):
        return [walk(value, leaf, pairs) for value in body]
    return leaf(body)


def same(value: Any) -> Any:
    return value


def _list_instead(body: Any) -> Any:
    return {"orders": body} if isinstance(body, list) else [body]


def _null_lists(body: Any) -> Any:
    return None if isinstance(body, list) else walk(body, same, lambda _, v: None if isinstance(v, list) else v)


def _wrong_type(value: Any) -> Any:
    """Numbers come as strings and strings of digits as numbers."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else value
    return value if value is None else str(value)


def _unknown_field(body: Any) -> Any:
    if isinstance(body, dict):
        return {**{key: _unknown_field(value) for key, value in body.items()}, "surprise": {"since": "2026-12-01"}}
    return [_unknown_field(value) for value in body] if isinstance(body, list) else body


def _strange(kind: str) -> Callable[[Any], Any]:
    """Words nobody has heard of, under the fields of the kind."""
    words = STRANGE[kind]

    def pairs(key: str, value: Any) -> Any:
        if kind == "unknown_error" and key == "errors" and isinstance(value, list):
            return [_strange_error(one) for one in value]
        return words.get(key, value) if isinstance(value, str) and value not in ENVELOPE else value

    return lambda body: walk(body, same, pairs)


def _strange_error(error: Any) -> Any:
    """An entry of Yandex's `errors` is `{code, message}`, both words."""
    known = isinstance(error, dict) and isinstance(error.get("message"), str)
    return {"code": "MOON_IS_NOT_FULL", "message": "The Moon is not full"} if known else error


CHANGES: dict[str, Callable[[Any], Any]] = {
    "list_instead": _list_instead,
    "null_lists": _null_lists,
    "wrong_types": lambda body: walk(body, _wrong_type),
    "unknown_field": _unknown_field,
    **{kind: _strange(kind) for kind in STRANGE},
}
