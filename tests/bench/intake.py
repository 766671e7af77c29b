"""A page of 1000 new orders: stored, beside COPY of the same rows; and read again unchanged, beside parsing it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TypeAlias

import msgspec
from django.db import connection, models, transaction

from backoffice.drift import DriftCollector
from backoffice.models import RawPayload
from orders.marketplaces.wildberries.batch import Batch
from orders.marketplaces.wildberries.schemas import OrderWire
from orders.models import AssemblyTask, Buyer, MarketplaceAccount, Order, TaskItem, TimelineEntry
from orders.services import accounts
from orders.services.syncing import intake, sync

from . import wire
from .measure import Line, Pair, alternate, statements, timed, writes

#: One a table; the ninth keeps what barcodes stand for.
STATEMENTS = 9
Tables: TypeAlias = Sequence[type[models.Model]]
TABLES: Tables = (RawPayload, Order, AssemblyTask, TaskItem, Buyer, TimelineEntry)
SHIFT = 10**12
FIRST = 5_000_000_000
REFERENCES = ("id", "order_id", "task_id", "raw_id")
_MADE_UNIQUE = {
    "external_id": "'c' || external_id",
    "dedupe_key": "md5(dedupe_key)",
    "subject": "'c' || subject",
    "number": "'c' || number",
}


class PageWire(msgspec.Struct):
    """The whole page, every element as the type that the provider uses."""

    orders: list[OrderWire]


@dataclass
class Shop:
    """A provider whose line answers with pages of ours."""

    account: MarketplaceAccount
    size: int

    def __post_init__(self) -> None:
        self.line = wire.Line()
        drift = DriftCollector(self.account.kind)
        self.provider = Batch(accounts.connection(self.account), gate=wire.OpenGate(), drift=drift, http=self.line)

    def again(self) -> intake.Taken:
        """As the job does it, which knows the last page as a whole."""
        return sync.receive_new(self.account, self.provider)

    def receive(self) -> intake.Taken:
        """From the bytes of the answer to committed rows."""
        return intake.receive_page(self.account, self.provider, self.provider.new_orders().tasks)


def run(account: MarketplaceAccount, *, size: int, rounds: int) -> Iterator[Line]:
    """``size``: orders of a page."""
    shop = Shop(account, size)
    numbers = iter(range(FIRST, FIRST + size * (rounds + 10), size))
    yield _new(shop, numbers, rounds)
    yield _counted(shop, numbers)
    yield from _again(shop, rounds)


def _new(shop: Shop, numbers: Iterator[int], rounds: int) -> Line:
    """Ours, then the rows it wrote once more under other keys by COPY; all of them stay."""
    floor, ours = [], []
    for _round in range(rounds + 1):
        shop.line.body = wire.page(next(numbers), shop.size)
        since = last()
        ours.append(timed(shop.receive))
        rows = written(since)
        floor.append(timed(partial(copied, rows)))
    pair = Pair(median(floor[1:]), median(ours[1:]))
    return Line(f"intake of a page of {shop.size} new orders, all tables", pair.ratio, 8, "× COPY", pair.words)


def last(tables: Tables = TABLES) -> list[int]:
    """The newest key of each table, apart from the copies."""
    return [model._base_manager.filter(pk__lt=SHIFT).aggregate(last=models.Max("pk"))["last"] or 0 for model in tables]


def written(
    since: Sequence[int], tables: Tables = TABLES, *, shifted: Sequence[str] = REFERENCES
) -> list[tuple[str, bytes]]:
    """The rows written since, ready for COPY, under keys and numbers of their own.

    ``shifted``: the columns that refer to rows which are copied with them, and the key itself.
    """
    return [_table(model, last, shifted) for model, last in zip(tables, since, strict=True)]


def _table(model: type[models.Model], last: int, shifted: Sequence[str]) -> tuple[str, bytes]:
    columns = [str(field.column) for field in model._meta.local_concrete_fields]
    values = ", ".join(_column(column, shifted) for column in columns)
    pk = model._meta.pk
    assert pk is not None
    taken = f"SELECT {values} FROM {model._meta.db_table} WHERE {pk.column} > {last} AND {pk.column} < {SHIFT}"
    with connection.cursor() as cursor, cursor.copy(f"COPY ({taken}) TO STDOUT") as copy:
        data = b"".join(bytes(part) for part in copy)
    return f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN", data


def _column(column: str, shifted: Sequence[str]) -> str:
    return f"{column} + {SHIFT}" if column in shifted else _MADE_UNIQUE.get(column, column)


def copied(rows: Sequence[tuple[str, bytes]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, data in rows:
            with cursor.copy(statement) as copy:
                copy.write(data)


def _counted(shop: Shop, numbers: Iterator[int]) -> Line:
    found = []
    for count in (shop.size // 2, shop.size):
        shop.line.body = wire.page(next(numbers), count)
        with statements() as asked:
            taken = shop.receive()
        assert len(taken.created) == count
        found.append(len(asked))
    notes = "the same for half a page" if len(set(found)) == 1 else f"{found[0]} for half a page"
    most = STATEMENTS if len(set(found)) == 1 else 0
    return Line("… its statements, fixed", max(found), most, "statements", notes)


def _again(shop: Shop, rounds: int) -> Iterator[Line]:
    """The last page once more, as the job meets it in most minutes; and for comparison without knowing it as a whole."""
    decoder = msgspec.json.Decoder(PageWire)
    body = shop.line.body
    assert len(decoder.decode(body).orders) == shop.size
    shop.again()
    with statements() as asked:
        taken = shop.again()
    assert (taken.created, taken.changed, taken.unchanged) == ([], 0, shop.size)
    pair = alternate(lambda: decoder.decode(body), shop.again, rounds=rounds * 3)
    each = alternate(lambda: decoder.decode(body), shop.receive, rounds=rounds)
    notes = f"{pair.words}; order by order, as when one of them differs: {each.ours:.2f} ms"
    yield Line("the same page again, unchanged", pair.ratio, 3, "× parsing", notes)
    yield Line("… what it writes", len(writes(asked)), 0, "statements", f"{len(asked)} to read")
