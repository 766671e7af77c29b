"""Reading of requests: one document, whose root is the method."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from sandbox.measoft import errors
from sandbox.measoft.tuning import Tuning
from sandbox.wire import Call, Refusal

ROOT: Final = re.compile(rb"<\s*([A-Za-z_][\w.-]*)")
SECRETS: Final = re.compile(rb"(\spass\s*=\s*)(\"[^\"]*\"|'[^']*')")
GOOD: Final = ("sandbox-",)
BAD_PASSWORD: Final = "wrong"  # noqa: S105 - no secret: passwords that begin like this are refused


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was let in; `key` names the contract: the account code of the carrier, and the login."""

    method: str
    root: ET.Element
    login: str = ""
    extra: str = ""

    def text(self, name: str) -> str:
        """Of a child; empty when it is absent."""
        return (self.root.findtext(name) or "").strip()

    @property
    def stream(self) -> str:
        """Where the marks of this consumer are kept."""
        return f"{self.extra}/{self.login}/{self.text('streamid')}"


def method_of(body: bytes) -> str:
    """The root's name, before anything is known to be XML; empty when there is none."""
    found = ROOT.search(body)
    return found[1].decode() if found else ""


def masked(body: bytes) -> bytes:
    """Without the password, as the ledger keeps it."""
    return SECRETS.sub(rb'\1"***"', body)


def read(call: Call, tuning: Tuning) -> Asked:
    """Parse the document and look at its credentials. Raises Refusal in the shape the settings say."""
    root = parse(call.body, tuning)
    if root.tag == "tracking":
        return Asked(root.tag, root, extra=(root.findtext("extra") or "").strip())
    auth = root.find("auth")
    given = auth.attrib if auth is not None else {}
    login, password, extra = (given.get(name, "") for name in ("login", "pass", "extra"))
    if not _is_good(login, password) or not extra or tuning.extra not in ("", extra):
        words = errors.AUTH_WORDS
        raise errors.refuse(tuning.auth_shape, root.tag, tuning.auth_code, words)
    return Asked(root.tag, root, login, extra)


def parse(body: bytes, tuning: Tuning) -> ET.Element:
    """A document with a type declaration is broken XML here: nothing is expanded."""
    if not body.strip():
        raise Refusal(errors.child(2))
    if b"<!DOCTYPE" in body:
        raise _broken(tuning, "document type declaration is not allowed")
    try:
        return ET.fromstring(body)  # noqa: S314 - no document with entities comes this far
    except (ET.ParseError, ValueError, LookupError) as error:
        raise _broken(tuning, str(error)) from None


def _broken(tuning: Tuning, words: str) -> Refusal:
    return Refusal(
        errors.root("request", 1) if tuning.xml_shape == "root" else errors.text(f"XML syntax error: {words}")
    )


def _is_good(login: str, password: str) -> bool:
    """A login is a seller: `sandbox` or `sandbox-…`; any password but an empty one and those that begin with `wrong`."""
    known = login == "sandbox" or login.startswith(GOOD)
    return known and bool(password) and not password.startswith(BAD_PASSWORD)
