"""What became of the actions of one call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from backoffice.errors import Refused
from backoffice.reading import Reader, flag, identifier, text
from orders.enums import ActionKind
from orders.marketplaces.base import CodeVerdict, Outgoing, Result

from . import facts
from .refusals import STATUS_MISMATCH, Said, canonical, is_known, is_wrong_code
from .schemas import ItemErrorWire, ItemResultWire, MetaDetailWire


def of_items(
    kind: ActionKind,
    actions: Sequence[Outgoing],
    rows: Iterable[ItemResultWire],
    *,
    reader: Reader,
    place: str,
    request_id: str,
) -> list[Result]:
    """Results by task. A task that is left out, or about which nothing is said either way, has none."""
    asked = {action.external_id: action for action in actions}
    found: dict[str, Result] = {}
    for row in rows:
        action = asked.get(identifier(row.order_id))
        if action is None:
            reader.drift.note(place=place, kind="value", name="result for a task that was not asked for")
            continue
        result = _of_item(kind, action, row, reader=reader, place=place, request_id=request_id)
        earlier = found.get(action.external_id)
        if result and (earlier is None or earlier.ok):
            found[action.external_id] = result
    return list(found.values())


def _of_item(
    kind: ActionKind, action: Outgoing, row: ItemResultWire, *, reader: Reader, place: str, request_id: str
) -> Result | None:
    errors, is_error = row.errors or [], flag(row.is_error)
    if is_error is None and not errors:
        return None
    if not errors and not is_error:
        return Result(action.external_id, ok=True, status=200, request_id=request_id)
    said = _said(errors).without([action.code])
    if not is_known(said.code):
        reader.drift.note(place=place, kind="error", name=said.code or said.detail or "no detail")
    status = next((int(code) for code in (identifier(error.code) for error in errors) if code), None)
    details = list(chain.from_iterable(error.meta_details or () for error in errors))
    verdicts = tuple(facts.verdicts(action.external_id, details, reader, place))
    return _refused(kind, action, said, status=status, request_id=request_id, verdicts=verdicts)


def _said(errors: Iterable[ItemErrorWire]) -> Said:
    """The first word, and all that is said: "409 MetaValidationFail (sgtin: sgtinEmitted)"."""
    words = [(text(error.code), canonical(text(error.detail)), _decisions(error.meta_details)) for error in errors]
    detail = "; ".join(" ".join(filter(None, parts)) for parts in words)
    return Said(next((word for _number, word, _decided in words if word), ""), detail)


def _decisions(details: Iterable[MetaDetailWire] | None) -> str:
    """ "(sgtin: sgtinEmitted)": which identifier fails and why."""
    pairs = ", ".join(f"{text(detail.key)}: {text(detail.decision)}" for detail in details or ())
    return f"({pairs})" if pairs else ""


def of_refusal(kind: ActionKind, action: Outgoing, error: Refused) -> Result:
    """A refusal of a whole call that carried a single task."""
    said = Said(canonical(error.code), error.detail).without([action.code])
    return _refused(kind, action, said, status=error.status, request_id=error.request_id)


def _refused(
    kind: ActionKind,
    action: Outgoing,
    said: Said,
    *,
    status: int | None,
    request_id: str,
    verdicts: tuple[CodeVerdict, ...] = (),
) -> Result:
    return Result(
        action.external_id,
        ok=False,
        code=said.code,
        detail=said.detail,
        wrong_code=is_wrong_code(kind, said.code, status),
        stage_conflict=said.code == STATUS_MISMATCH,
        verdicts=verdicts,
        status=status,
        request_id=request_id,
    )
