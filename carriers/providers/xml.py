"""XML of upstreams: built with every text escaped, read with document types, entities and depth refused."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from backoffice.answers import Answer

#: No upstream nests deeper than eight; more would only be there to exhaust us.
DEEPEST = 32

__all__ = ["Element", "add", "document", "parse", "parse_bytes", "source", "text_of"]


def parse(answer: Answer) -> Element:
    """The root of an answer. Raises what ``Answer.unreadable`` makes: half a document, a wrong encoding, a document type."""
    try:
        return parse_bytes(answer.body)
    except ValueError as error:
        reason = str(error)
    raise answer.unreadable(reason)


def parse_bytes(body: bytes) -> Element:
    """Raises ``ValueError`` whose text says why and holds nothing of the document."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ValueError(f"not allowed in XML: {type(error).__name__}") from None
    except ParseError as error:
        raise ValueError(f"not well-formed XML: {error}") from None
    except (ValueError, LookupError, RecursionError) as error:
        raise ValueError(f"the encoding of the XML cannot be read: {type(error).__name__}") from None
    _check_depth(root)
    return root


def _check_depth(root: Element) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise ValueError("the XML is nested too deeply")
        level = [child for element in level for child in element]


def document(root: Element) -> bytes:
    """UTF-8 with its declaration."""
    text = tostring(root, encoding="unicode", short_empty_elements=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def add(parent: Element, tag: str, text: str = "", attributes: Mapping[str, str] | None = None) -> Element:
    """A child with this text."""
    child = SubElement(parent, tag, dict(attributes or {}))
    child.text = text
    return child


def text_of(parent: Element | None, path: str = "") -> str:
    """The text of an element, or of the first below it on this path; "" when there is none."""
    found = parent.find(path) if parent is not None and path else parent
    return (found.text or "").strip() if found is not None else ""


def source(element: Element) -> bytes:
    """An element of an answer as it was meant, to be kept."""
    return tostring(element, encoding="unicode").strip().encode(errors="replace")
