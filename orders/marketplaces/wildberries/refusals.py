"""What Wildberries says when it says no: three shapes of body, changing words (contract 1.2, 1.3.1, 1.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from backoffice.answers import Answer
from backoffice.reading import BROKEN, text
from orders.enums import ActionKind

from .schemas import ErrorWire

NOT_FOUND = "NotFound"
STATUS_MISMATCH = "StatusMismatch"
INVALID_CODE = "InvalidWBCode"
META_INVALID = "MetaValidationFail"
NOT_FILLED = ("ImeiIsNotFilled", "SGTINIsNotFilled")

_KNOWN = (
    NOT_FOUND,
    STATUS_MISMATCH,
    INVALID_CODE,
    META_INVALID,
    *NOT_FILLED,
    "FailedToUpdateMeta",
    "IncorrectRequestBody",
    "IncorrectRequest",
    "IncorrectParameter",
    "AccessDenied",
    "OrderNotB2B",
    "InvalidOriginCountryCode",
    "PriceNotCalculated",
)
_GATEWAY = ("unauthorized", "payment required", "too many requests")
_PLAIN = re.compile(r"[^a-z0-9]")
_BY_PLAIN = {word.lower(): word for word in _KNOWN}
_BY_PLAIN["statusconflict"] = STATUS_MISMATCH  # "status conflict" until March 2026
#: A 409 on receive or reject with one of these is not about the buyer's code.
_NOT_THE_CODE = frozenset({NOT_FOUND, STATUS_MISMATCH, META_INVALID, "FailedToUpdateMeta", "AccessDenied", *NOT_FILLED})


@dataclass(frozen=True, slots=True)
class Said:
    """``code``: the known word, or the upstream's own; ``detail``: all it said; ``known``: the word is in our table."""

    code: str
    detail: str
    request_id: str = ""
    known: bool = False

    def without(self, secrets: Iterable[str]) -> Said:
        """The same without what we sent in confidence, should the upstream repeat it."""
        code, detail = self.code, self.detail
        for secret in filter(None, secrets):
            code, detail = code.replace(secret, "***"), detail.replace(secret, "***")
        return replace(self, code=code, detail=detail)


def canonical(word: str) -> str:
    """The known spelling of an error word: "not found" is "NotFound". Others stay as they are."""
    return _BY_PLAIN.get(_PLAIN.sub("", word.lower()), word)


def is_known(word: str) -> bool:
    return word in _KNOWN or word.endswith("IsNotFilled")


def said(answer: Answer) -> Said:
    """What the body of a refusal says, whatever its shape; one that is none of the three is described, not quoted."""
    try:
        wire = msgspec.json.decode(answer.body, type=ErrorWire)
    except BROKEN:
        kind = answer.headers.get("Content-Type", "") or "no content type"
        return Said("", f"HTTP {answer.status}, not an error of Wildberries ({kind}, {len(answer.body)} bytes)")
    word = canonical(text(wire.title) or text(wire.code))
    known = is_known(word) or word in _GATEWAY
    return Said(word, _words(word, wire) or f"HTTP {answer.status}", text(wire.request_id), known)


def _words(word: str, wire: ErrorWire) -> str:
    """ "StatusMismatch: Несоответствие статусов…": the word and everything beside it."""
    parts = [text(wire.message), _plain(wire.detail), _plain(wire.data)]
    return ": ".join([word, *filter(None, parts)]) if word else ": ".join(filter(None, parts))


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    return msgspec.json.encode(value).decode() if value else ""


def is_wrong_code(kind: ActionKind, code: str, status: int | None) -> bool:
    """The buyer's confirmation code was not accepted. Batch documents no word for it, so any other 409 counts."""
    if kind not in (ActionKind.RECEIVE, ActionKind.REJECT):
        return False
    return code == INVALID_CODE or (status == 409 and code not in _NOT_THE_CODE and not code.endswith("IsNotFilled"))
