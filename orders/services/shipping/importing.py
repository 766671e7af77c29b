"""Parcels from a table: a dry run first, then the same file by a token.

All or none: what the dry run showed as "would attach" is attached in one transaction, and the rows it showed as wrong, taken or
already there are left out. When a single one of them has changed meanwhile, nothing is attached and the person looks again.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice import payloads
from backoffice.errors import Conflict, DomainError, Invalid
from backoffice.models import RawPayload
from carriers.models import CarrierAccount
from orders.services.actors import Actor

from . import matching, shipments
from .shipments import Attached, Wanted
from .tables import Line, read

#: How long a dry run can be carried out.
TOKEN_SECONDS = 60 * 60
#: Rows that are looked up together.
TOGETHER = 1000
SALT = "orders.importing"
UPSTREAM, ENDPOINT = "import", "parcels"


class Verdict(StrEnum):
    """What would become of a row."""

    ATTACH = "attach"
    ALREADY = "already"
    CONFLICT = "conflict"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table and what would become of it; ``reason`` in the active language, empty where all is well."""

    line: Line
    verdict: Verdict
    reason: str = ""
    wanted: Wanted | None = None


@dataclass(frozen=True, slots=True)
class DryRun:
    """All rows in their order; ``token`` carries it out, "" when there is nothing to attach."""

    rows: Sequence[Row]
    token: str = ""
    counts: Mapping[Verdict, int] = field(default_factory=dict)

    def of(self, *verdicts: Verdict) -> list[Row]:
        return [row for row in self.rows if row.verdict in verdicts]


def rehearse(name: str, body: bytes, *, actor: Actor) -> DryRun:
    """What a file would do. Nothing is attached; the file is kept encrypted for as long as its token is good.

    Raises ``Invalid`` ("file", "columns", "too_many") for a table that cannot be used at all.
    """
    rows = _examine(read(name, body), actor)
    counts = Counter(row.verdict for row in rows)
    if not counts[Verdict.ATTACH]:
        return DryRun(rows, counts=counts)
    kept = payloads.keep(UPSTREAM, 0, ENDPOINT, body, subject=name)
    said = {"payload": kept.pk, "name": name[-80:], "user": actor.user_id, "digest": _digest(rows)}
    return DryRun(rows, signing.dumps(said, salt=SALT), counts)


def carry_out(token: str, *, actor: Actor) -> DryRun:
    """Attach what the dry run of this token showed, all of it or nothing; gives the same rows as they were then.

    Raises ``Conflict`` ("changed"), ``Invalid`` ("token") for one that is old, used, somebody else's, or none; then nothing was
    attached.
    """
    said = _opened(token, actor)
    payload = RawPayload.objects.filter(pk=said["payload"], upstream=UPSTREAM).first()
    if payload is None:
        raise Invalid("token", _("The file is not kept any more: choose it again."))
    rows = _examine(read(said["name"], payloads.open_payload(payload)), actor)
    if _digest(rows) != said["digest"]:
        raise _changed()
    with transaction.atomic():
        _attach([row.wanted for row in rows if row.verdict == Verdict.ATTACH and row.wanted], actor)
    RawPayload.objects.filter(pk=payload.pk).delete()
    return DryRun(rows, counts=Counter(row.verdict for row in rows))


def _attach(wanted: Sequence[Wanted], actor: Actor) -> None:
    """Raises ``Conflict`` ("changed") when somebody was faster since the rows were examined; needs a transaction."""
    for start in range(0, len(wanted), TOGETHER):
        outcomes = shipments.attach_many(wanted[start : start + TOGETHER], actor=actor)
        if not all(isinstance(each, Attached) and each.fresh for each in outcomes):
            raise _changed()


def _changed() -> Conflict:
    return Conflict("changed", _("Something has changed since the dry run, and nothing was attached. Run it again."))


