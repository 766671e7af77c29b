"""The present order model: ``getBusinessOrders``, asked for one shop of the cabinet (contract 2.4.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from orders.marketplaces.base import Connection, DriftSink, Gate, IncomingTask, Page, RawTask

from . import mapping, routes, rules
from .client import Call, Transport
from .mapper_business import BusinessMapper
from .moments import MOSCOW
from .options import BUSINESS
from .provider import Wanted, YandexMarket


class Business(YandexMarket):
    dialect = BUSINESS

    def __init__(self, connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> None:
        super().__init__(connection, gate=gate, drift=drift, http=http)
        self._mapper = BusinessMapper(self.reader, self.options)

    def parse(self, raw: RawTask) -> IncomingTask:
        return self._mapper.parse(raw)

    def list_orders(self, wanted: Wanted, token: str = "") -> Page:
        """One call."""
        params = {"limit": rules.PAGE_SIZE, **({"pageToken": token} if token else {})}
        answer = self.client.call(routes.BUSINESS_ORDERS, Call(params=params, json=self._body(wanted)))
        return mapping.page(answer, self.reader, place=routes.BUSINESS_ORDERS.place)

    def _body(self, wanted: Wanted) -> dict[str, Any]:
        body: dict[str, Any] = {"campaignIds": [int(self.options.campaign_id)], "fake": wanted.fake}
        if wanted.ids:
            body["orderIds"] = [int(order) for order in wanted.ids]
        if wanted.statuses:
            body["statuses"] = list(wanted.statuses)
        if wanted.waiting:
            body["waitingForCancellationApprove"] = True
        if wanted.created:
            first, last = wanted.created
            body["dates"] = {"creationDateFrom": first.isoformat(), "creationDateTo": last.isoformat()}
        if wanted.updated:
            since, until = period(wanted.updated)
            body["dates"] = {"updateDateFrom": since, "updateDateTo": until}
        return body


def period(moments: tuple[datetime, datetime]) -> tuple[str, str]:
    """Whole seconds around a period, "2026-11-21T00:00:00+03:00"; the end is not included."""
    first, last = (moment.astimezone(MOSCOW) for moment in moments)
    start = first.replace(microsecond=0)
    end = last if last == last.replace(microsecond=0) else last.replace(microsecond=0) + timedelta(seconds=1)
    return start.isoformat(), max(end, start + timedelta(seconds=1)).isoformat()
