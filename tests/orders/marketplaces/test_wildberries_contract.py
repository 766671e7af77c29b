"""Wildberries, both dialects, against the sandbox over real HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from pytest_django.fixtures import Settings

from orders.enums import ActionKind, CodeKind, CodeState, Stage
from orders.marketplaces.base import Connection, Marketplace, Outgoing
from orders.marketplaces.wildberries import build
from orders.marketplaces.wildberries.rules import META_KEYS
from sandbox.server import RunningSandbox, start
from tests.contract.marketplace_suite import BuyersCodes, MarketplaceSuite
from tests.contract.world import World, act, put

from .support import Notes

SELLER = "sandbox-contract"
CODES: Mapping[CodeKind, str] = {
    CodeKind.SGTIN: "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA=",
    CodeKind.UIN: "0234567890123456",
    CodeKind.IMEI: "004321741987258",
    CodeKind.GTIN: "0123456789012",
}
FAULTS = {"gone": "404"}


class WildberriesWorld:
    """The suite's words for the sandbox."""

    secret = SELLER
    good_codes = CODES
    check_calls = 1
    first, too_far = ActionKind.CONFIRM, ActionKind.DELIVER
    before: Mapping[ActionKind, tuple[ActionKind, ...]] = {
        ActionKind.CONFIRM: (),
        ActionKind.DELIVER: (ActionKind.CONFIRM,),
        ActionKind.RECEIVE: (ActionKind.CONFIRM, ActionKind.DELIVER),
        ActionKind.REJECT: (ActionKind.CONFIRM, ActionKind.DELIVER),
        ActionKind.CANCEL: (),
    }
    barcodes = True
    phones_at_once = False
    patience = timedelta(minutes=1)

    def __init__(self, sandbox: RunningSandbox, dialect: str) -> None:
        self.sandbox = sandbox
        self.notes = Notes()
        self.drift = self.notes.drift
        self.base = Connection(sandbox.wildberries_url, dialect, {}, {"token": SELLER})
        self.provider: Marketplace = self._build(self.base)

    def _build(self, where: Connection) -> Marketplace:
        return build(where, gate=self.notes, drift=self.notes)

    def connect(self, token: str) -> Marketplace:
        if token == "unreachable":
            return self._build(replace(self.base, base_url=f"http://127.0.0.1:{free_port()}"))
        return self._build(replace(self.base, credentials={"token": f"{token}-{SELLER}"}))

    def make(self, count: int = 1, *, code_kinds: Sequence[CodeKind] = (), units: int = 1) -> list[str]:
        fields: dict[str, Any] = {"requiredMeta": [META_KEYS[kind] for kind in code_kinds], "deliveryType": "dbs"}
        return [str(number) for number in self.sandbox.make(SELLER, count=count, fields=fields, mandatory=[])]

    def make_broken(self) -> None:
        self.sandbox.make_raw({"id": 77, "price": "a lot"}, SELLER)

    def make_finished(self, count: int) -> list[str]:
        return [str(number) for number in self.sandbox.make(SELLER, count=count, status=("receive", "sold"))]

    def stage(self, external_id: str) -> Stage:
        order = self.sandbox.order(int(external_id))
        return {
            ("new", "waiting"): Stage.NEW,
            ("confirm", "waiting"): Stage.ASSEMBLING,
            ("deliver", "waiting"): Stage.DELIVERING,
            ("receive", "sold"): Stage.RECEIVED,
            ("reject", "canceled_by_client"): Stage.REJECTED,
        }[order["supplierStatus"], order["wbStatus"]]

    def moves(self, external_id: str) -> int:
        return len([effect for effect in self.sandbox.effects(int(external_id)) if effect["kind"] == "status"])

    def code(self, external_id: str) -> str:
        return str(self.sandbox.order(int(external_id))["code"])

    def decline(self, external_id: str) -> None:
        self.sandbox.play(int(external_id), "decline")

    def pass_time(self) -> None:
        self.sandbox.advance(120)

    def fault(self, kind: str) -> None:
        self.sandbox.fault(FAULTS.get(kind, kind), megabytes=50)

    def calls(self) -> int:
        return len(self.sandbox.calls())


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with start() as running:
        yield running


