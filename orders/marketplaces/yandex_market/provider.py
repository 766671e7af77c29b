"""The provider of a Yandex Market account: what both dialects share. The database is never touched here."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, TypeVar

from django.utils.translation import gettext as _

from backoffice.errors import Gone, Invalid, RateLimited, Refused, Unreadable
from backoffice.reading import Reader
from orders.enums import ActionKind
from orders.marketplaces.base import (
    BuyerInfo,
    CodeNeed,
    CodeVerdict,
    Connection,
    DeliveryCost,
    DeliveryService,
    DeliveryWindow,
    Document,
    DriftSink,
    Gate,
    IncomingTask,
    Organisation,
    Outgoing,
    Page,
    RawTask,
    Result,
    Sticker,
    TaskStatus,
)

from . import checks, facts, in_force, options, outcomes, routes, rules, sending
from .client import Call, Client, Transport, transport
from .moments import MOSCOW
from .refusals import NOT_BUSINESS, NOT_FOUND, WRONG_STATUS
from .schemas import BuyerWire, DocumentsWire, OrganisationWire, ServicesWire, ServiceWire
from .values import number

T = TypeVar("T")

#: Pages that one look at what is there now may have.
MOST_PAGES = 20
#: Orders that wait for us, or will.
PRESENT = ("PROCESSING", "UNPAID", "PENDING")
OPEN = (*PRESENT, "DELIVERY", "PICKUP")
#: Orders as buyers make them, and those that were made in the cabinet to try things out: lists of their own.
REAL, TEST, WAITING = "real", "test", "waiting"
LISTS = (REAL, TEST, WAITING)
#: Nothing is told about an order, or not any more.
_NOT_TOLD = frozenset({NOT_FOUND, NOT_BUSINESS, WRONG_STATUS})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of orders is asked for. ``created``: days in Moscow, ``updated``: moments; both without their end."""

    ids: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    created: tuple[date, date] | None = None
    updated: tuple[datetime, datetime] | None = None
    fake: bool = False
    waiting: bool = False


