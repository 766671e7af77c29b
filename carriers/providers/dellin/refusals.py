"""How Dellin says no (contract 2.4): errors in a list, by field or as a text, and a status code inside the answer.

Only codes that are listed there are told apart; every other one goes by the status.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from backoffice.answers import DETAIL_LENGTH, Answer
from backoffice.errors import Refused, Temporary, UpstreamError
from backoffice.reading import BROKEN, text
from backoffice.text import without_contacts
from carriers.types import CODE_LENGTH, ProblemKind

from .schemas import AnswerWire, ErrorWire

#: One number was asked for and none or several orders have it.
NOT_ONE = "130002"
_KNOWN = frozenset({NOT_ONE, "117004", "281016", "281017", "180002", "180012"})
_GONE = frozenset({404, 410})
#: Statuses that mean the same whoever sent them.
_SAID_BY_STATUS = _GONE | {420, 429}
_SEVERAL = "более одного"
_NONE = ("не найден", "not found")


@dataclass(frozen=True, slots=True)
class Said:
    """``enveloped``: Dellin itself answered, not something on the way. ``status``: what the answer means."""

    status: int
    code: str = ""
    detail: str = ""
    enveloped: bool = True

    @property
    def known(self) -> bool:
        return self.code in _KNOWN


def said(document: AnswerWire, answer: Answer) -> Said:
    """What an answer says; ``status`` is 200 only where both HTTP and the answer itself say so and there are no errors."""
    found = list(_errors(document.errors))
    first = next((error for error in found if text(error.code) == NOT_ONE), found[0] if found else ErrorWire())
    title, detail = text(first.title), text(first.detail)
    detail = detail if text(first.code) == NOT_ONE and detail else ". ".join(filter(None, (title, detail)))
    told = text(document.metadata.status) if document.metadata else ""
    words = detail or (text(document.metadata.detail) if document.metadata else "")
    code = without_contacts(text(first.code), CODE_LENGTH)
    words = without_contacts(words, DETAIL_LENGTH)
    return Said(_status(told, answer.status, failed=bool(found)), code, words, _enveloped(document))


def _enveloped(document: AnswerWire) -> bool:
    return any(part is not None for part in (document.metadata, document.data, document.errors, document.orders))


def _status(told: str, http: int, *, failed: bool) -> int:
    inner = int(told) if told.isascii() and told.isdigit() and len(told) == 3 else 200
    worse = http if http >= 400 else inner
    return 400 if failed and worse < 400 else worse


def _errors(value: Any) -> Iterator[ErrorWire]:
    if isinstance(value, dict):
        yield from (ErrorWire(title=str(name), detail=_plain(words)) for name, words in value.items())
    elif isinstance(value, list):
        yield from (_error(element) for element in value)
    elif value:
        yield ErrorWire(detail=text(value))


def _error(value: Any) -> ErrorWire:
    try:
        return msgspec.convert(value, ErrorWire)
    except BROKEN:
        return ErrorWire(detail=_plain(value))


def _plain(value: Any) -> str:
    return ", ".join(map(_plain, value)) if isinstance(value, list) else text(value)


def error(words: Said, answer: Answer, until: datetime | None = None) -> UpstreamError:
    """What to raise. A page of a firewall on the way is no word of Dellin about the key: it must not pause the account."""
    code = words.code or f"http_{words.status}"
    if words.code == NOT_ONE:
        made = answer.error(code, words.detail)
        return Refused(code, made.detail, status=words.status, method=answer.method, path=answer.path)
    if not words.enveloped and words.status not in _SAID_BY_STATUS:
        return Temporary(code, status=words.status, method=answer.method, path=answer.path)
    nameless = words.status in _GONE and not words.code
    return replace(answer, status=words.status).error("" if nameless else code, words.detail, until=until)


def kind_of(message: str) -> ProblemKind:
    """What a message about one number means; one in other words is a problem that a person reads."""
    lowered = message.lower()
    if _SEVERAL in lowered:
        return ProblemKind.AMBIGUOUS
    return ProblemKind.NOT_FOUND if any(word in lowered for word in _NONE) else ProblemKind.UNREADABLE
