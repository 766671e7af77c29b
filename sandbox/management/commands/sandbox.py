"""`manage.py sandbox`: the stand-ins of the upstreams, for the demo, for training and for trying things out."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.beat import Beat
from sandbox.parcels.stream import ParcelStream
from sandbox.server import RunningSandbox
from sandbox.store import Store
from sandbox.wildberries.control import DEFAULT_SELLER
from sandbox.wildberries.stream import MOST_NEW, Stream
from sandbox.yandex_market.stream import YandexStream

#: New orders of a shop that is there besides: enough to learn with.
MOST_NEW_ALSO = 20


class Command(BaseCommand):
    """Needs no database and no settings of the application."""

    help = "Serve stand-ins of the marketplaces and carriers, with a page and a control API."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--data", type=Path, help="file that keeps orders and ledger between runs; else in memory")
        parser.add_argument("--auto-orders", type=float, metavar="SECONDS", help="a new order every so many seconds")
        parser.add_argument(
            "--seller", default=DEFAULT_SELLER, help="whose orders those are: the account's token, or key"
        )
        parser.add_argument(
            "--also", action="append", default=[], metavar="TOKEN", help="another shop of Wildberries that gets orders"
        )
        parser.add_argument("--most-new", type=int, default=MOST_NEW, help="stop making while so many orders are new")
        parser.add_argument("--no-limits", action="store_true", help="no rate limits")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sandbox = RunningSandbox(
                Store(options["data"]),
                host=options["host"],
                port=options["port"],
                limited=not options["no_limits"],
            )
        except OSError as error:
            raise CommandError(f"{options['host']}:{options['port']}: {error.strerror}") from error
        beats = _beats(sandbox, options) if options["auto_orders"] else []
        signal.signal(signal.SIGTERM, _interrupt)
        self.stdout.write(
            f"Sandbox: {sandbox.url}/  Wildberries: {sandbox.wildberries_url} token {options['seller']}"
            f"  Yandex Market: {sandbox.yandex_market_url} key {options['seller']}"
            f"  MeaSoft: {sandbox.measoft.url} login {options['seller']}"
            f"  Dellin: {sandbox.dellin.url} appkey {options['seller']}"
        )
        self.stdout.flush()
        try:
            sandbox.serve()
        finally:
            for beat in beats:
                beat.stop()
            sandbox.stop()


def _beats(sandbox: RunningSandbox, options: dict[str, Any]) -> list[Beat]:
    """The lives of both shops and of both carriers, begun."""
    seller, seconds, most = options["seller"], options["auto_orders"], options["most_new"]
    beats: list[Beat] = [
        Stream(sandbox.world, seller=seller, seconds=seconds, most=most),
        YandexStream(sandbox.yandex.world, seller=seller, seconds=seconds, most=most),
        *(Stream(sandbox.world, seller=other, seconds=seconds, most=MOST_NEW_ALSO) for other in options["also"]),
    ]
    worlds = (sandbox.measoft.world, sandbox.dellin.world)
    for turn, world in enumerate(worlds):
        numbers = partial(_sent, sandbox, seller, share=(turn, len(worlds)))
        beats += [ParcelStream(world, seller=seller, seconds=seconds, numbers=numbers)]
    for beat in beats:
        beat.start()
    return beats


def _sent(sandbox: RunningSandbox, seller: str, *, share: tuple[int, int]) -> list[str]:
    """Numbers of orders that the shop has begun to work on and that are not closed. ``share``: the first, second, … of so many
    carriers, because an order goes with one of them.
    """
    tasks = sandbox.world.shops[seller].values()
    orders = sandbox.yandex.world.shops[seller].values()
    mine, carriers = share
    sent = [
        *(task.id for task in tasks if task.is_open and not task.is_new),
        *(order.id for order in orders if order.status in ("DELIVERY", "PICKUP")),
    ]
    return [str(number) for number in sent if number % carriers == mine]


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """What Ctrl-C does: the server leaves its loop and the file is closed."""
    raise KeyboardInterrupt
