"""The one or two things that settle a question, by its kind: a table for pages, without their addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from orders.enums import DETAIL_ACTIONS, ActionKind, ActionState, AttentionKind
from orders.models import Attention, MarketplaceAction
from orders.services import guards


class Way(StrEnum):
    """What a person may do about a question. The first of a question's ways is the usual one."""

    OPEN = "open"  # the task it is about, or the order
    BOARD = "board"  # where all divergences stand with their actions
    GLOSSARY = "glossary"
    RAW = "raw"  # the text that could not be read
    FETCH = "fetch"  # the order anew from the marketplace
    ACCOUNT = "account"  # its settings
    RESUME = "resume"  # calls of a paused account
    JOBS = "jobs"  # health of accounts and jobs
    AGAIN = "again"  # the refused action once more
    GIVE_UP = "give_up"  # the refused action
    TAKE_OFF = "take_off"  # the refused code
    ACCEPT = "accept"  # the buyer's wish to cancel
    REFUSE = "refuse"
    SHELVED = "shelved"  # the goods are back in their place
    FOUND = "found"  # the missing goods are there
    TAKE_OUT = "take_out"  # the missing goods out of the order
    CANCEL = "cancel"  # the order
    REPLACE = "replace"  # the number of the parcel
    DETACH = "detach"  # the parcel


def ways(row: Attention, failed: MarketplaceAction | None = None) -> Sequence[Way]:
    """At most two. ``failed``: the refused action the question is about."""
    if row.kind == AttentionKind.ACTION_FAILED:
        return _of_failed(failed)
    choose = _CHOICES.get(row.kind)
    if choose is not None:
        return choose(row)
    return _WAYS.get(row.kind, (Way.OPEN,))


def _of_failed(action: MarketplaceAction | None) -> Sequence[Way]:
    """What was filled into a form is corrected there; codes, and the buyer's, are entered anew on the task."""
    if action is None or action.state != ActionState.FAILED:
        return (Way.OPEN,)
    entered = action.kind in DETAIL_ACTIONS or action.kind == ActionKind.PUT_CODES
    if entered or action.error_code == guards.WRONG_CODE:
        return (Way.OPEN, Way.GIVE_UP)
    return (Way.AGAIN, Way.OPEN)


def _of_wish(row: Attention) -> Sequence[Way]:
    """Before the hand-over the marketplace decides by itself."""
    return (Way.OPEN,) if row.facts.get("answer") is False else (Way.ACCEPT, Way.REFUSE)


def _of_missing(row: Attention) -> Sequence[Way]:
    return (Way.FOUND, Way.TAKE_OUT if row.facts.get("out") else Way.CANCEL)


def _of_account(row: Attention) -> Sequence[Way]:
    """Only a paused account can be resumed."""
    account = row.account or row.carrier_account
    return (Way.ACCOUNT, Way.RESUME) if account is not None and account.paused_reason else (Way.ACCOUNT, Way.JOBS)


def _of_parcel(row: Attention) -> Sequence[Way]:
    """A parcel that was never attached has nothing to be replaced."""
    attached = row.shipment is not None and row.shipment.detached_at is None
    return (Way.REPLACE, Way.DETACH) if attached else (Way.OPEN,)


_CHOICES: Mapping[str, Callable[[Attention], Sequence[Way]]] = {
    AttentionKind.CANCEL_REQUESTED: _of_wish,
    AttentionKind.SHORTAGE: _of_missing,
    AttentionKind.CREDENTIALS: _of_account,
    AttentionKind.ROUTE_GONE: _of_account,
    AttentionKind.SYNC_FAILING: _of_account,
    AttentionKind.TRACKING_PROBLEM: _of_parcel,
}
_WAYS: Mapping[str, Sequence[Way]] = {
    AttentionKind.BAD_ORDER: (Way.FETCH, Way.RAW),
    AttentionKind.UNKNOWN_STATUS: (Way.OPEN, Way.GLOSSARY),
    AttentionKind.CORRECTION: (Way.OPEN,),
    AttentionKind.CANCELLED_IN_WORK: (Way.SHELVED, Way.OPEN),
    AttentionKind.CODE_REFUSED: (Way.TAKE_OFF, Way.OPEN),
    AttentionKind.TRACKING_CORRECTION: (Way.OPEN, Way.BOARD),
    AttentionKind.TRACKING_UNKNOWN: (Way.GLOSSARY, Way.OPEN),
    AttentionKind.TRACKING_LOOK: (Way.OPEN, Way.DETACH),
    AttentionKind.DIVERGENCE: (Way.BOARD, Way.OPEN),
    AttentionKind.SILENCE: (Way.JOBS,),
}
