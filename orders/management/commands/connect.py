"""`connect KIND --title T`: a marketplace account, with secrets from the environment and tried before it is stored."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backoffice.errors import DomainError, Temporary, UpstreamError
from backoffice.text import one_line
from orders.marketplaces import registry
from orders.services import accounts
from orders.services.actors import SYSTEM


class Command(BaseCommand):
    """Connect an account and print its id, nothing else."""

    help = "Creates an account and prints its id. Secrets come from the environment, never from arguments."

    def add_arguments(self, parser: CommandParser) -> None:
        """The kind, a title, and where it differs from the usual."""
        parser.add_argument("kind", metavar="KIND", help=", ".join(registry.kinds()))
        parser.add_argument("--title", required=True)
        parser.add_argument("--base-url", default="", help="without it, the marketplace's own address")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
        parser.add_argument("--no-check", action="store_true", help="do not try the credentials")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises `CommandError` with one line; then nothing was created."""
        kind = options["kind"]
        if kind not in registry.kinds():
            known = {"kind": one_line(kind, 40), "known": ", ".join(registry.kinds())}
            raise CommandError(_("Unknown kind “%(kind)s”. Known: %(known)s.") % known)
        if not options["title"].strip():
            raise CommandError(_("--title must not be empty."))
        rest = _options(options["option"])
        dialect = rest.pop("dialect", "")
        wanted = accounts.Settings(options["title"].strip(), options["base_url"], dialect, rest, _credentials(kind))
        try:
            account = accounts.draft(kind, wanted)
            if not options["no_check"]:
                accounts.check(account)
        except DomainError as error:
            raise CommandError(one_line(str(error.message), 300)) from None
        except UpstreamError as error:
            raise CommandError(_not_connected(error)) from None
        self.stdout.write(str(accounts.store(account, actor=SYSTEM).pk))


def _not_connected(error: UpstreamError) -> str:
    why = _("Nobody answers at this address now.") if isinstance(error, Temporary) else str(error.message)
    said = f"{error.detail} " if error.detail else ""
    return one_line(f"{_('The account was not connected.')} {why} {said}({error})", 600)


def _credentials(kind: str) -> dict[str, str]:
    """Raises `CommandError` naming the variable that is missing: the first of a kind is never optional."""
    variables = registry.credentials(kind)
    needed = next(iter(variables.values()))
    if not os.environ.get(needed, "").strip():
        text = _("Set %(name)s to the credential of the account: it is not taken from arguments.")
        raise CommandError(text % {"name": needed})
    return {name: os.environ[variable].strip() for name, variable in variables.items() if os.environ.get(variable)}


def _options(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandError(_("--option is written NAME=VALUE."))
        found[name.strip()] = value.strip()
    return found
