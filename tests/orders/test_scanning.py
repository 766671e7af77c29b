"""Scans: every one is stored with its outcome; only in the right stage, only what the task takes, never twice."""

from __future__ import annotations

import pytest

from backoffice.errors import Conflict, Invalid
from backoffice.models import User
from backoffice.people import Role, create_user
from orders.enums import ActionKind, ActionState, CodeState, ScanOutcome, Stage
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction, MarkingCode, Scan, TimelineEntry
from orders.models.timeline import AppendOnlyError
from orders.services import actors
from orders.services.sending import bulk
from orders.services.warehouse import assembly, marking, scanning
from sandbox.server import RunningSandbox

from .conftest import Ask, made, pulled, work
from .statements import counted

SGTIN = "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="
OTHER = "01030410947874432155Qbag!\x1d93Zjqw"
UIN = "1234567890123456"
IMEI = "490154203237518"
IMEI_WITH_WRONG_CHECK_DIGIT = "123456789012345"


@pytest.fixture
def in_work(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> AssemblyTask:
    return assembling(shop, upstream, ask, ["sgtin"])


def assembling(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask, kinds: list[str]) -> AssemblyTask:
    (number,) = made(upstream, requiredMeta=kinds)
    task = next(task for task in pulled(shop) if task.external_id == str(number))
    ask(task, ActionKind.CONFIRM)
    return task


def scan(task: AssemblyTask, raw: str, actor: actors.Actor, **more: object) -> scanning.Verdict:
    return scanning.scan(task.pk, scanning.Shot(raw, **more), actor=actor)  # type: ignore[arg-type]


def test_an_accepted_scan_costs_five_statements(in_work: AssemblyTask, staff: actors.Actor) -> None:
    assembly.take(in_work.pk, actor=staff)
    with counted() as statements:
        assert scan(in_work, SGTIN, staff).outcome == ScanOutcome.ACCEPTED
    # The bench (task with items, codes), code, timeline, scan; the nudge after commit and the user make it eight.
    assert len(statements) == 5


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        (SGTIN, ()),
        ("]d2" + SGTIN, ()),
        ("\x1d" + SGTIN + "\r\n", ()),
        (SGTIN.replace("\x1d", "<GS>"), ("Separators restored",)),
    ],
)
def test_the_same_code_however_the_scanner_sends_it(
    in_work: AssemblyTask, staff: actors.Actor, typed: str, note: tuple[str, ...]
) -> None:
    from django.utils import translation

    with translation.override("en"):
        verdict = scan(in_work, typed, staff)
    assert (verdict.outcome, verdict.notes) == (ScanOutcome.ACCEPTED, note)
    assert MarkingCode.objects.get().value == SGTIN
    assert Scan.objects.get().raw == typed


def test_a_repeat_is_called_a_repeat(in_work: AssemblyTask, staff: actors.Actor) -> None:
    scan(in_work, SGTIN, staff)
    assert scan(in_work, SGTIN, staff).outcome == ScanOutcome.REPEAT
    assert (MarkingCode.objects.count(), Scan.objects.count()) == (1, 2)


def test_the_same_form_posted_twice_is_one_scan(in_work: AssemblyTask, staff: actors.Actor) -> None:
    first = scan(in_work, SGTIN, staff, nonce="n-1")
    again = scan(in_work, SGTIN, staff, nonce="n-1")
    assert (first.outcome, again.outcome, again.title) == (ScanOutcome.ACCEPTED, ScanOutcome.ACCEPTED, first.title)
    assert (MarkingCode.objects.count(), Scan.objects.count()) == (1, 1)


def test_a_code_in_use_names_the_order_that_has_it(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask, in_work: AssemblyTask
) -> None:
    other = assembling(shop, upstream, ask, ["sgtin"])
    scan(in_work, SGTIN, staff)
    # It takes no codes any more, so that there is nothing to swap back (``test_swaps``).
    AssemblyTask.objects.filter(pk=in_work.pk).update(stage=Stage.READY)
    verdict = scan(other, SGTIN, staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.REFUSED, "in_use")
    assert in_work.external_id in verdict.text
    assert verdict.facts["task"] == in_work.pk
    assert other.codes.count() == 0
    assert list(Scan.objects.filter(task=other).values_list("outcome", "reason")) == [("refused", "in_use")]


def test_wrong_stage(shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor) -> None:
    made(upstream, requiredMeta=["sgtin"])
    (task,) = pulled(shop)
    verdict = scan(task, SGTIN, staff)
    assert (verdict.outcome, verdict.reason, MarkingCode.objects.count()) == (ScanOutcome.REFUSED, "not_begun", 0)
    assert Scan.objects.count() == 1


@pytest.mark.parametrize(
    "raw", ["", "   ", "\x00", "🙂", "x" * 5000, "\ud800", "' OR 1=1 --", "<script>alert(1)</script>"]
)
def test_rubbish_is_refused_and_stored(in_work: AssemblyTask, staff: actors.Actor, raw: str) -> None:
    verdict = scan(in_work, raw, staff)
    assert verdict.outcome in (ScanOutcome.REFUSED, ScanOutcome.ASK)
    assert (MarkingCode.objects.count(), Scan.objects.count()) == (0, 1)


