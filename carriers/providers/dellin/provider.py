"""The provider of a Dellin account: history by number, the journal with a token. The database is never touched here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from backoffice import clock
from backoffice.answers import Answer
from backoffice.errors import Invalid, Refused
from backoffice.reading import BROKEN, Reader, reason_of, text
from backoffice.text import without_contacts
from carriers.base import CarrierOffer, Connection, DriftSink, Gate
from carriers.statuses import TrackingStatus
from carriers.types import TEXT_LENGTH, Changed, Page, Problem, ProblemKind, Reply, Snapshot

from . import journal, options
from .client import Client, Transport, transport
from .mapper import Found, Noted, RowMapper
from .options import DOC_IDS, WEB
from .refusals import NOT_ONE, kind_of
from .schemas import AnswerWire, HistoryWire, InfoWire, JournalWire
from .status_map import WORDS

BATCH = 5
#: A number nobody has: it is asked for to see whether the key is good.
NOBODYS = "1"

_NUMBER = re.compile(r"(?=.*\d)[0-9A-Za-zА-Яа-яЁё][0-9A-Za-zА-Яа-яЁё/_.-]{2,39}")
#: What Dellin itself gives to orders, waybills and requests: "400267443", "16-00191126432", "22-01471046523/1", "АА-123".
_OWN_NUMBER = re.compile(r"(?:[А-ЯЁ]{1,3}-?)?[0-9][0-9-]*(?:/[0-9]+)?")
_POLL: dict[TrackingStatus, timedelta] = {
    TrackingStatus.OUT_FOR_DELIVERY: timedelta(minutes=15),
    TrackingStatus.DELIVERED_UNCONFIRMED: timedelta(minutes=30),
    TrackingStatus.READY_FOR_PICKUP: timedelta(hours=1),
    TrackingStatus.PENDING: timedelta(hours=2),
}
_SELDOM = timedelta(hours=2)
_WITH_JOURNAL = timedelta(hours=6)


def offer(connection: Connection) -> CarrierOffer:
    """With a token the journal says what changed, and what is asked for anyway may wait. Raises ``Invalid`` for bad options."""
    wanted, token = options.read(connection.options), bool(connection.credentials.get("pat"))
    poll = {status: _WITH_JOURNAL if token else _POLL.get(status, _SELDOM) for status in TrackingStatus}
    batch = 1 if wanted.number == WEB else BATCH
    return CarrierOffer(
        batch=batch,
        poll=poll,
        tells_changes=token,
        tells_returns=token,
        hides_returns=True,
        quiet_after=wanted.common.quiet_after,
    )


def clean_number(number: str) -> str:
    """The number of an order, a waybill or a request, or the shop's own: 3 to 40 characters. Raises ``Invalid``."""
    found = number.strip()
    if not _NUMBER.fullmatch(found):
        text = _("A number at Dellin has 3 to 40 letters, digits and hyphens, and at least one digit.")
        raise Invalid("number", text)
    return found


def writes(number: str, values: Mapping[str, Any]) -> bool:
    """Whether it looks like a number of an account with these options: Dellin's own, or anything the shop may write."""
    found = _cleaned(number)
    is_web = values.get("number") == WEB
    return bool(found) and (is_web or _OWN_NUMBER.fullmatch(found.upper()) is not None)


