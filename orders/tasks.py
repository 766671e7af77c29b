"""Jobs. Each one holds a lease, so that a slow run does not overlap itself, and touches one account, so that one account's
failure does not hold up another's. Arguments are ids, nothing personal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from backoffice.errors import Temporary, UpstreamError
from backoffice.lease import lease
from carriers.models import CarrierAccount
from orders.models import AssemblyTask, MarketplaceAccount, OrderToRead
from orders.services import retention
from orders.services.reacting import catchup, divergence
from orders.services.sending import dispatch, outbox
from orders.services.shipping import silence, telling, tracking, tracks
from orders.services.syncing import extras, history, needs, sync
from orders.services.syncing import reread as rereading
from orders.services.warehouse import articles

LEASE_SECONDS = settings.JOB_SECONDS
#: Claims guard the sends themselves, so a killed sender need not hold up the others for long.
SEND_LEASE_SECONDS = 60
#: An import gives its worker back after this long and goes on a minute later.
IMPORT_SECONDS = 200.0


@dataclass(frozen=True, slots=True)
class _Import:
    """``created`` is None when it did not come to the end and wants to go on."""

    created: int | None


def for_each_account(job: str) -> int:
    """Put one job an active account into the queue."""
    return _for_each(job, MarketplaceAccount.objects.filter(enabled=True, paused_reason=""))


def for_each_carrier(job: str) -> int:
    """Put one job an active carrier account into the queue."""
    return _for_each(job, CarrierAccount.objects.filter(enabled=True, paused_reason=""))


def _for_each(job: str, active: QuerySet[Any]) -> int:
    ids = list(active.values_list("pk", flat=True))
    for account_id in ids:
        async_task(f"orders.tasks.{job}", account_id, group=job)
    return len(ids)


def _with_account(
    job: str, account_id: int, work: Callable[[MarketplaceAccount], Any], *, seconds: int = LEASE_SECONDS
) -> Any:
    """Run under the lease of job and account. Upstream errors are noted at the account and end the run quietly."""
    return _leased(job, MarketplaceAccount.objects.filter(pk=account_id).first(), work, seconds=seconds)


def _with_carrier(job: str, account_id: int, work: Callable[[CarrierAccount], Any]) -> Any:
    """The same for a carrier account."""
    return _leased(job, CarrierAccount.objects.filter(pk=account_id).first(), work, seconds=LEASE_SECONDS)


def _leased(job: str, account: Any, work: Callable[[Any], Any], *, seconds: int) -> Any:
    if account is None or not account.active:
        return None
    with lease(f"{job}:{account.ref}", seconds) as held:
        if held is None:
            return None
        try:
            return work(account)
        except UpstreamError as error:
            held.fail(str(error))
            return None


def pull_orders(account_id: int) -> int:
    taken = _with_account("pull_orders", account_id, sync.pull_new)
    return len(taken.created) if taken else 0


def reread(account_id: int) -> int:
    """Read the orders that notifications or our own actions have named."""
    return _with_account("reread", account_id, rereading.run) or 0


def fetch_services(account_id: int) -> int:
    return _with_account("fetch_services", account_id, tracks.refresh) or 0


def reread_all() -> int:
    """The net below the nudges: accounts that have orders to read."""
    waiting = OrderToRead.objects.filter(account__enabled=True, account__paused_reason="")
    ids = list(waiting.order_by().values_list("account_id", flat=True).distinct())
    for account_id in ids:
        async_task("orders.tasks.reread", account_id, group="reread")
    return len(ids)


def pull_finished(account_id: int) -> int:
    return _with_account("pull_finished", account_id, history.pull_finished) or 0


def import_history(account_id: int, start: str, end: str) -> int:
    """Import finished orders of a range (ISO times). Out of time or call budget, or while nobody answers, it goes on in a
    minute where it stopped.
    """
    span = datetime.fromisoformat(start), datetime.fromisoformat(end)
    done = _with_account(
        "import_history",
        account_id,
        lambda account: _import(account, *span),
    )
    if done is not None and done.created is None:
        later = timezone.now() + timedelta(minutes=1)
        arguments = f"{account_id}, {start!r}, {end!r}"
        Schedule.objects.create(
            name=f"import: {account_id}", func="orders.tasks.import_history", args=arguments,
            schedule_type=Schedule.ONCE, next_run=later,
        )  # fmt: skip
    return (done.created or 0) if done else 0


def _import(account: MarketplaceAccount, start: datetime, end: datetime) -> _Import:
    try:
        return _Import(history.import_range(account, start, end, seconds=IMPORT_SECONDS))
    except Temporary:  # noted at the account
        return _Import(None)


def sweep_statuses(account_id: int) -> int:
    return _with_account("sweep_statuses", account_id, sync.sweep) or 0


def fetch_buyers(account_id: int) -> int:
    return _with_account("fetch_buyers", account_id, sync.fetch_buyers) or 0


def refresh_windows(account_id: int) -> int:
    return _with_account("refresh_windows", account_id, sync.refresh_windows) or 0


def fetch_extras(account_id: int) -> int:
    return _with_account("fetch_extras", account_id, extras.fetch) or 0


def learn_needs(account_id: int) -> int:
    return _with_account("learn_needs", account_id, needs.learn) or 0


def check_codes(account_id: int) -> int:
    return _with_account("check_codes", account_id, sync.check_codes) or 0


def send_due(account_id: int) -> int:
    """Send what is due; what came in while we were finishing is looked for once more after the lease is free."""
    for _round in range(3):
        sent = _with_account("send_due", account_id, _send, seconds=SEND_LEASE_SECONDS)
        account = MarketplaceAccount.objects.filter(pk=account_id).first()
        if sent is None or account is None or not dispatch.due(account, timezone.now()).exists():
            break
    _come_back(account_id)
    return sent.actions if sent else 0


def _come_back(account_id: int) -> None:
    """What is put off for less than a minute is looked at when its time comes, not only with the next round."""
    account = MarketplaceAccount.objects.filter(pk=account_id).first()
    moment = dispatch.next_moment(account) if account and account.active else None
    name = f"come back: {account_id}"
    if moment is None or moment > timezone.now() + timedelta(seconds=50):
        return
    if not Schedule.objects.filter(name=name).exists():
        Schedule.objects.create(
            name=name, func="orders.tasks.send_due", args=f"{account_id}", schedule_type=Schedule.ONCE, next_run=moment
        )


def _send(account: MarketplaceAccount) -> dispatch.Sent:
    dispatch.resolve_uncertain(account)
    sent = dispatch.send_due(account)
    follow_up(account)
    return sent


def follow_up(account: MarketplaceAccount) -> None:
    """Buyers are told right after confirming: ask at once instead of a minute later."""
    now = timezone.now()
    if AssemblyTask.objects.filter(account=account, buyer_due_at__lte=now).exists():
        async_task("orders.tasks.fetch_buyers", account.pk, group="fetch_buyers")
    if needs.unknown(account).exists():
        async_task("orders.tasks.learn_needs", account.pk, group="learn_needs")


def send_codes(task_id: int) -> None:
    """Queue the codes of a task and send them."""
    account_id = AssemblyTask.objects.filter(pk=task_id).values_list("account_id", flat=True).first()
    if account_id is not None:
        outbox.queue_codes([task_id])
        send_due(account_id)


def send_all_due() -> int:
    """The net below the nudges: codes that wait, actions that are due, uncertain ones."""
    outbox.queue_codes(dispatch.tasks_with_waiting_codes())
    due = dispatch.accounts_with_work(timezone.now())
    for account_id in due:
        async_task("orders.tasks.send_due", account_id, group="send")
    return len(due)


def track_parcels(account_id: int) -> int:
    """Ask about the parcels of a carrier account that are due; how many moved."""
    applied = _with_carrier("track_parcels", account_id, tracking.poll)
    return applied.moved if applied else 0


def pull_parcel_changes(account_id: int) -> int:
    """Read what a carrier says has changed, where it says so; how many parcels moved."""
    applied = _with_carrier("pull_parcel_changes", account_id, tracking.pull_changes)
    return applied.moved if applied else 0


def sweep_parcels(account_id: int) -> int:
    return _with_carrier("sweep_parcels", account_id, tracking.sweep) or 0


def tell_tracks(shipment_ids: list[int]) -> int:
    """Tell marketplaces the numbers of parcels that were attached many at once."""
    return telling.tell_tracks(shipment_ids)


def act_due() -> int:
    """Do what has waited long enough for a correction of its carrier."""
    return _alone("act_due", catchup.act_due)


def sweep_divergence() -> int:
    """Where marketplace, carrier and we disagree, and what only time changes."""
    return _alone("sweep_divergence", divergence.sweep)


def check_silence() -> int:
    """Who is not heard any more. It holds a lease of its own."""
    return silence.check()


def _alone(job: str, work: Callable[[], int]) -> int:
    with lease(job, LEASE_SECONDS) as held:
        return 0 if held is None else work()


def release_stuck() -> int:
    return dispatch.release_stuck()


def purge() -> int:
    """Every night: forget what is old, and learn what open orders tell of barcodes, a net below the intake."""
    articles.backfill()
    return retention.forget_old()
