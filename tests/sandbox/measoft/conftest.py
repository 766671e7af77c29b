"""A bare caller of the MeaSoft stand-in: documents written by hand, no client of ours."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from sandbox.server import RunningSandbox


class Shop:
    """Calls the stand-in with one contract: account code, login, password."""

    def __init__(
        self, box: RunningSandbox, login: str = "sandbox", *, password: str = "secret-7", extra: str = "8"
    ) -> None:
        self.box = box
        self.auth = f'<auth extra="{extra}" login="{login}" pass="{password}"/>'

    def post(self, body: str | bytes, **more: Any) -> requests.Response:
        data = body if isinstance(body, bytes) else f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        return requests.post(self.box.measoft.url, data=data, headers=headers, timeout=more.pop("timeout", 10), **more)

    def call(self, method: str, inside: str = "") -> ET.Element:
        """The root of the answer; HTTP is 200 whatever happened (contract 1.1)."""
        answer = self.post(f"<{method}>{self.auth}{inside}</{method}>")
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        return ET.fromstring(answer.content)

    def orders(self, **filters: str) -> list[ET.Element]:
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in filters.items())
        root = self.call("statusreq", inside)
        assert root.tag == "statusreq"
        found = root.findall("order")
        assert root.attrib == {"count": str(len(found))}
        return found

    def numbers(self, **filters: str) -> list[str]:
        return [order.attrib["orderno"] for order in self.orders(**filters)]

    def one(self, number: str) -> ET.Element:
        (order,) = self.orders(orderno=number)
        return order

    def news(self, stream: str = "101") -> list[tuple[str, str | None]]:
        """Number and status of what has changed since the last commit."""
        inside = f"<changes>ONLY_LAST</changes><streamid>{stream}</streamid>"
        return [
            (one.attrib["orderno"], one.findtext("status")) for one in self.call("statusreq", inside).findall("order")
        ]

    def commit(self, stream: str = "101", inside: str = "") -> dict[str, str]:
        return self.call("commitlaststatus", f"<client>CLIENT</client><streamid>{stream}</streamid>{inside}").attrib


def error(root: ET.Element) -> tuple[str, str | None, str | None]:
    """Where the error stands, its number, its words; the words of a bare `<error>` are its text."""
    if "error" in root.attrib:
        return root.tag, root.attrib["error"], root.attrib["errormsg"]
    (child,) = root
    return f"{root.tag}/{child.tag}", child.get("error"), child.get("errormsg") or child.text


def history(order: ET.Element) -> list[str | None]:
    return [status.text for status in order.findall("statushistory/status")]


def effects(box: RunningSandbox, number: str) -> list[tuple[str, Any, Any]]:
    """Kind, before, after; the making of the parcel left out."""
    return [(one["kind"], one["before"], one["after"]) for one in box.measoft.effects(number)[1:]]


@pytest.fixture
def ms(box: RunningSandbox) -> Shop:
    return Shop(box)
