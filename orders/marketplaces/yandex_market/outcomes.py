"""What became of the actions of one call (contract 2.5, 2.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from backoffice.answers import Answer
from backoffice.errors import Refused
from backoffice.reading import Reader, text
from orders.enums import CodeKind, CodeState
from orders.marketplaces.base import CodeVerdict, IncomingTask, Mark, Outgoing, Result
from orders.marketplaces.facts import Instance

from .order_schemas import Value
from .refusals import ERROR, NOT_SENT, is_stage_conflict, of_text
from .schemas import IdentifiersWire, InstanceWire, OrderStatusWire
from .status_map import STATUS, SUBSTATUS
from .values import code, number

OK = "OK"


class _StatusWire(msgspec.Struct, frozen=True):
    status: Value = None
    substatus: Value = None


class _OrderWire(msgspec.Struct, frozen=True):
    order: _StatusWire


def not_sent(action: Outgoing, why: str) -> Result:
    """What cannot even be written down as a call is refused without one."""
    return Result(action.external_id, ok=False, code=NOT_SENT, detail=why)


def of_statuses(
    actions: Sequence[Outgoing], rows: Iterable[OrderStatusWire], *, reader: Reader, place: str
) -> list[Result]:
    """Results by order. An order that is left out, or about which nothing is said either way, has none."""
    asked = {number(action.external_id): action for action in actions}
    found: dict[str, Result] = {}
    for row in rows:
        action = asked.get(number(row.id))
        if action is None:
            reader.drift.note(place=place, kind="value", name="result for an order that was not asked for")
            continue
        result = _of_row(action, row, reader, place)
        earlier = found.get(action.external_id)
        if result and (earlier is None or earlier.ok):
            found[action.external_id] = result
    return list(found.values())


def _of_row(action: Outgoing, row: OrderStatusWire, reader: Reader, place: str) -> Result | None:
    outcome, why = text(row.update_status), text(row.error_details)
    if outcome == OK:
        return Result(action.external_id, ok=True, status=200, words=words(row.status, row.substatus))
    if outcome not in (ERROR, ""):
        reader.unknown(place, "updateStatus", outcome)
    if outcome != ERROR and not why:
        return None
    said = of_text(why)
    if not said.known:
        reader.drift.note(place=place, kind="error", name="a text that is not in the table" if why else "no text")
    return Result(
        action.external_id,
        ok=False,
        code=said.code or ERROR,
        detail=said.detail,
        stage_conflict=said.stage_conflict,
        status=200,
    )


def of_order(action: Outgoing, answer: Answer) -> Result:
    """The answer of ``PUT …/status`` is the order. Raises ``Uncertain`` when it is not."""
    order = answer.decode(_OrderWire).order
    return Result(action.external_id, ok=True, status=answer.status, words=words(order.status, order.substatus))


def words(status: object, substatus: object) -> dict[str, str]:
    """The raw words as they are kept; none at all when there is no status, so that nothing is written over."""
    return {STATUS: text(status), SUBSTATUS: text(substatus)} if text(status) else {}


def of_codes(action: Outgoing, document: IdentifiersWire, status: int) -> Result:
    """Codes that come back are taken, each with what the market keeps of it."""
    items = (document.result.items if document.result else None) or []
    held = {text(item.id): item.instances or [] for item in items}
    found = [verdict for mark in action.marks if (verdict := _verdict(action, mark, held.get(mark.item, [])))]
    return Result(action.external_id, ok=True, status=status, verdicts=tuple(found))


def _verdict(action: Outgoing, mark: Mark, instances: Sequence[InstanceWire]) -> CodeVerdict | None:
    exact = (instance for instance in instances if mark.value in _told(mark.kind, instance))
    # Without its verification part a code of Chestny ZNAK is the beginning of what was sent.
    short = (instance for instance in instances if mark.kind == CodeKind.SGTIN and _begins(mark.value, instance))
    instance = next(exact, None) or next(short, None)
    if instance is None:
        return None
    return CodeVerdict(action.external_id, mark.kind, mark.value, CodeState.VERIFIED, echo=_echo(instance))


def _told(kind: CodeKind, instance: InstanceWire) -> set[str]:
    fields: Mapping[CodeKind, tuple[Value, ...]] = {
        CodeKind.SGTIN: (instance.cis_full, instance.cis),
        CodeKind.UIN: (instance.uin,),
        CodeKind.RNPT: (instance.rnpt,),
        CodeKind.GTD: (instance.gtd,),
    }
    return {code(value) for value in fields.get(kind, ())}


def _begins(value: str, instance: InstanceWire) -> bool:
    short = code(instance.cis)
    return bool(short) and value.startswith(short)


def _echo(instance: InstanceWire) -> dict[str, str]:
    told = msgspec.to_builtins(instance)
    return {name: code(value) for name, value in told.items() if code(value)}


def held(task: IncomingTask) -> Iterator[CodeVerdict]:
    """Codes that an order carries. A DBS shop's are taken without a check (contract 2.5), so there is no decision."""
    for item in task.items:
        for instance in item.facts.instances if item.facts else ():
            yield from _held(task.external_id, instance)


def _held(external_id: str, instance: Instance) -> Iterator[CodeVerdict]:
    told = {"cis": instance.cis, "cisFull": instance.cis_full, "countryCode": instance.country}
    whole = {
        CodeKind.SGTIN: instance.cis_full or instance.cis,
        CodeKind.UIN: instance.uin,
        CodeKind.RNPT: instance.rnpt,
        CodeKind.GTD: instance.gtd,
    }
    names = {CodeKind.UIN: "uin", CodeKind.RNPT: "rnpt", CodeKind.GTD: "gtd"}
    told |= {name: whole[kind] for kind, name in names.items()}
    echo = {name: value for name, value in told.items() if value}
    for kind, value in whole.items():
        if value:
            yield CodeVerdict(external_id, kind, value, CodeState.VERIFIED, echo=echo)


def of_refusal(action: Outgoing, error: Refused) -> Result:
    """A refusal of a whole call that carried a single order."""
    return Result(
        action.external_id,
        ok=False,
        code=error.code,
        detail=error.detail,
        stage_conflict=is_stage_conflict(error.code),
        status=error.status,
        request_id=error.request_id,
    )
