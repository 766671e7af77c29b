"""Where marketplace, carrier and we disagree: questions that open and close by themselves.

A question an order and code: the kind of a disagreement (``orders.divergence``) or a trouble of its parcels
(``orders.troubles``). One that a person has closed is not raised again until one of the sides has moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from carriers import registry
from carriers.statuses import Finality
from orders import troubles
from orders.divergence import Carrier, Risk, Verdict, fits, judge
from orders.enums import OPEN_STAGES, ActionKind, AttentionKind, Severity
from orders.models import Attention, Shipment
from orders.models.shipment import ATTACHED
from orders.services import attention
from orders.services.actors import SYSTEM
from orders.troubles import Trouble

from . import sides
from .sides import Sides

CHUNK = 500
#: A closed order is looked at for so long after it was last touched, and longer while a parcel of it is under way.
TOUCHED, UNDER_WAY = timedelta(days=3), timedelta(days=30)


def key(order_id: int, code: str) -> str:
    """Key of a question about an order."""
    return f"{AttentionKind.DIVERGENCE}:order:{order_id}:{code}"


def refresh(order_ids: Collection[int], *, now: datetime, parcels: Sequence[Shipment] = ()) -> None:
    """Bring the questions about these orders in line with what all three say now. Idempotent. Needs a transaction.

    ``parcels``: those whose rows the caller has at hand, as they are stored. Four statements when all is well, eight when it
    is not and nothing is to be written, however many orders; at most fourteen.
    """
    found = sides.gather(order_ids, parcels)
    worth = [each for each in found.values() if _is_worth_a_look(each, now)]
    sides.complete(worth)
    asked = (question for each in worth for question in _questions(each, now))
    wanted = {question.key: question for question in asked}
    rows = Attention.objects.filter(kind=AttentionKind.DIVERGENCE, order__id__among=order_ids)
    known = list(rows.filter(Q(resolved_at=None) | Q(resolved_by__isnull=False)))
    standing = {row.key: row for row in known if row.resolved_at is None}
    dismissed = {(row.key, row.facts.get("mark")) for row in known if row.resolved_at}
    fresh = [question for question in wanted.values() if question.key not in standing]
    attention.open_many([each for each in fresh if (each.key, each.facts["mark"]) not in dismissed], now=now)
    attention.settle_many([name for name in standing if name not in wanted], actor=SYSTEM)
    attention.renew_many([(row, wanted[name]) for name, row in standing.items() if name in wanted], now=now)


def _is_worth_a_look(each: Sides, now: datetime) -> bool:
    """Whether something may be asked. Of most orders nothing is, and what is under way here need not be read."""
    return not fits(each.stage, each.carrier) or any(True for _trouble in _troubles(each, now))


def sweep(now: datetime | None = None) -> int:
    """The net below ``refresh``: what time alone changes, and what the marketplace said meanwhile. Returns how many orders.

    Open orders with parcels, closed ones for a while, and all that have a question. Idempotent; a chunk a transaction.
    """
    moment = now or timezone.now()
    ids = _to_look_at(moment)
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            refresh(ids[start : start + CHUNK], now=moment)
    return len(ids)


def _to_look_at(now: datetime) -> list[int]:
    """Two statements. A parcel that is asked about no more has ended long ago: it was judged then."""
    recent = Q(order__stage__in=OPEN_STAGES) | Q(order__updated_at__gte=now - TOUCHED)
    moving = Q(order__updated_at__gte=now - UNDER_WAY) & ~Q(finality=Finality.FINAL)
    parcels = Shipment.objects.filter(ATTACHED, recent | moving, next_poll_at__isnull=False)
    asked = Attention.objects.filter(kind=AttentionKind.DIVERGENCE, resolved_at=None, order__isnull=False)
    return sorted({*parcels.values_list("order_id", flat=True), *asked.values_list("order_id", flat=True)})


@dataclass(frozen=True, slots=True)
class _Raised:
    """What is asked about an order, and the parcel it is about. ``shown``: the status told for it."""

    code: str
    risk: Risk
    severity: Severity
    actions: tuple[ActionKind, ...]
    parcel: Shipment
    shown: Carrier
    kind: str = ""
    since: datetime | None = None
    until: date | None = None


def _questions(each: Sides, now: datetime) -> Iterator[attention.Question]:
    """At most one a code, about the first parcel that has the trouble."""
    told: set[str] = set()
    for raised in (*_verdict(each, now), *_troubles(each, now)):
        if raised.code not in told:
            told.add(raised.code)
            yield _question(each, raised)


def _verdict(each: Sides, now: datetime) -> Iterator[_Raised]:
    """The disagreement, when it is old enough to be raised. One about a loss stands for the loss itself."""
    carrier = each.carrier
    verdict = judge(each.stage, carrier, each.ours)
    since = _since(each, verdict, now)
    parcel = each.parcel if verdict.due(now - since) else None
    if carrier is not None and parcel is not None:
        code = Trouble.LOST if verdict.risk == Risk.LOST else verdict.kind
        yield _Raised(
            code.value, verdict.risk, verdict.severity, verdict.actions, parcel, carrier, verdict.kind.value, since
        )


def _since(each: Sides, verdict: Verdict, now: datetime) -> datetime:
    """Since the later of the two words, or since we asked. An upstream's clock may be ahead of ours."""
    moments = [each.marketplace_at, each.carrier_at]
    if verdict.risk == Risk.ANSWER:
        moments = [action.created_at for action in each.actions]
    return min(max(filter(None, moments), default=now), now)


