"""What Yandex Market says when it says no: one envelope, codes nobody lists, texts that are listed (contract 2.1, 2.7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from backoffice.answers import Answer
from backoffice.reading import BROKEN, text

from .schemas import ErrorsWire

NOT_FOUND = "NOT_FOUND"
NOT_BUSINESS = "NOT_BUSINESS"
WRONG_STATUS = "WRONG_STATUS"
BAD_CIS = "BAD_CIS"
PARALLEL = "PARALLEL_LIMIT"
#: Refused here, without a call; refused there, without a text that is known.
NOT_SENT, ERROR = "NOT_SENT", "ERROR"

#: Texts of contract 2.7 → our short word for them. The first that fits counts.
_MESSAGES: tuple[tuple[str, str], ...] = (
    (r"Order not found", NOT_FOUND),
    (r"Campaign \S+ has no order id", NOT_FOUND),
    (r"No transition found", "NO_TRANSITION"),
    (r"Transition .* is not allowed", "TRANSITION_NOT_ALLOWED"),
    (r"No permission to set status", "NO_PERMISSION"),
    (r"Status change was forbidden", "FORBIDDEN_FOR_ROLE"),
    (r"Status not allowed", "STATUS_NOT_ALLOWED"),
    (r"Cancellation request substatus .* is not available", "BAD_SUBSTATUS"),
    (r"Action is not allowed for order", "NOT_ALLOWED"),
    (r"Attempt to change order items or instances after READY_TO_SHIP", "TOO_LATE"),
    (r"external ID already set", "NUMBER_ALREADY_SET"),
    (r"Cannot do operation for order with status", "NOT_ALLOWED"),
    (r"can't be in the future", "FUTURE_DATE"),
    (r"Real delivery date should be from order creation", "DATE_OUT_OF_RANGE"),
    (r"Exceeded the number of days to edit delivery dates", "DATE_TOO_FAR"),
    (r"Exceeded the number of edits of delivery dates", "TOO_MANY_DATE_CHANGES"),
    (r"New delivery dates are the same", "SAME_DATE"),
    (r"Invalid filters: interval between", "BAD_PERIOD"),
    (r"Order (creation|shipment|update) start", "BAD_PERIOD"),
    (r"Bad page token", "BAD_PAGE_TOKEN"),
    (r"Invalid incoming cis", BAD_CIS),
    (r"is not a valid country code", "BAD_COUNTRY"),
    (r"Invalid order boxes layout request", "BAD_BOXES"),
    (r"Invalid status for order .* PROCESSING expected", "NOT_ALLOWED"),
    (r"is not digital", "NOT_DIGITAL"),
    (r"Not a business buyer", NOT_BUSINESS),
    (r"Order is in the wrong status", WRONG_STATUS),
    (r"Order is not in shop-processing status", WRONG_STATUS),
    (r"disabled due to inactivity", "INACTIVE"),
    (r"(Business|Campaign) is in (business )?migration", "MIGRATION"),
    (r"Partner use only default price", "ONLY_DEFAULT_PRICE"),
    (r"Campaign type is not allowed", "WRONG_MODEL"),
    (r"parallel requests", PARALLEL),
    (r"Hit rate limit", "RATE_LIMIT"),
    (r"The request is too big", "TOO_BIG"),
    (r"must (not be (null|empty)|be (greater|less) than or equal|match)|size must be between", "BAD_REQUEST"),
    (r"Type mismatch|JSON: |Illegal input at|Unexpected end of content", "BAD_REQUEST"),
    (r"Required request (body|parameter)|Content type .* not supported", "BAD_REQUEST"),
)
_TABLE = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), word) for pattern, word in _MESSAGES)
#: Codes of the envelope that say nothing more than the HTTP status does.
_GENERAL = frozenset(
    {
        "BAD_REQUEST",
        "INVALID_DATA",
        NOT_FOUND,
        "UNAUTHORIZED",
        "FORBIDDEN",
        "LOCKED",
        "LIMIT_EXCEEDED",
        "INTERNAL_ERROR",
    }
)
#: They say that the order stands elsewhere than we believe.
_ABOUT_STATUS = frozenset(
    {"NO_TRANSITION", "TRANSITION_NOT_ALLOWED", "NO_PERMISSION", "STATUS_NOT_ALLOWED", "NOT_ALLOWED", WRONG_STATUS}
)
#: They speak of the shop or of the call itself, not of the order in it.
ABOUT_THE_CALL = frozenset({"WRONG_MODEL", "TOO_BIG", "BAD_PAGE_TOKEN", "BAD_PERIOD"})

#: For people; ``words`` shows them as names of "error".
ERROR_WORDS: Mapping[str, Promise] = {
    NOT_SENT: pgettext_lazy("yandex", "It was not sent: something is missing"),
    ERROR: pgettext_lazy("yandex", "Yandex Market did not change the status"),
    NOT_FOUND: pgettext_lazy("yandex", "Yandex Market does not know this order"),
    "NO_TRANSITION": pgettext_lazy("yandex", "The order cannot get there from its present status"),
    "TRANSITION_NOT_ALLOWED": pgettext_lazy("yandex", "Yandex Market does not allow this change of status now"),
    "NO_PERMISSION": pgettext_lazy("yandex", "The shop may not set this status now"),
    "FORBIDDEN_FOR_ROLE": pgettext_lazy("yandex", "The shop may not change the status of this order"),
    "STATUS_NOT_ALLOWED": pgettext_lazy("yandex", "A shop cannot set this status"),
    "BAD_SUBSTATUS": pgettext_lazy("yandex", "This reason for a cancellation is not accepted now"),
    "NOT_ALLOWED": pgettext_lazy("yandex", "This is not possible in the present status of the order"),
    "TOO_LATE": pgettext_lazy("yandex", "The order is ready to be shipped already: its contents cannot be changed"),
    "NUMBER_ALREADY_SET": pgettext_lazy("yandex", "The order has its own number already"),
    "FUTURE_DATE": pgettext_lazy("yandex", "The day of the delivery lies in the future"),
    "DATE_OUT_OF_RANGE": pgettext_lazy("yandex", "The day of the delivery is before the order or after today"),
    "DATE_TOO_FAR": pgettext_lazy("yandex", "The delivery cannot be moved that far"),
    "TOO_MANY_DATE_CHANGES": pgettext_lazy("yandex", "The delivery was moved too often"),
    "SAME_DATE": pgettext_lazy("yandex", "The delivery is on this day already"),
    "BAD_PERIOD": pgettext_lazy("yandex", "The period of the request was not accepted"),
    "BAD_PAGE_TOKEN": pgettext_lazy("yandex", "The place in the list was not accepted"),
    BAD_CIS: pgettext_lazy("yandex", "A code of Chestny ZNAK was not accepted"),
    "BAD_COUNTRY": pgettext_lazy("yandex", "The code of the country is wrong"),
    "BAD_BOXES": pgettext_lazy("yandex", "The contents of the boxes do not fit the order"),
    "NOT_DIGITAL": pgettext_lazy("yandex", "The order holds no digital goods"),
    NOT_BUSINESS: pgettext_lazy("yandex", "The buyer is not an organisation"),
    WRONG_STATUS: pgettext_lazy("yandex", "This is not told in the present status of the order"),
    "INACTIVE": pgettext_lazy("yandex", "The shop's API is switched off because the shop was not active"),
    "MIGRATION": pgettext_lazy("yandex", "The cabinet is being moved at Yandex Market"),
    "ONLY_DEFAULT_PRICE": pgettext_lazy("yandex", "The shop uses one price for all its shops only"),
    "WRONG_MODEL": pgettext_lazy("yandex", "The shop works on another model than this method is for"),
    PARALLEL: pgettext_lazy("yandex", "Too many calls at the same time"),
    "RATE_LIMIT": pgettext_lazy("yandex", "The hour's limit of calls is used up"),
    "TOO_BIG": pgettext_lazy("yandex", "The request is too big"),
    "BAD_REQUEST": pgettext_lazy("yandex", "Yandex Market could not read the request"),
    "INVALID_DATA": pgettext_lazy("yandex", "Yandex Market did not accept the data"),
    "UNAUTHORIZED": pgettext_lazy("yandex", "The key is not accepted"),
    "FORBIDDEN": pgettext_lazy("yandex", "The key may not do this"),
    "LOCKED": pgettext_lazy("yandex", "The shop is locked at Yandex Market"),
    "LIMIT_EXCEEDED": pgettext_lazy("yandex", "A limit of Yandex Market is reached"),
    "INTERNAL_ERROR": pgettext_lazy("yandex", "Something went wrong at Yandex Market"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """``code``: our word for the text, or the upstream's code; ``detail``: all it said; ``known``: the word is in a table.

    ``enveloped``: it was said by Yandex Market itself and not by something on the way.
    """

    code: str
    detail: str
    known: bool = False
    enveloped: bool = True

    @property
    def stage_conflict(self) -> bool:
        return self.code in _ABOUT_STATUS

    def without(self, secrets: Iterable[str]) -> Said:
        """The same without what we sent in confidence, should the upstream repeat it."""
        code, detail = self.code, self.detail
        for secret in filter(None, secrets):
            code, detail = code.replace(secret, "***"), detail.replace(secret, "***")
        return replace(self, code=code, detail=detail)


def canonical(message: str) -> str:
    """Our word for a text of contract 2.7; "" for any other."""
    return next((word for pattern, word in _TABLE if pattern.search(message)), "")


def of_text(message: str) -> Said:
    """A refusal that is a text only, as in ``status-update``."""
    word = canonical(message)
    return Said(word, message, known=bool(word))


def is_stage_conflict(code: str) -> bool:
    """Whether a word of ours says that the order stands elsewhere than we believe."""
    return code in _ABOUT_STATUS


def said(answer: Answer) -> Said:
    """What the body of a refusal says: every error, "code: message". One without the envelope is described, not quoted."""
    errors = _errors(answer)
    if not errors:
        kind = answer.headers.get("Content-Type", "") or "no content type"
        detail = f"HTTP {answer.status}, not an error of Yandex Market ({kind}, {len(answer.body)} bytes)"
        return Said("", detail, enveloped=False)
    detail = "; ".join(": ".join(filter(None, pair)) for pair in errors)
    word = next(filter(None, (canonical(message) for _code, message in errors)), "")
    code = word or errors[0][0]
    return Said(code, detail or f"HTTP {answer.status}", known=bool(word) or code in _GENERAL)


def _errors(answer: Answer) -> list[tuple[str, str]]:
    """(code, message) of each error of the envelope."""
    try:
        wire = msgspec.json.decode(answer.body, type=ErrorsWire)
    except BROKEN:
        return []
    found = [(text(error.code), text(error.message)) for error in wire.errors or ()]
    return [pair for pair in found if any(pair)]
