"""What may be asked of a task, as buttons: the next steps, what is asked seldom, and details of its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from orders.enums import ActionKind, Stage
from orders.marketplaces import facts as order_facts
from orders.marketplaces.base import Offer
from orders.models import AssemblyTask
from orders.services import guards
from orders.services.sending import details

#: The order in which actions are offered; the first one that may be asked is the natural next step.
OFFERED = (
    ActionKind.CONFIRM,
    ActionKind.READY,
    ActionKind.DELIVER,
    ActionKind.ARRIVE,
    ActionKind.RECEIVE,
    ActionKind.REJECT,
    ActionKind.CANCEL,
)
#: Answers to a buyer who wants to cancel: they stand on a card of their own.
ANSWERS = (ActionKind.ACCEPT_CANCEL, ActionKind.REFUSE_CANCEL)
#: Reasons that say "not at this point of the way at all": such a button is not shown.
_NOT_HERE = frozenset({"stage", "already_done", "unsupported", "not_requested"})
_WORDS = {ActionKind.CANCEL: pgettext_lazy("button", "Cancel the task")}
#: What an action is called where it needs nothing of the marketplace.
_LOCAL_WORDS = {ActionKind.CONFIRM: pgettext_lazy("button", "Start assembling")}


@dataclass(frozen=True, slots=True)
class Button:
    """One action as a button. ``asks``: it opens a question first. ``reason``: why it is off. ``before``: what is sent first."""

    kind: ActionKind
    asks: bool
    coded: bool = False
    reason: str = ""
    primary: bool = False
    local: bool = False
    before: tuple[ActionKind, ...] = ()

    @property
    def label(self) -> str | Promise:
        own = _LOCAL_WORDS if self.local else _WORDS
        return own.get(self.kind) or self.kind.label

    @property
    def tone(self) -> str:
        if self.kind == ActionKind.CANCEL:
            return "danger"
        return "primary" if self.primary else "secondary"

    @property
    def css(self) -> str:
        return {"danger": "btn-outline-danger", "primary": "btn-primary"}.get(self.tone, "btn-outline-secondary")


@dataclass(frozen=True, slots=True)
class Panel:
    """``steps``: the next ones; ``more``: asked seldom; ``details``: of the order; ``answers``: to a wish to cancel.

    ``digital``: sending keys, for an order that is delivered like that.
    """

    steps: list[Button] = field(default_factory=list)
    more: list[Button] = field(default_factory=list)
    details: list[Button] = field(default_factory=list)
    answers: list[Button] = field(default_factory=list)
    digital: Button | None = None


def panel(facts: guards.Facts, offer: Offer) -> Panel:
    """What may be asked now, and what could be at this point of the way but for a reason that is told. No statement."""
    steps = list(_steps(facts, offer))
    rare = [button for button in steps if _is_rare(facts.task, button, offer)]
    usual = [button for button in steps if button not in rare]
    found = {button.kind: button for button in _details(facts, offer)}
    out = found.pop(ActionKind.CHANGE_ITEMS, None)
    keys = found.pop(ActionKind.GIVE_DIGITAL, None)
    known = order_facts.of_order(facts.task.order.data)
    if known.own_number:
        found.pop(ActionKind.SET_NUMBER, None)
    digital = keys if known.delivery.type == details.DIGITAL else None
    if digital:  # keys are all that is sent: steps of a parcel are the exception
        rare += [button for button in usual if button.kind != ActionKind.CANCEL]
        usual = [button for button in usual if button.kind == ActionKind.CANCEL]
    urgent = facts.task.cancel_requested_at is not None  # the buyer's wish is answered before anything else
    return Panel(
        steps=[_first(button) if n == 0 and not urgent else button for n, button in enumerate(usual)],
        more=[*rare, *_by_ways(facts, offer), *([out] if out else [])],
        details=[button for kind, button in found.items() if kind not in ANSWERS],
        answers=[button for kind, button in found.items() if kind in ANSWERS],
        digital=digital,
    )


def to_point(task: AssemblyTask, offer: Offer | None) -> bool:
    """The parcel goes to a pick-up point, as far as is known."""
    return task.stage == Stage.AT_PICKUP_POINT or bool(offer and task.delivery_type in offer.points)


def _first(button: Button) -> Button:
    return button if button.kind in (ActionKind.CANCEL, ActionKind.REJECT) else replace(button, primary=True)


def _steps(facts: guards.Facts, offer: Offer) -> Iterator[Button]:
    known = dict(guards.allowed(facts, offer))
    for kind in OFFERED:
        if kind in known and not _is_elsewhere(guards.why_not(facts, kind, offer, sending=True)):
            yield _button(kind, offer, known[kind])


def _button(kind: ActionKind, offer: Offer, refusal: guards.Refusal | None) -> Button:
    coded = kind in offer.coded
    asks = coded or kind in offer.dated or kind == ActionKind.CANCEL
    reason = str(refusal.text) if refusal else ""
    return Button(kind, asks, coded=coded, reason=reason, local=kind in offer.local)


def _is_rare(task: AssemblyTask, button: Button, offer: Offer) -> bool:
    """The marketplace would take it, but a parcel to a door does not arrive at a point."""
    return button.kind == ActionKind.ARRIVE and not to_point(task, offer)


def _by_ways(facts: guards.Facts, offer: Offer) -> Iterator[Button]:
    """Steps that take others with them."""
    for kind in OFFERED:
        before = guards.steps_before(facts.task, kind, offer)
        if not before or (kind == ActionKind.ARRIVE and not to_point(facts.task, offer)):
            continue
        refusal = guards.why_not(facts, kind, offer)
        if not _is_elsewhere(refusal):
            yield replace(_button(kind, offer, refusal), asks=True, before=before)


def _details(facts: guards.Facts, offer: Offer) -> Iterator[Button]:
    for kind, refusal in guards.allowed_details(facts, offer):
        if not _is_elsewhere(refusal):
            yield Button(kind, asks=True, reason=str(refusal.text) if refusal else "")


def _is_elsewhere(refusal: guards.Refusal | None) -> bool:
    return refusal is not None and refusal.code in _NOT_HERE