def _opened(token: str, actor: Actor) -> dict[str, Any]:
    try:
        said: dict[str, Any] = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        said = {}
    if not said or said["user"] != actor.user_id:
        raise Invalid("token", _("This dry run is too old: choose the file again."))
    return said


def _digest(rows: Sequence[Row]) -> str:
    """Of what would be attached."""
    found = hashlib.blake2b(digest_size=16)
    for row in rows:
        if row.wanted is not None and row.verdict == Verdict.ATTACH:
            found.update(f"{row.wanted}\n".encode())
    return found.hexdigest()


def _examine(lines: Sequence[Line], actor: Actor) -> list[Row]:
    """As the attaching will judge them for this actor: in a fixed number of statements for each thousand."""
    accounts = _accounts()
    seen: dict[tuple[int, str], int] = {}
    return [
        row
        for start in range(0, len(lines), TOGETHER)
        for row in _doubles(_judged(lines[start : start + TOGETHER], accounts, actor), seen)
    ]


def _accounts() -> dict[str, list[CarrierAccount]]:
    """By title and by name (``measoft:1``), without regard to case."""
    found: dict[str, list[CarrierAccount]] = defaultdict(list)
    for account in CarrierAccount.objects.defer("credentials"):
        for name in {account.title.casefold().strip(), account.ref}:
            found[name].append(account)
    return found


def _judged(lines: Sequence[Line], accounts: Mapping[str, Sequence[CarrierAccount]], actor: Actor) -> list[Row]:
    orders = matching.orders_of({line.order for line in lines})
    asked = [_wanted(line, orders.get(line.order, ()), accounts) for line in lines]
    outcomes = iter(shipments.judge([each for each in asked if isinstance(each, Wanted)], training=actor.training))
    return [
        _row(line, each, next(outcomes)) if isinstance(each, Wanted) else Row(line, Verdict.WRONG, each)
        for line, each in zip(lines, asked, strict=True)
    ]


def _wanted(line: Line, orders: Sequence[int], accounts: Mapping[str, Sequence[CarrierAccount]]) -> Wanted | str:
    """What is wanted, or why the line is wrong."""
    if line.problem:
        return line.problem
    there = accounts.get(line.account.casefold(), ())
    if not orders:
        return _("There is no order “%(order)s”.") % {"order": line.order}
    if len(orders) > 1:
        return _("Several shops have an order “%(order)s”.") % {"order": line.order}
    if not there:
        return _("There is no carrier account “%(account)s”.") % {"account": line.account}
    if len(there) > 1:
        text = _("Several carrier accounts are called “%(account)s”: write one of them as %(example)s.")
        return text % {"account": line.account, "example": there[0].ref}
    return Wanted(orders[0], there[0].pk, line.number)


def _row(line: Line, wanted: Wanted, outcome: shipments.Outcome) -> Row:
    if isinstance(outcome, DomainError):
        verdict = Verdict.WRONG if isinstance(outcome, Invalid) else Verdict.CONFLICT
        return Row(line, verdict, str(outcome.message), wanted)
    clean = Wanted(wanted.order_id, wanted.carrier_account_id, outcome.shipment.number)
    return Row(line, Verdict.ATTACH if outcome.fresh else Verdict.ALREADY, "", clean)


def _doubles(rows: Sequence[Row], seen: dict[tuple[int, str], int]) -> Iterator[Row]:
    """The same parcel again, further down in the file: for the same order no harm, for another one a conflict."""
    for row in rows:
        wanted = row.wanted
        if wanted is None or row.verdict != Verdict.ATTACH:
            yield row
            continue
        key = (wanted.carrier_account_id, wanted.number)
        first = seen.get(key)
        seen.setdefault(key, wanted.order_id)
        if first is None:
            yield row
        elif first == wanted.order_id:
            yield Row(row.line, Verdict.ALREADY, "", wanted)
        else:
            yield Row(row.line, Verdict.CONFLICT, _("The file gives this number to another order as well."), wanted)