def test_a_task_that_does_not_exist(db: None, staff: actors.Actor) -> None:
    verdict = scanning.scan(987654, scanning.Shot(SGTIN), actor=staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.REFUSED, "not_found")
    assert Scan.objects.get().task is None


def test_a_wrong_check_digit_asks_and_can_be_overridden(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, ["imei"])
    assert scan(task, IMEI_WITH_WRONG_CHECK_DIGIT, staff).outcome == ScanOutcome.ASK
    assert MarkingCode.objects.count() == 0
    assert scan(task, IMEI_WITH_WRONG_CHECK_DIGIT, staff, override=True).outcome == ScanOutcome.ACCEPTED


def test_a_kind_the_task_does_not_take(in_work: AssemblyTask, staff: actors.Actor) -> None:
    verdict = scan(in_work, UIN, staff)
    assert (verdict.outcome, MarkingCode.objects.count()) == (ScanOutcome.REFUSED, 0)


def test_a_second_code_is_one_too_many_unless_it_is_a_set(in_work: AssemblyTask, staff: actors.Actor) -> None:
    scan(in_work, SGTIN, staff)
    verdict = scan(in_work, OTHER, staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.ASK, "set")
    assert MarkingCode.objects.count() == 1
    scan(in_work, OTHER, staff, override=True)
    assert list(MarkingCode.objects.order_by("unit").values_list("unit", flat=True)) == [1, 2]


