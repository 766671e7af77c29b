"""`connect KIND --title T`: an account of a marketplace or a carrier, its secrets from the environment, tried before it is stored."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backoffice.errors import DomainError, Temporary, UpstreamError
from backoffice.text import one_line
from carriers import registry as carrier_registry
from carriers import services as carriers
from orders.marketplaces import registry
from orders.services import accounts
from orders.services.actors import SYSTEM


@dataclass(frozen=True, slots=True)
class Given:
    """What the arguments and the environment say of an account."""

    title: str
    base_url: str
    dialect: str
    options: Mapping[str, str]
    credentials: Mapping[str, str] = field(repr=False)
    check: bool
    training: bool = False


class Command(BaseCommand):
    """Connect an account and print its id, nothing else."""

    help = "Creates an account and prints its id. Secrets come from the environment, never from arguments."

    def add_arguments(self, parser: CommandParser) -> None:
        """The kind, a title, and where it differs from the usual."""
        parser.add_argument("kind", metavar="KIND", help=", ".join(_kinds()))
        parser.add_argument("--title", required=True)
        parser.add_argument("--base-url", default="", help="without it, the upstream's own address")
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
        parser.add_argument("--no-check", action="store_true", help="do not try the credentials")
        parser.add_argument(
            "--training", action="store_true", help="its orders or parcels are exercises; only with a sandbox"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises `CommandError` with one line; then nothing was created."""
        kind = options["kind"]
        if kind not in _kinds():
            known = {"kind": one_line(kind, 40), "known": ", ".join(_kinds())}
            raise CommandError(_("Unknown kind “%(kind)s”. Known: %(known)s.") % known)
        if not options["title"].strip():
            raise CommandError(_("--title must not be empty."))
        rest = _options(options["option"])
        dialect = rest.pop("dialect", "")
        wanted = Given(
            options["title"].strip(),
            options["base_url"],
            dialect,
            rest,
            _credentials(kind),
            check=not options["no_check"],
            training=options["training"],
        )
        try:
            number = _carrier(kind, wanted) if kind in carrier_registry.kinds() else _marketplace(kind, wanted)
        except DomainError as error:
            raise CommandError(one_line(str(error.message), 300)) from None
        except UpstreamError as error:
            raise CommandError(_not_connected(error)) from None
        self.stdout.write(str(number))


def _kinds() -> tuple[str, ...]:
    return (*registry.kinds(), *carrier_registry.kinds())


def _marketplace(kind: str, given: Given) -> int:
    wanted = accounts.Settings(
        given.title, given.base_url, given.dialect, given.options, given.credentials, given.training
    )
    account = accounts.draft(kind, wanted)
    if given.check:
        accounts.check(account)
    return accounts.store(account, actor=SYSTEM).pk


def _carrier(kind: str, given: Given) -> int:
    wanted = carriers.Settings(
        given.title, given.base_url, given.dialect, given.options, given.credentials, given.training
    )
    account = carriers.draft(kind, wanted)
    if given.check:
        carriers.check(account)
    return carriers.store(account).pk


def _not_connected(error: UpstreamError) -> str:
    why = _("Nobody answers at this address now.") if isinstance(error, Temporary) else str(error.message)
    said = f"{error.detail} " if error.detail else ""
    outcome = _("The account was not connected.")
    return one_line(f"{outcome} {why} {said}({error})", 600)


def _credentials(kind: str) -> dict[str, str]:
    """Raises `CommandError` naming the variable that is missing."""
    variables, needed = _variables(kind)
    for name in needed:
        if not os.environ.get(variables[name], "").strip():
            text = _("Set %(name)s to the credential of the account: it is not taken from arguments.")
            raise CommandError(text % {"name": variables[name]})
    return {name: os.environ[variable].strip() for name, variable in variables.items() if os.environ.get(variable)}


def _variables(kind: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Credential → environment variable, and those that are needed: of a marketplace the first."""
    if kind in carrier_registry.kinds():
        entry = carrier_registry.entry(kind)
        return entry.credentials, entry.needed
    variables = registry.credentials(kind)
    return variables, (next(iter(variables)),)


def _options(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandError(_("--option is written NAME=VALUE."))
        found[name.strip()] = value.strip()
    return found
