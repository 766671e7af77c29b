"""Refusals of the services as answers: one shape for all errors, status by the kind of refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions, status

from backoffice.errors import Conflict, DomainError, Invalid, NotAllowed

#: Which field of the request a malformed wish or code is about; "" is the request as a whole, the rest is about ``value``.
ATTRS: Mapping[str, str] = {
    "kind": "kind",
    "item": "item",
    "order": "order",
    "carrier_account": "carrier_account",
    "number": "number",
    "reason": "reason",
    "warnings": "override",
    "idempotency_key": "",
    "actor": "",
    "code_required": "code",
    "code_format": "code",
}


class Refused(exceptions.APIException):
    """409: the present state does not allow it."""

    status_code = status.HTTP_409_CONFLICT


class Unprocessable(exceptions.ValidationError):
    """422: understood, and malformed by the rules of the domain."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


def answer(error: DomainError, sent: Any = None) -> exceptions.APIException:
    """The exception REST framework knows for a refusal of ours; ``sent`` is the body it refuses."""
    text, code = str(error.message), error.code
    if code == "not_found":
        return exceptions.NotFound(text)
    if isinstance(error, Invalid):
        return _unprocessable(text, code, sent if isinstance(sent, Mapping) else {})
    if isinstance(error, NotAllowed):
        return exceptions.PermissionDenied(text, code)
    if isinstance(error, Conflict):
        return Refused(text, code)
    return exceptions.ValidationError([exceptions.ErrorDetail(text, code)])


def _unprocessable(text: str, code: str, sent: Mapping[str, Any]) -> Unprocessable:
    details = [exceptions.ErrorDetail(text, code)]
    attr = ATTRS.get(code, "value")
    if attr in ("kind", "item") and not sent.get(attr):
        attr = "value"  # it was found from the value
    return Unprocessable({attr: details} if attr else details)


class Handler(ExceptionHandler):
    """Knows our errors besides those of Django and REST framework."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, DomainError):
            return answer(exc, getattr(self.context.get("request"), "data", None))
        found: Exception = super().convert_known_exceptions(exc)
        return found
