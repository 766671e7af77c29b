"""Yandex Market's stand-in in the words of the contract suite."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from pytest_django.fixtures import Settings

from orders.enums import ActionKind, CodeKind, Stage
from orders.marketplaces.base import Connection, Marketplace, Outgoing, Result
from orders.marketplaces.yandex_market import build
from sandbox.server import RunningSandbox
from tests.contract.world import World
from tests.orders.marketplaces.support import Notes

SELLER = "sandbox-contract"
CODES: Mapping[CodeKind, str] = {
    CodeKind.SGTIN: "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA=",
    CodeKind.UIN: "1234567890123456",
    CodeKind.GTD: "10704010/010624/0000302",
    CodeKind.RNPT: "10704010/010624/0000302/001",
}
TYPES = {CodeKind.SGTIN: "CIS_OPTIONAL", CodeKind.UIN: "UIN", CodeKind.GTD: "GTD", CodeKind.RNPT: "RNPT"}
FAULTS = {"gone": "404", "429": "420"}


class YandexWorld:
    """The suite's words for the sandbox. Orders go to a pick-up point: so every step has its turn."""

    secret = SELLER
    good_codes = CODES
    check_calls = 2
    first, too_far = ActionKind.DELIVER, ActionKind.RECEIVE
    before: Mapping[ActionKind, tuple[ActionKind, ...]] = {
        ActionKind.READY: (),
        ActionKind.DELIVER: (),
        ActionKind.ARRIVE: (ActionKind.DELIVER,),
        ActionKind.RECEIVE: (ActionKind.DELIVER, ActionKind.ARRIVE),
        ActionKind.CANCEL: (),
    }
    barcodes = False
    phones_at_once = True
    patience = timedelta(hours=1, minutes=1)  # a window of an hour, and the minute it is rounded to

    def __init__(self, sandbox: RunningSandbox, dialect: str) -> None:
        self.sandbox, self.ym = sandbox, sandbox.ym
        self.notes = Notes()
        self.drift = self.notes.drift
        options = {"campaign_id": str(self.ym.campaign), "business_id": str(self.ym.business)}
        self.base = Connection(sandbox.yandex_market_url, dialect, options, {"api_key": SELLER})
        self.provider: Marketplace = self._build(self.base)

    def _build(self, where: Connection) -> Marketplace:
        return build(where, gate=self.notes, drift=self.notes)

    def connect(self, token: str) -> Marketplace:
        if token == "unreachable":
            return self._build(replace(self.base, base_url=f"http://127.0.0.1:{free_port()}"))
        return self._build(replace(self.base, credentials={"api_key": f"{token}-{SELLER}"}))

    def with_options(self, **options: Any) -> Marketplace:
        return self._build(replace(self.base, options={**self.base.options, **options}))

    def make(self, count: int = 1, *, code_kinds: Sequence[CodeKind] = (), units: int = 1) -> list[str]:
        wanted = [[TYPES[kind]] for kind in code_kinds] or [[]]
        items = [
            {
                "offerId": f"A-{number}",
                "offerName": "Чайник",
                "count": units,
                "price": 500.5,
                "requiredInstanceTypes": types,
            }
            for number, types in enumerate(wanted)
        ]
        return self.make_some(count=count, items=items, type="PICKUP", courier=False)

    def make_some(self, **wish: Any) -> list[str]:
        return [str(number) for number in self.ym.make(SELLER, **wish)]

    def make_broken(self) -> None:
        self.ym.make_raw({"v1": {"orderId": 77, "items": "many"}, "v2": {"id": 77, "items": "many"}}, SELLER)

    def make_finished(self, count: int) -> list[str]:
        return self.make_some(count=count, status="DELIVERED", type="PICKUP")

    def stage(self, external_id: str) -> Stage:
        return {
            "PROCESSING/STARTED": Stage.NEW,
            "PROCESSING/READY_TO_SHIP": Stage.READY,
            "DELIVERY/DELIVERY_SERVICE_RECEIVED": Stage.DELIVERING,
            "PICKUP/PICKUP_SERVICE_RECEIVED": Stage.AT_PICKUP_POINT,
            "DELIVERED/DELIVERY_SERVICE_DELIVERED": Stage.RECEIVED,
            "CANCELLED/SHOP_FAILED": Stage.CANCELLED,
            "CANCELLED/USER_CHANGED_MIND": Stage.CANCELLED,
        }[self.ym.place(int(external_id))]

    def moves(self, external_id: str) -> int:
        return len(self.effects(external_id, "status"))

    def effects(self, external_id: str, kind: str) -> list[dict[str, Any]]:
        return [effect for effect in self.ym.effects(int(external_id)) if effect["kind"] == kind]

    def code(self, external_id: str) -> str:
        raise AssertionError("no step needs a code of the buyer")

    def decline(self, external_id: str) -> None:
        self.ym.play(int(external_id), "cancel")

    def pass_time(self) -> None:
        self.sandbox.advance(120)

    def fault(self, kind: str) -> None:
        self.sandbox.fault(FAULTS.get(kind, kind), megabytes=50)

    def calls(self) -> int:
        return len(self.sandbox.calls())

    def items(self, external_id: str) -> list[str]:
        return [str(item["id"]) for item in self.ym.order(int(external_id))["items"]]

    def ask(self, external_id: str, kind: ActionKind, **more: Any) -> tuple[Result, bool | None]:
        """A detail action, and what the provider would say of it had the answer been lost."""
        action = Outgoing(external_id, kind, **more)
        (result,) = self.provider.send(kind, [action])
        return result, self.provider.has_happened(action)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def now(world: YandexWorld) -> datetime:
    return datetime.fromtimestamp(world.ym.world.now, UTC)


class InSandbox:
    """Tests of one dialect in a world of their own."""

    dialect: ClassVar[str]

    @pytest.fixture
    def world(self, sandbox: RunningSandbox, settings: Settings) -> World:
        settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 10
        return YandexWorld(sandbox, self.dialect)