def test_the_barcode_of_the_item_is_an_answer(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    (number,) = made(upstream, requiredMeta=["sgtin"], skus=["6665956397512"])
    task = next(task for task in pulled(shop) if task.external_id == str(number))
    ask(task, ActionKind.CONFIRM)
    assert scan(task, "6665956397512", staff).reason == "picked"
    verdict = scan(task, "4006381333931", staff)
    assert (verdict.outcome, verdict.reason) == (ScanOutcome.REFUSED, "foreign_item")
    assert MarkingCode.objects.count() == 0


def test_removing_a_sent_code_tells_the_marketplace(
    shop: MarketplaceAccount, upstream: RunningSandbox, in_work: AssemblyTask, staff: actors.Actor
) -> None:
    scan(in_work, SGTIN, staff)
    work(shop)
    code = MarkingCode.objects.get()
    assert code.state == CodeState.SENT
    marking.remove_code(code.pk, actor=staff)
    marking.remove_code(code.pk, actor=staff)
    work(shop)
    assert len(upstream.calls("/meta/delete")) == 1
    assert MarketplaceAction.objects.get(kind=ActionKind.DELETE_CODES).state == ActionState.SUCCEEDED
    assert scan(in_work, SGTIN, staff).outcome == ScanOutcome.ACCEPTED


def test_a_refused_code_is_shown_and_blocks_the_hand_over(
    shop: MarketplaceAccount, upstream: RunningSandbox, in_work: AssemblyTask, staff: actors.Actor, ask: Ask
) -> None:
    bad = "0102900304495480215KE"
    scan(in_work, bad, staff, kind="sgtin", override=True)
    work(shop)
    upstream.advance(3600)
    action = ask(in_work, ActionKind.DELIVER)
    assert (action.state, action.error_code) == (ActionState.FAILED, "MetaValidationFail")
    code = MarkingCode.objects.get()
    assert (code.state, code.detail != "") == (CodeState.REFUSED, True)
    with pytest.raises(Conflict) as refused:
        ask(in_work, ActionKind.DELIVER)
    assert refused.value.code == "code_refused"


def test_api_words_for_the_same_rules(in_work: AssemblyTask, staff: actors.Actor) -> None:
    code = marking.add_or_explain(in_work.pk, marking.Entry(SGTIN), actor=staff)
    assert marking.add_or_explain(in_work.pk, marking.Entry(SGTIN), actor=staff).pk == code.pk
    with pytest.raises(Invalid):
        marking.add_or_explain(in_work.pk, marking.Entry("short"), actor=staff)


def test_a_gtin_may_stand_on_many_orders(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    for task in (assembling(shop, upstream, ask, ["gtin"]), assembling(shop, upstream, ask, ["gtin"])):
        assert scan(task, "4006381333931", staff, kind="gtin").outcome == ScanOutcome.ACCEPTED
    assert MarkingCode.objects.count() == 2


def test_two_people_cannot_have_the_same_task(in_work: AssemblyTask, staff: actors.Actor) -> None:
    boris: User = create_user("boris", role=Role.WAREHOUSE, password="x", weak=True)
    assembly.take(in_work.pk, actor=staff)
    assembly.take(in_work.pk, actor=staff)
    with pytest.raises(Conflict) as refused:
        assembly.take(in_work.pk, actor=actors.staff(boris))
    assert (refused.value.code, refused.value.facts["assignee"]) == ("taken", staff.user_id)
    in_work.refresh_from_db()
    assert in_work.assignee_id == staff.user_id
    assembly.take(in_work.pk, actor=actors.staff(boris), take_over=True)
    in_work.refresh_from_db()
    assert in_work.assignee_id == boris.pk
    assert TimelineEntry.objects.filter(kind="assigned").count() == 2


def test_bulk_rehearses_starts_once_and_retries(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor
) -> None:
    made(upstream, count=3)
    tasks = pulled(shop)
    AssemblyTask.objects.filter(pk=tasks[2].pk).update(
        stage=Stage.CANCELLED, marketplace_status={"supplierStatus": "cancel", "wbStatus": "canceled"}
    )
    run = bulk.freeze([task.pk for task in tasks], ActionKind.CONFIRM, actor=staff)
    rehearsal = bulk.rehearse(run)
    assert {task.pk for task in rehearsal.will_do} == {tasks[0].pk, tasks[1].pk}
    assert [(task.pk, why.code) for task, why in rehearsal.will_fail] == [(tasks[2].pk, "stage")]
    assert MarketplaceAction.objects.count() == 0
    upstream.play(int(tasks[1].external_id), "decline")
    bulk.start(run.pk, actor=staff)
    bulk.start(run.pk, actor=staff)
    work(shop)
    MarketplaceAction.objects.filter(state=ActionState.UNCERTAIN).update(not_before="2020-01-01T00:00Z")
    work(shop)
    run.refresh_from_db()
    assert [row.state for row in bulk.result(run)] == [ActionState.SUCCEEDED, ActionState.FAILED, "refused"]
    assert len(upstream.calls("/status/confirm")) == 1
    again = bulk.retry(run.pk, actor=staff)
    assert MarketplaceAction.objects.filter(task=tasks[0]).count() == 1
    assert str(tasks[2].pk) in again.refused


@pytest.mark.parametrize("kind", [ActionKind.RECEIVE, ActionKind.REJECT, ActionKind.CANCEL, "nonsense"])
def test_bulk_is_for_harmless_actions(db: None, staff: actors.Actor, kind: str) -> None:
    with pytest.raises(Invalid):
        bulk.freeze([1], kind, actor=staff)


def test_the_timeline_is_append_only(in_work: AssemblyTask) -> None:
    entry = TimelineEntry.objects.filter(task=in_work).first()
    assert entry is not None
    before = TimelineEntry.objects.count()
    for attempt in (
        entry.save,
        entry.delete,
        TimelineEntry.objects.all().delete,
        lambda: TimelineEntry.objects.update(code="x"),
        lambda: TimelineEntry.objects.bulk_update([entry], ["code"]),
    ):
        with pytest.raises(AppendOnlyError):
            attempt()
    assert TimelineEntry.objects.count() == before


def business(shop: MarketplaceAccount, upstream: RunningSandbox, ask: Ask) -> AssemblyTask:
    upstream.make("sandbox-tests", b2b=True, fields={"requiredMeta": ["customsDeclaration"]})
    (task,) = pulled(shop)
    ask(task, ActionKind.CONFIRM)
    return task


def test_codes_the_marketplace_refuses_are_refused_here_and_not_sent_for_ever(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = assembling(shop, upstream, ask, ["customsDeclaration"])  # not a business order
    scan(task, "10704010/010624/0000302", staff, country="643")
    work(shop)
    code, action = MarkingCode.objects.get(), MarketplaceAction.objects.get(kind=ActionKind.PUT_CODES)
    assert (code.state, action.state, action.error_code) == (CodeState.REFUSED, ActionState.FAILED, "OrderNotB2B")
    work(shop)
    assert len(upstream.calls("/meta/customs-declaration")) == 1


def test_a_customs_declaration_needs_its_country(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = business(shop, upstream, ask)
    verdict = scan(task, "10704010/010624/0000302", staff)
    assert (verdict.outcome, verdict.reason, MarkingCode.objects.count()) == (ScanOutcome.REFUSED, "country", 0)
    assert scan(task, "10704010/010624/0000302", staff, country="643").outcome == ScanOutcome.ACCEPTED
    work(shop)
    assert MarkingCode.objects.get().state == CodeState.SENT
    (call,) = upstream.calls("/meta/customs-declaration")
    wanted = {"customsDeclaration": "10704010/010624/0000302", "originCountryCode": "643"}
    assert call["request"]["orders"] == [{"orderId": int(task.external_id), **wanted}]


def test_a_customs_declaration_may_come_after_the_hand_over(
    shop: MarketplaceAccount, upstream: RunningSandbox, staff: actors.Actor, ask: Ask
) -> None:
    task = business(shop, upstream, ask)
    assert ask(task, ActionKind.DELIVER).state == ActionState.SUCCEEDED
    assert scan(task, "10704010/010624/0000302", staff, country="643").outcome == ScanOutcome.ACCEPTED
    work(shop)
    assert MarkingCode.objects.get().state == CodeState.SENT
