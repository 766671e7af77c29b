"""How MeaSoft says no: five shapes and two tables of numbers that collide (contract 1.7).

Told apart by shape, number and text together: the number alone is not enough. The shapes:

1. an attribute of the root: ``<statusreq error="25" errormsg="…"/>``;
2. an element: ``<request><error error="1" errormsg="authorization error"/></request>``;
3. an element with a text only, which is about the XML: ``<request><error>syntax error</error></request>``;
4. an attribute of one order, which is about that order alone (``mapper``);
5. nothing found: ``<statusreq count="0"/>``, which is no refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from backoffice import clock
from backoffice.answers import DETAIL_LENGTH, Answer
from backoffice.errors import CredentialsError, Refused, Temporary, UpstreamError
from backoffice.text import without_contacts
from carriers.providers.xml import Element, text_of

#: How long too many calls are too many, when MeaSoft does not say.
WAIT = timedelta(minutes=1)
SYNTAX = "xml_syntax"
NOT_FOUND = "not_found"

#: Shapes of an answer as a whole.
OF_ROOT, OF_ELEMENT, OF_TEXT = 1, 2, 3

_OK = frozenset({"", "0"})
_ABOUT_XML = re.compile(r"xml|syntax|синтакс|разбор", re.IGNORECASE)
_NOTHING_FOUND = re.compile(r"not found|не найден", re.IGNORECASE)
_AUTHORIZATION = frozenset({"1", "25"})
_LATER = frozenset({"13", "33"})  # mysql error, connection error
#: Table B, which roots have: 11 orders not found. Cancelling has 52 for the same.
ORDERS_NOT_FOUND = frozenset({"11", "52"})
#: Numbers of either table.
_KNOWN = frozenset(str(number) for number in (*range(1, 40), 52))


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says against us. ``number`` is empty for a text alone."""

    shape: int
    number: str
    text: str

    @property
    def known(self) -> bool:
        return self.shape == OF_TEXT or self.number in _KNOWN

    @property
    def code(self) -> str:
        if self.shape == OF_TEXT or (self.number == "1" and _ABOUT_XML.search(self.text)):
            return SYNTAX
        if self.number in ORDERS_NOT_FOUND and (not self.text or _NOTHING_FOUND.search(self.text)):
            return NOT_FOUND
        return f"error_{without_contacts(self.number, 20)}"


def said(root: Element) -> Said | None:
    """The refusal of a whole answer; None when there is none."""
    number = root.attrib.get("error", "").strip()
    if number not in _OK:
        return Said(OF_ROOT, number, _text(root))
    found = root.find("error")
    if found is None:
        return None
    number = found.attrib.get("error", "").strip()
    if number not in _OK:
        return Said(OF_ELEMENT, number, _text(found))
    text = text_of(found)
    return Said(OF_TEXT, "", without_contacts(text, DETAIL_LENGTH)) if text and not number else None


def _text(element: Element) -> str:
    attribute = element.attrib.get
    return without_contacts(attribute("errormsgru") or attribute("errormsg") or text_of(element), DETAIL_LENGTH)


def error(words: Said, answer: Answer) -> UpstreamError:
    """What to raise. Both 1 and 25 mean the login, unless the text is about the XML; only 13 and 33 may be tried again."""
    made = answer.error(words.code, words.text)
    kind: type[UpstreamError] = Refused
    if words.code == SYNTAX:
        kind = Refused
    elif words.number in _AUTHORIZATION:
        kind = CredentialsError
    elif words.number in _LATER:
        kind = Temporary
    return kind(made.code, made.detail, status=answer.status, method=answer.method, path=answer.path)


def http_error(answer: Answer) -> UpstreamError:
    """For an answer that is no 200: no word about an order or a login comes that way, so it is worth another try."""
    code = f"http_{answer.status}"
    if answer.status in {404, 410}:
        return answer.error()
    if answer.status in {420, 429}:
        return answer.error(code, until=answer.retry_at() or clock.now() + WAIT)
    return Temporary(code, status=answer.status, method=answer.method, path=answer.path)
