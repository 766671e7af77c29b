"""`sync [--account KIND:ID] [--json]`: one full pass over the accounts, in this process."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backoffice.errors import DomainError
from carriers.models import CarrierAccount
from orders.models import MarketplaceAccount
from orders.services.syncing import passes

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Orders in, statuses, actions due, buyers, parcels: for each account, whatever became of the others."""

    help = "One full pass over all accounts. Exits with 1 when one failed; what the others did stands."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which account, and how the result is written."""
        parser.add_argument("--account", action="append", metavar="KIND:ID", help="only this one; may be repeated")
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises `CommandError` (exit 1) when an account failed."""
        reports = [_run(account) for account in _accounts(options["account"])]
        if options["json"]:
            self.stdout.write(json.dumps({"accounts": [report.json() for report in reports]}, ensure_ascii=False))
        else:
            self.stdout.write(
                "\n".join(_line(report) for report in reports) or _("There is no account yet: see connect.")
            )
        failed = [report.account for report in reports if not report.ok]
        if failed:
            raise CommandError(_("Failed: %(accounts)s") % {"accounts": ", ".join(failed)})


def _accounts(refs: list[str] | None) -> list[passes.Account]:
    if not refs:
        orders = MarketplaceAccount.objects.filter(enabled=True).order_by("pk")
        return [*orders, *CarrierAccount.objects.filter(enabled=True).order_by("pk")]
    try:
        return [passes.find_any(ref) for ref in dict.fromkeys(refs)]
    except DomainError as error:
        raise CommandError(str(error.message)) from None


def _run(account: passes.Account) -> passes.Outcome:
    try:
        return passes.run(account)
    except Exception as error:  # the edge of a job: the next account must have its turn
        log.exception("sync_failed", account=account.ref)
        report = passes.blank(account)
        report.fail(_("Internal error: %(name)s. The log tells more.") % {"name": type(error).__name__})
        return report


def _line(report: passes.Outcome) -> str:
    facts = {name: value for name, value in report.json().items() if isinstance(value, int) and value and name != "ok"}
    did = ", ".join(f"{name} {value}" for name, value in facts.items()) or _("nothing new")
    return f"{report.account}: {did}" + (f" — {report.error}" if report.error else "")
