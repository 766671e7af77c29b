"""The numbers as a document for people and as data for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import django
from django.db import connection

from .data import World
from .measure import Line

HEAD = """# Benchmarks

Written by `make bench`, which builds its own data on PostgreSQL and drops it afterwards (`ORDERS=…` sets the size). All
numbers are of one run on one machine: floor and ours take turns and their medians are compared, so that the ratios
travel to other machines though the milliseconds do not.

"""

FLOORS = """
## What is compared

- **Intake**: ours reads a page in the shape of the contract, checks and maps each order, compresses and encrypts what has
  to be, and commits it to six tables. The floor is `COPY` of exactly the rows that ours wrote, prepared beforehand, under
  keys of their own, in one transaction.
- **The same page again**: ours goes from the bytes of the answer to the decision that nothing is new: the account remembers
  the digest of the last page that was stored whole. When one order differs, each order is known by its own digest; that
  time stands beside it. The floor decodes the same bytes into the same wire types with msgspec.
- **Yandex Market's pages** of 50 orders with one to three lines each: ours goes from the bytes of the answer to committed
  rows, or to the decision that nothing is new. The floor decodes the same bytes into the same wire types with msgspec and
  stores nothing; what reading, checking and mapping alone take, and `COPY` of the same rows, stand beside it. Ours and
  the floor of a page follow each other in each round.
- **Orders that leave**: ours claims, checks, calls the sandbox over HTTP and settles, until nothing is due. The floor makes
  the same calls over one connection, with no check, no budget and no limit of calls under way; before and after each it
  writes the same rows (actions, attempts, tasks, orders, timeline) in two transactions of hand-written SQL, and how many
  rows of each there are in the end is compared.
- **Tracking**: of each parcel a scripted carrier tells its whole history with one more word, which moves it: ours goes from
  those answers to committed rows: what is new, corrections, raw answers sealed, entries, shipments, next polls, what
  follows (the reaction rule is off) and whether it fits the marketplace (it does). The floor is `COPY` of all the rows that
  ours wrote, prepared beforehand, under keys of their own: entries, raw answers, and shipments as they are then (ours
  writes over those). Against the entries alone stands beside it. Each round has parcels of its own.
- **Pages**: ours is a whole request through all middleware, with session, user and permissions. The floor reads the same
  rows (those of the session and the user too) by hand-written SQL, opens the same encrypted fields, and renders the same
  template with the facts ready at hand. Of the tasks one of each marketplace is measured, and the worse one counts.
- **API**: ours is a whole request with its token. The floor reads the same rows (those of the token too) by
  hand-written SQL, builds the same document and encodes it with orjson; the two documents are compared. What may be asked
  of each task is given to it; ours remembers what its guards said of tasks that are alike.
- **Statements** leave out the marks of transactions.
- **Memory** is `VmRSS` of real processes (gunicorn with one process, qcluster) after the pages, the API and the jobs of
  this run have passed through them.
"""


def words(line: Line) -> str:
    most = f"{line.most:g}"
    return f"{line.case}: {number(line)} {line.unit} (at most {most}) {line.notes}".strip()


def number(line: Line) -> str:
    return f"{line.value:.0f}" if float(line.value).is_integer() or line.unit == "MiB" else f"{line.value:.2f}"


def write(path: Path, lines: Sequence[Line], world: World, *, rounds: int, built: float) -> None:
    """The whole document."""
    rows = [
        f"| {line.case} | {line.most:g} {line.unit} | {number(line)} | {'yes' if line.ok else '**no**'} | {line.notes} |"
        for line in lines
    ]
    table = ["| case | at most | measured | kept | |", "|---|---|---|---|---|", *rows]
    missed = [line.case for line in lines if not line.ok]
    verdict = f"Missed: {', '.join(missed)}." if missed else "Every case keeps its bar."
    facts = _facts(world, rounds, built)
    path.write_text(HEAD + facts + "\n" + "\n".join(table) + f"\n\n{verdict}\n" + FLOORS)


def _facts(world: World, rounds: int, built: float) -> str:
    size = f"{world.orders:,} orders and {world.entries:,} timeline entries".replace(",", " ")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0].split()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {size}, half of Wildberries and half of Yandex Market, built in {built:.0f} s; "
        f"medians of at least {rounds} where a row does not say otherwise. "
        f"Python {platform.python_version()}, Django {django.get_version()}, PostgreSQL {server}, "
        f"{os.cpu_count()} processors.\n"
    )


def write_data(path: Path, lines: Sequence[Line], world: World) -> None:
    rows = [{**asdict(line), "ok": line.ok} for line in lines]
    path.write_text(json.dumps({"orders": world.orders, "entries": world.entries, "lines": rows}, ensure_ascii=False))
