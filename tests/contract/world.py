"""A marketplace as contract tests see it: our provider, and what its stand-in can be told and asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from orders.enums import ActionKind, CodeKind, Stage
from orders.marketplaces.base import IncomingTask, Mark, Marketplace, Outgoing, Result


class World(Protocol):
    """The marketplace's side of a test. Ids are texts, as ours are."""

    provider: Marketplace
    drift: list[tuple[str, str, str]]
    #: A good code for each kind that can be stored.
    good_codes: Mapping[CodeKind, str]
    #: Text of the credentials that must not show anywhere.
    secret: str
    #: Calls of ``check``.
    check_calls: int
    #: The first step that is a call, allowed in a new task; one that is too far for it.
    first: ActionKind
    too_far: ActionKind
    #: Step → those that are sent before it, from a new task on.
    before: Mapping[ActionKind, tuple[ActionKind, ...]]
    #: Whether an item names its barcodes, and whether buyers' phones are there as soon as buyers are told.
    barcodes: bool
    phones_at_once: bool
    #: How long a refusal for too many calls may last.
    patience: timedelta

    def connect(self, token: str) -> Marketplace:
        """A provider with other credentials: "wrong" or "readonly"."""

    def make(self, count: int = 1, *, code_kinds: Sequence[CodeKind] = (), units: int = 1) -> list[str]:
        """New orders of one task each, without obligatory codes; ``units`` of what has codes, where a task has several."""

    def make_broken(self) -> None:
        """An order that no one can read."""

    def make_finished(self, count: int) -> list[str]: ...

    def stage(self, external_id: str) -> Stage:
        """What the marketplace itself holds true."""

    def moves(self, external_id: str) -> int:
        """How many changes of status a task has had since it was made."""

    def code(self, external_id: str) -> str:
        """The code the buyer has been told; asked for where steps need one."""

    def decline(self, external_id: str) -> None:
        """The buyer thinks better of it while the task is new."""

    def pass_time(self) -> None:
        """Long enough for phones to be assigned and codes to be judged."""

    def fault(self, kind: str) -> None:
        """The next call meets: html, truncated, huge, 500, 429, gone, lost_answer, list_instead, null_lists, wrong_types,
        unknown_status, unknown_field."""

    def calls(self) -> int:
        """Calls that have arrived."""


def act(world: World, kind: ActionKind, *ids: str, code: str = "") -> list[Result]:
    """Ask for an action of each task, in as many calls as the marketplace needs; with a reason where one is needed."""
    size = world.provider.per_call(kind)
    reasons = next(iter(world.provider.offer.reasons.get(kind, {}).values()), ("",))
    actions = [Outgoing(external_id, kind, code=code, reason=reasons[0]) for external_id in ids]
    parts = [actions[start : start + size] for start in range(0, len(actions), size)]
    return [result for part in parts for result in world.provider.send(kind, part)]


def advance(world: World, external_id: str, *kinds: ActionKind) -> None:
    """Take a task through steps, with the buyer's code where one is needed."""
    for kind in kinds:
        code = world.code(external_id) if kind in world.provider.offer.coded else ""
        (result,) = act(world, kind, external_id, code=code)
        assert result.ok, (kind, result)


def put(world: World, external_id: str, kind: CodeKind, *codes: str) -> Result:
    (result,) = put_all(world, external_id, {kind: codes})
    return result


def put_all(world: World, external_id: str, codes: Mapping[CodeKind, Sequence[str]]) -> list[Result]:
    """Store codes of a task: a call for each kind, or one for all where they travel together."""
    send, kind = world.provider.send, ActionKind.PUT_CODES
    if world.provider.offer.codes_together:
        return send(kind, [Outgoing(external_id, kind, marks=marks(world, external_id, codes))])
    each = [
        Outgoing(external_id, kind, code_kind=code_kind, codes=tuple(values), country="643")
        for code_kind, values in codes.items()
    ]
    return [result for action in each for result in send(kind, [action])]


def marks(world: World, external_id: str, codes: Mapping[CodeKind, Sequence[str]]) -> tuple[Mark, ...]:
    """Codes on the units of the items that take them; on the first item where none does."""
    (raw,) = world.provider.lookup([external_id]).tasks
    task = world.provider.parse(raw)
    return tuple(
        Mark(_item(task, kind), unit, kind, value, "CN" if kind in (CodeKind.GTD, CodeKind.RNPT) else "")
        for kind, values in codes.items()
        for unit, value in enumerate(values, 1)
    )


def _item(task: IncomingTask, kind: CodeKind) -> str:
    taking = [item for item in task.items if kind in (item.code_kinds or ())]
    return (taking or list(task.items))[0].external_id
