"""A Dellin provider on a scripted transport, and its answers made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from carriers.base import Connection
from carriers.providers.dellin import DEFAULT_URL, Dellin, build
from carriers.types import Problem, Reply, Snapshot
from tests.carriers.support import Notes, Script

APPKEY = "00000000-0000-0000-0000-000000000000"
PAT = "planted-personal-token"
SESSION = {"metadata": {"status": 200}, "data": {"sessionID": "s-1"}}


@dataclass
class Bench:
    carrier: Dellin
    script: Script
    notes: Notes

    @property
    def bodies(self) -> list[Any]:
        return [sent.body for sent in self.script.sent]

    @property
    def paths(self) -> list[str]:
        return [sent.path for sent in self.script.sent]


def connection(dialect: str = "json", *, pat: str = "", **options: Any) -> Connection:
    credentials = {"appkey": APPKEY, **({"pat": pat} if pat else {})}
    return Connection(DEFAULT_URL, dialect, options, credentials)


def bench(*answers: Any, dialect: str = "json", pat: str = "", **options: Any) -> Bench:
    notes, script = Notes(), Script(list(answers))
    return Bench(build(connection(dialect, pat=pat, **options), gate=notes, drift=notes, http=script), script, notes)


def row(state: str, at: str, detail: str | None = None, detail_at: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of 400267443; without a detail it repeats its state, as the seed has it."""
    return {
        "number": "400267443",
        "state": state,
        "stateName": f"имя {state}",
        "stateDate": at,
        "detailedStatus": detail or state,
        "detailedStatusRus": None,
        "detailedStatusDate": detail_at or at,
        **more,
    }


def history(*rows: dict[str, Any], number: str = "400267443", info: Any = None) -> dict[str, Any]:
    data = {"statusHistory": {number: list(rows)} if rows else {}, **({"info": info} if info is not None else {})}
    return {"metadata": {"status": 200, "generated_at": "2026-11-20 15:06:51"}, "data": data}


def refusal(code: Any, detail: str, status: int = 400) -> dict[str, Any]:
    error = {"code": code, "title": "Ошибка", "detail": detail, "link": "https://dev.dellin.ru/", "fields": ["docIds"]}
    return {"metadata": {"status": status, "detail": "…", "generated_at": "2026-11-20 12:37:28"}, "errors": [error]}


def journal(*orders: Any, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"status": 200, **metadata}, "orders": list(orders)}


def entry(number: str, *, returned: Any = False, own: str | None = None, **more: Any) -> dict[str, Any]:
    return {"orderId": number, "orderNumber": own, "state": "inway", "returnState": returned, **more}


def snapshot(reply: Reply) -> Snapshot:
    assert isinstance(reply, Snapshot), reply
    return reply


def problem(reply: Reply) -> Problem:
    assert isinstance(reply, Problem), reply
    return reply


def read(*rows: dict[str, Any], **options: Any) -> Snapshot:
    """What one poll of 400267443 says."""
    (reply,) = bench(history(*rows), **options).carrier.track(["400267443"])
    return snapshot(reply)
