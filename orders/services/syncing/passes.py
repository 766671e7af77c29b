"""One full pass over an account in this process: what the jobs do apart, one after the other.

No lease is taken: every step is safe beside a worker that does the same, and a lease left by a killed worker stops nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import CredentialsError, DomainError, Invalid, Refused, Temporary, UpstreamError
from backoffice.text import one_line, whole
from carriers import registry
from carriers import services as carriers
from carriers.models import CarrierAccount
from orders.enums import OPEN_ACTION_STATES, OPEN_STAGES, ActionState
from orders.models import AssemblyTask, MarketplaceAccount, MarketplaceAction
from orders.services.reacting import acting, catchup
from orders.services.sending import dispatch, outbox, settle
from orders.services.shipping import tracking, tracks

from . import extras, history, needs, reread, sync


@dataclass(slots=True)
class Outcome:
    """What became of one account. ``error`` is one line for people, None when all went well."""

    account: str
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None

    def json(self) -> dict[str, Any]:
        return {"account": self.account, "ok": self.ok, **asdict(self)}

    def fail(self, text: str) -> None:
        """The first trouble is the one that is told."""
        self.error = self.error or one_line(text, 500)


@dataclass(slots=True)
class ParcelReport(Outcome):
    """Of a carrier account. Numbers are parcels, and actions that left because of what it said."""

    parcels_told: int = 0
    parcels_news: int = 0
    parcels_moved: int = 0
    parcels_problems: int = 0
    actions_sent: int = 0


@dataclass(slots=True)
class Report(Outcome):
    """Of a marketplace account. Numbers are tasks or actions."""

    orders_new: int = 0
    orders_changed: int = 0
    orders_broken: int = 0
    orders_finished: int = 0
    windows: int = 0
    statuses: int = 0
    actions_sent: int = 0
    actions_failed: int = 0
    actions_waiting: int = 0
    buyers: int = 0
    codes_checked: int = 0


Account = MarketplaceAccount | CarrierAccount


def find(ref: str) -> MarketplaceAccount:
    """The marketplace account that ``KIND:ID`` names. Raises ``Invalid``."""
    found = find_any(ref)
    if isinstance(found, MarketplaceAccount):
        return found
    raise Invalid("account", _("%(ref)s is no account of a marketplace.") % {"ref": found.ref})


def find_any(ref: str) -> Account:
    """The account of a marketplace or a carrier that ``KIND:ID`` names. Raises ``Invalid``."""
    kind, _colon, pk = ref.partition(":")
    account: Account | None = None
    if (number := whole(pk)) is not None:
        rows: Any = CarrierAccount if kind in registry.kinds() else MarketplaceAccount
        account = rows.objects.filter(kind=kind, pk=number).first()
    if account is None:
        raise Invalid("account", _("There is no account “%(ref)s”. It is named KIND:ID.") % {"ref": one_line(ref, 60)})
    return account


def blank(account: Account) -> Outcome:
    """The report of an account that nothing has been done for."""
    return ParcelReport(account.ref) if isinstance(account, CarrierAccount) else Report(account.ref)


def run(account: Account) -> Outcome:
    """Orders in, windows, statuses, what is due out, buyers, codes; of a carrier its parcels, and what follows from its words.

    Upstream errors end up in the report, not at the caller. A step that failed does not stop the others, unless the upstream
    cannot be reached or the account had to be paused.
    """
    report = blank(account)
    unreachable = False
    for step in STEPS if isinstance(account, MarketplaceAccount) else PARCEL_STEPS:
        if unreachable and step is not _reactions:
            continue
        account.refresh_from_db()
        if not account.active:
            report.fail(_inactive(account))
            break
        try:
            step(account, report)
        except UpstreamError as error:
            report.fail(f"{error.message} {error} {error.detail}")
            unreachable = unreachable or (isinstance(error, Temporary) and error.status is None)
        except DomainError as error:
            report.fail(str(error.message))
    return report


def _inactive(account: Account) -> str:
    if not account.enabled:
        return _("The account is switched off.")
    return _("The account is paused: %(reason)s") % {"reason": account.paused_reason}


def _new(account: MarketplaceAccount, report: Report) -> None:
    taken = sync.pull_new(account)
    report.orders_new = len(taken.created)
    report.orders_changed = taken.changed
    report.orders_broken = taken.broken


def _finished(account: MarketplaceAccount, report: Report) -> None:
    report.orders_finished = history.pull_finished(account)


def _windows(account: MarketplaceAccount, report: Report) -> None:
    report.windows = sync.refresh_windows(account)
    _without(lambda: extras.fetch(account))
    _without(lambda: tracks.refresh(account))


def _named(account: MarketplaceAccount, report: Report) -> None:
    """Orders that notifications, or the actions of this very pass, have named."""
    reread.run(account)


def _statuses(account: MarketplaceAccount, report: Report) -> None:
    """A full pass asks for every open task, whenever its next check was planned."""
    AssemblyTask.objects.filter(account=account, stage__in=OPEN_STAGES).update(sweep_at=timezone.now())
    report.statuses = sync.sweep(account)


def _actions(account: MarketplaceAccount, report: Report) -> None:
    started = timezone.now()
    dispatch.release_stuck()
    _let_them_settle(account)
    dispatch.resolve_uncertain(account)
    outbox.queue_codes(dispatch.tasks_with_waiting_codes())
    report.actions_sent = dispatch.send_due(account).actions
    rows = MarketplaceAction.objects.filter(account=account)
    report.actions_failed = rows.filter(state=ActionState.FAILED, finished_at__gte=started).count()
    report.actions_waiting = rows.filter(state__in=OPEN_ACTION_STATES).count()
    if trouble := _trouble(account, started):
        report.fail(trouble)


def _trouble(account: MarketplaceAccount, since: datetime) -> str:
    """What went wrong at an account lately."""
    account.refresh_from_db()
    lately = account.last_error_at is not None and account.last_error_at >= since
    return account.last_error if lately else ""


def _let_them_settle(account: MarketplaceAccount) -> None:
    """What got no answer a moment ago is asked about in this pass: a person waits here, no worker is held."""
    soon = timezone.now() + settle.GRACE
    rows = MarketplaceAction.objects.filter(account=account, state=ActionState.UNCERTAIN, not_before__lte=soon)
    last = rows.aggregate(last=Max("not_before"))["last"]
    if last is not None:
        time.sleep(max(0.0, (last - timezone.now()).total_seconds()))


def _buyers(account: MarketplaceAccount, report: Report) -> None:
    report.buyers = sync.fetch_buyers(account)


def _codes(account: MarketplaceAccount, report: Report) -> None:
    _without(lambda: needs.learn(account))
    report.codes_checked = sync.check_codes(account)


def _changes(account: CarrierAccount, report: ParcelReport) -> None:
    """A full pass asks what has changed, whenever that was asked last."""
    carriers.remember(account, tracking.CHANGES_AT, None)
    _count(report, tracking.pull_changes(account))


def _parcels(account: CarrierAccount, report: ParcelReport) -> None:
    """Parcels that are due, and with them those that were not asked about for long, and those whose word is to be acted on."""
    tracking.sweep(account)
    acting.ask_ahead(account, timezone.now())
    _count(report, tracking.poll(account))


def _reactions(account: CarrierAccount, report: ParcelReport) -> None:
    """What follows from the carrier's words is done and sent in this pass: the marketplaces have had their turn already.

    It asks no carrier, so it is done also where the carrier cannot be reached.
    """
    catchup.act_due(account=account)
    queued = MarketplaceAction.objects.filter(state=ActionState.QUEUED, reactions__shipment__carrier_account=account)
    shops = MarketplaceAccount.objects.filter(pk__in=queued.values("account"), enabled=True, paused_reason="")
    for shop in shops.order_by("pk"):
        started = timezone.now()
        try:
            report.actions_sent += dispatch.send_due(shop).actions
            trouble = _trouble(shop, started)
        except DomainError as error:  # the next shop has its turn
            trouble = str(error.message)
        if trouble:
            report.fail(f"{shop.ref}: {trouble}")


def _count(report: ParcelReport, applied: tracking.Applied) -> None:
    report.parcels_told += applied.told
    report.parcels_news += applied.news
    report.parcels_moved += applied.moved
    report.parcels_problems += applied.problems


def _without(optional: Callable[[], int]) -> None:
    """Facts one can do without: a pass is not a failure when the marketplace refuses them."""
    try:
        optional()
    except (Refused, CredentialsError) as error:
        if isinstance(error, CredentialsError) and error.status != 403:
            raise


#: Each takes its kind of account and of report.
Step = Callable[[Any, Any], None]
PARCEL_STEPS: tuple[Step, ...] = (_changes, _parcels, _reactions)
STEPS: tuple[Step, ...] = (_new, _finished, _windows, _statuses, _actions, _named, _buyers, _codes)
