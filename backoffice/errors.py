"""Errors both apps raise: what an upstream did to a call, and what our own rules refuse.

The text of an upstream error holds the call, the status and the upstream's code. Its ``detail`` (the upstream's own
words) may repeat what we sent, so it is shown to staff but is not part of ``str()``, which goes to logs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypedDict, Unpack

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CODE_LENGTH = 120


class Facts(TypedDict, total=False):
    """What may be known of a call. ``path`` has no query; ``until`` is aware."""

    status: int | None
    request_id: str
    method: str
    path: str
    until: datetime | None
    digest: str


class UpstreamError(Exception):
    """A call to an upstream that did not do what was asked. ``message`` tells a person what it means."""

    message: ClassVar[str | Promise] = _("The other side did not do what was asked.")

    def __init__(self, code: str = "", detail: str = "", **facts: Unpack[Facts]) -> None:
        self.code = " ".join(code.split())[:CODE_LENGTH]
        self.detail = detail
        self.status = facts.get("status")
        self.request_id = facts.get("request_id", "")
        self.method = facts.get("method", "")
        self.path = facts.get("path", "")
        super().__init__(self.code)

    def __str__(self) -> str:
        outcome = [type(self).__name__, str(self.status or ""), self.code]
        call = " ".join(part for part in (self.method, self.path) if part)
        text = " ".join(part for part in outcome if part)
        return f"{text}: {call}" if call else text

    def __repr__(self) -> str:
        return f"<{self}>"


class Temporary(UpstreamError):
    """Not sent, or certainly not done: connection refused, no such host, 5xx on a read. Try again later."""

    message = _("The other side cannot be reached now. It will be tried again by itself.")


class RateLimited(UpstreamError):
    """Too many calls. ``until``: the earliest time of the next one, or None when the upstream did not say."""

    message = _("Too many calls for now. It will be tried again by itself.")

    def __init__(self, code: str = "", detail: str = "", **facts: Unpack[Facts]) -> None:
        super().__init__(code, detail, **facts)
        self.until = facts.get("until")


class Refused(UpstreamError):
    """The upstream understood and said no (4xx, or a redirect, which is never followed)."""

    message = _("The other side refused.")


class Gone(Refused):
    """404 or 410 without the upstream's own error body: the route itself is not there any more."""

    message = _("The other side no longer knows this method. The program has to be updated.")


class CredentialsError(UpstreamError):
    """401, 402, 403 or 423: the token is wrong, has no rights, is not paid for, or the account is locked there."""

    message = _("The credentials were not accepted. Check the token of the account and its rights.")


class Unreadable(UpstreamError):
    """The answer could not be understood. ``digest`` (SHA-256, 16 hex characters) tells it from others.

    ``body`` is what came, for whoever keeps it encrypted; it is in no text of the error.
    """

    message = _("The answer could not be read.")
    body: bytes = b""

    def __init__(self, code: str = "", detail: str = "", **facts: Unpack[Facts]) -> None:
        super().__init__(code, detail, **facts)
        self.digest = facts.get("digest", "")


class Uncertain(UpstreamError):
    """A write that was sent and got no usable answer. It may be done: ask for the state before sending it again."""

    message = _("It was sent, but no answer came. The state is asked for before it is sent again.")


class DomainError(Exception):
    """Our own rules say no. ``code`` is for programs, ``message`` (translated) for people, ``facts`` for both.

    ``http_status`` is what the API answers with.
    """

    http_status: ClassVar[int] = 400

    def __init__(self, code: str, message: str | Promise, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.facts = facts

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.code}>"


class Conflict(DomainError):
    """The present state does not allow it, or someone else was faster."""

    http_status = 409


class Invalid(DomainError):
    """What was given is malformed; the message says how."""

    http_status = 422


class NotAllowed(DomainError):
    """This person or token may not do it."""

    http_status = 403
