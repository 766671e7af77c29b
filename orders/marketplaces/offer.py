"""What a marketplace allows, as data: part of the contract in ``base``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from orders.enums import ActionKind, CodeKind, Stage


@dataclass(frozen=True, slots=True)
class Local:
    """An action that needs no call: from which of our stages to which."""

    stages: frozenset[Stage]
    to: Stage


@dataclass(frozen=True, slots=True)
class Effect:
    """Our stage and the raw words once an action is done."""

    stage: Stage
    words: Mapping[str, str]

    def there(self, words: Mapping[str, str]) -> bool:
        """Whether these words say that it is done."""
        return all(words.get(name) == word for name, word in self.words.items())


@dataclass(frozen=True, slots=True)
class Offer:
    """What a marketplace allows, as data.

    ``steps``: action → raw words (of ``step_word``) from which it is allowed. ``ways``: action → raw word → the steps that
    have to be sent before it from there. ``local``: actions that need no call. ``coded``: actions that need the buyer's
    confirmation code, which matches ``code_pattern``. ``dated``: actions that take the real date of a delivery that was
    not today; with one they travel alone.
    ``needs_codes``: steps for which every demanded code has to be there.
    ``code_kinds``: kinds it can store → how many per item unit set at most. ``code_words``: raw words in which codes may be
    set; ``late_code_words``: more of them for some kinds. ``codes_together``: all codes of a task travel in one call,
    whatever their kinds. ``deletes_codes``: there is a call that takes them back. ``code_masks``: kind → the form the
    marketplace takes, where it is stricter than ours. ``origin_kinds``: kinds that go with the country of origin, which
    matches ``origin_pattern``.
    ``covers``: stages of ours that a said stage includes (packed here, still "confirm" there).
    ``effects``: what an action leads to; every action of ``steps`` has one.
    ``reasons``: action → raw word → reasons it may give then; such an action needs one. ``call_reasons``: reasons that need
    a log of calls to the buyer; ``out_of_stock``: the one of a cancellation that says the shop has not got the goods.
    ``details``: detail action → raw words in which it is allowed; ``once``: those that work
    once. ``over``: action → name of a raw word → words in which it is too late for it; ``only_for``: action → the ways of
    delivery it is for. ``approval``: how long a buyer's wish to cancel may wait for an answer.
    ``delivery_types``: raw words for the ways of delivery; parcels of the ``labelled`` ones carry a label (``stickers``),
    those of ``points`` go to a pick-up point.
    ``sweep``: how often open tasks are asked about. ``buyers_early``: buyers are told before the task is confirmed.
    """

    step_word: str
    steps: Mapping[ActionKind, frozenset[str]]
    ways: Mapping[ActionKind, Mapping[str, tuple[ActionKind, ...]]] = field(default_factory=dict)
    local: Mapping[ActionKind, Local] = field(default_factory=dict)
    coded: frozenset[ActionKind] = frozenset()
    code_pattern: str = r"\d{4,8}"
    dated: frozenset[ActionKind] = frozenset()
    needs_codes: frozenset[ActionKind] = frozenset({ActionKind.READY, ActionKind.DELIVER, ActionKind.RECEIVE})
    code_kinds: Mapping[CodeKind, int] = field(default_factory=dict)
    code_words: frozenset[str] = frozenset()
    late_code_words: Mapping[CodeKind, frozenset[str]] = field(default_factory=dict)
    codes_together: bool = False
    deletes_codes: bool = True
    code_masks: Mapping[CodeKind, str] = field(default_factory=dict)
    origin_kinds: frozenset[CodeKind] = frozenset()
    origin_pattern: str = r"[A-Z]{2}"
    origin_example: str = "RU"
    covers: Mapping[Stage, frozenset[Stage]] = field(default_factory=dict)
    effects: Mapping[ActionKind, Effect] = field(default_factory=dict)
    reasons: Mapping[ActionKind, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    call_reasons: frozenset[str] = frozenset()
    out_of_stock: str = ""
    details: Mapping[ActionKind, frozenset[str]] = field(default_factory=dict)
    once: frozenset[ActionKind] = frozenset()
    over: Mapping[ActionKind, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    only_for: Mapping[ActionKind, frozenset[str]] = field(default_factory=dict)
    approval: timedelta = timedelta(hours=48)
    delivery_types: tuple[str, ...] = ()
    labelled: frozenset[str] = frozenset()
    points: frozenset[str] = frozenset()
    sweep: timedelta = timedelta(seconds=55)
    buyers_early: bool = False

    def done(self, kind: ActionKind, words: Mapping[str, str]) -> bool:
        """Whether raw words say that a step is done."""
        return kind in self.effects and self.effects[kind].there(words)
