"""What is written to Yandex Market, both dialects, against the sandbox over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orders.enums import ActionKind, CodeKind, CodeState, Stage
from orders.marketplaces.base import Mark, Outgoing
from tests.contract.world import act, advance, put_all

from .sandbox_world import CODES, InSandbox, YandexWorld, now


class Yandex(InSandbox):
    # Steps.

    def test_a_real_date_of_the_past(self, world: YandexWorld) -> None:
        made = (now(world) - timedelta(days=3)).isoformat(timespec="seconds")
        (task,) = world.make_some(created=made, type="DELIVERY", courier=False, status="DELIVERY")
        yesterday = f"{now(world) - timedelta(days=1):%Y-%m-%d}"
        tomorrow = f"{now(world) + timedelta(days=2):%Y-%m-%d}"
        before = world.sandbox.ym.place(int(task))

        refused = world.provider.send(ActionKind.RECEIVE, [Outgoing(task, ActionKind.RECEIVE, date=tomorrow)])[0]
        assert (refused.ok, refused.code, world.sandbox.ym.place(int(task))) == (False, "FUTURE_DATE", before)
        (result,) = world.provider.send(ActionKind.RECEIVE, [Outgoing(task, ActionKind.RECEIVE, date=yesterday)])

        assert (result.ok, result.words["status"]) == (True, "DELIVERED")
        assert world.stage(task) == Stage.RECEIVED
        (raw,) = world.provider.lookup([task]).tasks
        facts = world.provider.parse(raw).facts
        assert facts is not None
        assert facts.delivery.dates.real == yesterday

    def test_reasons_of_a_cancellation(self, world: YandexWorld) -> None:
        """Each status has its own; another one changes nothing."""
        offer = world.provider.offer
        for status, reasons in offer.reasons[ActionKind.CANCEL].items():
            for reason in reasons:
                (task,) = world.make_some(status=status, type="PICKUP")
                (result,) = world.provider.send(ActionKind.CANCEL, [Outgoing(task, ActionKind.CANCEL, reason=reason)])
                assert result.ok, result
                assert result.words == {"status": "CANCELLED", "substatus": reason}
        (task,) = world.make()
        wrong = Outgoing(task, ActionKind.CANCEL, reason="PICKUP_EXPIRED")

        (result,) = world.provider.send(ActionKind.CANCEL, [wrong])

        assert (result.ok, result.code, world.stage(task)) == (False, "BAD_SUBSTATUS", Stage.NEW)

    def test_a_buyer_who_could_not_be_reached(self, world: YandexWorld) -> None:
        world.ym.tune(unreachable_proven=False)
        (task,) = world.make()

        (result,) = world.provider.send(
            ActionKind.CANCEL, [Outgoing(task, ActionKind.CANCEL, reason="USER_UNREACHABLE")]
        )

        assert (result.ok, result.code) == (False, "TRANSITION_NOT_ALLOWED")
        assert "three calls" in result.detail
        assert world.stage(task) == Stage.NEW

    def test_each_order_of_a_call_has_its_own_answer(self, world: YandexWorld) -> None:
        first, second = world.make(2)
        advance(world, second, ActionKind.DELIVER)

        results = {result.external_id: result for result in act(world, ActionKind.DELIVER, first, second, "5")}

        assert results[first].ok
        assert results[first].words == {"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"}
        assert (results[second].code, results[second].stage_conflict) == ("NO_TRANSITION", True)
        assert results["5"].code == "NOT_FOUND"

    def test_an_arbitration_takes_back_what_was_delivered(self, world: YandexWorld) -> None:
        (task,) = world.make_some(status="DELIVERED", type="DELIVERY", courier=False)
        world.ym.play(int(task), "arbitrate")
        (disputed,) = world.provider.statuses([task])
        world.ym.play(int(task), "lose")
        (lost,) = world.provider.statuses([task])

        assert (disputed.stage, disputed.words["substatus"]) == (Stage.RECEIVED, "DELIVERED_USER_NOT_RECEIVED")
        assert lost.stage == Stage.CANCELLED

    # Codes.

    def test_codes_of_several_units_and_kinds(self, world: YandexWorld) -> None:
        kinds = [CodeKind.SGTIN, CodeKind.RNPT]
        (task,) = world.make(1, code_kinds=kinds, units=2)
        wanted = {
            CodeKind.SGTIN: [CODES[CodeKind.SGTIN], "0104600439931256215RJZx80hlqAq4"],
            CodeKind.RNPT: [CODES[CodeKind.RNPT], "10704010/010624/0000302/002"],
        }

        (result,) = put_all(world, task, wanted)
        (again,) = put_all(world, task, wanted)

        assert result.ok
        assert again.ok
        told = {(verdict.kind, verdict.value): verdict for verdict in result.verdicts}
        assert set(told) == {(kind, value) for kind in kinds for value in wanted[kind]}
        whole = told[CodeKind.SGTIN, CODES[CodeKind.SGTIN]]
        assert whole.state == CodeState.VERIFIED
        assert whole.echo == {"cis": "0104600439931256215RJZx80hlqAq3", "cisFull": CODES[CodeKind.SGTIN]}
        assert told[CodeKind.RNPT, CODES[CodeKind.RNPT]].echo["countryCode"] == "CN"
        assert len(world.effects(task, "identifiers")) == 1

    @pytest.mark.parametrize("value", ["0104600439931256215Щ", "0104600439931256215RJZ\\u001d93abcd"])
    def test_a_bad_code_changes_nothing(self, world: YandexWorld, value: str) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.SGTIN])

        (result,) = put_all(world, task, {CodeKind.SGTIN: [value]})

        assert (result.ok, result.code, result.stage_conflict) == (False, "BAD_CIS", False)
        assert world.effects(task, "identifiers") == []
        assert world.provider.codes([task]) == []

    def test_a_country_that_is_none(self, world: YandexWorld) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.GTD])
        mark = Mark(world.items(task)[0], 1, CodeKind.GTD, CODES[CodeKind.GTD], "643")

        (result,) = world.provider.send(ActionKind.PUT_CODES, [Outgoing(task, ActionKind.PUT_CODES, marks=(mark,))])

        assert (result.ok, result.code) == (False, "BAD_COUNTRY")
        assert world.provider.codes([task]) == []

    def test_codes_of_an_order_that_has_left(self, world: YandexWorld) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.UIN])
        advance(world, task, ActionKind.DELIVER)

        (result,) = put_all(world, task, {CodeKind.UIN: [CODES[CodeKind.UIN]]})

        assert (result.ok, result.code, result.stage_conflict) == (False, "NOT_ALLOWED", True)
        assert world.effects(task, "identifiers") == []

    # Details.

    def test_a_track(self, world: YandexWorld) -> None:
        (task,) = world.make()
        service = world.provider.services()[0].external_id

        result, there = world.ask(task, ActionKind.SEND_TRACK, data={"track": "80123456789012", "service": service})

        assert (result.ok, there) == (True, True)
        assert len(world.effects(task, "track")) == 1

    def test_another_day_and_again(self, world: YandexWorld) -> None:
        (task,) = world.make_some(type="DELIVERY", courier=False)
        day = f"{now(world) + timedelta(days=9):%Y-%m-%d}"
        move: dict[str, Any] = {"reason": "USER_MOVED_DELIVERY_DATES", "data": {"date": day}}

        first, there = world.ask(task, ActionKind.MOVE_DATE, **move)
        again, _there = world.ask(task, ActionKind.MOVE_DATE, **move)

        assert (first.ok, there) == (True, True)
        assert (again.ok, again.code, again.stage_conflict) == (False, "SAME_DATE", False)
        assert len(world.effects(task, "date")) == 1

    def test_longer_storage_works_once(self, world: YandexWorld) -> None:
        (task,) = world.make_some(status="PICKUP", type="PICKUP")
        days = [f"{now(world) + timedelta(days=days):%Y-%m-%d}" for days in (12, 15)]

        first, there = world.ask(task, ActionKind.EXTEND_STORAGE, data={"date": days[0]})
        again, _there = world.ask(task, ActionKind.EXTEND_STORAGE, data={"date": days[1]})

        assert (first.ok, there) == (True, True)
        assert again.ok is False
        assert len(world.effects(task, "storage")) == 1

    def test_our_own_number_works_once(self, world: YandexWorld) -> None:
        (task,) = world.make()

        first, there = world.ask(task, ActionKind.SET_NUMBER, data={"number": "WEB-10023"})
        again, still = world.ask(task, ActionKind.SET_NUMBER, data={"number": "WEB-10024"})

        assert (first.ok, there) == (True, True)
        assert (again.ok, again.code, still) == (False, "NUMBER_ALREADY_SET", False)

    def test_boxes_with_codes(self, world: YandexWorld) -> None:
        (task,) = world.make(1, code_kinds=[CodeKind.SGTIN], units=2)
        (item,) = world.items(task)
        codes = ("0104600439931256215RJZx80hlqAq3", "0104600439931256215RJZx80hlqAq4")
        marks = tuple(Mark(item, unit, CodeKind.SGTIN, code) for unit, code in enumerate(codes, 1))
        boxes = [[{"item": item, "count": 1}], [{"item": item, "count": 1}]]

        result, there = world.ask(task, ActionKind.SET_BOXES, data={"boxes": boxes}, marks=marks)

        assert (result.ok, there) == (
            True,
            False,
        )  # what lies in the boxes is not told: a lost answer means to send again
        assert [verdict.value for verdict in world.provider.codes([task])] == list(codes)

    def test_boxes_that_do_not_hold_everything(self, world: YandexWorld) -> None:
        (task,) = world.make(1, units=2)
        (item,) = world.items(task)

        result, there = world.ask(task, ActionKind.SET_BOXES, data={"boxes": [[{"item": item, "count": 1}]]})

        assert (result.ok, result.code, there) == (False, "BAD_BOXES", False)
        assert world.effects(task, "boxes") == []

    def test_items_are_taken_out(self, world: YandexWorld) -> None:
        wanted = [{"offerId": f"A-{number}", "offerName": "Чайник", "count": 2, "price": 500} for number in (1, 2)]
        (task,) = world.make_some(items=wanted, type="PICKUP")
        first, second = world.items(task)
        stays = {"reason": "PARTNER_REQUESTED_REMOVE", "data": {"items": {first: 2, second: 1}}}

        result, there = world.ask(task, ActionKind.CHANGE_ITEMS, **stays)

        assert (result.ok, there) == (True, True)
        (raw,) = world.provider.lookup([task]).tasks
        assert {item.external_id: item.quantity for item in world.provider.parse(raw).items} == {first: 2, second: 1}

    @pytest.mark.parametrize(
        ("kind", "reason", "stage"),
        [
            (ActionKind.ACCEPT_CANCEL, "", Stage.CANCELLED),
            (ActionKind.REFUSE_CANCEL, "ORDER_IN_DELIVERY", Stage.DELIVERING),
        ],
    )
    def test_a_wish_to_cancel(self, world: YandexWorld, kind: ActionKind, reason: str, stage: Stage) -> None:
        (task,) = world.make()
        advance(world, task, ActionKind.DELIVER)
        world.ym.play(int(task), "request_cancel")
        (asked,) = world.provider.statuses([task])

        result, there = world.ask(task, kind, reason=reason)

        assert (asked.stage, asked.cancel_requested) == (Stage.DELIVERING, True)
        assert (result.ok, there) == (True, True)
        (after,) = world.provider.statuses([task])
        assert (after.stage, bool(after.cancel_requested), world.stage(task)) == (stage, False, stage)

    def test_digital_keys(self, world: YandexWorld) -> None:
        (task,) = world.make_some(digital=True)
        (item,) = world.items(task)
        (raw,) = world.provider.lookup([task]).tasks
        count = world.provider.parse(raw).items[0].quantity
        keys = ", ".join(f'"AAAA-{number}"' for number in range(count))
        data = {"slip": "<p>Введите ключ</p>", "until": "2030-01-01"}

        result, there = world.ask(task, ActionKind.GIVE_DIGITAL, code=f'{{"{item}": [{keys}]}}', data=data)
        world.pass_time()
        later = world.provider.has_happened(Outgoing(task, ActionKind.GIVE_DIGITAL, data=data))

        assert (result.ok, there, later) == (True, None, True)

    def test_a_detail_of_another_status_is_a_conflict(self, world: YandexWorld) -> None:
        (task,) = world.make_some(status="DELIVERED", type="DELIVERY", courier=False)

        result, there = world.ask(task, ActionKind.SEND_TRACK, data={"track": "80", "service": "139"})

        assert (result.ok, result.code, result.stage_conflict, there) == (False, "NOT_ALLOWED", True, False)
        assert world.effects(task, "track") == []


class TestBusiness(Yandex):
    dialect = "business"


class TestV2(Yandex):
    dialect = "v2"
