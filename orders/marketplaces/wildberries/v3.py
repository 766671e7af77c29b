"""The older API, as seed 004 describes it: a task a call, 204 when it is done (contract 1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from backoffice.errors import RateLimited, Refused
from backoffice.reading import identifier
from orders.enums import ActionKind, CodeKind
from orders.marketplaces.base import (
    CodeNeed,
    CodeVerdict,
    DeliveryCost,
    DeliveryWindow,
    Organisation,
    Outgoing,
    Result,
    Sticker,
    TaskStatus,
)

from . import facts, routes, rules
from .client import Call
from .provider import Wildberries, not_offered, refused_alone, unsendable, wire_ids
from .refusals import NOT_FOUND
from .routes import Route
from .schemas import MetaAnswerWire, MetaDetailWire, StatusWire

_NOTHING = (b"", b"{}", b"null")


class V3(Wildberries):
    code_kinds = rules.V3_CODE_KINDS
    rates = rules.V3_LIMITS

    def statuses(self, external_ids: Sequence[str]) -> list[TaskStatus]:
        """One call."""
        rows = self.ask(routes.V3_STATUS, "orders", external_ids, StatusWire)
        return list(facts.statuses(rows, self.reader, routes.V3_STATUS.place))

    def windows(self, external_ids: Sequence[str]) -> list[DeliveryWindow]:
        """No call: here the order carries its window."""
        return []

    def delivery_costs(self, groups: Sequence[str]) -> list[DeliveryCost]:
        """No call."""
        return []

    def organisations(self, external_ids: Sequence[str]) -> list[Organisation]:
        """No call."""
        return []

    def needs(self, external_ids: Sequence[str]) -> list[CodeNeed]:
        """No call: this dialect has no decisions."""
        return []

    def stickers(self, external_ids: Sequence[str]) -> list[Sticker]:
        """No call."""
        return []

    def codes(self, external_ids: Sequence[str]) -> list[CodeVerdict]:
        """One call a task. When the budget ends on the way, what is known by then; the others are left out."""
        found: list[CodeVerdict] = []
        for position, order in enumerate(wire_ids(external_ids)):
            try:
                found += self._codes(str(order))
            except RateLimited:
                if position == 0:
                    raise
                break
        return found

    def _codes(self, order: str) -> list[CodeVerdict]:
        place = routes.V3_META.place
        try:
            answer = self.client.call(routes.V3_META, Call(order=order))
        except Refused as error:
            if error.code != NOT_FOUND:
                raise
            return []
        meta = self.reader.document(answer, MetaAnswerWire, place).meta
        held = msgspec.structs.asdict(meta) if meta else {}
        details = [MetaDetailWire(key=key, value=part.value) for key, part in held.items() if part]
        return list(facts.verdicts(order, details, self.reader, place))

    def per_call(self, kind: ActionKind) -> int:
        return 1

    def send(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        """One call for one action: a 2xx without content is a yes. What cannot be sent is refused here, without a call."""
        (action,) = actions
        if (refused := unsendable(kind, action, self.code_kinds)) is not None:
            return [refused]
        route, call = _request(kind, action)
        try:
            answer = self.client.call(route, call)
        except Refused as error:
            return refused_alone(kind, actions, error)
        if answer.body.strip() not in _NOTHING:
            raise answer.unreadable("Expected no content")  # e.g. the page of a proxy
        return [Result(action.external_id, ok=True, status=answer.status)]


def _request(kind: ActionKind, action: Outgoing) -> tuple[Route, Call]:
    order = identifier(action.external_id)
    if kind in (ActionKind.RECEIVE, ActionKind.REJECT):
        return routes.V3_STEPS[kind], Call(order=order, json={"code": action.code}, confidential=[action.code])
    if kind in routes.V3_STEPS:
        return routes.V3_STEPS[kind], Call(order=order)
    code_kind = action.code_kind
    if code_kind is None or code_kind not in routes.V3_META_SET:
        raise not_offered()
    if kind == ActionKind.DELETE_CODES:
        return routes.V3_META_DELETE, Call(order=order, params={"key": rules.META_KEYS[code_kind]})
    if kind != ActionKind.PUT_CODES:
        raise not_offered()
    return routes.V3_META_SET[code_kind], Call(order=order, json=_codes(code_kind, action))


def _codes(kind: CodeKind, action: Outgoing) -> dict[str, Any]:
    return {"sgtins": list(action.codes)} if kind == CodeKind.SGTIN else {kind.value: action.codes[0]}