class Wildberries(BuyersCodes, MarketplaceSuite):
    dialect: ClassVar[str]

    @pytest.fixture
    def world(self, sandbox: RunningSandbox, settings: Settings) -> World:
        settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 10
        return WildberriesWorld(sandbox, self.dialect)

    def test_a_pick_up_point_hands_the_parcel_out(self, world: WildberriesWorld) -> None:
        (number,) = world.sandbox.make(SELLER, fields={"deliveryType": "dbsPickupPoint"}, mandatory=[])
        task = str(number)
        for kind in (ActionKind.CONFIRM, ActionKind.DELIVER):
            act(world, kind, task)
        world.sandbox.play(number, "arrive")
        (waiting,) = world.provider.statuses([task])
        world.sandbox.play(number, "collect")
        world.sandbox.play(number, "return")
        (returned,) = world.provider.statuses([task])

        assert (waiting.stage, returned.stage) == (Stage.AT_PICKUP_POINT, Stage.RETURNED)

    def test_a_wrong_code_in_words_nobody_documented(self, world: WildberriesWorld) -> None:
        world.sandbox.tune(wrong_code_detail="ConfirmCodeMismatch")
        (task,) = world.make()
        for kind in (ActionKind.CONFIRM, ActionKind.DELIVER):
            act(world, kind, task)

        (result,) = act(world, ActionKind.RECEIVE, task, code="000000")

        assert (result.code, result.wrong_code) == ("ConfirmCodeMismatch", True)
        assert [kind for _, kind, _ in world.drift] == ["error"]

    @pytest.mark.parametrize("no_buyer", ["empty", "null", "404"])
    def test_no_buyer(self, world: WildberriesWorld, no_buyer: str) -> None:
        world.sandbox.tune(no_buyer=no_buyer)

        assert world.provider.buyers(world.make()) == []

    def test_receive_without_an_obligatory_code(self, world: WildberriesWorld) -> None:
        world.sandbox.tune(deliver_validates=False)
        (number,) = world.sandbox.make(SELLER, fields={"requiredMeta": ["sgtin"]}, mandatory=["sgtin"])
        task = str(number)
        for kind in (ActionKind.CONFIRM, ActionKind.DELIVER):
            act(world, kind, task)

        (result,) = act(world, ActionKind.RECEIVE, task, code=world.code(task))

        assert (result.code, result.wrong_code, result.stage_conflict) == ("SGTINIsNotFilled", False, False)
        assert world.stage(task) == Stage.DELIVERING

    @pytest.mark.parametrize("end", ["zero", "last", "repeat"])
    def test_a_thousand_finished_orders_and_one(self, world: WildberriesWorld, end: str) -> None:
        world.sandbox.tune(list_end=end)
        ids = world.make_finished(1001)
        until = world.sandbox.store.clock.now() + 60
        period = (moment(until - 86_400), moment(until))

        first = world.provider.finished_orders(*period, None)
        second = world.provider.finished_orders(*period, first.next_cursor)

        assert first.next_cursor is not None
        assert second.next_cursor is None
        assert [raw.external_id for raw in (*first.tasks, *second.tasks)] == ids


