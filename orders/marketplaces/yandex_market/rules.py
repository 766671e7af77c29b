"""What Yandex Market allows of a DBS shop, as data: limits (contract 2.3), transitions and reasons (2.6), details (2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from backoffice import options as settings
from backoffice.rates import Rule
from orders.enums import ActionKind, CodeKind, Stage
from orders.marketplaces.base import Effect, Local, Offer

from .options import Options
from .status_map import STATUS, SUBSTATUS

_HOUR = 3600
#: Orders that one ``status-update`` takes.
STATUS_BATCH = 30
#: Orders that one page or one look-up holds.
PAGE_SIZE = 50

_PER_HOUR: Mapping[str, int] = {
    "auth/token": 100,
    "campaigns": 1_000,
    "delivery/services": 5_000,
    "business/orders": 10_000,
    "orders": 10_000,
    "order": 10_000,
    "buyer": 3_000,
    "business-buyer": 3_000,
    "documents": 3_000,
    "delivery/labels": 10_000,
    "status": 10_000,
    "status-update": 10_000,  # orders, not calls
    "identifiers": 10_000,
    "cancellation/accept": 500,
    "delivery/date": 10_000,
    "delivery/storage-limit": 10_000,
    "delivery/track": 10_000,
    "external-id": 1_000,
    "boxes": 10_000,
    "items": 10_000,
    "deliverDigitalGoods": 10_000,
}
#: A 4xx costs what a 2xx costs (contract 2.8), and that is paid before the call.
LIMITS: Mapping[str, Rule] = {
    group: Rule(capacity=amount, interval=_HOUR / amount) for group, amount in _PER_HOUR.items()
}

PROCESSING, DELIVERY, PICKUP = frozenset({"PROCESSING"}), frozenset({"DELIVERY"}), frozenset({"PICKUP"})
STEPS: Mapping[ActionKind, frozenset[str]] = {
    ActionKind.READY: PROCESSING,
    ActionKind.DELIVER: PROCESSING,
    ActionKind.ARRIVE: DELIVERY,
    ActionKind.RECEIVE: DELIVERY | PICKUP,
    ActionKind.CANCEL: PROCESSING | DELIVERY | PICKUP,
}
#: "Pass on the statuses in the order of the diagram": what was skipped here is sent before.
WAYS: Mapping[ActionKind, Mapping[str, tuple[ActionKind, ...]]] = {
    ActionKind.ARRIVE: {"PROCESSING": (ActionKind.DELIVER,)},
    ActionKind.RECEIVE: {"PROCESSING": (ActionKind.DELIVER,)},
}
#: What is sent, and what is there once it is done. The market itself chooses the other substatuses.
EFFECTS: Mapping[ActionKind, Effect] = {
    ActionKind.READY: Effect(Stage.READY, {STATUS: "PROCESSING", SUBSTATUS: "READY_TO_SHIP"}),
    ActionKind.DELIVER: Effect(Stage.DELIVERING, {STATUS: "DELIVERY"}),
    ActionKind.ARRIVE: Effect(Stage.AT_PICKUP_POINT, {STATUS: "PICKUP"}),
    ActionKind.RECEIVE: Effect(Stage.RECEIVED, {STATUS: "DELIVERED"}),
    ActionKind.CANCEL: Effect(Stage.CANCELLED, {STATUS: "CANCELLED"}),
}
#: An order is accepted by the market; that somebody begins with it is nobody's business but ours.
LOCAL: Mapping[ActionKind, Local] = {ActionKind.CONFIRM: Local(frozenset({Stage.NEW}), Stage.ASSEMBLING)}

_CANCEL = ("SHOP_FAILED", "USER_CHANGED_MIND", "USER_UNREACHABLE")
_REFUSE_CANCEL = ("ORDER_IN_DELIVERY", "ORDER_DELIVERED")
_MOVED = ("USER_MOVED_DELIVERY_DATES", "PARTNER_MOVED_DELIVERY_DATES")
REASONS: Mapping[ActionKind, Mapping[str, tuple[str, ...]]] = {
    ActionKind.CANCEL: {
        "PROCESSING": (*_CANCEL, "INCORRECT_PERSONAL_DATA"),
        "DELIVERY": _CANCEL,
        "PICKUP": (*_CANCEL, "PICKUP_EXPIRED"),
    },
    ActionKind.REFUSE_CANCEL: {"DELIVERY": _REFUSE_CANCEL, "PICKUP": _REFUSE_CANCEL},
    ActionKind.MOVE_DATE: {"PROCESSING": _MOVED, "DELIVERY": _MOVED},
    # The second one: [YM-SPEC] OrderItemsModificationRequestReasonType.
    ActionKind.CHANGE_ITEMS: {"PROCESSING": ("PARTNER_REQUESTED_REMOVE", "USER_REQUESTED_REMOVE")},
}
DETAILS: Mapping[ActionKind, frozenset[str]] = {
    ActionKind.ACCEPT_CANCEL: DELIVERY | PICKUP,
    ActionKind.REFUSE_CANCEL: DELIVERY | PICKUP,
    ActionKind.MOVE_DATE: PROCESSING | DELIVERY,
    ActionKind.EXTEND_STORAGE: PICKUP,
    ActionKind.SEND_TRACK: PROCESSING | DELIVERY | PICKUP,
    ActionKind.SET_NUMBER: PROCESSING,
    ActionKind.SET_BOXES: PROCESSING,
    ActionKind.CHANGE_ITEMS: PROCESSING,
    ActionKind.GIVE_DIGITAL: PROCESSING,
}
#: Too late for what changes how an order is packed (contract 2.2, 2.8).
OVER: Mapping[ActionKind, Mapping[str, frozenset[str]]] = {
    kind: {SUBSTATUS: frozenset({"READY_TO_SHIP"})}
    for kind in (ActionKind.SET_NUMBER, ActionKind.SET_BOXES, ActionKind.CHANGE_ITEMS)
}
#: An item unit has one identifier of a kind. SGTIN is our word for CIS.
CODE_KINDS: Mapping[CodeKind, int] = {CodeKind.SGTIN: 1, CodeKind.UIN: 1, CodeKind.RNPT: 1, CodeKind.GTD: 1}
#: The field of an instance that holds a kind.
CODE_FIELDS: Mapping[CodeKind, str] = {
    CodeKind.SGTIN: "cis",
    CodeKind.UIN: "uin",
    CodeKind.RNPT: "rnpt",
    CodeKind.GTD: "gtd",
}
#: Contract 2.5: customs office / day / number, and of the goods in the declaration; the jewel's number has sixteen digits.
CODE_MASKS: Mapping[CodeKind, str] = {
    CodeKind.UIN: r"\d{16}",
    CodeKind.RNPT: r"\d{8}/\d{6}/\d{7}/\d{3}",
    CodeKind.GTD: r"\d{8}/\d{6}/\d{7}",
}
#: Kinds that go with the country of origin.
ORIGIN_KINDS = frozenset({CodeKind.RNPT, CodeKind.GTD})
DELIVERY_TYPES = ("DELIVERY", "PICKUP", "POST", "DIGITAL", "UNKNOWN")
#: Parcels that carry a label; keys travel without one.
LABELLED = frozenset({"DELIVERY", "PICKUP", "POST"})
#: Keys are sent; parcels travel, wait and have tracks.
ONLY_FOR: Mapping[ActionKind, frozenset[str]] = {
    ActionKind.GIVE_DIGITAL: frozenset({"DIGITAL"}),
    **dict.fromkeys(
        (ActionKind.MOVE_DATE, ActionKind.EXTEND_STORAGE, ActionKind.SEND_TRACK, ActionKind.SET_BOXES),
        frozenset(DELIVERY_TYPES) - {"DIGITAL"},
    ),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Rate rules of an account by method group."""

    rules: Mapping[str, Rule]
    campaign: str

    def of(self, group: str) -> tuple[str, Rule]:
        """The bucket a method group draws from, named after the shop whose limit it is, and its rule."""
        name = settings.ALL if settings.ALL in self.rules else group
        return f"{name}:{self.campaign}", self.rules[name]


