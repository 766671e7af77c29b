"""Refusals of the services as answers: one shape for all errors, status by the kind of refusal."""

from __future__ import annotations

from collections.abc import Mapping

from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions, status

from backoffice.errors import Conflict, DomainError, Invalid, NotAllowed

#: Which field of the request a refusal speaks of; the others speak of the request as a whole.
ATTRS: Mapping[str, str] = {
    "kind": "kind",
    "item": "item",
    "in_use": "value",
    "warnings": "override",
    "code_required": "code",
    "code_format": "code",
}


class Refused(exceptions.APIException):
    """409: the present state does not allow it."""

    status_code = status.HTTP_409_CONFLICT


class Unprocessable(exceptions.ValidationError):
    """422: understood, and malformed by the rules of the domain."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


def answer(error: DomainError) -> exceptions.APIException:
    """The exception REST framework knows for a refusal of ours."""
    text, code = str(error.message), error.code
    if code == "not_found":
        return exceptions.NotFound(text)
    if isinstance(error, Invalid):
        return _unprocessable(text, code)
    if isinstance(error, NotAllowed):
        return exceptions.PermissionDenied(text, code)
    if isinstance(error, Conflict):
        return Refused(text, code)
    return exceptions.ValidationError([exceptions.ErrorDetail(text, code)])


def _unprocessable(text: str, code: str) -> Unprocessable:
    details = [exceptions.ErrorDetail(text, code)]
    attr = ATTRS.get(code, "value" if code not in ("idempotency_key", "actor") else "")
    return Unprocessable({attr: details} if attr else details)


class Handler(ExceptionHandler):  # type: ignore[misc]  # the library has no types
    """Knows our errors besides those of Django and REST framework."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, DomainError):
            return answer(exc)
        found: Exception = super().convert_known_exceptions(exc)
        return found