def _troubles(each: Sides, now: datetime) -> Iterator[_Raised]:
    for parcel in each.parcels:
        shown = sides.said(parcel)
        found = list(troubles.of_parcel(_parcel(each, parcel), each.stage, now=now))
        kept = troubles.is_kept(shown[0], each.stage)
        storage = troubles.of_storage(each.storage_until, today=timezone.localdate(now)) if kept else None
        for trouble in (*([storage] if storage else ()), *found):
            yield _Raised(
                trouble.code.value, trouble.risk, trouble.severity, trouble.actions, parcel, shown,
                since=trouble.since, until=trouble.until,
            )  # fmt: skip


def _parcel(each: Sides, row: Shipment) -> troubles.Parcel:
    status, finality = sides.said(row)
    company = each.companies[row.carrier_account_id]
    return troubles.Parcel(
        status=status,
        finality=finality,
        needs_look=row.needs_look,
        heard_at=sides.heard_at(row),
        asked_at=row.checked_at,
        quiet_after=company.quiet_after,
        trouble=registry.trouble(company.kind, row.raw_status) if row.needs_look else None,
    )


def _question(each: Sides, raised: _Raised) -> attention.Question:
    return attention.Question(
        kind=AttentionKind.DIVERGENCE,
        key=key(each.order_id, raised.code),
        severity=raised.severity,
        account_id=each.account_id,
        order_id=each.order_id,
        shipment_id=raised.parcel.pk,
        carrier_account_id=raised.parcel.carrier_account_id,
        facts=_facts(each, raised),
    )


def _facts(each: Sides, raised: _Raised) -> dict[str, Any]:
    """Both sides' words and times, ours, and what would settle it. ``mark``: what it stands on; the same mark, nothing new."""
    since = raised.since.isoformat() if raised.since else ""
    until = raised.until.isoformat() if raised.until else ""
    stands_on = (
        raised.code, raised.risk.value, raised.severity.value, each.stage.value, *(str(word) for word in raised.shown),
        str(raised.parcel.pk), since or until,
    )  # fmt: skip
    return {
        "code": raised.code,
        "kind": raised.kind,
        "risk": raised.risk.value,
        "actions": [kind.value for kind in raised.actions],
        "marketplace": sides.marketplace_facts(each),
        "carrier": sides.carrier_facts(each, raised.parcel, raised.shown),
        "ours": sides.our_facts(each),
        "since": since,
        **({"until": until} if until else {}),
        "mark": "|".join(stands_on),
    }
