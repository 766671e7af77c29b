"""The cases one after another. Imported once Django is set up."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from orders.demo import collect_static
from sandbox.server import RunningSandbox, start

from . import api, data, intake, jobs, memory, pages, report, scans, sending, tracking, yandex_intake
from .measure import Line

Case = Callable[[data.World, RunningSandbox, int], Iterator[Line]]


def _intake(world: data.World, _upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    return intake.run(world.account, size=world.page, rounds=rounds)


def _yandex_intake(world: data.World, _upstream: RunningSandbox, rounds: int) -> Iterator[Line]:
    return yandex_intake.run(world.yandex, rounds=rounds)


#: Reading comes first, while the tables are as they were built; memory last, when everything has been done.
CASES: dict[str, Case] = {
    "pages": pages.run,
    "api": api.run,
    "jobs": jobs.run,
    "scans": scans.run,
    "intake": _intake,
    "yandex_intake": _yandex_intake,
    "sending": sending.run,
    "tracking": tracking.run,
    "memory": memory.run,
}


def run(arguments: argparse.Namespace) -> int:
    """Build, measure, report. 0 when every case keeps its bar, 1 when not."""
    upstream = start(port=0)
    try:
        return _run(arguments, upstream)
    finally:
        upstream.stop()


def _run(arguments: argparse.Namespace, upstream: RunningSandbox) -> int:
    began = time.monotonic()
    call_command("migrate", interactive=False, verbosity=0)
    collect_static(Path(settings.STATIC_ROOT).with_suffix(".stamp"))
    say(f"{time.monotonic() - began:.0f} s: tables and static files are there")
    entries = arguments.entries or arguments.orders * 10
    world = data.build(orders=arguments.orders, entries=entries, page=arguments.page, upstream=upstream)
    data.tidy()
    built = time.monotonic() - began
    say(f"{built:.0f} s: {world.orders} orders, {world.entries} timeline entries")
    gc.freeze()  # what is loaded by now is nobody's garbage, and looking through it each time is slow
    chosen = arguments.only.split(",") if arguments.only else list(CASES)
    lines = []
    for name in chosen:
        for line in CASES[name](world, upstream, max(arguments.rounds, 1)):
            lines.append(line)
            say(f"{time.monotonic() - began:.0f} s: {report.words(line)}")
    if not arguments.only:
        report.write(arguments.report, lines, world, rounds=arguments.rounds, built=built)
    if arguments.json:
        report.write_data(arguments.json, lines, world)
    missed = [line for line in lines if not line.ok]
    for line in missed:
        say(f"MISSED {report.words(line)}")
    return 1 if missed else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
