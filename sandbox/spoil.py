"""Answers that arrive whole but are not what was promised: the transforming faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.wire import Reply

STATUS_FIELDS = {"supplierStatus": "teleported", "wbStatus": "lost_in_space", "status": "TELEPORTED"}


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


def _same(value: Any) -> Any:
    return value


def _list_instead(body: Any) -> Any:
    return {"orders": body} if isinstance(body, list) else [body]


def _null_lists(body: Any) -> Any:
    return None if isinstance(body, list) else walk(body, _same, lambda _, v: None if isinstance(v, list) else v)


def _wrong_type(value: Any) -> Any:
    """Numbers come as strings and strings of digits as numbers."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else value
    return value if value is None else str(value)


def _unknown_field(body: Any) -> Any:
    if isinstance(body, dict):
        return {**{key: _unknown_field(value) for key, value in body.items()}, "surprise": {"since": "2026-12-01"}}
    return [_unknown_field(value) for value in body] if isinstance(body, list) else body


CHANGES: dict[str, Callable[[Any], Any]] = {
    "list_instead": _list_instead,
    "null_lists": _null_lists,
    "wrong_types": lambda body: walk(body, _wrong_type),
    "unknown_status": lambda body: walk(
        body, _same, lambda key, v: STATUS_FIELDS.get(key, v) if isinstance(v, str) else v
    ),
    "unknown_field": _unknown_field,
    "unknown_error": lambda body: walk(
        body, _same, lambda key, v: "MoonIsNotFull" if key == "detail" and isinstance(v, str) else v
    ),
}