def limits(options: Options) -> Limits:
    """The documented ones with what the account overrides. Raises ``Invalid`` for a group that does not exist."""
    usual = LIMITS["business/orders"]
    return Limits(settings.rules(LIMITS, options.limits, usual), options.campaign_id)


def offer(options: Options) -> Offer:
    """What is allowed here."""
    return Offer(
        step_word=STATUS,
        steps=STEPS,
        ways=WAYS,
        local=LOCAL,
        dated=frozenset({ActionKind.RECEIVE}),
        needs_codes=frozenset({ActionKind.READY, ActionKind.DELIVER}),  # they cannot be entered any more after that
        code_kinds=CODE_KINDS,
        code_words=frozenset(options.code_statuses),
        codes_together=True,
        code_masks=CODE_MASKS,
        origin_kinds=ORIGIN_KINDS,
        deletes_codes=False,
        covers={Stage.NEW: frozenset({Stage.ASSEMBLING, Stage.READY})},
        effects=EFFECTS,
        reasons=REASONS,
        call_reasons=frozenset({"USER_UNREACHABLE"}),
        out_of_stock="SHOP_FAILED",
        details=DETAILS,
        once=frozenset({ActionKind.EXTEND_STORAGE, ActionKind.SET_NUMBER}),
        over=OVER,
        only_for=ONLY_FOR,
        delivery_types=DELIVERY_TYPES,
        labelled=LABELLED,
        points=frozenset({"PICKUP"}),
        sweep=timedelta(minutes=30),
        buyers_early=True,
    )
