"""The provider of a MeaSoft account: ``statusreq`` by number and in the mode of changes. The database is never touched here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import Invalid, Refused
from carriers.base import CarrierOffer, Connection, DriftSink, Gate
from carriers.providers.xml import Element, add
from carriers.statuses import TrackingStatus
from carriers.types import Page, Problem, ProblemKind, Reply, Snapshot, digest_of

from . import options, refusals
from .client import Client, Transport, transport
from .mapper import PLACE, OrderMapper
from .parcels import ambiguous, apart, told_apart
from .schemas import OrderWire
from .status_map import WORDS

STATUS = "statusreq"
COMMIT = "commitlaststatus"
#: A number nobody has: it is asked for to see whether the login is good.
NOBODYS = "check-0"
#: A receipt that names no order.
EVERYTHING = "*"
LONGEST = 50
DAY = timedelta(days=1)

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # what XML cannot hold
_OFTEN: dict[TrackingStatus, timedelta] = {
    TrackingStatus.OUT_FOR_DELIVERY: timedelta(minutes=15),
    TrackingStatus.DELIVERED_UNCONFIRMED: timedelta(minutes=30),
    TrackingStatus.PARTIALLY_DELIVERED_UNCONFIRMED: timedelta(minutes=30),
    TrackingStatus.DELIVERY_FAILED: timedelta(hours=1),
    TrackingStatus.READY_FOR_PICKUP: timedelta(hours=1),
}
_SELDOM = timedelta(hours=2)


def offer(connection: Connection) -> CarrierOffer:
    """With the feed of changes every parcel is still asked for once a day: a commit may swallow a change (contract 1.4).

    Raises ``Invalid`` for options that make no sense.
    """
    wanted = options.read(connection.options)
    changes, quiet_after = wanted.changes, wanted.common.quiet_after
    poll = {status: DAY if changes else _OFTEN.get(status, _SELDOM) for status in TrackingStatus}
    return CarrierOffer(
        batch=1, poll=poll, tells_changes=changes, tells_whole=True, commits=True, quiet_after=quiet_after
    )


def clean_number(number: str) -> str:
    """The shop's order number or the carrier's code: up to fifty characters on one line. Raises ``Invalid``."""
    found = number.strip()
    if not found or len(found) > LONGEST or _UNFIT.search(found):
        text = _("An order number at MeaSoft has 1 to %(most)s characters on one line.")
        raise Invalid("number", text % {"most": LONGEST})
    return found


def writes(number: str, _values: Mapping[str, Any]) -> bool:
    """Whether it looks like a number of an account: shops write theirs as they like."""
    try:
        return bool(clean_number(number))
    except Invalid:
        return False


class MeaSoft:
    """Raises ``Invalid`` for options that make no sense or an address that may not be called."""

    kind = "measoft"
    dialects: tuple[str, ...] = ("xml",)
    words = WORDS

    def __init__(self, connection: Connection, *, gate: Gate, drift: DriftSink, http: Transport | None = None) -> None:
        self.options = options.read(connection.options)
        self.offer = offer(connection)
        self._drift = drift
        self._mapper = OrderMapper(drift, self.options.key)
        channel = http or transport(connection)
        self.client = Client(channel, connection=connection, options=self.options, gate=gate, drift=drift)

    def check(self) -> None:
        """One call."""
        self._ask("orderno", NOBODYS)

    def clean_number(self, number: str) -> str:
        return clean_number(number)

    def track(self, numbers: Sequence[str]) -> list[Reply]:
        """One call for one number: ``statusreq`` takes no list. Another one when nothing has it, and it may be of the other kind."""
        if len(numbers) > self.offer.batch:
            raise Invalid("too_many", _("A call takes one number."))
        return [self._track(number) for number in numbers]

    def _track(self, number: str) -> Reply:
        try:
            wanted = clean_number(number)
        except Invalid as error:
            return Problem(number, ProblemKind.NOT_FOUND, str(error.message))
        reply: Reply = Problem(wanted, ProblemKind.NOT_FOUND)
        for key in self._ways(wanted):
            reply = self._one(wanted, self._ask(key, wanted))
            if not (isinstance(reply, Problem) and reply.kind == ProblemKind.NOT_FOUND):
                break
        return reply

    def _ways(self, number: str) -> tuple[str, ...]:
        """What a number may be: that of the account's kind first. The courier's own codes are digits."""
        mine, other = self.options.key, next(key for key in options.KEYS if key != self.options.key)
        return (mine,) if other == "ordercode" and not (number.isascii() and number.isdigit()) else (mine, other)

    def find(self, own_number: str) -> list[Reply]:
        """One call."""
        wanted = clean_number(own_number)
        orders = self._ask("orderno", wanted)
        replies = self._each([order for order in orders if wanted in (order.orderno, order.awb)])
        return [reply for reply in replies if isinstance(reply, Problem)] or replies

    def changed(self, cursor: str) -> Page:
        """One call. MeaSoft keeps the place itself: all that changed since the last commit on our stream comes again.

        How many orders an answer holds at most is not known, so one with news has another page behind it, unless it is the
        same again (``cursor`` knows it): then the commit was not heeded.
        """
        if not self.options.changes:
            raise Refused("not_offered", _("The feed of changes is switched off for this account."))
        request = self.client.request(STATUS)
        add(request, "changes", "ONLY_LAST")
        self._add_stream(request)
        orders = self._orders(request)
        replies = self._each(orders)
        seen = digest_of(*(order.raw.decode() for order in orders)) if orders else ""
        return Page(
            snapshots=tuple(reply for reply in replies if isinstance(reply, Snapshot)),
            broken=tuple(reply for reply in replies if isinstance(reply, Problem)),
            cursor=seen,
            more=seen not in ("", cursor),
            receipt=tuple(order.ordercode or order.orderno for order in orders),
        )

    def pass_over(self, cursor: str) -> Page:
        """What waits on the stream is taken whole: its orders cannot be named."""
        if not self.options.changes:
            raise Refused("not_offered", _("The feed of changes is switched off for this account."))
        return Page(receipt=(EVERYTHING,))

    def commit(self, page: Page) -> None:
        """One call, none for an empty page: it would take what came in since."""
        if not page.receipt:
            return
        request = self.client.request(COMMIT)
        self._add_stream(request)
        if self.options.commit_orders and page.receipt != (EVERYTHING,):
            orders = add(request, "acs")
            for code in page.receipt:
                add(orders, "ac", code)
        self.client.call(request)

    def _ask(self, key: str, number: str) -> list[OrderWire]:
        """Orders that MeaSoft finds by a number: one call. An empty number would find all there are."""
        request = self.client.request(STATUS)
        add(request, key, number)
        if self.options.quickstatus:
            add(request, "quickstatus", self.options.quickstatus)
        return self._orders(request)

    def _orders(self, request: Element) -> list[OrderWire]:
        """What an answer holds. "Orders not found" is an answer too: there are none, by this number or that changed."""
        try:
            return self._mapper.orders(self.client.call(request))
        except Refused as error:
            if error.code != refusals.NOT_FOUND:
                raise
            return []

    def _one(self, number: str, orders: Sequence[OrderWire]) -> Reply:
        """The one order that has this number; an answer about another order is none about ours.

        A refusal without a number is about the only one that was asked for.
        """
        found = [order for order in orders if number in order.names or (order.error and not order.names)]
        if len(orders) > len(found):
            self._drift.note(place=PLACE, kind="value", name="an order that was not asked for")
        replies = [self._mapper.newest(parcel, number) for parcel in apart(found)]
        if not replies:
            return Problem(number, ProblemKind.NOT_FOUND)
        return replies[0] if len(replies) == 1 else ambiguous(number)

    def _each(self, orders: Sequence[OrderWire]) -> list[Reply]:
        return told_apart(orders, self.options.key, self._mapper.newest)

    def _add_stream(self, request: Element) -> None:
        if self.options.streamid:
            add(request, "streamid", str(self.options.streamid))
