"""Jobs and scans, by the statements they need."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from orders.enums import ScanOutcome
from orders.models import AssemblyTask, MarketplaceAccount
from orders.services.syncing import sync
from sandbox.server import RunningSandbox

from . import data
from .measure import Line, statements
from .web import Web

#: Published examples (contract "marking codes" 3.1, contract 2.5), one for each marketplace.
CODE = "0104600439931256215RJZx80hlqAq3\x1d91FFD0\x1d92sGGtBnYBxYJ2bpEx55+DjlbOAUSHWVQQO9IxBPo3uA="
YANDEX_CODE = "01030410947874432155Qbag!\x1d93Zjqw"


def run(world: data.World, upstream: RunningSandbox, _rounds: int) -> Iterator[Line]:
    yield _sweep(world.fresh, upstream, world.page)
    yield _scans(world)


def _sweep(account: MarketplaceAccount, upstream: RunningSandbox, size: int) -> Line:
    """Over HTTP to the sandbox; the marketplace says of each task what we know already."""
    upstream.make(data.key(data.FRESH), count=size)
    assert len(sync.pull_new(account).created) == size
    tasks = AssemblyTask.objects.filter(account=account)
    tasks.update(sweep_at=timezone.now() - timedelta(seconds=1))
    before = list(tasks.order_by("pk").values_list("stage", "marketplace_status", "version"))
    with statements() as asked:
        changed = sync.sweep(account)
    assert changed == 0
    assert not tasks.filter(sweep_at__lte=timezone.now()).exists()
    assert list(tasks.order_by("pk").values_list("stage", "marketplace_status", "version")) == before
    return Line(f"status sweep of {size} tasks without news", len(asked), 5, "statements")


def _scans(world: data.World) -> Line:
    """Of the two marketplaces the one that needs more: where lines name no barcodes, as at Yandex Market, one statement looks up
    whether the code is of their article."""
    needed = {
        "Wildberries": _scan(world, world.rich, CODE),
        "Yandex Market": _scan(world, world.rich_yandex, YANDEX_CODE),
    }
    notes = ", ".join(f"{name}: {count}" for name, count in needed.items())
    # One of them keeps exercises and real orders apart, one judges goods without barcodes by their article.
    return Line("scan accepted, request to answer", max(needed.values()), 10, "statements", notes)


def _scan(world: data.World, task_id: int, code: str) -> int:
    """Statements of a whole request of who has the task, when the roles are known to the process, as they are all day."""
    AssemblyTask.objects.filter(pk=task_id).update(assignee=world.picker)
    web = Web(world.picker)
    task = AssemblyTask.objects.get(pk=task_id)
    web.get(f"/tasks/{task.pk}/")
    with statements() as asked:
        web.post(f"/tasks/{task.pk}/scan/", raw=code, nonce="bench")
    scan = task.scans.get()
    assert (scan.outcome, scan.code_id) == (ScanOutcome.ACCEPTED, task.codes.get().pk)
    return len(asked)
