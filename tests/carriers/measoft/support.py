"""A MeaSoft provider on a scripted transport, and its XML made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, fromstring
from xml.sax.saxutils import escape, quoteattr

from carriers.base import Connection
from carriers.providers.measoft import DEFAULT_URL, MeaSoft, build
from carriers.types import Reply, Snapshot
from tests.carriers.support import Notes, Script

PASSWORD = "planted & <secret>"


@dataclass
class Bench:
    carrier: MeaSoft
    script: Script
    notes: Notes

    @property
    def requests(self) -> list[Element]:
        return [fromstring(sent.body) for sent in self.script.sent]


def connection(**options: Any) -> Connection:
    credentials = {"login": "shop", "password": PASSWORD}
    return Connection(DEFAULT_URL, "xml", {"extra": "8", **options}, credentials)


def bench(*answers: Any, **options: Any) -> Bench:
    notes, script = Notes(), Script(list(answers))
    return Bench(build(connection(**options), gate=notes, drift=notes, http=script), script, notes)


def status(code: str, gmt: str = "", local: str = "", **more: str) -> str:
    """A ``<status>`` with both of its times, or bare without any."""
    named = {"createtimegmt": gmt, "eventtime": local, **more} if gmt or local or more else {}
    words = "".join(f" {name}={quoteattr(value)}" for name, value in named.items())
    return f"<status{words}>{escape(code)}</status>"


def order(number: str, now: str, *history: str, code: str = "7654321", inside: str = "", more: str = "") -> str:
    rows = f"<statushistory>{''.join(history)}</statushistory>" if history else ""
    return f'<order orderno="{number}" awb="{number}" ordercode="{code}"{more}>{inside}{now}{rows}</order>'


def answer(*orders: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<statusreq count="{len(orders)}">{"".join(orders)}</statusreq>'


def snapshot(reply: Reply) -> Snapshot:
    assert isinstance(reply, Snapshot), reply
    return reply


def read(*answers: str, number: str = "MW-1", **options: Any) -> Snapshot:
    """What one poll of ``MW-1`` says."""
    (reply,) = bench(*answers, **options).carrier.track([number])
    return snapshot(reply)
