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
from carriers.base import CarrierOffer, Connection, DriftSink, Gate
from carriers.statuses import TrackingStatus
from carriers.types import NUMBER_LENGTH, TEXT_LENGTH, Changed, Page, Problem, ProblemKind, Reply

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
_POLL: dict[TrackingStatus, timedelta] = {
    TrackingStatus.OUT_FOR_DELIVERY: timedelta(minutes=15),
    TrackingStatus.DELIVERED_UNCONFIRMED: timedelta(minutes=30),
    TrackingStatus.READY_FOR_PICKUP: timedelta(hours=1),
    TrackingStatus.PENDING: timedelta(hours=2),
}
_SELDOM = timedelta(hours=2)
_WITH_JOURNAL = timedelta(hours=6)

Histories = Mapping[str, Sequence[Any]]


def offer(connection: Connection) -> CarrierOffer:
    """With a token the journal says what changed, and what is asked for anyway may wait. Raises ``Invalid`` for bad options."""
    wanted, token = options.read(connection.options), bool(connection.credentials.get("pat"))
    poll = {status: _WITH_JOURNAL if token else _POLL.get(status, _SELDOM) for status in TrackingStatus}
    batch = 1 if wanted.number == WEB else BATCH
    return CarrierOffer(batch=batch, poll=poll, tells_changes=token, tells_returns=token)


def clean_number(number: str) -> str:
    """The number of an order, a waybill or a request, or the shop's own: 3 to 40 characters. Raises ``Invalid``."""
    found = number.strip()
    if not _NUMBER.fullmatch(found):
        text = _("A number at Dellin has 3 to 40 letters, digits and hyphens, and at least one digit.")
        raise Invalid("number", text)
    return found


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
        good = {number: found for number in numbers if (found := _cleaned(number))}
        wanted = list(dict.fromkeys(good.values()))
        replies = self._ask(self.options.number, wanted) if wanted else {}
        return [self._of(number, good, replies) for number in numbers]

    def find(self, own_number: str) -> list[Reply]:
        """One call, with a token two: orders with this number of the shop, each under its own number at Dellin."""
        wanted = clean_number(own_number)
        histories, problems = self._histories(WEB, [wanted])
        noted = self._noted(list(histories))
        found = [
            self._mapper.reply(key, Found(key, rows, _own(noted.get(key, Noted()), wanted)))
            for key, rows in histories.items()
        ]
        return found or [problem for problem in problems.values() if problem.kind != ProblemKind.NOT_FOUND]

    def changed(self, cursor: str) -> Page:
        """One call, and a login where there is no session. Raises ``Refused`` without a personal token."""
        if not self.client.has_token:
            raise Refused("not_offered", _("Dellin tells changes only with a personal access token."))
        place, asked = journal.read(cursor), clock.now()
        document, answer = self.client.journal(journal.question(place, self.options.zone))
        orders = self._orders(document, answer)
        following, more = journal.following(place, [order.number for order in orders], asked)
        changed = [Changed(order.number, order.own_number, order.returned) for order in orders if order.number]
        return Page(changed=tuple(changed), cursor=journal.write(following), more=more)

    def commit(self, page: Page) -> None:
        """No call: the place is ours."""

    def _of(self, number: str, good: Mapping[str, str], replies: Mapping[str, Reply]) -> Reply:
        if number not in good:
            return Problem(number, ProblemKind.NOT_FOUND, _("This is not a number of Dellin."))
        return replace(replies[good[number]], number=number)

    def _ask(self, name: str, numbers: Sequence[str]) -> dict[str, Reply]:
        """A reply for each number."""
        histories, problems = self._histories(name, numbers)
        if name == WEB:
            histories, problems = _under(numbers[0], histories, problems)
        keys = [key for key in (_key(number, histories) for number in numbers) if key]
        noted = self._noted([_inner(histories[key], key) for key in keys] if name == WEB else keys)
        return {number: self._reply(number, histories, problems, noted) for number in numbers}
