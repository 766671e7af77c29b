"""What Wildberries allows, as data: rate limits (contract 1.7), actions by status (1.4), kinds of codes (1.5).

Its documents change and contradict each other, so the options of an account may override all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backoffice import options as settings
from backoffice.errors import Invalid
from backoffice.options import ALL
from backoffice.rates import Rule
from orders.enums import ActionKind, CodeKind, Stage
from orders.marketplaces.base import Effect, Local, Offer

from .options import Options
from .status_map import DELIVERY_NAMES, PICKUP_POINT, SUPPLIER

# Seconds between calls and bursts of contract 1.7; any 4XX counts as ten calls.
_STATUS = Rule(capacity=10, interval=1, costly=10)
BATCH_LIMITS: Mapping[str, Rule] = {
    "read": Rule(capacity=20, interval=0.2, costly=10),
    "confirm": _STATUS,
    "deliver": _STATUS,
    "receive": _STATUS,
    "reject": _STATUS,
    "cancel": _STATUS,
    "meta_details": Rule(capacity=20, interval=0.2, costly=10),
    "meta_delete": Rule(capacity=20, interval=0.4, costly=10),
    "meta_set": Rule(capacity=20, interval=0.12, costly=10),
}
# Contract 1.2: 100 a minute for status changes; a 409 costs ten calls, of receive and reject thirty-three.
_OLD_STATUS = Rule(capacity=20, interval=0.6, costly=10)
_OLD_CODED = Rule(capacity=20, interval=0.6, costly=33)
V3_LIMITS: Mapping[str, Rule] = {
    "read": Rule(capacity=20, interval=0.2, costly=10),
    "confirm": _OLD_STATUS,
    "deliver": _OLD_STATUS,
    "receive": _OLD_CODED,
    "reject": _OLD_CODED,
    "cancel": _OLD_STATUS,
    "meta_details": Rule(capacity=20, interval=0.2, costly=10),
    "meta_delete": Rule(capacity=20, interval=0.2, costly=10),
    "meta_set": Rule(capacity=20, interval=0.06, costly=10),
}

STEPS: Mapping[ActionKind, frozenset[str]] = {
    ActionKind.CONFIRM: frozenset({"new"}),
    ActionKind.DELIVER: frozenset({"confirm"}),
    ActionKind.RECEIVE: frozenset({"deliver"}),
    ActionKind.REJECT: frozenset({"deliver"}),
    ActionKind.CANCEL: frozenset({"new", "confirm"}),  # "deliver" was taken away on 25.04.2026
}

#: Our stage and the supplierStatus after each call (contract 1.4).
EFFECTS: Mapping[ActionKind, Effect] = {
    ActionKind.CONFIRM: Effect(Stage.ASSEMBLING, {SUPPLIER: "confirm"}),
    ActionKind.DELIVER: Effect(Stage.DELIVERING, {SUPPLIER: "deliver"}),
    ActionKind.RECEIVE: Effect(Stage.RECEIVED, {SUPPLIER: "receive"}),
    ActionKind.REJECT: Effect(Stage.REJECTED, {SUPPLIER: "reject"}),
    ActionKind.CANCEL: Effect(Stage.CANCELLED, {SUPPLIER: "cancel"}),
}
#: Packing is nobody's business but ours.
LOCAL: Mapping[ActionKind, Local] = {ActionKind.READY: Local(frozenset({Stage.ASSEMBLING}), Stage.READY)}

V3_CODE_KINDS: Mapping[CodeKind, int] = {
    CodeKind.SGTIN: 24,
    CodeKind.UIN: 1,
    CodeKind.IMEI: 1,
    CodeKind.GTIN: 1,
}
BATCH_CODE_KINDS: Mapping[CodeKind, int] = {**V3_CODE_KINDS, CodeKind.GTD: 1}

#: Words of ``requiredMeta`` and of meta answers.
META_KEYS: Mapping[CodeKind, str] = {
    CodeKind.SGTIN: "sgtin",
    CodeKind.UIN: "uin",
    CodeKind.IMEI: "imei",
    CodeKind.GTIN: "gtin",
    CodeKind.GTD: "customsDeclaration",
}
META_KINDS: Mapping[str, CodeKind] = {key: kind for kind, key in META_KEYS.items()}


@dataclass(frozen=True, slots=True)
class Limits:
    """Rate rules of an account by method group."""

    rules: Mapping[str, Rule]

    def of(self, group: str) -> tuple[str, Rule]:
        """The bucket a method group draws from, and its rule."""
        return (ALL, self.rules[ALL]) if ALL in self.rules else (group, self.rules[group])


def limits(known: Mapping[str, Rule], options: Options) -> Limits:
    """``known`` with what the account overrides. Raises ``Invalid`` for a group that does not exist."""
    return Limits(settings.rules(known, options.limits, _STATUS))


def offer(code_kinds: Mapping[CodeKind, int], options: Options) -> Offer:
    """What is allowed here. Raises ``Invalid`` when the account allows an action that does not exist."""
    late = {CodeKind.GTD: frozenset({"deliver"})} if CodeKind.GTD in code_kinds else {}
    return Offer(
        step_word=SUPPLIER,
        steps={**STEPS, **{_action(name): frozenset(words) for name, words in options.allow.items()}},
        local=LOCAL,
        coded=frozenset({ActionKind.RECEIVE, ActionKind.REJECT}),
        code_pattern=r"\d{4,8}",
        code_kinds=code_kinds,
        code_words=frozenset({"confirm"}),
        late_code_words=late,
        origin_kinds=frozenset({CodeKind.GTD}),
        origin_pattern=r"\d{3}",
        origin_example="643",
        covers={Stage.ASSEMBLING: frozenset({Stage.READY})},
        effects=EFFECTS,
        delivery_types=tuple(DELIVERY_NAMES),
        labelled=frozenset({PICKUP_POINT}),
        points=frozenset({PICKUP_POINT}),
    )


def _action(name: str) -> ActionKind:
    if name not in {kind.value for kind in STEPS}:
        text = _("The option “allow” names the action “%(action)s”, which Wildberries does not have.")
        raise Invalid("option", text % {"action": name}, option="allow")
    return ActionKind(name)
