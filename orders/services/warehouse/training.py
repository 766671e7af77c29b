"""Training: exercises stand apart from real work, and neither is touched from the other's side.

What tells them apart is the account an order came from (``MarketplaceAccount.training``), which speaks with a sandbox only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from django.db.models import Manager, Model, Q, QuerySet
from django.utils.translation import gettext as _

from backoffice.errors import Conflict
from orders.models import (
    AssemblyTask,
    Attention,
    BulkRun,
    MarketplaceAccount,
    MarkingCode,
    Order,
    Reaction,
    Scan,
    Shipment,
)
from orders.services.actors import Actor

M = TypeVar("M", bound=Model)

#: Where a row keeps what tells whether it is an exercise.
_WAYS: Mapping[type[Model], str] = {
    AssemblyTask: "account__training",
    Order: "account__training",
    Shipment: "order__account__training",
    Reaction: "task__account__training",
    MarkingCode: "task__account__training",
    Attention: "account__training",
    Scan: "task__account__training",
}
#: What a request names, and what that is.
_NAMED: Mapping[str, Manager[Any]] = {
    "task": AssemblyTask.objects,
    "order": Order.objects,
    "shipment": Shipment.objects,
    "reaction": Reaction.objects,
    "code": MarkingCode.objects,
    "attention": Attention.objects,
    "scan": Scan.objects,
}


def visible(rows: QuerySet[M], on: bool | None) -> QuerySet[M]:
    """Those a person may work on: exercises in training, everything else out of it. None: all."""
    return rows if on is None else rows.filter(**{_WAYS[rows.model]: on})


def questions(on: bool) -> Q:
    """Questions of that side; one about a carrier alone goes by the carrier's account."""
    of_exercises = Q(account__training=True) | Q(account=None, carrier_account__training=True)
    return of_exercises if on else ~of_exercises


def sides(name: str, ids: Collection[Any]) -> set[bool]:
    """Whether what is named is an exercise, real, or some of each; one statement. Empty for what is not there.

    ``name``: task, order, shipment, reaction, code, attention, scan, wave or run (two statements).
    """
    if name == "wave":
        rows: QuerySet[Any] = AssemblyTask.objects.filter(wave_id__in=ids)
    elif name == "run":
        frozen = BulkRun.objects.filter(pk__in=ids).values_list("task_ids", flat=True)
        rows = AssemblyTask.objects.filter(pk__in=[pk for tasks in frozen for pk in tasks])
    else:
        rows = _NAMED[name].filter(pk__in=ids)
    way = _WAYS[rows.model]
    return {bool(one) for one in rows.order_by().values_list(way, flat=True).distinct() if one is not None}


def names() -> frozenset[str]:
    """What ``sides`` knows."""
    return frozenset(_NAMED) | {"wave", "run"}


def judge(on: bool | None, found: Collection[bool]) -> None:
    """Raises ``Conflict`` ("training") when one of these is not of the side a person is on."""
    if on is not None and not set(found) <= {on}:
        raise _refusal(on)


def other_side(account: MarketplaceAccount, actor: Actor) -> Conflict | None:
    """Why the actor may not touch an order of this account, if so. No statement."""
    if actor.training is None or actor.training == account.training:
        return None
    return _refusal(actor.training)


def refuse_other_side(task: AssemblyTask, actor: Actor) -> None:
    """Raises ``Conflict`` ("training"). No statement where the account of the task is loaded."""
    refusal = other_side(task.account, actor)
    if refusal is not None:
        raise refusal


def _refusal(on: bool) -> Conflict:
    if on:
        text = _("You are in training and this order is real: nothing was done. Stop the training to work on it.")
    else:
        text = _("This order is an exercise: nothing was done. Start the training to work on it.")
    return Conflict("training", text)
