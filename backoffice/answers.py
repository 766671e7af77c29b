"""What an upstream answered, and how a bad answer becomes an error."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import msgspec

from backoffice import clock
from backoffice.errors import (
    CredentialsError,
    Gone,
    RateLimited,
    Refused,
    Temporary,
    Uncertain,
    Unreadable,
    UpstreamError,
)
from backoffice.text import one_line

T = TypeVar("T")

DETAIL_LENGTH = 1000
LONGEST_WAIT = timedelta(days=1)
MASK = "***"
_QUOTED = re.compile(r"""(['"]).*\1""", re.DOTALL)


class Scrubber:
    """Takes secrets out of texts, also where they stand quoted for an address, for JSON or for XML."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def __repr__(self) -> str:
        return "<Scrubber>"


def _forms(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        msgspec.json.encode(secret).decode()[1:-1],
        escape(secret, {'"': "&quot;", "'": "&apos;"}),
        escape(secret),
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: ``elapsed`` in seconds, ``path`` without query, body decompressed; ``repr`` shows no content."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed: float = 0.0
    method: str = ""
    path: str = ""
    write: bool = False
    scrub: Callable[[str], str] = field(default=str, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        return self.status < 400

    @property
    def digest(self) -> str:
        """16 hex characters of the body's SHA-256: finds it again in the kept payloads."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    def decode(self, shape: type[T], *, strict: bool = True) -> T:
        """The body as JSON of this shape (a ``msgspec`` type). Raises what :meth:`unreadable` makes."""
        try:
            return msgspec.json.decode(self.body, type=shape, strict=strict)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            reason = _QUOTED.sub("'…'", str(error))  # quoted are values, which may be personal
        raise self.unreadable(reason)

    def unreadable(self, reason: str) -> Unreadable | Uncertain:
        """To raise when the body makes no sense: a write with such an answer is uncertain. ``reason``: no content."""
        kind = self.headers.get("Content-Type", "") or "no content type"
        detail = self._clean(f"{reason} ({kind}, {len(self.body)} bytes)")
        kind_of_error = Uncertain if self.write else Unreadable
        error = kind_of_error(
            "unreadable", detail, status=self.status, method=self.method, path=self.path, digest=self.digest
        )
        if isinstance(error, Unreadable):
            error.body = self.body
        return error

    def error(
        self, code: str = "", detail: str = "", *, request_id: str = "", until: datetime | None = None
    ) -> UpstreamError:
        """To raise for an answer that says no, with what its body said; secrets are taken out of the words.

        401, 402, 403, 423 (locked there): ``CredentialsError``. 420, 429: ``RateLimited``. 404, 410 without a ``code``:
        ``Gone``. 408 and 5xx: ``Temporary``, or ``Uncertain`` when it was a write. The rest (also a 200): ``Refused``.
        """
        return self._class(code)(
            self.scrub(code),
            self._clean(detail),
            status=self.status,
            request_id=one_line(self.scrub(request_id), 120),
            until=until,
            method=self.method,
            path=self.path,
        )

    def retry_at(self, *names: str) -> datetime | None:
        """When the first of these headers that is there (default ``Retry-After``) allows another call.

        Seconds or an HTTP date; at most a day ahead. None when there is none or it is nonsense.
        """
        now = clock.now()
        for name in names or ("Retry-After",):
            moment = _moment(self.headers.get(name, ""), now)
            if moment is not None:
                return min(max(moment, now), now + LONGEST_WAIT)
        return None

    def _class(self, code: str) -> type[UpstreamError]:
        if self.status == 408 or self.status >= 500:
            return Uncertain if self.write else Temporary
        if self.status in {404, 410} and not code:
            return Gone
        return _BY_STATUS.get(self.status, Refused)

    def _clean(self, text: str) -> str:
        return one_line(self.scrub(text), DETAIL_LENGTH)


_BY_STATUS: dict[int, type[UpstreamError]] = {
    401: CredentialsError,
    402: CredentialsError,
    403: CredentialsError,
    423: CredentialsError,
    420: RateLimited,
    429: RateLimited,
}


def _moment(text: str, now: datetime) -> datetime | None:
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
            return now + timedelta(seconds=float(text))
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