class TestBatch(Wildberries):
    dialect = "batch"

    def test_a_thousand_confirms_are_one_call(self, world: WildberriesWorld) -> None:
        ids = world.make(1000)
        before = world.calls()

        results = act(world, ActionKind.CONFIRM, *ids)

        assert [result.external_id for result in results if result.ok] == ids
        assert world.calls() - before == 1

    def test_each_task_has_its_own_answer(self, world: WildberriesWorld) -> None:
        first, second = world.make(2)
        act(world, ActionKind.CONFIRM, second)

        results = {result.external_id: result for result in act(world, ActionKind.CONFIRM, first, second, "5")}

        assert results[first].ok
        assert (results[second].code, results[second].stage_conflict) == ("StatusMismatch", True)
        assert results["5"].code == "NotFound"
        assert len({result.request_id for result in results.values()}) == 1

    def test_deliver_with_a_bad_code(self, world: WildberriesWorld) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.SGTIN])
        act(world, ActionKind.CONFIRM, task)
        bad = "0102900304495480215KE"
        assert put(world, task, CodeKind.SGTIN, bad).ok
        (pending,) = world.provider.codes([task])
        world.pass_time()

        (result,) = act(world, ActionKind.DELIVER, task)
        (judged,) = world.provider.codes([task])

        assert (pending.state, pending.decision) == (CodeState.SENT, "pending")
        assert (judged.state, judged.decision) == (CodeState.REFUSED, "sgtinInvalidFormat")
        assert (result.code, result.verdicts) == ("MetaValidationFail", (judged,))
        assert world.stage(task) == Stage.ASSEMBLING

    def test_deliver_without_an_obligatory_imei(self, world: WildberriesWorld) -> None:
        (number,) = world.sandbox.make(SELLER, fields={"requiredMeta": ["imei"]}, mandatory=["imei"])
        act(world, ActionKind.CONFIRM, str(number))

        (result,) = act(world, ActionKind.DELIVER, str(number))

        assert (result.code, result.stage_conflict) == ("ImeiIsNotFilled", False)

    def test_customs_declaration_of_a_business_order(self, world: WildberriesWorld) -> None:
        fields = {"requiredMeta": ["customsDeclaration"], "deliveryType": "dbs"}
        business, private = world.sandbox.make(SELLER, fields=fields, b2b=True) + world.sandbox.make(
            SELLER, fields=fields, b2b=False
        )
        act(world, ActionKind.CONFIRM, str(business), str(private))

        good = put(world, str(business), CodeKind.GTD, "10704010/010624/0000302")
        bad = put(world, str(private), CodeKind.GTD, "10704010/010624/0000302")

        assert good.ok
        assert (bad.code, bad.status) == ("OrderNotB2B", 400)
        (verdict,) = world.provider.codes([str(business)])
        assert (verdict.kind, verdict.value, verdict.state) == (
            CodeKind.GTD,
            "10704010/010624/0000302",
            CodeState.VERIFIED,
        )
        action = Outgoing(str(business), ActionKind.DELETE_CODES, code_kind=CodeKind.GTD)
        (deleted,) = world.provider.send(ActionKind.DELETE_CODES, [action])
        assert deleted.ok
        assert world.provider.codes([str(business)]) == []

    def test_codes_refused_as_a_whole_call(self, world: WildberriesWorld) -> None:
        world.sandbox.tune(meta_conflict_whole=True)
        (task,) = world.make(1, code_kinds=[])
        act(world, ActionKind.CONFIRM, task)

        result = put(world, task, CodeKind.UIN, CODES[CodeKind.UIN])

        assert (result.ok, result.code, result.status) == (False, "FailedToUpdateMeta", 409)
        assert result.request_id

    def test_windows_organisations_and_costs(self, world: WildberriesWorld) -> None:
        (number,) = world.sandbox.make(SELLER, b2b=True, paid_delivery=True)
        task = world.provider.parse(world.provider.new_orders().tasks[0])

        (window,) = world.provider.windows([str(number), "5"])
        (organisation,) = world.provider.organisations([str(number), "5"])
        (cost,) = world.provider.delivery_costs([task.data["group"], "none"])

        assert task.is_business
        assert window.external_id == organisation.external_id == str(number)
        assert window.window.start is not None
        assert window.window.end is not None
        assert window.window.start < window.window.end
        assert set(organisation.facts) >= {"inn", "name"}
        assert cost.cost.amount > 0
        assert cost.converted is not None
        assert cost.converted.currency == "RUB"
        assert world.provider.delivery_costs(["none"]) == []
        assert world.drift == []

    def test_stickers(self, world: WildberriesWorld) -> None:
        numbers = world.sandbox.make(SELLER, count=101, fields={"deliveryType": "dbsPickupPoint"}, mandatory=[])
        ids = [str(number) for number in numbers]
        act(world, ActionKind.CONFIRM, *ids)

        found = world.provider.stickers(ids)

        assert [sticker.external_id for sticker in found] == ids
        assert all(sticker.pdf.startswith(b"%PDF") and sticker.number for sticker in found)


class TestV3(Wildberries):
    dialect = "v3"

    @pytest.fixture
    def world(self, sandbox: RunningSandbox, settings: Settings) -> World:
        settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 10
        sandbox.tune(batch=False)
        return WildberriesWorld(sandbox, self.dialect)


@pytest.mark.slow
class TestV3InTheShapesOfTheSeed(BuyersCodes, MarketplaceSuite):
    """Windows in the order, phones and identifiers as numbers."""

    @pytest.fixture
    def world(self, sandbox: RunningSandbox, settings: Settings) -> World:
        settings.UPSTREAM_TIMEOUT_CONNECT, settings.UPSTREAM_TIMEOUT_READ = 5, 10
        sandbox.tune(batch=False, profile="seed")
        return SeedWorld(sandbox, "v3")

    def test_the_order_carries_its_window(self, world: WildberriesWorld) -> None:
        world.make()

        task = world.provider.parse(world.provider.new_orders().tasks[0])

        assert task.window is not None
        assert task.deadline_at == task.window.end


class SeedWorld(WildberriesWorld):
    """Numbers lose the zeros they begin with, so the codes here begin with none."""

    good_codes: Mapping[CodeKind, str] = {
        **CODES,
        CodeKind.UIN: "1234567890123456",
        CodeKind.IMEI: "654321741987258",
        CodeKind.GTIN: "1234567890123",
    }
