"""Receipts of reactions: why something was suggested, or done by itself, and what it rests on; and the rules of carrier accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from carriers.models import CarrierAccount
from orders.enums import OPEN_REACTION_STATES, EntryKind, ReactionMode, ReactionState
from orders.models import ActionAttempt, MarketplaceAction, Reaction, ReactionRule, TimelineEntry
from orders.services.reacting import rules

from .detail import dressed

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that explains a reaction. ``entries``: the carrier's words it rests on; ``story``: what became of it, the oldest first.

    ``action`` with its ``attempts``: what was sent, and what the marketplace answered; None where nothing was.
    """

    reaction: Reaction
    entries: Sequence[TimelineEntry]
    story: Sequence[TimelineEntry]
    action: MarketplaceAction | None
    attempts: Sequence[ActionAttempt] = ()

    @property
    def inputs(self) -> Json:
        """What the rule looked at, as ``services.reactions`` wrote it."""
        return dict(self.reaction.inputs)


def receipt(reaction_id: int) -> Receipt | None:
    """The receipt of a reaction: four statements, three where nothing was sent. None when there is none."""
    rows = Reaction.objects.select_related(
        "shipment__carrier_account", "shipment__order", "task__account", "action", "decided_by"
    )
    row = rows.filter(pk=reaction_id).first()
    return _receipt(row) if row else None


def explain(action_id: int) -> Receipt | None:
    """Why an action was sent by itself, or suggested: its receipt, as ``receipt``. None for one that a person asked for unprompted."""
    pk = Reaction.objects.filter(action_id=action_id).order_by("pk").values_list("pk", flat=True).first()
    return receipt(pk) if pk is not None else None


def _receipt(row: Reaction) -> Receipt:
    entries = dressed(TimelineEntry.objects.all())
    rests_on = entries.filter(pk__in=row.entries).order_by("happened_at", "pk")
    mine = entries.filter(order_id=row.shipment.order_id, kind=EntryKind.REACTION, shipment_id=row.shipment_id)
    story = [entry for entry in mine.order_by("recorded_at", "pk") if entry.data.get("reaction") == row.pk]
    attempts = list(ActionAttempt.objects.filter(action_id=row.action_id).order_by("pk")) if row.action_id else []
    return Receipt(row, list(rests_on), story, row.action, attempts)


def in_short(row: Reaction) -> Json:
    """A reaction for a list of the API: ids, words and ISO times; nothing personal. ``row`` has its shipment and who decided."""
    return {
        "id": row.pk,
        "order": row.shipment.order_id,
        "task": row.task_id,
        "shipment": row.shipment_id,
        "status": row.status,
        "action_kind": row.kind,
        "reason": row.reason,
        "date": row.date.isoformat() if row.date else None,
        "state": row.state,
        "mode": row.mode,
        "rule_version": row.rule_version,
        "note": row.note,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "created_at": row.created_at.isoformat(),
        "decided_at": row.decided_at.isoformat() if row.decided_at else None,
        "decided_by": row.decided_by.get_username() if row.decided_by else None,
    }


def as_json(found: Receipt) -> Json:
    """A receipt for the API: what a list has of it, and all that explains it; nothing personal."""
    action = found.action
    return {
        **in_short(found.reaction),
        "inputs": found.inputs,
        "entries": [_entry(entry) for entry in found.entries],
        "story": [_entry(entry) for entry in found.story],
        "action": {"id": action.pk, "kind": action.kind, "state": action.state} if action else None,
    }


def _entry(entry: TimelineEntry) -> Json:
    return {
        "id": entry.pk,
        "source": entry.source,
        "kind": entry.kind,
        "code": entry.code,
        "status": entry.status,
        "happened_at": entry.happened_at.isoformat(),
        "recorded_at": entry.recorded_at.isoformat(),
        "correction": entry.correction,
    }


@dataclass(frozen=True, slots=True)
class RuleRow:
    """The rule of a carrier account. ``waiting``, ``suggested``: reactions that are open now; ``may_start``: it was tried lately."""

    account: CarrierAccount
    rule: ReactionRule
    waiting: int
    suggested: int
    may_start: bool

    @property
    def acts(self) -> bool:
        return self.rule.mode == ReactionMode.AUTOMATIC and not self.rule.killed


def rule_rows() -> list[RuleRow]:
    """The rules of all carrier accounts: three statements."""
    stored = ReactionRule.objects.select_related("changed_by").in_bulk()
    rows = (
        Reaction.objects.filter(state__in=OPEN_REACTION_STATES).order_by().values_list("shipment__carrier_account_id")
    )
    by_state = {"waiting": _in_state(ReactionState.WAITING), "suggested": _in_state(ReactionState.SUGGESTED)}
    counts = {pk: (waiting, suggested) for pk, waiting, suggested in rows.annotate(**by_state)}
    now = timezone.now()
    found = []
    for account in CarrierAccount.objects.defer("credentials").order_by("title", "pk"):
        rule = stored.get(account.pk) or ReactionRule(carrier_account=account)
        found.append(RuleRow(account, rule, *counts.get(account.pk, (0, 0)), rules.is_rehearsed(rule, now)))
    return found


def _in_state(state: ReactionState) -> Count:
    return Count("pk", filter=Q(state=state))
