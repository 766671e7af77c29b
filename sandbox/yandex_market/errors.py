"""The one shape of refusal (contract 2.1) and the messages of contract 2.7, word for word."""

from __future__ import annotations

from typing import Any, Final

from sandbox.wire import Refusal, Reply

# Only UNAUTHORIZED is documented; the other words are not listed anywhere (contract 2.7).
CODES: Final = {
    400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED",
    420: "LIMIT_EXCEEDED", 423: "LOCKED", 500: "INTERNAL_ERROR",
}  # fmt: skip
FAILURES: Final = {
    400: "JSON: unexpected character",
    401: "Api-Key token is invalid",
    403: "Access denied",
    404: "Not found",
    420: "Hit rate limit of 10000 requests per 1 hour for resource orders",
    423: "Business is in migration",
    500: "Internal server error",
    503: "Service unavailable",
}


def error(status: int, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """`{"status": "ERROR", "errors": [{"code", "message"}]}`"""
    code = CODES.get(status, f"HTTP_{status}")
    body = {"status": "ERROR", "errors": [{"code": code, "message": message}]}
    return Refusal(Reply(status, body, headers or {}))


def bad(message: str) -> Refusal:
    return error(400, message)


def message_of(refusal: Refusal) -> str:
    """What a refusal says, for `errorDetails` of a batch."""
    return str(refusal.reply.body["errors"][0]["message"])


def is_null(field: str) -> Refusal:
    return bad(f"'{field}' must not be null (rejected value: null)")


def is_empty(field: str, value: Any) -> Refusal:
    return bad(f"'{field}' must not be empty (rejected value: '{value}')")


def wrong_size(field: str, size: int, *, least: int, most: int) -> Refusal:
    return bad(f"'{field}' size must be between '{least}' and '{most}' (rejected size: '{size}')")


def too_small(field: str, value: Any, *, least: Any) -> Refusal:
    return bad(f"'{field}' must be greater than or equal to '{least}' (rejected value: '{value}')")


def mismatch(value: Any) -> Refusal:
    return bad(f"Type mismatch: '{value}'")


def illegal(path: str) -> Refusal:
    return bad(f"Illegal input at '{path}'")


def not_allowed(number: int, status: str, substatus: str) -> Refusal:
    """track, date, storage limit, identifiers, boxes."""
    return bad(f"Action is not allowed for order '{number}' with status '{status}' and substatus '{substatus}'")


def no_order(number: int | str) -> Refusal:
    return error(404, f"Order not found: '{number}'")
