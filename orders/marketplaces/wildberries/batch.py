"""The present API: up to 1000 tasks a call, each with its own result inside a 200 (contract 1.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backoffice.errors import Refused
from backoffice.reading import text
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

from . import facts, outcomes, routes, rules
from .client import Call
from .provider import BATCH_SIZE, Wildberries, not_offered, refused_alone, unsendable, wire_ids
from .routes import Route
from .schemas import (
    GroupWire,
    ItemResultWire,
    MetaOrderWire,
    OrganisationResultWire,
    ResultsWire,
    StatusWire,
    StickersWire,
    StickerWire,
    WindowWire,
)

STICKER_BATCH = 100
STICKER_FORM: Mapping[str, Any] = {"type": "pdf", "width": 58, "height": 40}

#: The part of a body that says which codes a task gets.
_META_BODY: Mapping[CodeKind, Callable[[Outgoing], dict[str, Any]]] = {
    CodeKind.SGTIN: lambda action: {"sgtins": list(action.codes)},
    CodeKind.UIN: lambda action: {"uin": action.codes[0]},
    CodeKind.IMEI: lambda action: {"imei": action.codes[0]},
    CodeKind.GTIN: lambda action: {"gtin": action.codes[0]},
    CodeKind.GTD: lambda action: {"customsDeclaration": action.codes[0], "originCountryCode": action.country},
}


class Batch(Wildberries):
    code_kinds = rules.BATCH_CODE_KINDS
    rates = rules.BATCH_LIMITS

    def statuses(self, external_ids: Sequence[str]) -> list[TaskStatus]:
        """One call."""
        rows = self.ask(routes.STATUS, "ordersIds", external_ids, StatusWire)
        return list(facts.statuses(rows, self.reader, routes.STATUS.place))

    def windows(self, external_ids: Sequence[str]) -> list[DeliveryWindow]:
        """One call."""
        rows = self.ask(routes.WINDOWS, "orders", external_ids, WindowWire)
        return list(facts.windows(rows, self.options.zone, self.reader, routes.WINDOWS.place))

    def delivery_costs(self, groups: Sequence[str]) -> list[DeliveryCost]:
        """One call, at most 1000 groups; the answer is a bare list or null."""
        place = routes.GROUPS.place
        answer = self.client.call(routes.GROUPS, Call(json={"groups": list(groups)}))
        value = answer.decode(object)
        if value is not None and not isinstance(value, list):
            raise answer.unreadable("Expected `array`")
        return list(facts.costs(self.reader.rows(value, GroupWire, place), self.reader, place))

    def organisations(self, external_ids: Sequence[str]) -> list[Organisation]:
        """One call."""
        ids = wire_ids(external_ids)
        if not ids:
            return []
        answer = self.client.call(routes.B2B, Call(json={"ordersIds": ids}))
        results = self.reader.document(answer, ResultsWire, routes.B2B.place).results
        return list(facts.organisations(self.reader.rows(results, OrganisationResultWire, routes.B2B.place)))

    def codes(self, external_ids: Sequence[str]) -> list[CodeVerdict]:
        """One call."""
        found: list[CodeVerdict] = []
        for row in self.ask(routes.META, "ordersIds", external_ids, MetaOrderWire):
            found += facts.verdicts(text(row.order_id), row.meta_details or (), self.reader, routes.META.place)
        return found

    def needs(self, external_ids: Sequence[str]) -> list[CodeNeed]:
        """One call: the same as for ``codes``, read for what is demanded."""
        rows = self.ask(routes.META, "ordersIds", external_ids, MetaOrderWire)
        return [facts.need(text(row.order_id), row.meta_details) for row in rows if row.meta_details is not None]

    def stickers(self, external_ids: Sequence[str]) -> list[Sticker]:
        """One call for each 100 tasks. Only tasks for a pick-up point have one."""
        found: list[Sticker] = []
        for start in range(0, len(external_ids), STICKER_BATCH):
            found += self._stickers(external_ids[start : start + STICKER_BATCH])
        return found

    def _stickers(self, external_ids: Sequence[str]) -> list[Sticker]:
        place = routes.STICKERS.place
        call = Call(params=STICKER_FORM, json={"orders": wire_ids(external_ids)})
        document = self.reader.document(self.client.call(routes.STICKERS, call), StickersWire, place)
        return list(facts.stickers(self.reader.rows(document.stickers, StickerWire, place), self.reader, place))

    def per_call(self, kind: ActionKind) -> int:
        return BATCH_SIZE

    def send(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        """One call; the results stand inside its 200, task by task. What cannot be sent is refused here, without a call."""
        refused = [found for found in (unsendable(kind, action, self.code_kinds) for action in actions) if found]
        out = {found.external_id for found in refused}
        good = [action for action in actions if action.external_id not in out]
        return refused + (self._send(kind, good) if good else [])

    def _send(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        route, body = _request(kind, actions)
        secrets = [action.code for action in actions]
        try:
            answer = self.client.call(route, Call(json=body, confidential=secrets))
        except Refused as error:
            return refused_alone(kind, actions, error)
        document = self.reader.document(answer, ResultsWire, route.place)
        rows = self.reader.rows(document.results, ItemResultWire, route.place)
        request_id = text(document.request_id)
        return outcomes.of_items(kind, actions, rows, reader=self.reader, place=route.place, request_id=request_id)


def _request(kind: ActionKind, actions: Sequence[Outgoing]) -> tuple[Route, dict[str, Any]]:
    """``ordersIds``, ``orderIds`` or ``orders``: each method has its own name for the same list."""
    ids = wire_ids([action.external_id for action in actions])
    if kind in (ActionKind.RECEIVE, ActionKind.REJECT):
        coded = [{"orderId": order, "code": action.code} for order, action in zip(ids, actions, strict=True)]
        return routes.STEPS[kind], {"orders": coded}
    if kind in routes.STEPS:
        return routes.STEPS[kind], {"ordersIds": ids}
    code_kind = actions[0].code_kind
    if code_kind is None or code_kind not in routes.META_SET:
        raise not_offered()
    if kind == ActionKind.DELETE_CODES:
        return routes.META_DELETE, {"key": rules.META_KEYS[code_kind], "orderIds": ids}
    if kind != ActionKind.PUT_CODES:
        raise not_offered()
    fill = _META_BODY[code_kind]
    filled = [{"orderId": order, **fill(action)} for order, action in zip(ids, actions, strict=True)]
    return routes.META_SET[code_kind], {"orders": filled}