class Dellin:
    """Raises ``Invalid`` for options that make no sense or an address that may not be called."""

    kind = "dellin"
    dialects: tuple[str, ...] = ("json", "xml")
    words = WORDS

    def __init__(self, connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> None:
        self.options = options.read(connection.options)
        self.offer = offer(connection)
        self._reader = Reader(drift)
        self._mapper = RowMapper(self._reader, self.options)
        channel = http or transport(connection)
        self.client = Client(channel, connection=connection, options=self.options, gate=gate, drift=drift)

    def check(self) -> None:
        """One call, and another one that tries the personal token."""
        try:
            self.client.history(DOC_IDS, [NOBODYS])
        except Refused as error:
            if error.code != NOT_ONE:
                raise
        if self.client.has_token:
            self.client.login()

    def clean_number(self, number: str) -> str:
        return clean_number(number)

    def track(self, numbers: Sequence[str]) -> list[Reply]:
        """One call for up to five numbers, with a token a second one for returns. A bad number is not sent at all."""
        if len(numbers) > self.offer.batch:
            raise Invalid("too_many", _("A call takes at most %(most)s numbers.") % {"most": self.offer.batch})
        good = {number: name for number in numbers if (name := _cleaned(number))}
        wanted = list(dict.fromkeys(good.values()))
        found, problems = self._read(self.options.number, wanted) if wanted else ({}, {})
        return [self._reply(number, good.get(number, ""), found, problems) for number in numbers]

    def find(self, own_number: str) -> list[Reply]:
        """One call, with a token two: orders with this number of the shop, each under its own number at Dellin."""
        wanted = clean_number(own_number)
        found, problems = self._read(WEB, [wanted])
        replies = [self._mapper.reply(key, order) for key, order in found.items()]
        known = [replace(reply, own_number=wanted) if isinstance(reply, Snapshot) else reply for reply in replies]
        return known or [problem for problem in problems.values() if problem.kind != ProblemKind.NOT_FOUND]

    def changed(self, cursor: str) -> Page:
        """One call, and a login where there is no session. Raises ``Refused`` without a personal token."""
        if not self.client.has_token:
            raise Refused("not_offered", _("Dellin tells changes only with a personal access token."))
        place, asked = journal.read(cursor), clock.now()
        document, answer = self.client.journal(journal.question(place, self.options.zone))
        orders = self._orders(document, answer)
        pages = text(document.metadata.total_pages) if document.metadata else ""
        following, more = journal.following(place, [order.number for order in orders], asked, pages)
        changed = [
            Changed(order.number, order.own_number, order.returned, order.papers) for order in orders if order.number
        ]
        return Page(changed=tuple(changed), cursor=journal.write(following), more=more)

    def pass_over(self, cursor: str) -> Page:
        """The window that cannot be read is left; the next one begins ten minutes before the first page of it was asked for."""
        if not self.client.has_token:
            raise Refused("not_offered", _("Dellin tells changes only with a personal access token."))
        return Page(cursor=journal.write(journal.left(journal.read(cursor), clock.now())))

    def commit(self, page: Page) -> None:
        """No call: the place is ours."""

    def _reply(self, number: str, wanted: str, found: Mapping[str, Found], problems: Mapping[str, Problem]) -> Reply:
        """Of one number: the one order it leads to, or why there is none."""
        if not wanted:
            return Problem(number, ProblemKind.NOT_FOUND, _("This is not a number of Dellin."))
        by_web = self.options.number == WEB
        orders = [order for key, order in found.items() if by_web or key == wanted]
        if len(orders) > 1:
            return Problem(number, ProblemKind.AMBIGUOUS, _("The carrier has several orders with this number."))
        if orders:
            return self._mapper.reply(number, orders[0])
        left_out = Problem(number, ProblemKind.UNREADABLE, _("The answer of the carrier leaves this number out."))
        return replace(problems.get(wanted, left_out), number=number)

    def _read(self, name: str, numbers: Sequence[str]) -> tuple[dict[str, Found], dict[str, Problem]]:
        """Orders by the number they stand under, and problems by the number that was asked."""
        histories, problems = self._histories(name, numbers)
        noted = self._noted(list(histories))
        return {key: Found(key, rows, noted.get(key, Noted())) for key, rows in histories.items()}, problems

    def _histories(self, name: str, numbers: Sequence[str]) -> tuple[dict[str, list[Any]], dict[str, Problem]]:
        """One call. Error 130002 is about its only number, or about all of them."""
        try:
            document, answer = self.client.history(name, numbers)
        except Refused as error:
            if error.code != NOT_ONE:
                raise
            kind = kind_of(error.detail)
            kind = ProblemKind.NOT_FOUND if kind == ProblemKind.UNREADABLE else kind
            return {}, {number: Problem(number, kind, error.detail[:TEXT_LENGTH]) for number in numbers}
        wire = self._history(document, answer)
        histories = _by_number(wire.status_history, answer)
        if name == DOC_IDS:
            self._leave_out(histories, numbers)
        return histories, self._problems(wire)

    def _history(self, document: AnswerWire, answer: Answer) -> HistoryWire:
        if document.data is None:
            raise answer.unreadable("`data` is missing")
        try:
            return self._reader.convert(document.data, HistoryWire, "data")
        except BROKEN as error:
            reason = reason_of(error)
        raise answer.unreadable(reason)

    def _leave_out(self, histories: dict[str, list[Any]], numbers: Sequence[str]) -> None:
        """Orders nobody asked for are none of ours."""
        for key in histories.keys() - set(numbers):
            del histories[key]
            self._reader.drift.note(place="data.statusHistory", kind="value", name="a number that was not asked for")

    def _problems(self, wire: HistoryWire) -> dict[str, Problem]:
        found = {}
        for info in self._reader.rows(wire.info, InfoWire, "data.info"):
            number, message = text(info.number), without_contacts(text(info.message), TEXT_LENGTH)
            kind = kind_of(message)
            if kind == ProblemKind.UNREADABLE:
                self._reader.unknown("data.info", "message", message)
            found[number] = Problem(number, kind, message)
        return found

    def _noted(self, keys: Sequence[str]) -> dict[str, Noted]:
        """What the journal says of these orders: one call with a token, none without. Returns are told only there.

        An order is ours by its own number, or by that of one of its papers where no other order has it. One that has none of
        the numbers that were asked for says nothing: then whether the parcel went back is not known.
        """
        if not keys or not self.client.has_token:
            return {}
        orders = []
        for start in range(0, len(keys), BATCH):
            orders += self._journal_of(keys[start : start + BATCH])
        by_paper: dict[str, list[Noted]] = {}
        for order in orders:
            for paper in order.papers:
                by_paper.setdefault(paper, []).append(order)
        known = {paper: found[0] for paper, found in by_paper.items() if len(found) == 1}
        known |= {order.number: order for order in orders}
        if any(set(keys).isdisjoint(order.names) for order in orders):
            self._reader.drift.note(place="orders", kind="value", name="an order that was not asked for")
        return {key: known[key] for key in keys if key in known}

    def _journal_of(self, keys: Sequence[str]) -> list[Noted]:
        try:
            document, answer = self.client.journal({DOC_IDS: list(keys)})
        except Refused as error:
            if error.code != NOT_ONE:
                raise
            return []
        return self._orders(document, answer)

    def _orders(self, document: AnswerWire, answer: Answer) -> list[Noted]:
        """Orders of the journal. Its many other fields are not ours to count: what is documented of them is no whole list."""
        if document.orders is None and document.metadata is None:
            raise answer.unreadable("`orders` is missing")
        if not isinstance(document.orders, list | None):
            raise answer.unreadable("`orders` is not a list")
        found = []
        for element in document.orders or ():
            try:
                found.append(self._mapper.noted(msgspec.convert(element, JournalWire)))
            except BROKEN as error:
                self._reader.drift.note(place="orders", kind="value", name=f"element: {reason_of(error)}")
        return found


def _cleaned(number: str) -> str:
    try:
        return clean_number(number)
    except Invalid:
        return ""


def _by_number(value: Any, answer: Answer) -> dict[str, list[Any]]:
    """Number → rows. An empty one may be a list, a single row an object."""
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise answer.unreadable("`statusHistory` is not an object")
    return {str(key): rows if isinstance(rows, list) else [rows] for key, rows in value.items() if rows}
