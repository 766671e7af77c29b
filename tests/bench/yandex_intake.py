"""Pages of 50 orders of Yandex Market beside parsing them: new ones, the same ones again, and all of them with a new status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from statistics import median

import msgspec
from django.utils import timezone

from backoffice.drift import DriftCollector
from orders.enums import Stage
from orders.marketplaces.yandex_market.business import Business
from orders.marketplaces.yandex_market.schemas import BusinessOrderWire
from orders.models import AssemblyTask, MarketplaceAccount
from orders.services import accounts
from orders.services.syncing import changes, intake

from . import wire, yandex_wire
from .intake import copied, last, written
from .measure import Line, Pair, alternate, statements, timed, writes

SIZE = yandex_wire.SIZE
#: Statements of a page with up to 50 orders that are new, and with up to 50 that have all changed.
#: The last of them asks for open shortages of what has left the assembly.
NEW, CHANGED = 8, 19
FIRST = yandex_wire.RICHEST * 2


class PageWire(msgspec.Struct):
    """The whole page, every element as the type that the provider uses."""

    orders: list[BusinessOrderWire]


DECODER = msgspec.json.Decoder(PageWire)


@dataclass
class Shop:
    """A provider whose line answers with pages of ours."""

    account: MarketplaceAccount
    line: yandex_wire.Line = field(default_factory=yandex_wire.Line)

    def __post_init__(self) -> None:
        drift = DriftCollector(self.account.kind)
        self.provider = Business(accounts.connection(self.account), gate=wire.OpenGate(), drift=drift, http=self.line)

    def receive(self) -> intake.Taken:
        """From the bytes of the answer to committed rows."""
        now = timezone.now()
        page = self.provider.changed_orders(now - timedelta(days=1), now, None)
        return intake.receive_page(self.account, self.provider, page.tasks, asked_at=now)

    def job(self) -> intake.Taken:
        """The same with the place that is kept after every page, and the list of test orders, which is empty."""
        return changes.pull(self.account, self.provider)

    def parsed(self) -> int:
        """The floor: how many orders the bytes of the answer hold."""
        return len(DECODER.decode(self.line.body).orders)

    def read(self) -> int:
        """Every order checked and mapped, nothing stored."""
        now = timezone.now()
        page = self.provider.changed_orders(now - timedelta(days=1), now, None)
        return len([self.provider.parse(raw) for raw in page.tasks])


def run(account: MarketplaceAccount, *, rounds: int) -> Iterator[Line]:
    shop = Shop(account)
    numbers = iter(range(FIRST, FIRST + SIZE * (rounds + 10), SIZE))
    yield from _in_and_on(shop, numbers, rounds)
    yield from _counted(shop, numbers)
    yield from _again(shop, rounds)


@dataclass
class Spent:
    """Milliseconds of each round."""

    parsing: list[float] = field(default_factory=list)
    reading: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    copy: list[float] = field(default_factory=list)

    @property
    def pair(self) -> Pair:
        """The first round does not count."""
        return Pair(median(self.parsing[1:]), median(self.ours[1:]))

    @property
    def words(self) -> str:
        return f"{self.pair.words}, of which {median(self.reading[1:]):.2f} ms to read and map"

    def take(self, shop: Shop) -> None:
        assert shop.parsed() == shop.read() == SIZE
        self.parsing.append(timed(shop.parsed))
        self.reading.append(timed(shop.read))
        self.ours.append(timed(shop.receive))


def _in_and_on(shop: Shop, numbers: Iterator[int], rounds: int) -> Iterator[Line]:
    """A page of new orders, then the page that brings all of them with another status; in turns with parsing."""
    new, changed = Spent(), Spent()
    for _round in range(rounds + 1):
        first = next(numbers)
        shop.line.body, since = yandex_wire.page(first, SIZE), last()
        new.take(shop)
        new.copy.append(timed(partial(copied, written(since))))
        shop.line.body = yandex_wire.page(first, SIZE, place=yandex_wire.LEFT)
        changed.take(shop)
        assert _in_stage(shop, first, Stage.DELIVERING) == SIZE
    beside = f"{new.pair.ours / median(new.copy[1:]):.2f} × COPY of the same rows"
    yield Line("Yandex Market: a page of 50 new orders", new.pair.ratio, 250, "× parsing", f"{new.words}; {beside}")
    case = "Yandex Market: a page of 50 orders, each with a new status"
    yield Line(case, changed.pair.ratio, 700, "× parsing", changed.words)


def _in_stage(shop: Shop, first: int, stage: Stage) -> int:
    ids = [str(first + n) for n in range(SIZE)]
    return AssemblyTask.objects.filter(account=shop.account, external_id__in=ids, stage=stage).count()


def _counted(shop: Shop, numbers: Iterator[int]) -> Iterator[Line]:
    new: list[int] = []
    changed: list[int] = []
    for count in (SIZE // 2, SIZE):
        first = next(numbers)
        for place, found in ((yandex_wire.STARTED, new), (yandex_wire.LEFT, changed)):
            shop.line.body = yandex_wire.page(first, count, place=place)
            with statements() as asked:
                taken = shop.receive()
            assert len(taken.created) + taken.changed == count
            found.append(len(asked))
    yield _fixed("Yandex Market: statements of a page of new orders", new, NEW)
    yield _fixed("Yandex Market: statements of a page of changed orders", changed, CHANGED)


def _fixed(case: str, found: list[int], most: int) -> Line:
    """``found``: for half a page and for a whole one."""
    notes = "the same for half a page" if len(set(found)) == 1 else f"{found[0]} for half a page"
    return Line(case, max(found), most if len(set(found)) == 1 else 0, "statements", notes)


def _again(shop: Shop, rounds: int) -> Iterator[Line]:
    """The last page once more, as windows that overlap bring it in every run."""
    with statements() as asked:
        taken = shop.receive()
    assert (taken.created, taken.changed, taken.unchanged) == ([], 0, SIZE)
    pair = alternate(shop.parsed, shop.receive, rounds=rounds * 3)
    job = alternate(shop.parsed, shop.job, rounds=rounds)
    notes = f"{pair.words}; with the kept place and the list of test orders: {job.ours:.2f} ms"
    yield Line("Yandex Market: the same page again, unchanged", pair.ratio, 6, "× parsing", notes)
    reads = f"{len(asked)} to read"
    yield Line("Yandex Market: what the same page again writes", len(writes(asked)), 0, "statements", reads)
