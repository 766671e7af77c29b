"""The provider of a Wildberries account: what both dialects share. The database is never touched here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

import msgspec
from django.utils.translation import gettext as _

from backoffice.errors import Gone, Invalid, Refused
from backoffice.rates import Rule
from backoffice.reading import Reader, identifier
from orders.enums import ActionKind, CodeKind
from orders.marketplaces.base import (
    BuyerInfo,
    Connection,
    DeliveryService,
    Document,
    DriftSink,
    Gate,
    IncomingTask,
    Outgoing,
    Page,
    RawTask,
    Result,
)

from . import facts, mapper, options, outcomes, routes, rules
from .client import Call, Client, Transport, transport
from .refusals import NOT_FOUND
from .schemas import ClientWire, OrdersWire

T = TypeVar("T", bound=msgspec.Struct)

BATCH_SIZE = 1000
NOT_SENT = "not_sent"
#: Statuses of a refused call that speak of its only task; others (400, 403 …) speak of the call.
_ABOUT_THE_TASK = frozenset({404, 409, 422})


class Wildberries:
    """What both dialects have. A subclass adds the methods that differ and the numbers that go with them.

    Raises ``Invalid`` for options that make no sense or an address that may not be called.
    """

    kind: str = "wildberries"
    dialects: tuple[str, ...] = ("batch", "v3")
    window_days: int = 30
    status_batch: int = BATCH_SIZE
    buyer_batch: int = BATCH_SIZE
    incremental: bool = False
    code_kinds: ClassVar[Mapping[CodeKind, int]]
    rates: ClassVar[Mapping[str, Rule]]

    def __init__(self, connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> None:
        self.options = options.read(connection.options)
        self.offer = rules.offer(self.code_kinds, self.options)
        self.reader = Reader(drift)
        self._mapper = mapper.TaskMapper(self.reader, self.options, self.code_kinds)
        limits = rules.limits(self.rates, self.options)
        self.client = Client(http or transport(connection, self.options), gate=gate, limits=limits, drift=drift)

    def check(self) -> None:
        """One call."""
        self.new_orders()

    def new_orders(self, known: str = "") -> Page:
        """One call; the list has no pages."""
        answer = self.client.call(routes.NEW)
        digest = hashlib.sha256(answer.body).hexdigest()
        tasks = () if digest == known else mapper.page(answer, self.reader, place=routes.NEW.place).tasks
        return Page(tasks, digest=digest)

    def finished_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """One call. Raises ``Invalid`` for a period longer than thirty days (contract 1.3.3)."""
        if not start <= end <= start + timedelta(days=self.window_days):
            raise Invalid(
                "period", _("A period of finished tasks is at most %(days)s days.") % {"days": self.window_days}
            )
        following = int(identifier(cursor) or 0)
        period = {"dateFrom": int(start.timestamp()), "dateTo": int(end.timestamp())}
        params = {"limit": mapper.PAGE_SIZE, "next": following, **period}
        answer = self.client.call(routes.FINISHED, Call(params=params))
        page = mapper.page(answer, self.reader, place=routes.FINISHED.place, finished=True)
        return Page(page.tasks, mapper.following(page, cursor))

    def changed_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """Raises ``Refused``: Wildberries lists what is new and what is finished."""
        raise not_offered()

    def open_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """Raises ``Refused``: ``new_orders`` tells them all."""
        raise not_offered()

    def lookup(self, external_ids: Sequence[str]) -> Page:
        """Raises ``Refused``: Wildberries cannot be asked for a task by its number."""
        raise not_offered()

    def parse(self, raw: RawTask) -> IncomingTask:
        return self._mapper.parse(raw)

    def documents(self, external_ids: Sequence[str]) -> list[Document]:
        """No call."""
        return []

    def services(self) -> list[DeliveryService]:
        """No call."""
        return []

    def has_happened(self, action: Outgoing) -> bool | None:
        """No call: there are no detail actions."""
        return None

    def buyers(self, external_ids: Sequence[str]) -> list[BuyerInfo]:
        """One call. Buyers are told only after a confirm; ``NotFound`` is said when there is none."""
        return list(facts.buyers(self.ask(routes.CLIENT, "orders", external_ids, ClientWire)))

    def ask(self, route: routes.Route, name: str, external_ids: Sequence[str], struct: type[T]) -> list[T]:
        """Elements of ``{orders: […]}`` that a read answers, when it is asked for tasks in a list called ``name``.

        Without tasks there is no call; "NotFound" for the whole call means that it knows none of them.
        """
        ids = wire_ids(external_ids)
        if not ids:
            return []
        try:
            answer = self.client.call(route, Call(json={name: ids}))
        except Refused as error:
            if error.code != NOT_FOUND:
                raise
            return []
        return self.reader.rows(self.reader.document(answer, OrdersWire, route.place).orders, struct, route.place)


def wire_ids(external_ids: Sequence[str]) -> list[int]:
    """Ids are numbers on the wire and texts with us; what cannot be one is left out.

    Raises ``Invalid`` for more than a call takes.
    """
    if len(external_ids) > BATCH_SIZE:
        raise Invalid("too_many", _("A call takes at most %(most)s tasks.") % {"most": BATCH_SIZE})
    return [int(found) for found in map(identifier, external_ids) if found]


def unsendable(kind: ActionKind, action: Outgoing, most: Mapping[CodeKind, int]) -> Result | None:
    """Why an action cannot even be written down as a call, as its result; None when it can."""
    if not identifier(action.external_id):
        detail = _("This is not the number of a task at Wildberries.")
    elif kind == ActionKind.PUT_CODES and not 1 <= len(action.codes) <= most.get(action.code_kind or CodeKind.RNPT, 0):
        detail = _("The number of codes is not one that Wildberries takes.")
    else:
        return None
    return Result(action.external_id, ok=False, code=NOT_SENT, detail=detail)


def refused_alone(kind: ActionKind, actions: Sequence[Outgoing], error: Refused) -> list[Result]:
    """The result of a refused call that carried one task and was refused for its sake. Raises ``error`` otherwise."""
    if len(actions) != 1 or isinstance(error, Gone) or error.status not in _ABOUT_THE_TASK:
        raise error
    return [outcomes.of_refusal(kind, actions[0], error)]


def not_offered() -> Refused:
    return Refused("not_offered", _("Wildberries does not have this action."))
