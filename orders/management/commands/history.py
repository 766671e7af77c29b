"""`history --account KIND:ID --from DATE [--to DATE]`: import of finished orders, resumable."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from backoffice.errors import DomainError, UpstreamError
from backoffice.text import one_line
from orders.models import MarketplaceAccount
from orders.services.syncing import history, passes

PAUSE_SECONDS = 2.0


class Command(BaseCommand):
    """Import a range. Stopped and started again with the same range, it goes on where it was."""

    help = "Imports finished orders of any range and prints how many were new. Run it again to go on after a stop."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account and the range."""
        parser.add_argument("--account", required=True, metavar="KIND:ID")
        parser.add_argument("--from", required=True, dest="start", metavar="DATE", help="2026-01-31, or with a time")
        parser.add_argument("--to", dest="end", metavar="DATE", help="not included; without it, now")
        parser.add_argument("--patience", type=int, default=600, help="seconds to wait for the call budget")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises `CommandError` with one line; what was imported until then stands."""
        start = _moment(options["start"], "--from")
        end = _moment(options["end"], "--to") if options["end"] else timezone.now()
        if start >= end:
            raise CommandError(_("--from must be before --to."))
        try:
            account = passes.find(options["account"])
            if not account.active:
                raise CommandError(_("The account is switched off or paused. Resume it first."))
            created = _import(account, start, end, options["patience"])
        except DomainError as error:
            raise CommandError(one_line(str(error.message), 300)) from None
        except UpstreamError as error:
            again = _("Run it again to go on.")
            raise CommandError(one_line(f"{error.message} ({error}) {again}", 400)) from None
        self.stdout.write(str(created))


def _moment(text: str, name: str) -> datetime:
    """Raises `CommandError`. A day is its first moment in the time zone of the settings."""
    try:
        day = parse_date(text)
        found = datetime(day.year, day.month, day.day) if day else parse_datetime(text)  # noqa: DTZ001 - made aware below
    except ValueError:
        found = None
    if found is None:
        raise CommandError(_("%(name)s must be a date such as 2026-01-31.") % {"name": name})
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def _import(account: MarketplaceAccount, start: datetime, end: datetime, patience: float) -> int:
    """New tasks. Waits for the call budget, because it is a person who waits and not a worker."""
    before = account.tasks.count()
    give_up_at = time.monotonic() + patience
    while history.import_range(account, start, end) is None:
        if time.monotonic() > give_up_at:
            raise CommandError(_("The call budget is used up. Run it again later to go on where it stopped."))
        time.sleep(PAUSE_SECONDS)
    return account.tasks.count() - before