class YandexMarket(ABC):
    """What both dialects have. A subclass says how orders are listed and read.

    ``window_days``: ranges are thirty days at most, and days are rounded outwards. Raises ``Invalid`` for options that make
    no sense or an address that may not be called.
    """

    kind: str = "yandex_market"
    dialects: tuple[str, ...] = ("business", "v2")
    window_days: int = 29
    status_batch: int = rules.PAGE_SIZE
    buyer_batch: int = 1
    incremental: bool = True
    dialect: ClassVar[str]

    def __init__(self, connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> None:
        self.options = options.read(connection.options, dialect=self.dialect)
        self.offer = rules.offer(self.options)
        self.reader = Reader(drift)
        limits = rules.limits(self.options)
        line = http or transport(connection)
        self.client = Client(line, gate=gate, options=self.options, limits=limits, drift=drift)
        self._sender = sending.Sender(self.client, self.reader)

    @abstractmethod
    def parse(self, raw: RawTask) -> IncomingTask: ...

    @abstractmethod
    def list_orders(self, wanted: Wanted, token: str = "") -> Page:
        """One call; ``next_cursor`` is the token of the next page."""

    # Reading.

    def check(self) -> None:
        """Two calls, and one more for each further hundred shops of the cabinet."""
        checks.check_key(self.client, self.reader, self.options)
        checks.check_shop(self.client, self.reader, self.options)

    def new_orders(self, known: str = "") -> Page:
        """One call for each page of fifty, at most twenty; without test orders. ``changed_orders`` does the work instead."""
        tasks = tuple(self._pages(Wanted(statuses=PRESENT)))
        digest = hashlib.sha256("".join(raw.digest for raw in tasks).encode()).hexdigest()
        return Page(() if digest == known else tasks, digest=digest)

    def _pages(self, wanted: Wanted) -> Iterator[RawTask]:
        token = ""
        for _page in range(MOST_PAGES):
            page = self.list_orders(wanted, token)
            yield from page.tasks
            token = _following(page, token)
            if not token:
                return

    def changed_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """One call. The real orders page by page, then the test orders, then those whose buyers wait for an answer to a
        cancellation, whenever they changed: the cursor says which of them, and where.

        Raises ``Invalid`` for a period that is too long.
        """
        self._check_period(start, end)
        which, _colon, token = (cursor or f"{REAL}:").partition(":")
        wanted = Wanted(waiting=True) if which == WAITING else Wanted(updated=(start, end), fake=which == TEST)
        page = self.list_orders(wanted, token)
        following = _following(page, token)
        if following:
            return Page(page.tasks, f"{which}:{following}")
        after = [name for name in LISTS[LISTS.index(which) + 1 :] if name != TEST or self.options.test_orders]
        return Page(page.tasks, f"{after[0]}:" if after else None)

    def finished_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """One call: orders made in these days, whatever became of them; without test orders, which are gone after ten days.

        Raises ``Invalid`` for a period that is too long.
        """
        self._check_period(start, end)
        page = self.list_orders(Wanted(created=_days(start, end)), cursor or "")
        return Page(page.tasks, _following(page, cursor or "") or None)

    def open_orders(self, start: datetime, end: datetime, cursor: str | None) -> Page:
        """One call; without test orders. Raises ``Invalid`` for a period that is too long."""
        self._check_period(start, end)
        page = self.list_orders(Wanted(statuses=OPEN, created=_days(start, end)), cursor or "")
        return Page(page.tasks, _following(page, cursor or "") or None)

    def _check_period(self, start: datetime, end: datetime) -> None:
        if not start <= end <= start + timedelta(days=self.window_days):
            raise Invalid("period", _("A period of orders is at most %(days)s days.") % {"days": self.window_days})

    def lookup(self, external_ids: Sequence[str]) -> Page:
        """One call; one more, among the test orders, when some are not found there. Raises ``Invalid`` for too many."""
        ids = self._ids(external_ids)
        tasks = self._found(ids) if ids else ()
        missing = tuple(set(ids) - {raw.external_id for raw in tasks})
        if missing and self.options.test_orders:
            tasks += self.list_orders(Wanted(ids=tuple(sorted(missing)), fake=True)).tasks
        return Page(tasks)

    def _found(self, ids: tuple[str, ...]) -> tuple[RawTask, ...]:
        return self.list_orders(Wanted(ids=ids)).tasks

    def _ids(self, external_ids: Sequence[str]) -> tuple[str, ...]:
        if len(external_ids) > self.status_batch:
            raise Invalid("too_many", _("A call takes at most %(most)s orders.") % {"most": self.status_batch})
        return tuple(dict.fromkeys(filter(None, map(number, external_ids))))

    def statuses(self, external_ids: Sequence[str]) -> list[TaskStatus]:
        """The calls of ``lookup``. An order that cannot be read is left out."""
        raws = self.lookup(external_ids).tasks
        there = {raw.external_id for raw in raws}
        told = [facts.status_of(task) for task in self._readable(raws)]
        absent = [each for each in external_ids if number(each) not in there]
        return told + [TaskStatus(each, {}, None, found=False, detail=NOT_FOUND) for each in absent]

    def _readable(self, raws: Sequence[RawTask]) -> Iterator[IncomingTask]:
        for raw in raws:
            try:
                yield self.parse(raw)
            except Unreadable as error:
                self.reader.drift.note(place="order", kind="value", name=f"order: {error.code}")

    def codes(self, external_ids: Sequence[str]) -> list[CodeVerdict]:
        """The calls of ``lookup``."""
        tasks = self._readable(self.lookup(external_ids).tasks)
        return [verdict for task in tasks for verdict in outcomes.held(task)]

    # Order by order.

    def buyers(self, external_ids: Sequence[str]) -> list[BuyerInfo]:
        """One call an order. Told in PROCESSING, DELIVERY and PICKUP only."""
        return list(self._each(external_ids, self._buyer))

    def _buyer(self, order: str) -> BuyerInfo:
        answer = self.client.call(routes.BUYER, Call(order=order))
        return facts.buyer(order, self.reader.document(answer, BuyerWire, routes.BUYER.place))

    def organisations(self, external_ids: Sequence[str]) -> list[Organisation]:
        """One call an order; only business orders have one."""
        return list(self._each(external_ids, self._organisation))

    def _organisation(self, order: str) -> Organisation:
        answer = self.client.call(routes.ORGANISATION, Call(order=order))
        return facts.organisation(order, self.reader.document(answer, OrganisationWire, routes.ORGANISATION.place))

    def documents(self, external_ids: Sequence[str]) -> list[Document]:
        """One call an order; only business orders have them."""
        return [document for found in self._each(external_ids, self._documents) for document in found]

    def _documents(self, order: str) -> list[Document]:
        answer = self.client.call(routes.DOCUMENTS, Call(order=order))
        return facts.documents(order, self.reader.document(answer, DocumentsWire, routes.DOCUMENTS.place))

    def stickers(self, external_ids: Sequence[str]) -> list[Sticker]:
        """One call an order: a PDF with the labels of all its boxes."""
        return list(self._each(external_ids, self._sticker))

    def _sticker(self, order: str) -> Sticker:
        answer = self.client.call(routes.LABELS, Call(order=order))
        if not answer.body.startswith(b"%PDF"):
            raise answer.unreadable("Expected a PDF")
        return Sticker(order, answer.body)

    def _each(self, external_ids: Sequence[str], ask: Callable[[str], T]) -> Iterator[T]:
        """What is told of each. When the budget ends on the way, what is known by then; the others are left out."""
        orders = filter(None, map(number, external_ids))
        for position, order in enumerate(orders):
            try:
                yield ask(order)
            except RateLimited:
                if position == 0:
                    raise
                return
            except Refused as error:
                if isinstance(error, Gone) or error.code not in _NOT_TOLD:
                    raise

    def services(self) -> list[DeliveryService]:
        """One call."""
        answer = self.client.call(routes.SERVICES)
        result = self.reader.document(answer, ServicesWire, routes.SERVICES.place).result
        rows = result.delivery_service if result else ()
        return facts.services(self.reader.rows(rows, ServiceWire, routes.SERVICES.place))

    def windows(self, external_ids: Sequence[str]) -> list[DeliveryWindow]:
        """No call: the order carries its window."""
        return []

    def delivery_costs(self, groups: Sequence[str]) -> list[DeliveryCost]:
        """No call: the order carries it."""
        return []

    def needs(self, external_ids: Sequence[str]) -> list[CodeNeed]:
        """No call: the order says which codes its items need."""
        return []

    # Writing.

    def per_call(self, kind: ActionKind) -> int:
        return rules.STATUS_BATCH if kind in rules.STEPS else 1

    def send(self, kind: ActionKind, actions: Sequence[Outgoing]) -> list[Result]:
        """One call. What cannot be sent is refused here, without a call."""
        return self._sender.send(kind, actions)

    def has_happened(self, action: Outgoing) -> bool | None:
        """The calls of ``lookup``. None as well for an order that is not found or cannot be read."""
        tasks = list(self._readable(self.lookup([action.external_id]).tasks))
        return in_force.in_force(action, tasks[0]) if tasks else None


def _following(page: Page, token: str) -> str:
    """The token of the next page; a list that answers the same token again has ended."""
    following = page.next_cursor or ""
    return "" if following == token else following


def _days(start: datetime, end: datetime) -> tuple[date, date]:
    """Whole days around a period, the last one not included."""
    first, last = start.astimezone(MOSCOW), end.astimezone(MOSCOW)
    midnight = last.replace(hour=0, minute=0, second=0, microsecond=0)
    return first.date(), last.date() + timedelta(days=1 if last > midnight or last.date() == first.date() else 0)
