"""The older order model, which seed 003 describes: ``getOrders`` of one shop, shut down on 12.04.2027 (contract 2.2, 2.4.2)."""

from __future__ import annotations

from typing import Any

from backoffice.errors import Gone, Refused
from orders.marketplaces.base import Connection, DriftSink, Gate, IncomingTask, Page, RawTask

from . import mapping, routes, rules
from .business import period
from .client import Call, Transport
from .mapper_v2 import V2Mapper
from .provider import Wanted, YandexMarket
from .refusals import NOT_FOUND

_DAY = "%d-%m-%Y"


class V2(YandexMarket):
    dialect = "v2"

    def __init__(self, connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> None:
        super().__init__(connection, gate=gate, drift=drift, http=http)
        self._mapper = V2Mapper(self.reader, self.options)

    def parse(self, raw: RawTask) -> IncomingTask:
        return self._mapper.parse(raw)

    def list_orders(self, wanted: Wanted, token: str = "") -> Page:
        """One call."""
        answer = self.client.call(routes.ORDERS, Call(params=_params(wanted, token)))
        return mapping.page(answer, self.reader, place=routes.ORDERS.place)

    def _found(self, ids: tuple[str, ...]) -> tuple[RawTask, ...]:
        """One order has a method of its own."""
        if len(ids) != 1:
            return super()._found(ids)
        try:
            answer = self.client.call(routes.ORDER, Call(order=ids[0]))
        except Refused as error:
            if isinstance(error, Gone) or error.code != NOT_FOUND:
                raise
            return ()
        return mapping.page(answer, self.reader, place=routes.ORDER.place).tasks


def _params(wanted: Wanted, token: str) -> dict[str, Any]:
    """Numbers of orders go without other filters, but for the test orders, which no list has beside the real ones."""
    params: dict[str, Any] = {"limit": rules.PAGE_SIZE}
    if token:
        params["pageToken"] = token
    if wanted.fake:
        params["fake"] = "true"
    if wanted.ids:
        params["orderIds"] = list(wanted.ids)
    if wanted.statuses:
        params["status"] = list(wanted.statuses)
    if wanted.waiting:
        params["onlyWaitingForCancellationApprove"] = "true"
    if wanted.created:
        first, last = wanted.created
        params |= {"fromDate": first.strftime(_DAY), "toDate": last.strftime(_DAY)}
    if wanted.updated:
        since, until = period(wanted.updated)
        params |= {"updatedAtFrom": since, "updatedAtTo": until}
    return params
